"""Layers as ``spectra compress --as factors`` stores them: modules whose tensors have the names of the files."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Union

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from ..moments import kind_of
from ..transforms import cosines

__all__ = ["Columns", "Factors", "Frequencies", "Kronecker", "Pivoted", "Stored", "stored"]


class Stored(nn.Module):
    """A linear layer, convolution or embedding whose weight is held in a smaller form.

    Attributes:
        out_features, in_features: Sizes of the weight as a matrix; inputs of a convolution are patches, of an embedding
            the rows of its table.
        family: The family's name in plans.
        kind: ``linear``, ``conv1d``, ``conv2d`` or ``embedding``.
        bias: Shape (out_features,), or ``None``.
    """

    bias: nn.Parameter | None
    family = ""

    def __init__(self, old: nn.Module) -> None:
        super().__init__()
        kind = kind_of(old)
        assert kind is not None
        self.kind = kind
        like = old.weight
        assert isinstance(like, Tensor)
        self.shape = like.shape
        # transformers' Conv1D has the weight of a Linear, transposed, and a table is one of a matrix whose inputs are its rows
        self.is_turned = kind == "embedding" or type(old).__name__ == "Conv1D"
        sides = (like.shape[0], like[0].numel())
        self.out_features, self.in_features = sides[::-1] if self.is_turned else sides
        self.kernel: tuple[int, ...] = ()
        self.convolution: dict[str, Any] = {}
        if isinstance(old, (nn.Conv1d, nn.Conv2d)):
            self.kernel = (old.in_channels, *old.kernel_size)
            self.convolution = {"stride": old.stride, "padding": old.padding, "dilation": old.dilation}
        self.register_parameter("bias", getattr(old, "bias", None))

    def dense(self) -> Tensor:
        """Returns the weight as a matrix, out_features × in_features."""
        raise NotImplementedError

    @property
    def weight(self) -> Tensor:
        """The weight in the shape of the module that this one replaces, multiplied out anew: for code that asks for type or shape."""
        dense = self.dense()
        return (dense.mT if self.is_turned else dense).reshape(self.shape)

    def first(self, x: Tensor, matrix: Tensor) -> Tensor:
        """Multiplies what enters the layer by a matrix r × in_features."""
        if self.kind == "embedding":
            return functional.embedding(x, matrix.mT)
        if self.kernel:
            return self._convolve(x, matrix.reshape(-1, *self.kernel), self.convolution)
        return functional.linear(x, matrix)

    def then(self, x: Tensor, matrix: Tensor) -> Tensor:
        """Multiplies the result of :meth:`first` by a matrix of r columns."""
        if self.kernel:
            return self._convolve(x, matrix.reshape(*matrix.shape, *(1 for _ in self.kernel[1:])), {})
        return functional.linear(x, matrix)

    def _convolve(self, x: Tensor, kernel: Tensor, settings: Mapping[str, Any]) -> Tensor:
        convolve = functional.conv2d if self.kind == "conv2d" else functional.conv1d
        return convolve(x, kernel, None, **settings)

    def add_bias(self, y: Tensor) -> Tensor:
        if self.bias is None:
            return y
        return y + self.bias.reshape(-1, *(1 for _ in self.kernel[1:]))

    def extra_repr(self) -> str:
        return f"{self.kind}, {self.in_features} -> {self.out_features}"


def _empty(old: nn.Module, *shape: int) -> nn.Parameter:
    like = old.weight
    assert isinstance(like, Tensor)
    return nn.Parameter(torch.empty(*shape, dtype=like.dtype, device=like.device))


class Factors(Stored):
    """``W = A B``; of an embedding the table is ``A B``.

    Attributes:
        A: (rows, r).
        B: (r, columns).
    """

    family = "low-rank"

    def __init__(self, old: nn.Module, size: int) -> None:
        super().__init__(old)
        rows, columns = self.out_features, self.in_features
        if self.kind == "embedding":
            rows, columns = columns, rows
        self.A, self.B = _empty(old, rows, size), _empty(old, size, columns)

    def _factors(self) -> tuple[Tensor, Tensor]:
        return (self.B.mT, self.A.mT) if self.kind == "embedding" else (self.A, self.B)

    def dense(self) -> Tensor:
        left, right = self._factors()
        return left @ right

    def forward(self, x: Tensor) -> Tensor:
        left, right = self._factors()
        return self.add_bias(self.then(self.first(x, right), left))


class Pivoted(Stored):
    """Some rows of W, and the multiples of them that the others are.

    Attributes:
        rows: (r, in_features).
        multiples: (out_features − r, r).
        kept: Indices of the rows that are kept, (r,).
    """

    kept: Tensor
    family = "low-rank"

    def __init__(self, old: nn.Module, size: int) -> None:
        super().__init__(old)
        self.rows = _empty(old, size, self.in_features)
        self.multiples = _empty(old, self.out_features - size, size)
        self.register_buffer("kept", torch.zeros(size, dtype=torch.int32, device=self.rows.device))

    def order(self) -> Tensor:
        """Returns for each row of W its place among the kept ones, in their order, followed by the others, in theirs."""
        kept = self.kept.long()
        places = torch.full((self.out_features,), -1, device=kept.device)
        places[kept] = torch.arange(len(kept), device=kept.device)
        others = places < 0
        places[others] = torch.arange(len(kept), self.out_features, device=kept.device)
        return places

    def dense(self) -> Tensor:
        return torch.cat([self.rows, self.multiples @ self.rows])[self.order()]

    def forward(self, x: Tensor) -> Tensor:
        kept = self.first(x, self.rows)
        side = -len(self.kernel) if self.kernel else -1
        both = torch.cat([kept, self.then(kept, self.multiples)], side)
        return self.add_bias(both.index_select(side, self.order()))


class Columns(Stored):
    """A weight that sees some of its inputs alone.

    Attributes:
        values: (out_features, K).
        kept: Indices of the inputs that are seen, (K,).
    """

    kept: Tensor
    family = "columns"

    def __init__(self, old: nn.Module, size: int) -> None:
        super().__init__(old)
        self.values = _empty(old, self.out_features, size)
        self.register_buffer("kept", torch.zeros(size, dtype=torch.int32, device=self.values.device))

    def dense(self) -> Tensor:
        dense = self.values.new_zeros(self.out_features, self.in_features)
        return dense.index_copy(1, self.kept.long(), self.values)

    def forward(self, x: Tensor) -> Tensor:
        if self.kind == "linear":
            return self.add_bias(functional.linear(x.index_select(-1, self.kept.long()), self.values))
        return self.add_bias(self.first(x, self.dense()))


class Kronecker(Stored):
    """``W = Σ A[k] ⊗ B[k]``.

    Attributes:
        A: (K, m1, n1).
        B: (K, m2, n2).
    """

    family = "kronecker"

    def __init__(self, old: nn.Module, size: int, blocks: Sequence[int]) -> None:
        super().__init__(old)
        rows, columns = blocks
        if self.out_features % rows or self.in_features % columns:
            raise ValueError(f"blocks of {rows}x{columns} do not divide {self.out_features}x{self.in_features}")
        self.A = _empty(old, size, rows, columns)
        self.B = _empty(old, size, self.out_features // rows, self.in_features // columns)

    def dense(self) -> Tensor:
        return torch.einsum("kij,kab->iajb", self.A, self.B).reshape(self.out_features, self.in_features)

    def forward(self, x: Tensor) -> Tensor:
        if self.kind == "linear":
            tiles = x.reshape(*x.shape[:-1], self.A.shape[2], self.B.shape[2])
            return self.add_bias(torch.einsum("kij,...jb,kab->...ia", self.A, tiles, self.B).flatten(-2))
        return self.add_bias(self.first(x, self.dense()))


class Frequencies(Stored):
    """``W = values · cosines``: the lowest frequencies of a grid that the inputs are.

    Attributes:
        values: (out_features, K).
        cosines: (K, in_features), fixed and not stored.
    """

    cosines: Tensor
    family = "dct"

    def __init__(self, old: nn.Module, size: int, grid: Sequence[int]) -> None:
        super().__init__(old)
        if math.prod(grid) != self.in_features or len(grid) != 3:
            raise ValueError(f"a grid of {'x'.join(map(str, grid))} for {self.in_features} inputs")
        self.values = _empty(old, self.out_features, size)
        # Made on the CPU also where modules are built without storage: files do not have it.
        with torch.device("cpu"):
            basis = torch.from_numpy(_lowest((grid[0], grid[1], grid[2]), size)).to(self.values.dtype)
        self.register_buffer("cosines", basis, persistent=False)

    def dense(self) -> Tensor:
        return self.values @ self.cosines.to(self.values)

    def forward(self, x: Tensor) -> Tensor:
        return self.add_bias(self.then(self.first(x, self.cosines.to(self.values)), self.values))


def _lowest(grid: tuple[int, int, int], count: int) -> NDArray[np.float64]:
    """Returns the lowest cosines of a grid by (u/height)² + (v/width)², then by channel, u and v, a row each."""
    channels, height, width = grid
    down, across = cosines(height), cosines(width)
    order = sorted(
        ((u / height) * (u / height) + (v / width) * (v / width), c, u, v) for c in range(channels) for u in range(height) for v in range(width)
    )
    rows = np.zeros((count, channels, height * width))
    for k, (_, c, u, v) in enumerate(order[:count]):
        rows[k, c] = np.outer(down[u], across[v]).reshape(-1)
    return rows.reshape(count, -1)


def _form(entry: Mapping[str, Any], old: nn.Module) -> Union[Stored, None]:
    size = int(entry["size"])
    if entry["family"] == "low-rank":
        return Pivoted(old, size) if entry.get("storage") == "pivoted" else Factors(old, size)
    if entry["family"] == "columns":
        return Columns(old, size)
    if entry["family"] == "kronecker":
        return Kronecker(old, size, entry["blocks"])
    return Frequencies(old, size, entry["grid"]) if entry["family"] == "dct" else None


def stored(entry: Mapping[str, Any], old: nn.Module) -> Union[Stored, str]:
    """Makes an empty module for an entry of ``quantization_config`` in the place of ``old``, or says why not."""
    kind = kind_of(old)
    weight = getattr(old, "weight", None)
    if kind is None or not isinstance(weight, Tensor):
        return f"a {type(old).__name__} is no linear layer, convolution of one group or embedding"
    if getattr(old, "padding_mode", "zeros") != "zeros":
        return f"a convolution with padding_mode = {old.padding_mode!r}; only zeros are padded"
    if list(weight.shape) != list(entry["shape"]):
        return f"compressed as {_size(entry['shape'])}, but the module's weight is {_size(weight.shape)}"
    if bool(entry.get("table")) != (kind == "embedding"):
        return f"compressed as {'a table' if entry.get('table') else 'a matrix'}, but the module is a {type(old).__name__}"
    if kind != "embedding" and bool(entry["transposed"]) != (type(old).__name__ == "Conv1D"):
        return "compressed with inputs and outputs the other way round; plan it with moments that capture wrote"
    form = _form(entry, old)
    return f"stored as {entry['family']}, which this version does not know" if form is None else form


def _size(shape: Any) -> str:
    return "x".join(map(str, shape))
