"""Outer products of Gaussian vectors."""

import numpy as np
from torch import Tensor

from .base import TermSet, Terms


class RankOneTerms(Terms):
    """Terms ``uₖ vₖᵀ``: numbers 0 … m - 1 of a term are u, the next n are v. A sum of K acts as a product of thin matrices."""

    def __init__(self, terms: TermSet) -> None:
        m, n, count = terms.rows, terms.columns, terms.count
        super().__init__(m, n, count)
        both = np.array([terms.key.entries(k).normals(0, m + n) for k in range(count)]).reshape(count, m + n)
        self.fixed("left", both[:, :m].copy())
        self.fixed("right", both[:, m:].copy())
        self.operations = min(count * (m + n), m * n)

    def combine(self, a: Tensor) -> Tensor:
        return (self.get_buffer("left").mT * a) @ self.get_buffer("right")

    def act(self, a: Tensor, x: Tensor) -> Tensor:
        if self.count * (self.rows + self.columns) >= self.rows * self.columns:
            return x @ self.combine(a).mT
        return ((x @ self.get_buffer("right").mT) * a) @ self.get_buffer("left")
