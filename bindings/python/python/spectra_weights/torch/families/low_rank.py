"""Products of two thin matrices."""

import torch
from torch import Tensor

from ..initial import Initial
from ..matrix import Matrix, empty
from ..slot import Key, Slot


class LowRank(Matrix):
    """``left right`` of rank r: ``left`` of shape (m, r), ``right`` of shape (r, n).

    ``right`` is initialised as a dense layer of n inputs, ``left`` as one of r.
    """

    family = "low-rank"

    def __init__(self, slot: Slot, key: Key, *, rank: int, initial: Initial = "xavier") -> None:
        super().__init__(slot, key, initial)
        most = min(slot.rows, slot.columns)
        if not 1 <= rank <= most:
            raise ValueError(f"rank = {rank} for a weight of {slot.rows}x{slot.columns}; it can be 1 to {most}")
        self.left = empty(slot.rows, rank)
        self.right = empty(rank, slot.columns)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        rank = self.left.shape[1]
        self.initial.fill(self.left, self.initial.gain / rank)
        self.initial.fill(self.right, 1.0 / self.columns)

    def _project(self, weight: Tensor) -> None:
        rank = self.left.shape[1]
        single = weight.float() if weight.dtype in (torch.float16, torch.bfloat16) else weight
        u, s, v = torch.linalg.svd(single, full_matrices=False)
        # balanced, as training likes it
        root = s[:rank].sqrt()
        self.left.copy_(u[:, :rank] * root)
        self.right.copy_(root[:, None] * v[:rank])

    def forward(self, x: Tensor) -> Tensor:
        return (x @ self.right.mT) @ self.left.mT
