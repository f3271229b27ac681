"""Laws of initial values, named as in recipes of ``spectra train``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Union

import torch
from torch import Tensor

from .slot import Slot

__all__ = ["Initial", "InitialLaw"]

Initial = Union[str, Mapping[str, float]]
"""``"xavier"`` (the default), ``"xavier-average"``, ``"he"``, ``"zero"``, or the law of the parameters themselves:
``{"gaussian": s}``, ``{"truncated-normal": s}``, ``{"uniform": a}``."""

_DERIVED = {"xavier", "xavier-average", "he"}
_GIVEN = {"gaussian", "truncated-normal", "uniform"}


@dataclass(frozen=True)
class InitialLaw:
    """A law of initial parameters of one weight.

    The names without a number fix the variance that the *matrix's* entries shall have, 1/n, 2/(n + fan-out) or 2/n;
    families of fewer parameters derive that of their parameters from it.
    """

    name: str
    number: float
    slot: Slot

    @staticmethod
    def of(initial: Initial, slot: Slot) -> InitialLaw:
        """Reads a law.

        Raises:
            ValueError: A law that does not exist, or a scale that is no positive number.
        """
        name, number = next(iter(initial.items())) if isinstance(initial, Mapping) else (initial, math.nan)
        known = _GIVEN if isinstance(initial, Mapping) else _DERIVED | {"zero"}
        if name not in known:
            raise ValueError(f"initial = {initial!r}; it can be {sorted(_DERIVED | {'zero'})} or a number for {sorted(_GIVEN)}")
        if name in _GIVEN and not (math.isfinite(number) and number > 0.0):
            raise ValueError(f"{name} = {number}; it must be a positive number")
        return InitialLaw(name, number, slot)

    @property
    def is_derived(self) -> bool:
        """Whether it names the variance of the matrix and not the law of the parameters."""
        return self.name in _DERIVED

    @property
    def gain(self) -> float:
        """The variance of the matrix's entries over 1/n; 1 where the law of the parameters is given."""
        fan_in, fan_out = self.slot.fans
        return {"xavier-average": 2.0 * fan_in / (fan_in + fan_out), "he": 2.0}.get(self.name, 1.0)

    @property
    def variance(self) -> float:
        """The variance of the matrix's entries, where it is derived."""
        return self.gain / self.slot.columns

    def fill(self, parameter: Tensor, variance: float, *, normal: bool = False) -> None:
        """Draws ``parameter`` in place.

        Args:
            parameter: Any shape.
            variance: The variance of the parameters where the matrix's is derived.
            normal: Derived variances are those of normal numbers, never of uniform ones.
        """
        with torch.no_grad():
            deviation = math.sqrt(variance)
            if self.name in ("gaussian", "truncated-normal"):
                cut = 2.0 if self.name == "truncated-normal" else math.inf
                self._normal(parameter, self.number, cut)
            elif self.name == "uniform":
                parameter.uniform_(-self.number, self.number)
            elif self.name == "zero":
                parameter.zero_()
            elif normal or self.name == "he":
                parameter.normal_(0.0, deviation)
            else:
                bound = math.sqrt(3.0) * deviation
                parameter.uniform_(-bound, bound)

    @staticmethod
    def _normal(parameter: Tensor, deviation: float, cut: float) -> None:
        if math.isfinite(cut):
            torch.nn.init.trunc_normal_(parameter, 0.0, deviation, -cut * deviation, cut * deviation)
        else:
            parameter.normal_(0.0, deviation)
