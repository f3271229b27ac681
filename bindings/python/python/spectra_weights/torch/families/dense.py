"""All entries free."""

from torch import Tensor
from torch.nn import functional

from ..initial import Initial
from ..matrix import Matrix, empty
from ..slot import Key, Slot


class Dense(Matrix):
    """Every entry is a parameter, ``weight`` of shape (m, n)."""

    family = "dense"

    def __init__(self, slot: Slot, key: Key, *, initial: Initial = "xavier") -> None:
        super().__init__(slot, key, initial)
        self.weight = empty(slot.rows, slot.columns)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        self.initial.fill(self.weight, self.initial.variance)

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(x, self.weight)

    def _project(self, weight: Tensor) -> None:
        self.weight.copy_(weight)

    def dense(self) -> Tensor:
        return self.weight
