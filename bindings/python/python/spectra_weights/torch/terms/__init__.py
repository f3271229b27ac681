"""Fixed terms of weighted sums: what ``fit-basis`` and products of sums are made of."""

from __future__ import annotations

from collections.abc import Callable

from .base import Given, Residual, TermSet, Terms
from .circulant import CirculantTerms
from .dense import fastfood, gaussian, rademacher
from .diagonal import DiagonalTerms
from .features import dct, pixels, projection
from .rank_one import RankOneTerms
from .srht import SrhtTerms

__all__ = ["TERMS", "Given", "Residual", "TermSet", "Terms", "make_terms", "mean_square_norm"]

TERMS: dict[str, Callable[[TermSet], Terms]] = {
    "gaussian": gaussian,
    "rademacher": rademacher,
    "rank-one": RankOneTerms,
    "circulant": CirculantTerms,
    "dct": dct,
    "pixels": pixels,
    "projection": projection,
    "diagonal": DiagonalTerms,
    "fastfood": fastfood,
    "srht": SrhtTerms,
}
"""Makes the terms of each family of ``fit-basis --basis``."""

_MEAN_SQUARE_NORM: dict[str, Callable[[int, int], float]] = {
    "dct": lambda m, n: 1.0,
    "pixels": lambda m, n: 1.0,
    "srht": lambda m, n: 1.0,
    "projection": lambda m, n: float(n),
    "diagonal": lambda m, n: float(min(m, n)),
}

_MOST: dict[str, Callable[[int, int], int]] = {"diagonal": min, "circulant": max}


def mean_square_norm(family: str, rows: int, columns: int) -> float:
    """Returns the mean square norm of a term of a family."""
    of = _MEAN_SQUARE_NORM.get(family)
    return of(rows, columns) if of else float(rows * columns)


def make_terms(family: str, terms: TermSet) -> Terms:
    """Makes the terms of a family.

    Raises:
        ValueError: A family that does not exist, or more terms than are linearly independent.
    """
    if family not in TERMS:
        raise ValueError(f"{family!r} is no family of terms; there are {', '.join(TERMS)}")
    of = _MOST.get(family)
    most = of(terms.rows, terms.columns) if of else terms.rows * terms.columns
    if not 0 <= terms.count <= most:
        raise ValueError(
            f"{family} has at most {most} independent terms of {terms.rows}x{terms.columns}, not {terms.count}"
        )
    return TERMS[family](terms)
