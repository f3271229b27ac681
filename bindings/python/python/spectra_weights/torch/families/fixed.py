"""Matrices without parameters: a cosine transform and random ones."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..matrix import Matrix
from ..slot import Key, Slot
from ..transforms import cosines, zig_zag


class Dct(Matrix):
    """The fixed orthonormal two-dimensional DCT of the channels of an image, its lowest frequencies where m < n."""

    family = "dct"

    def __init__(self, slot: Slot, key: Key) -> None:
        super().__init__(slot, key)
        if slot.rows > slot.columns:
            raise ValueError(f"a DCT of {slot.columns} inputs has at most {slot.columns} outputs, not {slot.rows}")
        planes = slot.planes
        self.fixed("down", cosines(planes.height))
        self.fixed("across", cosines(planes.width))
        if slot.rows < slot.columns:
            order = zig_zag(planes.height, planes.width)
            lowest = [
                (t % planes.channels) * planes.area + order[t // planes.channels][0] * planes.width + order[t // planes.channels][1]
                for t in range(slot.rows)
            ]
            self.fixed("lowest", lowest, dtype=torch.int64)

    def reset_parameters(self) -> None:
        """Does nothing: there are no parameters."""

    def forward(self, x: Tensor) -> Tensor:
        planes = self.slot.planes
        images = x.reshape(*x.shape[:-1], planes.channels, planes.height, planes.width)
        spectrum = (self.get_buffer("down") @ images @ self.get_buffer("across").mT).flatten(-3)
        return spectrum[..., self.get_buffer("lowest")] if self.rows < self.columns else spectrum


class Random(Matrix):
    """A fixed random matrix, entries of variance 1/n: ``law`` is ``"gaussian"`` or ``"sign"``."""

    family = "random"

    def __init__(self, slot: Slot, key: Key, *, law: str = "gaussian") -> None:
        super().__init__(slot, key)
        entries, count = key.entries(0, 0), slot.rows * slot.columns
        if law not in ("gaussian", "sign"):
            raise ValueError(f"law = {law!r}; it can be gaussian or sign")
        values = entries.normals(0, count) if law == "gaussian" else entries.signs(0, count)
        scale = 1.0 / math.sqrt(slot.columns)
        self.fixed("weight", (values * scale).reshape(slot.columns, slot.rows).T.copy())

    def reset_parameters(self) -> None:
        """Does nothing: there are no parameters."""

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.get_buffer("weight").mT

    def dense(self) -> Tensor:
        return self.get_buffer("weight")
