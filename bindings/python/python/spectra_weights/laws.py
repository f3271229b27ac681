"""Laws of random-matrix theory, with the methods of ``scipy.stats``."""

from __future__ import annotations

import math
from typing import Any, overload

from . import _native


class _Law:
    """What both laws share: functions of numbers or of arrays of floats of 64 bits, number by number."""

    _parameters: tuple[float, ...] = ()

    def _of(self, function: str, x: Any) -> Any:
        return _native.law(function, x, *self._parameters)

    def pdf(self, x: Any) -> Any:
        """Returns the density at ``x``: a number for a number, an array for an array."""
        return self._of("pdf", x)

    def logpdf(self, x: Any) -> Any:
        """Returns the logarithm of the density at ``x``."""
        return self._of("logpdf", x)

    def cdf(self, x: Any) -> Any:
        """Returns the chance of a value of at most ``x``."""
        return self._of("cdf", x)

    def sf(self, x: Any) -> Any:
        """Returns the chance of a value above ``x``, accurate also where it is small."""
        return self._of("sf", x)

    def ppf(self, p: Any) -> Any:
        """Returns the smallest x with ``cdf(x) >= p``; NaN for ``p`` outside [0, 1]."""
        return self._of("ppf", p)

    def isf(self, p: Any) -> Any:
        """Returns the x with ``sf(x) == p``, accurate also where ``p`` is small; NaN for ``p`` outside [0, 1]."""
        return self._of("isf", p)

    def interval(self, confidence: float) -> tuple[float, float]:
        """Returns the ends of the range that holds ``confidence`` of the values, as many below it as above."""
        below = (1.0 - confidence) / 2.0
        return self.ppf(below), self.ppf(1.0 - below)

    def median(self) -> float:
        """Returns the median."""
        value: float = self.ppf(0.5)
        return value

    def std(self) -> float:
        """Returns the standard deviation."""
        return math.sqrt(self.var())

    def mean(self) -> float:
        """Returns the mean."""
        raise NotImplementedError

    def var(self) -> float:
        """Returns the variance."""
        raise NotImplementedError

    def support(self) -> tuple[float, float]:
        """Returns the ends of the range outside of which there is nothing."""
        raise NotImplementedError

    @overload
    def rvs(self, size: None = None, *, seed: int | None = None) -> float: ...
    @overload
    def rvs(self, size: int | tuple[int, ...], *, seed: int | None = None) -> Any: ...
    def rvs(self, size: int | tuple[int, ...] | None = None, *, seed: int | None = None) -> Any:
        """Draws values: the quantiles of uniform numbers, which NumPy's default generator draws from ``seed``.

        Without a size a number, else an array of NumPy.
        """
        import numpy

        uniform = numpy.random.default_rng(seed).random(size)
        return self.ppf(uniform)


class MarchenkoPastur(_Law):
    """Law of the eigenvalues of ``(1/n) X Xᵀ``, X an m × n matrix of independent entries of mean 0.

    ``ratio`` is m/n, ``variance`` that of the entries. The density is ``√((b - x)(x - a)) / (2π σ² y x)`` on [a, b], the edges
    ``σ² (1 ∓ √y)²``; for ``y > 1`` there is besides a mass of 1 - 1/y at 0, which ``cdf`` and moments include (Marchenko, Pastur
    1967). Raises ``Error`` unless both are positive and finite.

    >>> law = MarchenkoPastur(ratio=0.25)
    >>> law.support(), law.mean(), law.var()
    ((0.25, 2.25), 1.0, 0.25)
    >>> law.cdf(2.25), round(law.ppf(0.5), 6)
    (1.0, 0.916004)
    """

    def __init__(self, ratio: float, variance: float = 1.0) -> None:
        self.ratio = float(ratio)
        self.variance = float(variance)
        self._parameters = (self.ratio, self.variance)
        self.pdf(0.0)

    def mean(self) -> float:
        """Returns the mean, σ²."""
        return self.variance

    def var(self) -> float:
        """Returns the variance of the law, σ⁴ y."""
        return self.variance**2 * self.ratio

    def support(self) -> tuple[float, float]:
        """Returns the ends of the values; the lower is 0 where there is a mass at 0."""
        return self.ppf(0.0), self.ppf(1.0)

    def atom(self) -> float:
        """Returns the mass at 0."""
        return max(0.0, 1.0 - 1.0 / self.ratio)

    def __repr__(self) -> str:
        return f"MarchenkoPastur(ratio={self.ratio!r}, variance={self.variance!r})"


class TracyWidom(_Law):
    """Limit law of the largest eigenvalue of real symmetric random matrices, centred and scaled: that of order one.

    ``sf`` keeps its relative accuracy in the upper tail. A value takes some 50 µs.

    >>> law = TracyWidom()
    >>> round(law.cdf(-1.2065335745820), 4), round(law.ppf(0.95), 4)
    (0.5197, 0.9793)
    """

    def mean(self) -> float:
        """Returns the mean."""
        return -1.2065335745820

    def var(self) -> float:
        """Returns the variance."""
        return 1.607781034581

    def support(self) -> tuple[float, float]:
        """Returns the ends of the values: the whole line."""
        return -math.inf, math.inf

    def __repr__(self) -> str:
        return "TracyWidom()"
