"""Trained coefficients times fixed features of the inputs: cosines, single inputs, Gaussian projections."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from ..random import shuffled
from ..slot import Image
from ..transforms import cosines, zig_zag
from .base import TermSet, Terms


class FeatureTerms(Terms):
    """Terms with one feature in one row: term k is feature ``⌊k / m⌋`` in row ``k mod m``."""

    def __init__(self, terms: TermSet, features: NDArray[np.float64]) -> None:
        super().__init__(terms.rows, terms.columns, terms.count)
        self.fixed("features", features)
        self.operations = len(features) * (terms.rows + terms.columns)

    def _coefficients(self, a: Tensor) -> Tensor:
        """Returns the coefficients, shape (features, m)."""
        count: int = self.get_buffer("features").shape[0]
        return functional.pad(a, (0, count * self.rows - self.count)).reshape(count, self.rows)

    def combine(self, a: Tensor) -> Tensor:
        return self._coefficients(a).mT @ self.get_buffer("features")

    def act(self, a: Tensor, x: Tensor) -> Tensor:
        return (x @ self.get_buffer("features").mT) @ self._coefficients(a)


def _count(terms: TermSet) -> int:
    return -(-terms.count // terms.rows)


def dct(terms: TermSet) -> FeatureTerms:
    """Makes terms of the orthonormal DCT of each row as an image, lowest frequencies first.

    Raises:
        ValueError: Images of another size than the columns.
    """
    image = terms.image or Image(1, 1, terms.columns)
    height, width = image.channels * image.height, image.width
    if height * width != terms.columns:
        raise ValueError(f"images of {height}x{width} are not the {terms.columns} columns of a factor")
    order = zig_zag(height, width)[: _count(terms)]
    down, across = cosines(height), cosines(width)
    features = [np.outer(down[y], across[x]).reshape(-1) for y, x in order]
    return FeatureTerms(terms, np.array(features).reshape(len(features), terms.columns))


def pixels(terms: TermSet) -> FeatureTerms:
    """Makes terms of single inputs in random order."""
    order = shuffled(terms.columns, terms.key.stream(0))
    features: NDArray[np.float64] = np.eye(terms.columns)
    return FeatureTerms(terms, features[order[: _count(terms)]])


def projection(terms: TermSet) -> FeatureTerms:
    """Makes terms of standard normal features."""
    features = [terms.key.entries(t).normals(0, terms.columns) for t in range(_count(terms))]
    return FeatureTerms(terms, np.array(features).reshape(len(features), terms.columns))
