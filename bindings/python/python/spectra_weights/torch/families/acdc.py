"""Diagonals between cosine transforms (Moczulski et al. 2015)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..initial import Initial
from ..matrix import Matrix, empty
from ..random import shuffled
from ..slot import Key, Slot
from ..transforms import dct, idct


class Acdc(Matrix):
    """A product of ``depth`` matrices ``C⁻¹ D C A`` with fixed permutations between them, C the DCT of N = max(m, n) numbers.

    ``diagonals`` has D and A of each matrix from the left, shapes (N,), the last A (n,).
    """

    family = "acdc"

    def __init__(
        self,
        slot: Slot,
        key: Key,
        *,
        depth: int,
        shuffle: bool = True,
        spread: float = 0.1,
        initial: Initial = "xavier",
    ) -> None:
        super().__init__(slot, key, initial)
        if not 1 <= depth <= 1000:
            raise ValueError(f"depth = {depth}; it can be 1 to 1000")
        if not (math.isfinite(spread) and spread > 0.0):
            raise ValueError(f"spread = {spread}; it must be a positive number")
        self.depth, self.shuffle, self.spread = depth, shuffle, spread
        order = max(slot.rows, slot.columns)
        sizes = [order] * (2 * depth - 1) + [slot.columns]
        self.diagonals = nn.ParameterList([empty(size) for size in sizes])
        for layer in range(1, depth if shuffle else 0):
            self.fixed(f"order{layer}", shuffled(order, key.stream(0, layer)), dtype=torch.int64)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        if not self.initial.is_derived:
            for diagonal in self.diagonals:
                self.initial.fill(diagonal, 1.0)
            return
        size = 1.0 / math.sqrt(1.0 + self.spread**2)
        growth = self.rows / min(self.rows, self.columns)
        with torch.no_grad():
            for i, diagonal in enumerate(self.diagonals):
                diagonal.normal_(size, size * self.spread)
                if i == 0:
                    # the diagonal nearest to the outputs carries the scale
                    diagonal.mul_(math.sqrt(growth * self.initial.gain))

    def forward(self, x: Tensor) -> Tensor:
        order = max(self.rows, self.columns)
        for layer in reversed(range(self.depth)):
            outer, inner = self.diagonals[2 * layer], self.diagonals[2 * layer + 1]
            scaled = x * inner
            if scaled.shape[-1] < order:
                scaled = functional.pad(scaled, (0, order - scaled.shape[-1]))
            x = idct(dct(scaled) * outer)
            if layer > 0 and self.shuffle:
                x = x[..., self.get_buffer(f"order{layer}")]
        return x[..., : self.rows]
