"""What an initialisation of a shape gives: the laws of the largest singular value and of the effective rank.

The reference is a matrix of independent entries of mean 0 and one variance, whatever it is; both statistics are free of
scale. The largest singular value follows Tracy and Widom's law for real matrices with the centring of Ma (2012); the law
is replaced by Chiani's gamma distribution (2014). The logarithm of the effective rank is normal with a deviation like 1/d;
its mean is the integral over Marchenko and Pastur's law and a term like 1/d, which simulations of small matrices give.

Probabilities are upper bounds in practice. Measured at 5 and 1 % on shapes from 8 × 8 to 400 × 440: normal entries reach
them within the error of a simulation, entries with lighter tails (uniform, as torch draws them) half of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np

from .metrics import Array, effective_rank, native_svdvals

__all__ = ["Reference", "reference"]

# Larger matrices are simulated with this many singular values, smaller ones as they are.
_SIMULATED = 80
_DRAWS = 400
# Covers the skewness of small matrices and the slow approach of square ones to the limit.
_WIDENED = 1.2
# Chiani's gamma distribution for Tracy and Widom's law of real matrices.
_SHAPE, _SCALE, _SHIFT = 46.446, 0.186054, 9.84801


@dataclass(frozen=True)
class Reference:
    """The two laws for one shape, m × n with m ≤ n.

    Attributes:
        log_rank_mean, log_rank_deviation: Of the logarithm of the effective rank.
    """

    m: int
    n: int
    log_rank_mean: float
    log_rank_deviation: float

    @property
    def effective_rank(self) -> float:
        """The median effective rank."""
        return math.exp(self.log_rank_mean)

    @property
    def stable_rank(self) -> float:
        """The median stable rank, m n over the median of s₁² at variance 1."""
        centre, scale = self._edge()
        # the median of Tracy and Widom's law
        return self.m * self.n / (centre - 1.2686 * scale)

    def spike_probability(self, stable_rank: float) -> float:
        """Returns how likely an initialisation has this stable rank or a smaller one: a largest singular value so high."""
        if self.m == 1:
            return 1.0
        centre, scale = self._edge()
        x = (self.m * self.n / stable_rank - centre) / scale
        return _upper_gamma(_SHAPE, (x + _SHIFT) / _SCALE)

    def low_rank_probability(self, effective_rank: float) -> float:
        """Returns how likely an initialisation has this effective rank or a smaller one."""
        if self.log_rank_deviation == 0.0:
            return 1.0
        return NormalDist(self.log_rank_mean, self.log_rank_deviation).cdf(math.log(effective_rank))

    def _edge(self) -> tuple[float, float]:
        """Returns centre and scale of the largest squared singular value."""
        a, b = math.sqrt(self.n - 0.5), math.sqrt(self.m - 0.5)
        return (a + b) ** 2, (a + b) * (1.0 / a + 1.0 / b) ** (1.0 / 3.0)


@lru_cache(maxsize=1024)
def reference(rows: int, columns: int) -> Reference:
    """Returns the laws for a shape; some 0.1 s for one that was not asked for before."""
    m, n = sorted((rows, columns))
    d = min(m, _SIMULATED)
    wide = max(d, round(n * d / m))
    logs = _simulated(d, wide, native_svdvals())
    mean, deviation = float(logs.mean()), _WIDENED * float(logs.std(ddof=1))
    if m > d:
        exact = _log_rank_share(d / wide)
        # in the limit log(rank / d), and beside it a term and a deviation like 1/d
        share = mean - math.log(d)
        mean = math.log(m) + _log_rank_share(m / n) + (share - exact) * d / m
        deviation *= d / m
    return Reference(m, n, mean, deviation)


def _simulated(m: int, n: int, svdvals: Callable[[Array], Array]) -> Array:
    """Returns logarithms of effective ranks of Gaussian matrices, by Bartlett's triangles with the same singular values."""
    rng = np.random.default_rng([m, n])
    lower = np.tril(rng.standard_normal((_DRAWS, m, m)), -1)
    degrees = n - np.arange(m)
    lower[:, np.arange(m), np.arange(m)] = np.sqrt(rng.chisquare(degrees, (_DRAWS, m)))
    return np.array([math.log(effective_rank(s)) for s in svdvals(lower)])


def _log_rank_share(ratio: float) -> float:
    """Returns the limit of log(effective rank / m) at m/n = ``ratio``, by Marchenko and Pastur's law of s²/n."""
    points = 4000
    low, high = (1.0 - math.sqrt(ratio)) ** 2, (1.0 + math.sqrt(ratio)) ** 2
    # Gauss and Chebyshev's rule of the second kind takes the square roots at both edges
    angle = np.arange(1, points + 1) * math.pi / (points + 1)
    x = (low + high) / 2.0 + (high - low) / 2.0 * np.cos(angle)
    weight = np.sin(angle) ** 2 / x
    weight /= weight.sum()
    s = np.sqrt(x)
    mean = float(weight @ s)
    return math.log(mean) - float(weight @ (s * np.log(s))) / mean


def _upper_gamma(a: float, x: float) -> float:
    """Returns the regularised upper incomplete gamma function Q(a, x)."""
    if x <= 0.0:
        return 1.0
    front = math.exp(-x + a * math.log(x) - math.lgamma(a))
    if x < a + 1.0:
        term = total = 1.0 / a
        k = a
        while term > 1e-16 * total:
            k += 1.0
            term *= x / k
            total += term
        return 1.0 - front * total
    # Lentz's continued fraction
    b = x + 1.0 - a
    c, d = 1e300, 1.0 / b
    h = d
    for i in range(1, 1000):
        step = -i * (i - a)
        b += 2.0
        d = 1.0 / (step * d + b)
        c = b + step / c
        h *= d * c
        if abs(d * c - 1.0) < 1e-15:
            break
    return front * h
