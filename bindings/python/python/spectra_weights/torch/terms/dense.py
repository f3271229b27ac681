"""Dense random terms, kept in memory."""

from __future__ import annotations

import math

import numpy as np
import torch

from ..random import shuffled
from ..transforms import hadamard, power_of_two
from .base import Stored, TermSet


def gaussian(terms: TermSet) -> Stored:
    """Makes terms of independent standard normal entries: entry (i, j) is number i + j m of the term."""
    Stored.check("gaussian", terms)
    size = terms.rows * terms.columns
    values = [terms.key.entries(k).normals(0, size) for k in range(terms.count)]
    return Stored(terms.rows, terms.columns, np.array(values).reshape(terms.count, size))


def rademacher(terms: TermSet) -> Stored:
    """Makes terms of independent signs."""
    Stored.check("rademacher", terms)
    size = terms.rows * terms.columns
    values = [terms.key.entries(k).signs(0, size) for k in range(terms.count)]
    return Stored(terms.rows, terms.columns, np.array(values).reshape(terms.count, size))


def fastfood(terms: TermSet) -> Stored:
    """Makes terms ``H G Π H B / √N``, H the Hadamard matrix of ±1: the first m rows and n columns of each."""
    Stored.check("fastfood", terms)
    size = power_of_two(max(terms.rows, terms.columns))
    values = []
    for k in range(terms.count):
        entries = terms.key.entries(k)
        signs = torch.from_numpy(entries.signs(0, size))
        gains = torch.from_numpy(entries.normals(size, size))
        order = shuffled(size, terms.key.stream(k))
        inputs = torch.eye(size, dtype=torch.float64)[: terms.columns] * signs
        # orthonormal transforms leave out a factor √N each
        matrix = hadamard(hadamard(inputs)[:, order] * gains) * math.sqrt(size)
        values.append(matrix[:, : terms.rows].reshape(-1).numpy())
    return Stored(terms.rows, terms.columns, np.array(values).reshape(terms.count, terms.rows * terms.columns))
