"""Random circulants."""

import numpy as np
from torch import Tensor

from .. import transforms
from .base import TermSet, Terms


class CirculantTerms(Terms):
    """Circulants of N = max(m, n) standard normal numbers; their sum is one circulant."""

    def __init__(self, terms: TermSet) -> None:
        super().__init__(terms.rows, terms.columns, terms.count)
        size = max(terms.rows, terms.columns)
        draw = [terms.key.entries(k).normals(0, size) for k in range(terms.count)]
        self.fixed("first", np.array(draw).reshape(terms.count, size))
        self.operations = min(self.operations, 10 * size * size.bit_length())

    def act(self, a: Tensor, x: Tensor) -> Tensor:
        return transforms.circulant(a @ self.get_buffer("first"), x, self.rows)
