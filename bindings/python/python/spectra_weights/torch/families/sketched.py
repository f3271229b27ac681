"""Sketched layers (Kasiviswanathan, Narodytska, Jin 2018)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from ..initial import Initial
from ..matrix import Matrix, empty
from ..slot import Key, Slot


class Sketched(Matrix):
    """The mean of l pairs ``U₁ᵀ S₁ + S₂ U₂`` over 2: ``first`` of shape (l k, n) and ``second`` of shape (m, l k′) are trained.

    The sketches U are fixed signs; k′ is k, times the places of the kernel of a convolution.
    """

    family = "sketched"

    def __init__(self, slot: Slot, key: Key, *, k: int, l: int, initial: Initial = "xavier") -> None:  # noqa: E741
        super().__init__(slot, key, initial)
        for name, found, most in (("k", k, max(slot.rows, slot.columns)), ("l", l, 1000)):
            if not 1 <= found <= most:
                raise ValueError(f"{name} = {found} for a weight of {slot.rows}x{slot.columns}; it can be 1 to {most}")
        self.pairs = l
        wide = k * slot.area
        self.fixed("outputs", np.concatenate(self._signs(0, slot.rows, k), axis=1))
        self.fixed("inputs", np.concatenate(self._signs(1, wide, slot.columns, width=wide), axis=0))
        self.first = empty(l * k, slot.columns)
        self.second = empty(slot.rows, l * wide)
        self.reset_parameters()

    def _signs(self, side: int, rows: int, columns: int, width: int | None = None) -> list[NDArray[np.float64]]:
        """Returns the sketches of one side as columns by columns, over ``2 l √width``."""
        scale = 1.0 / (2.0 * self.pairs * math.sqrt(width or columns))
        draw = [self.key.entries(side, pair).signs(0, rows * columns) for pair in range(self.pairs)]
        return [scale * signs.reshape(columns, rows).T for signs in draw]

    def reset_parameters(self) -> None:
        variance = 2.0 * self.pairs * self.initial.variance
        self.initial.fill(self.first, variance)
        self.initial.fill(self.second, variance)

    def forward(self, x: Tensor) -> Tensor:
        outputs, inputs = self.get_buffer("outputs"), self.get_buffer("inputs")
        return (x @ self.first.mT) @ outputs.mT + (x @ inputs.mT) @ self.second.mT
