"""Random diagonals."""

import numpy as np
from torch import Tensor
from torch.nn import functional

from .base import TermSet, Terms


class DiagonalTerms(Terms):
    """Diagonals of min(m, n) standard normal numbers."""

    def __init__(self, terms: TermSet) -> None:
        super().__init__(terms.rows, terms.columns, terms.count)
        size = min(terms.rows, terms.columns)
        draw = [terms.key.entries(k).normals(0, size) for k in range(terms.count)]
        self.fixed("diagonals", np.array(draw).reshape(terms.count, size))
        self.operations = size

    def act(self, a: Tensor, x: Tensor) -> Tensor:
        diagonal = a @ self.get_buffer("diagonals")
        size = diagonal.shape[-1]
        return functional.pad(x[..., :size] * diagonal, (0, self.rows - size))
