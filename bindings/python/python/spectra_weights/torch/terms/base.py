"""Terms of a sum: fixed matrices M₁ … M_K, each m × n."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ..matrix import number_type
from ..slot import Image, TermKey

__all__ = ["Given", "Residual", "TermSet", "Terms"]

# Most numbers that the terms of one factor are stored in.
MOST_STORED = 1 << 28


@dataclass(frozen=True)
class TermSet:
    """The first ``count`` terms of a family in one factor of m × n; ``image`` is what its columns are."""

    rows: int
    columns: int
    count: int
    key: TermKey
    image: Image | None = None


class Terms(nn.Module):
    """Fixed matrices of which weighted sums are made.

    Subclasses have :meth:`combine`, :meth:`apply` or both.

    Attributes:
        operations: Multiply-adds of :meth:`apply` for one vector, beside those that no vector adds to.
    """

    def __init__(self, rows: int, columns: int, count: int) -> None:
        super().__init__()
        self.rows, self.columns, self.count = rows, columns, count
        self.operations = rows * columns

    def combine(self, a: Tensor) -> Tensor:
        """Returns ``Σ aₖ Mₖ``, shape (m, n), of coefficients of shape (K,)."""
        eye = torch.eye(self.columns, dtype=a.dtype, device=a.device)
        return self.act(a, eye).mT

    def act(self, a: Tensor, x: Tensor) -> Tensor:
        """Returns ``Σ aₖ Mₖ x`` of vectors of shape (..., n), shape (..., m)."""
        return x @ self.combine(a).mT

    def fixed(self, name: str, values: Any, *, dtype: torch.dtype | None = None) -> None:
        """Keeps numbers that are made again from the seed: a buffer that state dictionaries leave out."""
        self.register_buffer(name, torch.as_tensor(values, dtype=dtype or number_type()), persistent=False)


class Stored(Terms):
    """Terms in memory, K m n numbers, each column by column."""

    def __init__(self, rows: int, columns: int, values: Any) -> None:
        super().__init__(rows, columns, len(values))
        self.fixed("values", values)

    @staticmethod
    def check(family: str, terms: TermSet) -> None:
        """Refuses terms that would fill the memory.

        Raises:
            ValueError: More than 2**28 numbers.
        """
        if terms.rows * terms.columns * terms.count > MOST_STORED:
            raise ValueError(
                f"{terms.count} {family} terms of {terms.rows}x{terms.columns} are stored and take more than "
                f"{MOST_STORED} numbers; take fewer, or a family that needs no storage (rank-one, circulant, srht)"
            )

    def combine(self, a: Tensor) -> Tensor:
        return (a @ self.get_buffer("values")).reshape(self.columns, self.rows).mT


class Given(Stored):
    """The user's own terms, an array of shape (K, m, n)."""

    def __init__(self, matrices: Any) -> None:
        array = np.asarray(matrices)
        count, rows, columns = array.shape
        super().__init__(rows, columns, array.transpose(0, 2, 1).reshape(count, -1).copy())


class Residual(Terms):
    """The identity, ones on the main diagonal, then the terms of a family."""

    def __init__(self, rest: Terms) -> None:
        super().__init__(rest.rows, rest.columns, rest.count + 1)
        self.rest = rest
        self.operations = rest.operations + min(rest.rows, rest.columns)

    def combine(self, a: Tensor) -> Tensor:
        eye = torch.eye(self.rows, self.columns, dtype=a.dtype, device=a.device)
        return a[0] * eye + self.rest.combine(a[1:])

    def act(self, a: Tensor, x: Tensor) -> Tensor:
        rest = self.rest.act(a[1:], x)
        common = min(self.rows, self.columns)
        head = rest[..., :common] + a[0] * x[..., :common]
        return head if common == self.rows else torch.cat([head, rest[..., common:]], dim=-1)
