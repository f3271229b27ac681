"""Trained coefficients of fixed features of the inputs (Denil et al. 2013; Wu 2018)."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ..initial import Initial
from ..matrix import Matrix, empty
from ..random import shuffled
from ..slot import Image, Key, Slot
from ..transforms import cosines, zig_zag

BASES = ("dct", "gaussian", "pixels", "radial")


def _cosines(planes: Image, count: int) -> NDArray[np.float64]:
    """Returns cosines of each channel, lowest frequencies first in zig-zag order, at each the channels in order."""
    down, across = cosines(planes.height), cosines(planes.width)
    order = zig_zag(planes.height, planes.width)
    features = np.zeros((count, planes.channels, planes.area))
    for t in range(count):
        y, x = order[t // planes.channels]
        features[t, t % planes.channels] = np.outer(down[y], across[x]).reshape(-1)
    return features.reshape(count, -1)


def _radial(planes: Image, kept: list[int], width: float, ridge: float) -> NDArray[np.float64]:
    """Returns ``(K_rr + ridge I)⁻¹ K_rn`` of the kernel ``exp(-distance²/2 width²)``, nothing between channels."""
    columns = np.arange(planes.channels * planes.area)
    channel, pixel = columns // planes.area, columns % planes.area
    place = np.stack([pixel // planes.width, pixel % planes.width], axis=1)
    square = ((place[kept][:, None] - place[None]) ** 2).sum(-1) / width**2
    kernel = np.where(channel[kept][:, None] == channel[None], np.exp(-square / 2.0), 0.0)
    own = kernel[:, kept] + ridge * np.eye(len(kept))
    return np.asarray(np.linalg.solve(own, kernel), dtype=np.float64)


class Projected(Matrix):
    """``coefficients B``: ``coefficients`` of shape (m, r) trained, the features B of shape (r, n) fixed.

    ``basis`` is ``"dct"``, ``"gaussian"``, ``"pixels"`` or ``"radial"``; ``width`` and ``ridge`` are those of the radial
    kernel, whose features have the bits of ``spectra train`` to rounding, the others exactly.
    """

    family = "projected"

    def __init__(
        self,
        slot: Slot,
        key: Key,
        *,
        features: int,
        basis: str,
        width: float = 1.0,
        ridge: float = 0.01,
        initial: Initial = "xavier",
    ) -> None:
        super().__init__(slot, key, initial)
        n = slot.columns
        if not 1 <= features <= n:
            raise ValueError(f"features = {features} for a weight of {slot.rows}x{n}; it can be 1 to {n}")
        if not (width > 0.0 and ridge > 0.0):
            raise ValueError(f"width = {width}, ridge = {ridge}; they must be positive numbers")
        matrix = self._features(basis, features, width, ridge)
        self.energy = float((matrix**2).sum())
        self.fixed("features", matrix)
        self.coefficients = empty(slot.rows, features)
        self.reset_parameters()

    def _features(self, basis: str, count: int, width: float, ridge: float) -> NDArray[np.float64]:
        n, planes = self.columns, self.slot.planes
        if basis == "dct":
            return _cosines(planes, count)
        if basis == "gaussian":
            scale = 1.0 / math.sqrt(n)
            return np.stack([scale * self.key.entries(0, t).normals(0, n) for t in range(count)])
        if basis in ("pixels", "radial"):
            kept = shuffled(n, self.key.stream(0, 0))[:count]
            eye: NDArray[np.float64] = np.eye(n)
            return eye[kept] if basis == "pixels" else _radial(planes, kept, width, ridge)
        raise ValueError(f"basis = {basis!r}; it can be {', '.join(BASES)}")

    def reset_parameters(self) -> None:
        self.initial.fill(self.coefficients, self.initial.variance * self.columns / self.energy)

    def _project(self, weight: Tensor) -> None:
        features = self.get_buffer("features").double()
        self.coefficients.copy_(torch.linalg.lstsq(features.mT, weight.double().mT).solution.mT)

    def forward(self, x: Tensor) -> Tensor:
        features: Tensor = self.get_buffer("features")
        return (x @ features.mT) @ self.coefficients.mT
