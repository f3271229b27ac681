"""Second moments of what enters a layer and of the gradients at its outputs, added up in double precision."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from .layers import Conv2d, Linear

__all__ = ["Moments", "kind_of"]

# Most numbers that are widened at once.
_CHUNK = 1 << 23


def kind_of(module: nn.Module) -> str | None:
    """Returns what a module is to a plan: ``linear``, ``conv1d``, ``conv2d``, ``embedding``; ``None`` for others.

    Grouped and transposed convolutions are no single matrix, so they are others.
    """
    if isinstance(module, (nn.Linear, Linear)) or type(module).__name__ == "Conv1D":
        return "linear"
    if isinstance(module, (nn.Conv2d, Conv2d)) and getattr(module, "groups", 1) == 1:
        return "conv2d"
    if isinstance(module, nn.Conv1d) and module.groups == 1:
        return "conv1d"
    return "embedding" if isinstance(module, nn.Embedding) else None


@dataclass
class Moments:
    """Sums over all vectors of one layer.

    Attributes:
        name: The module's name.
        kind: See :func:`kind_of`.
        rows, columns: Sizes of the weight as a matrix, outputs × inputs.
        vectors: How many inputs were added: tokens, or places of a convolution.
        samples: How many samples of batches: the first dimension of inputs.
        inputs: ``Σ x xᵀ``, shape (columns, columns), double; of an embedding the counts of its rows, shape (rows,).
        inputs_sum: ``Σ x``, shape (columns,).
        gradients: ``Σ g gᵀ`` over vectors, shape (rows, rows).
        gradient_vectors: How many gradients were added.
        calls: How often the module was called.
    """

    name: str
    kind: str
    module: nn.Module
    device: torch.device | None = None
    rows: int = 0
    columns: int = 0
    vectors: int = 0
    samples: int = 0
    gradient_vectors: int = 0
    calls: int = 0
    inputs: Tensor | None = field(default=None, repr=False)
    inputs_sum: Tensor | None = field(default=None, repr=False)
    gradients: Tensor | None = field(default=None, repr=False)

    def add_inputs(self, x: Tensor, mask: Tensor | None) -> None:
        """Adds the inputs of one call.

        Args:
            x: What the module was called with.
            mask: Which positions count, of the first dimensions of ``x``; all where the shapes differ.
        """
        self.calls += 1
        if self.kind == "embedding":
            self._add_indices(x, mask)
            return
        batched = self._batched(x)
        self.samples += batched.shape[0] if batched.ndim > 1 else 1
        for vectors in self.vectors_of(x, mask):
            if self.inputs is None or self.inputs_sum is None:
                self.columns = vectors.shape[1]
                self.inputs = vectors.new_zeros(self.columns, self.columns)
                self.inputs_sum = vectors.new_zeros(self.columns)
            self.inputs.addmm_(vectors.mT, vectors)
            self.inputs_sum += vectors.sum(0)
            self.vectors += len(vectors)

    def add_gradients(self, g: Tensor, mask: Tensor | None) -> None:
        """Adds gradients at the outputs of one call, (..., rows) or (N, rows, places …)."""
        if self.kind in ("conv1d", "conv2d"):
            batched = g if g.ndim == _dimensions(self.kind) else g.unsqueeze(0)
            vectors = batched.flatten(2).transpose(1, 2).reshape(-1, batched.shape[1])
        else:
            vectors = _kept(g, mask)
        for part in torch.split(vectors, max(1, _CHUNK // vectors.shape[1])):
            wide = self._wide(part)
            if self.gradients is None:
                self.gradients = wide.new_zeros(wide.shape[1], wide.shape[1])
            self.gradients.addmm_(wide.mT, wide)
        self.gradient_vectors += len(vectors)

    def unsound(self) -> str | None:
        """Returns which sum holds NaN or an infinity, in words."""
        for what, total in (("inputs", self.inputs), ("gradients", self.gradients)):
            if total is not None and not bool(torch.isfinite(total.sum())):
                return what
        return None

    def _wide(self, x: Tensor) -> Tensor:
        device = self.device or x.device
        if device.type == "mps":  # which has no double precision
            device = torch.device("cpu")
        return x.detach().to(device=device, dtype=torch.float64)

    def vectors_of(self, x: Tensor, mask: Tensor | None) -> Iterator[Tensor]:
        """Yields what enters the module in a call with ``x`` as rows in double precision, a bounded number at a time."""
        x = self._batched(x)
        if self.kind == "linear":
            kept = _kept(x, mask)
            for part in torch.split(kept, max(1, _CHUNK // kept.shape[1])):
                yield self._wide(part)
            return
        places = _places(self.module, x[:1]).shape[1:].numel()
        for images in torch.split(x, max(1, _CHUNK // max(1, places))):
            patches = _places(self.module, images)
            yield self._wide(patches.transpose(1, 2).reshape(-1, patches.shape[1]))

    def _batched(self, x: Tensor) -> Tensor:
        return x if self.kind == "linear" or x.ndim == _dimensions(self.kind) else x.unsqueeze(0)

    def _add_indices(self, x: Tensor, mask: Tensor | None) -> None:
        assert isinstance(self.module, nn.Embedding)
        if mask is not None and mask.shape == x.shape:
            indices = x[mask.bool()]
        else:
            indices = x.reshape(-1)
        self.rows, self.columns = self.module.num_embeddings, self.module.embedding_dim
        counts = torch.bincount(indices, minlength=self.rows).to(torch.float64)
        self.inputs = counts if self.inputs is None else self.inputs + counts
        self.vectors += indices.numel()
        self.samples += x.shape[0] if x.ndim > 1 else 1


def _dimensions(kind: str) -> int:
    return 4 if kind == "conv2d" else 3


def _kept(x: Tensor, mask: Tensor | None) -> Tensor:
    """Returns vectors of the last dimension as rows, without positions that are masked."""
    if mask is not None and mask.shape == x.shape[:-1]:
        return x[mask.to(x.device).bool()]
    return x.reshape(-1, x.shape[-1])


def _places(module: nn.Module, images: Tensor) -> Tensor:
    """Returns the patches of images, shape (N, channels · height · width of the kernel, places): im2col."""
    padded = images
    stride, dilation, kernel, padding = (
        tuple(getattr(module, name)) if not isinstance(getattr(module, name), str) else getattr(module, name)
        for name in ("stride", "dilation", "kernel_size", "padding")
    )
    mode = getattr(module, "padding_mode", "zeros")
    if isinstance(padding, str) or mode != "zeros":
        around = [0] * (2 * len(kernel))
        if padding != "valid":
            around = getattr(module, "_reversed_padding_repeated_twice")
        padded = functional.pad(images, tuple(around), mode="constant" if mode == "zeros" else mode)
        padding = (0,) * len(kernel)
    if len(kernel) == 1:
        padded, kernel, stride, dilation = padded.unsqueeze(2), (1, *kernel), (1, *stride), (1, *dilation)
        padding = (0, *padding)
    return functional.unfold(padded, kernel, dilation, padding, stride)
