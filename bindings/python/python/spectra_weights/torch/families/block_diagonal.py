"""Dense blocks along the diagonal (Nesky, Stout 2019)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..initial import Initial
from ..matrix import Matrix, empty
from ..slot import Key, Slot


def _shapes(slot: Slot, blocks: int | Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    if isinstance(blocks, int):
        if blocks < 1 or slot.rows % blocks or slot.columns % blocks:
            raise ValueError(f"{blocks} blocks do not divide {slot.rows}x{slot.columns}")
        return [(slot.rows // blocks, slot.columns // blocks)] * blocks
    shapes = [(int(rows), int(columns)) for rows, columns in blocks]
    if any(min(shape) < 1 for shape in shapes):
        raise ValueError(f"blocks of {shapes}; a block has rows and columns")
    total = sum(rows for rows, _ in shapes), sum(columns for _, columns in shapes)
    if total != (slot.rows, slot.columns):
        raise ValueError(f"the blocks add up to {total[0]}x{total[1]}, but the weight is {slot.rows}x{slot.columns}")
    return shapes


class BlockDiagonal(Matrix):
    """Blocks along the diagonal: ``blocks`` of shape (b, m/b, n/b), or a list of matrices where they differ.

    Each block is initialised as the dense layer that it is.
    """

    family = "block-diagonal"

    def __init__(
        self, slot: Slot, key: Key, *, blocks: int | Sequence[Sequence[int]], initial: Initial = "xavier"
    ) -> None:
        super().__init__(slot, key, initial)
        self.shapes = _shapes(slot, blocks)
        self.blocks: nn.Parameter | nn.ParameterList
        if len(set(self.shapes)) == 1:
            self.blocks = empty(len(self.shapes), *self.shapes[0])
        else:
            self.blocks = nn.ParameterList([empty(*shape) for shape in self.shapes])
        self.reset_parameters()

    def reset_parameters(self) -> None:
        parts = [self.blocks] if isinstance(self.blocks, nn.Parameter) else list(self.blocks)
        for block in parts:
            fan_in, fan_out = block.shape[-1], block.shape[-2] * self.slot.area
            gain = {"xavier-average": 2.0 * fan_in / (fan_in + fan_out)}.get(self.initial.name, self.initial.gain)
            self.initial.fill(block, gain / fan_in)

    def _project(self, weight: Tensor) -> None:
        row = column = 0
        for block, (rows, columns) in zip(self.blocks, self.shapes):
            block.copy_(weight[row : row + rows, column : column + columns])
            row, column = row + rows, column + columns

    def forward(self, x: Tensor) -> Tensor:
        if isinstance(self.blocks, nn.Parameter):
            count, _, width = self.blocks.shape
            vectors = x.reshape(-1, count, width).transpose(0, 1)
            product = torch.bmm(vectors, self.blocks.mT)
            return product.transpose(0, 1).reshape(*x.shape[:-1], self.rows)
        parts = torch.split(x, [columns for _, columns in self.shapes], dim=-1)
        return torch.cat([part @ block.mT for part, block in zip(parts, self.blocks)], dim=-1)
