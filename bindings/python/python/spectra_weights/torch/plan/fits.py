"""Fits of low rank, weighted by what reaches a layer, with the error of every rank at once."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["INPUT_RIDGE", "LowRank", "low_rank", "with_ridge"]

# Shares of the mean eigenvalue that are added to moments: of inputs, so that none is zero; of gradients, whose root is inverted.
INPUT_RIDGE = 1e-6
_GRADIENT_RIDGE = 1e-3


def with_ridge(moment: Tensor, share: float) -> Tensor:
    """Returns a symmetric matrix plus ``share`` of its mean eigenvalue on the diagonal."""
    n = len(moment)
    return moment + share * moment.diagonal().mean() * torch.eye(n, dtype=moment.dtype, device=moment.device)


@dataclass
class LowRank:
    """The best fits of all ranks to a weight W, m × n: ``left[:, :r] @ right[:r]``.

    Attributes:
        left: m × k, k = min(m, n).
        right: k × n.
        errors: Of each rank from 0 to k what it loses on the moments ``held_out``; see :func:`low_rank`.
    """

    left: Tensor
    right: Tensor
    errors: Tensor

    def dense(self, rank: int) -> Tensor:
        """Returns the fit of this rank, m × n."""
        return self.left[:, :rank] @ self.right[:rank]


def low_rank(weight: Tensor, inputs: Tensor, *, gradients: Tensor | None = None, held_out: Tensor | None = None) -> LowRank:
    """Fits every rank to a weight.

    With C the second moment of the inputs, tr((W − Ŵ) C (W − Ŵ)ᵀ) is least for Ŵ = U_r U_rᵀ W, U the eigenvectors of W C Wᵀ.
    With G, that of gradients at the outputs, the second-order estimate of the loss, ½ tr(G (W − Ŵ) C (W − Ŵ)ᵀ), is least
    for Ŵ = G^-½ U_r U_rᵀ G^½ W, U the eigenvectors of G^½ W C Wᵀ G^½.

    Args:
        weight: W, m × n, double.
        inputs: C, n × n, the mean of x xᵀ, or the diagonal of one that is zero elsewhere, n.
        gradients: G, m × m, the sum of g gᵀ over the positions of a sample, averaged over samples.
        held_out: The moment on which errors are measured, n × n; by default ``inputs``.

    Returns:
        Errors are shares of the outputs' energy; with ``gradients`` they are estimates of the loss.
    """
    assessed = inputs if held_out is None else held_out
    seen = with_ridge(inputs, INPUT_RIDGE) if inputs.ndim == 2 else inputs
    k = min(weight.shape)
    if gradients is None:
        u = torch.linalg.eigh(_times(weight, seen) @ weight.mT).eigenvectors.flip(1)[:, :k]
        along = u.mT @ weight
        energy = (_times(along, assessed) * along).sum(1)
        total = (_times(weight, assessed) * weight).sum()
        kept = torch.cat([energy.new_zeros(1), energy.cumsum(0)])
        errors = ((total - kept) / total).clamp(min=0) if total > 0 else torch.zeros_like(kept)
        return LowRank(u, u.mT @ weight, errors)
    values, vectors = torch.linalg.eigh(with_ridge(gradients, _GRADIENT_RIDGE))
    root = (vectors * values.clamp(min=0).sqrt()) @ vectors.mT
    inverse = (vectors / values.clamp(min=values[-1] * 1e-15).sqrt()) @ vectors.mT
    turned = root @ weight
    u = torch.linalg.eigh(turned @ seen @ turned.mT).eigenvectors.flip(1)[:, :k]
    left, right = inverse @ u, u.mT @ turned
    # ½ Σ_{i,j > r} H_ij, H = (Aᵀ G A) ∘ (B C Bᵀ): what lies beyond a rank, by one cumulative sum from the end
    h = (left.mT @ gradients @ left) * (right @ assessed @ right.mT)
    beyond = h.flip(0, 1).cumsum(0).cumsum(1).diagonal().flip(0)
    errors = 0.5 * torch.cat([beyond, beyond.new_zeros(1)]).clamp(min=0)
    return LowRank(left, right, errors)


def _times(matrix: Tensor, moment: Tensor) -> Tensor:
    """Returns a matrix times a moment, which may be a diagonal."""
    return matrix @ moment if moment.ndim == 2 else matrix * moment
