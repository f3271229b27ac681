"""Copies of chosen weights on the host, in buffers that are used again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["Snapshot", "Watched", "watched"]


@dataclass(frozen=True)
class Watched:
    """A parameter and how it is seen as matrices.

    Attributes:
        name: Its name without ``.weight``.
        parameter: The tensor that trains.
        stack: Matrices in it: 1, or the first dimension of a stack of experts.
        transposed: Whether it is stored inputs × outputs, as transformers' ``Conv1D``.
    """

    name: str
    parameter: nn.Parameter
    stack: int
    transposed: bool = False

    def matrices(self, copy: Tensor) -> list[tuple[str, Tensor]]:
        """Returns names and matrices, outputs × inputs, of a copy."""
        if self.stack == 1:
            matrix = copy.reshape(copy.shape[0], -1)
            return [(self.name, matrix.mT if self.transposed else matrix)]
        return [(f"{self.name}.{i}", one.reshape(one.shape[0], -1)) for i, one in enumerate(copy)]


def watched(model: nn.Module, layers: str | Sequence[str], exclude: str | Sequence[str]) -> tuple[list[Watched], list[str]]:
    """Returns the parameters of two and more dimensions that the patterns name, and sharded ones, which no process has whole."""
    patterns, without = ([p] if isinstance(p, str) else list(p) for p in (layers, exclude))
    found: list[Watched] = []
    sharded: list[str] = []
    for module_name, module in model.named_modules():
        for own, parameter in module.named_parameters(recurse=False):
            name = f"{module_name}.{own}" if module_name else own
            short = name.removesuffix(".weight")
            if parameter.ndim < 2 or not parameter.is_floating_point() or min(parameter.shape) == 0:
                continue
            if not any(fnmatchcase(short, p) for p in patterns) or any(fnmatchcase(short, p) for p in without):
                continue
            if any(other.parameter is parameter for other in found):
                continue
            if hasattr(parameter, "full_tensor"):
                sharded.append(short)
                continue
            kernel = "Conv" in type(module).__name__
            stack = 1 if kernel or parameter.ndim == 2 else parameter.shape[0]
            found.append(Watched(short, parameter, stack, type(module).__name__ == "Conv1D"))
    return found, sharded


class Snapshot:
    """Host copies of parameters at one step."""

    def __init__(self, layers: Sequence[Watched]) -> None:
        self.step = -1
        self._buffers = [_buffer(layer.parameter) for layer in layers]
        self._event: Any = None

    def take(self, layers: Sequence[Watched], step: int) -> None:
        """Copies parameters; on a GPU the copy is queued behind what was asked of it and before what will be."""
        self.step = step
        on_gpu = False
        with torch.no_grad():
            for layer, buffer in zip(layers, self._buffers):
                if layer.parameter.untyped_storage().nbytes() == 0:
                    raise RuntimeError(f"{layer.name}: its numbers are not in memory, as those of a sharded parameter between steps")
                buffer.copy_(layer.parameter.detach(), non_blocking=True)
                on_gpu = on_gpu or layer.parameter.is_cuda
        if on_gpu:
            self._event = torch.cuda.Event()  # type: ignore[no-untyped-call]
            self._event.record()

    def copies(self) -> list[Tensor]:
        """Returns the copies, when they are there."""
        if self._event is not None:
            self._event.synchronize()
            self._event = None
        return self._buffers


def _buffer(parameter: Tensor) -> Tensor:
    try:
        return torch.empty(parameter.shape, dtype=parameter.dtype, pin_memory=parameter.is_cuda)
    except RuntimeError:  # no memory that can be pinned
        return torch.empty(parameter.shape, dtype=parameter.dtype)
