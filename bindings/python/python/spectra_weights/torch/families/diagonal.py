"""One parameter an output, and sums of fixed random diagonals (Wu 2018)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..initial import Initial
from ..matrix import Matrix, empty
from ..slot import Key, Slot


def _scaled(diagonals: Tensor, x: Tensor) -> Tensor:
    """Multiplies by diagonals one below the other: output i sees input ``i mod n``."""
    rows, columns = diagonals.shape[0], x.shape[-1]
    copies = -(-rows // columns)
    repeated = x.repeat(*[1] * (x.ndim - 1), copies) if copies > 1 else x
    return repeated[..., :rows] * diagonals


class Diagonal(Matrix):
    """``A[i, i mod n] = scale[i]``: ``scale`` of shape (m,). An output sees one input, so the entries have variance 1."""

    family = "diagonal"

    def __init__(self, slot: Slot, key: Key, *, initial: Initial = "xavier") -> None:
        super().__init__(slot, key, initial)
        self.scale = empty(slot.rows)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        self.initial.fill(self.scale, self.initial.gain)

    def _project(self, weight: Tensor) -> None:
        row = torch.arange(self.rows, device=weight.device)
        self.scale.copy_(weight[row, row % self.columns])

    def forward(self, x: Tensor) -> Tensor:
        return _scaled(self.scale, x)


class RandomDiagonals(Matrix):
    """⌈m/n⌉ diagonals one below the other, each a sum of K fixed normal ones: ``coefficients`` of shape (K, ⌈m/n⌉)."""

    family = "random-diagonals"

    def __init__(self, slot: Slot, key: Key, *, terms: int, initial: Initial = "xavier") -> None:
        super().__init__(slot, key, initial)
        m, n = slot.rows, slot.columns
        if not 1 <= terms <= min(m, n):
            raise ValueError(f"terms = {terms} for a weight of {m}x{n}; it can be 1 to {min(m, n)}")
        heights = [min(n, m - start) for start in range(0, m, n)]
        draw = [
            np.stack([key.entries(bank, term).normals(0, height) for term in range(terms)], axis=1)
            for bank, height in enumerate(heights)
        ]
        self.fixed("diagonals", np.concatenate(draw))
        self.fixed("bank", np.arange(m) // n, dtype=torch.int64)
        self.coefficients = empty(terms, len(heights))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        self.initial.fill(self.coefficients, self.initial.gain / self.coefficients.shape[0], normal=True)

    def forward(self, x: Tensor) -> Tensor:
        own = self.coefficients[:, self.get_buffer("bank")].mT
        return _scaled((self.get_buffer("diagonals") * own).sum(-1), x)
