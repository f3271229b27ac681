"""Two consecutive low-rank kernels (Tai et al. 2016)."""

import torch
from torch import Tensor

from ..initial import Initial
from ..matrix import Matrix, empty
from ..slot import Key, Slot


class Separable(Matrix):
    """An upright h × 1 kernel to r channels, then a level 1 × w kernel: ``W[o, (c, y, x)] = Σ_q H[o, q, x] V[q, c, y]``.

    ``level`` is H as a matrix of shape (m, r w), x fastest; ``upright`` is V of shape (r, c h), y fastest.
    """

    family = "separable"

    def __init__(self, slot: Slot, key: Key, *, rank: int, initial: Initial = "xavier") -> None:
        super().__init__(slot, key, initial)
        planes = slot.planes
        most = min(slot.rows * planes.width, planes.channels * planes.height)
        if not 1 <= rank <= most:
            raise ValueError(f"rank = {rank} for a weight of {slot.rows}x{slot.columns}; it can be 1 to {most}")
        self.rank = rank
        self.level = empty(slot.rows, rank * planes.width)
        self.upright = empty(rank, planes.channels * planes.height)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        self.initial.fill(self.level, self.initial.gain / self.level.shape[1])
        self.initial.fill(self.upright, 1.0 / self.upright.shape[1])

    def forward(self, x: Tensor) -> Tensor:
        width = self.slot.planes.width
        images = x.reshape(*x.shape[:-1], self.upright.shape[1], width)
        between = torch.matmul(self.upright, images)
        return between.flatten(-2) @ self.level.mT
