"""Entries that share parameters by a hash (HashedNets: Chen et al. 2015)."""

import torch
from torch import Tensor
from torch.nn import functional

from ..initial import Initial
from ..matrix import Matrix, empty
from ..slot import Key, Slot


class Hashed(Matrix):
    """``W[i, j] = ξ(i, j) p[h(i, j)]``: ``values`` of shape (parameters,), buckets h and signs ξ fixed.

    A hash saves parameters, not operations, so the entries are gathered and multiplied as a dense matrix.
    """

    family = "hashed"

    def __init__(
        self, slot: Slot, key: Key, *, parameters: int, signs: bool = True, initial: Initial = "xavier"
    ) -> None:
        super().__init__(slot, key, initial)
        m, n = slot.rows, slot.columns
        if not 1 <= parameters <= m * n:
            raise ValueError(f"parameters = {parameters} for a weight of {m}x{n}; there can be 1 to {m * n}")
        stream = key.stream(0, 0)
        if signs:
            drawn = [stream.signed_below(parameters) for _ in range(m * n)]
            bucket = [place for place, _ in drawn]
            self.fixed("sign", [-1.0 if negative else 1.0 for _, negative in drawn])
        else:
            bucket = stream.below(parameters, m * n)
            self.fixed("sign", torch.ones(m * n))
        self.fixed("bucket", bucket, dtype=torch.int64)
        self.values = empty(parameters)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        self.initial.fill(self.values, self.initial.variance)

    def _project(self, weight: Tensor) -> None:
        bucket = self.get_buffer("bucket")
        entries = weight.mT.reshape(-1) * self.get_buffer("sign")
        sums = torch.zeros_like(self.values).index_add(0, bucket, entries)
        self.values.copy_(sums / torch.bincount(bucket, minlength=len(sums)).clamp_min(1))

    def dense(self) -> Tensor:
        entries = self.values[self.get_buffer("bucket")] * self.get_buffer("sign")
        return entries.reshape(self.columns, self.rows).mT

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(x, self.dense())
