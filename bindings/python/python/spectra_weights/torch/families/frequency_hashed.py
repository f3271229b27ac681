"""Filters whose cosines share parameters by a hash (FreshNets: Chen et al. 2016)."""

from __future__ import annotations

import torch
from torch import Tensor

from ..initial import Initial
from ..matrix import Matrix, empty
from ..slot import Image, Key, Slot
from ..transforms import cosines


def _buckets(parameters: int, coefficients: list[int], alpha: float, beta: float) -> list[int]:
    """Returns how many parameters each frequency gets, which add up to all."""
    count = len(coefficients)
    weights = []
    for f, number in enumerate(coefficients):
        x = (f + 0.5) / count
        weights.append(number * x ** (alpha - 1.0) * (1.0 - x) ** (beta - 1.0))

    def at(multiple: float) -> list[int]:
        return [min(max(int(multiple * w), 1), most) for w, most in zip(weights, coefficients)]

    low, high = 0.0, 2.0 * max(coefficients) / min(weights)
    for _ in range(200):
        middle = (low + high) / 2.0
        if sum(at(middle)) <= parameters:
            low = middle
        else:
            high = middle
    buckets = at(low)
    rest = parameters - sum(buckets)
    while rest > 0:
        for f, most in enumerate(coefficients):
            if rest > 0 and buckets[f] < most:
                buckets[f] += 1
                rest -= 1
    return buckets


def _frequencies(planes: Image) -> list[int]:
    pixels = [y + x for y in range(planes.height) for x in range(planes.width)]
    return pixels * planes.channels


class FrequencyHashed(Matrix):
    """Each filter is the inverse DCT of coefficients that share ``values``, shape (parameters,), within a frequency.

    A larger ``beta`` gives more parameters to low frequencies.
    """

    family = "frequency-hashed"

    def __init__(
        self,
        slot: Slot,
        key: Key,
        *,
        parameters: int,
        alpha: float = 1.0,
        beta: float = 1.0,
        initial: Initial = "xavier",
    ) -> None:
        super().__init__(slot, key, initial)
        m, n, planes = slot.rows, slot.columns, slot.planes
        if not (alpha > 0.0 and beta > 0.0):
            raise ValueError(f"alpha = {alpha}, beta = {beta}; they must be positive numbers")
        frequencies = _frequencies(planes)
        coefficients = [0] * (planes.height + planes.width - 1)
        for f in frequencies:
            coefficients[f] += m
        if not len(coefficients) <= parameters <= m * n:
            raise ValueError(
                f"parameters = {parameters} for a weight of {m}x{n}; there can be {len(coefficients)} to {m * n}"
            )
        buckets = _buckets(parameters, coefficients, alpha, beta)
        starts = [sum(buckets[:f]) for f in range(len(buckets))]
        stream = key.stream(0, 0)
        drawn = [(starts[f], stream.signed_below(buckets[f])) for f in frequencies for _ in range(m)]
        self.fixed("bucket", [start + place for start, (place, _) in drawn], dtype=torch.int64)
        self.fixed("sign", [-1.0 if negative else 1.0 for _, (_, negative) in drawn])
        self.fixed("down", cosines(planes.height))
        self.fixed("across", cosines(planes.width))
        self.values = empty(parameters)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        self.initial.fill(self.values, self.initial.variance)

    def forward(self, x: Tensor) -> Tensor:
        planes = self.slot.planes
        images = x.reshape(*x.shape[:-1], planes.channels, planes.height, planes.width)
        spectrum = self.get_buffer("down") @ images @ self.get_buffer("across").mT
        entries = self.values[self.get_buffer("bucket")] * self.get_buffer("sign")
        return spectrum.flatten(-3) @ entries.reshape(self.columns, self.rows)
