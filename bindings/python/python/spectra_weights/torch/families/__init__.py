"""The table of families: which are trained, and which `spectra` only compares with."""

from __future__ import annotations

from collections.abc import Callable

from ..matrix import Matrix
from .acdc import Acdc
from .block_diagonal import BlockDiagonal
from .circulant import Circulant, ToeplitzLike
from .dense import Dense
from .diagonal import Diagonal, RandomDiagonals
from .fastfood import Fastfood
from .fixed import Dct, Random
from .frequency_hashed import FrequencyHashed
from .hashed import Hashed
from .low_rank import LowRank
from .product_of_sums import ProductOfSums
from .projected import Projected
from .separable import Separable
from .sketched import Sketched

__all__ = ["FAMILIES", "UNSUPPORTED", "UnsupportedFamily", "family"]

FAMILIES: dict[str, Callable[..., Matrix]] = {
    kind.family: kind
    for kind in (
        Dense,
        BlockDiagonal,
        LowRank,
        Separable,
        Projected,
        ProductOfSums,
        Sketched,
        Hashed,
        FrequencyHashed,
        Diagonal,
        RandomDiagonals,
        Fastfood,
        Acdc,
        Circulant,
        ToeplitzLike,
        Dct,
        Random,
    )
}
"""Every family of ``weight = { family = … }`` in recipes of ``spectra train``."""

UNSUPPORTED = {
    "permuted-blocks": "",
    "block-circulant": "circulant has one block",
    "block-toeplitz": "toeplitz-like with rank = 2 has all plain Toeplitz matrices",
    "kronecker": "",
    "monarch": "",
    "butterfly": "",
    "sketch": "sketched is the family that is trained",
    "random-subspace": "product-of-sums with one factor is a sum of random matrices",
    "count-sketch": "an ensemble of sketches, no weight",
}
"""Families of reports that no recipe and no file of fits has, with what comes near."""


class UnsupportedFamily(ValueError):
    """A family that has no module here."""


def family(name: str) -> Callable[..., Matrix]:
    """Returns the class of a family.

    Raises:
        UnsupportedFamily: There is none.

    >>> family("low-rank").__name__
    'LowRank'
    >>> family("monarch")
    Traceback (most recent call last):
        ...
    spectra_weights.torch.families.UnsupportedFamily: monarch is a family that spectra families compares with, but no \
recipe or file of fits has it, so there is no module; there are dense, block-diagonal, low-rank, separable, projected, \
product-of-sums, sketched, hashed, frequency-hashed, diagonal, random-diagonals, fastfood, acdc, circulant, \
toeplitz-like, dct, random
    """
    if name in FAMILIES:
        return FAMILIES[name]
    known = ", ".join(FAMILIES)
    if name in UNSUPPORTED:
        near = f" ({UNSUPPORTED[name]})" if UNSUPPORTED[name] else ""
        raise UnsupportedFamily(
            f"{name} is a family that spectra families compares with, but no recipe or file of fits has it, so there is "
            f"no module{near}; there are {known}"
        )
    raise UnsupportedFamily(f"{name!r} is no family; there are {known}")
