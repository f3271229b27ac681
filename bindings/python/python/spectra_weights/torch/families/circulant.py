"""Circulants (Cheng et al. 2015) and matrices of low displacement rank (Sindhwani, Sainath, Kumar 2015)."""

import torch
from torch import Tensor

from .. import transforms
from ..initial import Initial
from ..matrix import Matrix, empty
from ..slot import Key, Slot


class Circulant(Matrix):
    """The first rows and columns of a circulant of order N = max(m, n): ``first`` of shape (N,) is its first column.

    With ``signs`` the inputs get fixed random signs first.
    """

    family = "circulant"

    def __init__(self, slot: Slot, key: Key, *, signs: bool = False, initial: Initial = "xavier") -> None:
        super().__init__(slot, key, initial)
        self.signs = signs
        if signs:
            self.fixed("sign", key.entries(0, 0).signs(0, slot.columns))
        self.first = empty(max(slot.rows, slot.columns))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        self.initial.fill(self.first, self.initial.variance)

    def _project(self, weight: Tensor) -> None:
        if self.signs:
            weight = weight * self.get_buffer("sign")
        order = len(self.first)
        i = torch.arange(self.rows, device=weight.device)[:, None]
        j = torch.arange(self.columns, device=weight.device)
        wrapped = ((i - j) % order).reshape(-1)
        sums = torch.zeros_like(self.first).index_add(0, wrapped, weight.reshape(-1))
        self.first.copy_(sums / torch.bincount(wrapped, minlength=order).clamp_min(1))

    def forward(self, x: Tensor) -> Tensor:
        signed = x * self.get_buffer("sign") if self.signs else x
        return transforms.circulant(self.first, signed, self.rows)


class ToeplitzLike(Matrix):
    """``Σᵢ Z₁(gᵢ) Z₋₁(hᵢ)``, circulants times skew-circulants of order N = max(m, n).

    ``generators`` has g₁, h₁, g₂, h₂, … as columns, shape (N, 2 r).
    """

    family = "toeplitz-like"

    def __init__(self, slot: Slot, key: Key, *, rank: int, initial: Initial = "xavier") -> None:
        super().__init__(slot, key, initial)
        order = max(slot.rows, slot.columns)
        if not 1 <= rank <= order:
            raise ValueError(f"rank = {rank} for a weight of {slot.rows}x{slot.columns}; it can be 1 to {order}")
        self.generators = empty(order, 2 * rank)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        order, twice = self.generators.shape
        with torch.no_grad():
            for column in range(twice):
                left = self.initial.gain / (twice // 2 * order)
                self.initial.fill(self.generators[:, column], 1.0 / self.columns if column % 2 else left)

    def forward(self, x: Tensor) -> Tensor:
        order, twice = self.generators.shape
        total = x.new_zeros(*x.shape[:-1], self.rows)
        for i in range(0, twice, 2):
            inner = transforms.skew_circulant(self.generators[:, i + 1], x, order)
            total = total + transforms.circulant(self.generators[:, i], inner, self.rows)
        return total
