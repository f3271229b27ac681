"""Products of weighted sums of fixed matrices (Wu 2018)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn

from ..initial import Initial
from ..links import LINKS, link
from ..matrix import Matrix, empty
from ..slot import Image, Key, Slot
from ..terms import Residual, TermSet, Terms, make_terms, mean_square_norm

T = TypeVar("T")

# The share of the square norm that a residual sum starts with beside its identity.
_BESIDE_IDENTITY = 0.01


class Factor(nn.Module):
    """``c Σₖ g(aₖ) Mₖ``; the identity of a residual sum has no scale c."""

    def __init__(self, terms: Terms, link_name: str, scale: float = 1.0) -> None:
        super().__init__()
        if link_name not in LINKS:
            raise ValueError(f"link = {link_name!r}; it can be {', '.join(LINKS)}")
        self.terms, self.link, self.scale = terms, link_name, scale

    def values(self, a: Tensor) -> Tensor:
        """Returns what the terms are multiplied by, shape (K,)."""
        values = link(self.link, a)
        if self.scale == 1.0:
            return values
        if isinstance(self.terms, Residual):
            return torch.cat([values[:1], values[1:] * self.scale])
        return values * self.scale

    def forward(self, a: Tensor, x: Tensor) -> Tensor:
        return self.terms.act(self.values(a), x)

    def dense(self, a: Tensor) -> Tensor:
        """Returns the factor, shape (rows, columns)."""
        return self.terms.combine(self.values(a))


class SumProduct(Matrix):
    """A product of sums with one vector ``coefficients.j`` of shape (K_j,) a factor, from the left: what fits are, too.

    With more vectors than rows or columns W is formed first where that is less work.
    """

    family = "product-of-sums"

    def __init__(self, slot: Slot, key: Key, factors: Sequence[Factor], initial: Initial = "xavier") -> None:
        super().__init__(slot, key, initial)
        self.factors = nn.ModuleList(factors)
        self.coefficients = nn.ParameterList([empty(factor.terms.count) for factor in factors])

    def reset_parameters(self) -> None:
        """Does nothing: a fit has no initial values."""

    def _pairs(self) -> list[tuple[Factor, Tensor]]:
        return [(f, a) for f, a in zip(self.factors, self.coefficients) if isinstance(f, Factor)]

    def _forms_first(self, vectors: int) -> bool:
        """Whether W is formed: both ways in multiply-adds, formed from its thin side."""
        one_by_one = vectors * sum(f.terms.operations for f, _ in self._pairs())
        forming = min(self.rows, self.columns) * sum(f.terms.rows * f.terms.columns for f, _ in self._pairs()[1:])
        return forming + vectors * self.rows * self.columns < one_by_one

    def forward(self, x: Tensor) -> Tensor:
        if self._forms_first(x.numel() // max(1, x.shape[-1])):
            return x @ self.dense().mT
        for factor, a in reversed(self._pairs()):
            x = factor(a, x)
        return x

    def dense(self) -> Tensor:
        factors = [factor.dense(a) for factor, a in self._pairs()]
        if self.rows > self.columns:
            product = factors[-1]
            for factor in reversed(factors[:-1]):
                product = factor @ product
            return product
        product = factors[0]
        for factor in factors[1:]:
            product = product @ factor
        return product


class ProductOfSums(SumProduct):
    """``Π_j c_j Σₖ g_j(a_jk) M_jk`` with the scales and initial values of ``spectra train``.

    ``terms``, ``basis`` and ``link`` are one value for all factors or a list of one each; ``inner`` has the sizes between
    them. ``stored`` is accepted and does nothing: Gaussian and sign terms are always in memory here.
    """

    def __init__(
        self,
        slot: Slot,
        key: Key,
        *,
        factors: int,
        terms: int | Sequence[int],
        basis: str | Sequence[str] = "gaussian",
        residual: bool = False,
        stored: bool = False,
        inner: Sequence[int] = (),
        gain: float = 1.0,
        link: str | Sequence[str] = "identity",
        initial: Initial = "xavier",
    ) -> None:
        del stored
        if not 1 <= factors <= 1000:
            raise ValueError(f"factors = {factors}; it can be 1 to 1000")
        if inner and (len(inner) != factors - 1 or min(inner) < 1):
            raise ValueError(f"inner = {list(inner)} for {factors} factors; it is {factors - 1} positive sizes, or none")
        if not (math.isfinite(gain) and gain > 0.0):
            raise ValueError(f"gain = {gain}; it must be a positive number")
        between = list(inner) or [max(slot.rows, slot.columns)] * (factors - 1)
        sizes = [slot.rows, *between, slot.columns]
        planes = slot.planes
        # only the last factor sees the inputs; the channels of an image lie one below the other
        image = Image(1, planes.channels * planes.height, planes.width)
        made = []
        counts = _each("terms", [terms] * factors if isinstance(terms, int) else terms, factors)
        families = _each("basis", [basis] * factors if isinstance(basis, str) else basis, factors)
        links = _each("link", [link] * factors if isinstance(link, str) else link, factors)
        for j, (count, family, name) in enumerate(zip(counts, families, links)):
            rows, columns = sizes[j], sizes[j + 1]
            own = TermSet(rows, columns, count - residual, key.factor(j), image if j + 1 == factors else None)
            if own.count < 1:
                raise ValueError(f"factor {j + 1} has {count} terms; it needs {1 + residual}")
            sum_ = make_terms(family, own)
            scale = math.sqrt(rows / mean_square_norm(family, rows, columns))
            made.append(Factor(Residual(sum_) if residual else sum_, name, scale))
        super().__init__(slot, key, made, initial)
        self.gain = gain
        self.reset_parameters()

    def reset_parameters(self) -> None:
        for j, (factor, a) in enumerate(self._pairs()):
            gain = self.gain if j == 0 else 1.0
            if j == 0 and self.initial.is_derived:
                gain *= math.sqrt(self.initial.gain)
            with torch.no_grad():
                values = torch.empty_like(a)
                residual = isinstance(factor.terms, Residual)
                share = _BESIDE_IDENTITY if residual else 1.0
                rest = values[1:] if residual else values
                self.initial.fill(rest, share / len(rest), normal=True)
                if residual:
                    rows, columns = factor.terms.rows, factor.terms.columns
                    values[0] = math.sqrt((1.0 - _BESIDE_IDENTITY) * rows / min(rows, columns))
                a.copy_(LINKS[factor.link].near(gain * values))


def _each(name: str, values: Sequence[T], factors: int) -> Sequence[T]:
    """Returns one value a factor.

    Raises:
        ValueError: More or fewer values.
    """
    if len(values) != factors:
        raise ValueError(f"{name} lists {len(values)} values for {factors} factors; give one for all, or one for each")
    return values
