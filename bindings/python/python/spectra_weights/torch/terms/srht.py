"""Rows of a random orthonormal Hadamard transform of the entries."""

import torch
from torch import Tensor

from ..random import shuffled
from ..transforms import hadamard
from .base import TermSet, Terms


class SrhtTerms(Terms):
    """Terms that are rows of one orthonormal transform of vec W, so that a sum of any K costs one transform.

    The m n entries, column by column, get random signs and places; the places are cut into blocks of the powers of two
    that add up to m n, largest first, and each is transformed by its Hadamard matrix.
    """

    def __init__(self, terms: TermSet) -> None:
        super().__init__(terms.rows, terms.columns, terms.count)
        length = terms.rows * terms.columns
        self.fixed("signs", terms.key.entries(0).signs(0, length))
        self.fixed("places", shuffled(length, terms.key.stream(1)), dtype=torch.int64)
        self.fixed("order", shuffled(length, terms.key.stream(2))[: terms.count], dtype=torch.int64)
        self.blocks = [1 << bit for bit in reversed(range(length.bit_length())) if length >> bit & 1]

    def combine(self, a: Tensor) -> Tensor:
        whole = a.new_zeros(self.rows * self.columns).index_copy(0, self.get_buffer("order"), a)
        turned = torch.cat([hadamard(block) for block in torch.split(whole, self.blocks)])
        entries = self.get_buffer("signs") * turned[self.get_buffer("places")]
        return entries.reshape(self.columns, self.rows).mT
