"""Fastfood and McKernel features (Le, Sarlós, Smola 2013; Curtó et al. 2017)."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..matrix import Matrix, number_type
from ..random import shuffled
from ..slot import Key, Slot
from ..transforms import hadamard, power_of_two


class _Copy(nn.Module):
    """``C H G Π H B`` with orthonormal H, of at most N rows."""

    def __init__(self, rows: int, columns: int, key: Key, number: int, trained: Sequence[str], lengths: str) -> None:
        super().__init__()
        order = power_of_two(columns)
        gains = key.entries(0, number).normals(0, order)
        signs = key.entries(1, number).signs(0, columns)
        if lengths == "one":
            sizes = [1.0] * rows
        else:
            # summed in the order of the program
            norm = math.sqrt(sum(float(g) * float(g) for g in gains))
            stream = key.stream(2, number)
            sizes = [stream.chi(order) / norm for _ in range(rows)]
        permutation = shuffled(order, key.stream(3, number))
        self.register_buffer("order", torch.tensor(permutation), persistent=False)
        self.start: dict[str, Tensor] = {}
        for name, letter, values in (("lengths", "c", sizes), ("gains", "g", gains), ("signs", "b", signs)):
            tensor = torch.as_tensor(values, dtype=number_type())
            if letter in trained:
                self.start[name] = tensor
                self.register_parameter(name, nn.Parameter(tensor.clone()))
            else:
                self.register_buffer(name, tensor, persistent=False)

    def reset_parameters(self) -> None:
        with torch.no_grad():
            for name, value in self.start.items():
                self.get_parameter(name).copy_(value)

    def forward(self, x: Tensor) -> Tensor:
        lengths, gains, signs = (getattr(self, name) for name in ("lengths", "gains", "signs"))
        order = self.get_buffer("order")
        padded = functional.pad(x * signs, (0, order.shape[0] - x.shape[-1]))
        mixed = hadamard(hadamard(padded)[..., order] * gains)
        result: Tensor = mixed[..., : lengths.shape[0]] * lengths
        return result


class Fastfood(Matrix):
    """``(1/σ√N) C H G Π H B``, more than N outputs by independent copies one below the other.

    ``trained`` has which diagonals are parameters, of ``"c"``, ``"g"``, ``"b"``: ``copies.i.lengths`` of shape (rows,),
    ``copies.i.gains`` of shape (N,), ``copies.i.signs`` of shape (n,). They start where the fixed ones are, so
    ``reset_parameters`` brings them back there.
    """

    family = "fastfood"

    def __init__(
        self,
        slot: Slot,
        key: Key,
        *,
        trained: Sequence[str] = ("c", "g", "b"),
        sigma: float | str = "fan-in",
        lengths: str = "chi",
    ) -> None:
        super().__init__(slot, key)
        if not set(trained) <= set("cgb"):
            raise ValueError(f"trained = {list(trained)}; they can be c, g and b")
        if lengths not in ("chi", "one"):
            raise ValueError(f"lengths = {lengths!r}; they can be chi or one")
        width = math.sqrt(slot.columns) if sigma == "fan-in" else float(sigma)
        if not (math.isfinite(width) and width > 0.0):
            raise ValueError(f"sigma = {sigma}; it must be a positive number, or fan-in")
        order = power_of_two(slot.columns)
        self.scale = math.sqrt(order) / width
        heights = [min(order, slot.rows - start) for start in range(0, slot.rows, order)]
        copies = [_Copy(height, slot.columns, key, i, trained, lengths) for i, height in enumerate(heights)]
        self.copies = nn.ModuleList(copies)

    def reset_parameters(self) -> None:
        for copy in self.copies:
            assert isinstance(copy, _Copy)
            copy.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([copy(x) for copy in self.copies], dim=-1) * self.scale
