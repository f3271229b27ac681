"""Layers of a model as matrices: read, replaced for a while, in the order in which a model calls them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from ..moments import kind_of

__all__ = ["PlanError", "in_order", "module_of", "read", "replaced", "shared", "write"]


class PlanError(ValueError):
    """A plan, moments or batches that do not fit the model."""


def module_of(model: nn.Module, name: str) -> nn.Module:
    """Returns the linear layer, convolution or embedding of this name.

    Raises:
        PlanError: None of that name, or a module that is neither.
    """
    try:
        module = model.get_submodule(name)
    except AttributeError:
        raise PlanError(f"{name}: the model has no such module") from None
    if kind_of(module) is None or not isinstance(getattr(module, "weight", None), Tensor):
        raise PlanError(f"{name}: a {type(module).__name__} is no linear layer, convolution of one group or embedding")
    return module


def _is_turned(module: nn.Module) -> bool:
    # transformers' Conv1D has the weight of a Linear, transposed; the inputs of a table are its rows
    return type(module).__name__ == "Conv1D" or kind_of(module) == "embedding"


def shared(model: nn.Module) -> set[str]:
    """Returns the names of layers whose weight is that of another module as well, as a table of words that is the head."""
    modules: dict[int, set[int]] = {}
    names: dict[int, list[str]] = {}
    for name, module in model.named_modules(remove_duplicate=False):
        weight = getattr(module, "weight", None)
        if isinstance(weight, Tensor):
            modules.setdefault(weight.data_ptr(), set()).add(id(module))
            names.setdefault(weight.data_ptr(), []).append(name)
    return {name for pointer, own in modules.items() if len(own) > 1 for name in names[pointer]}


def read(module: nn.Module) -> Tensor:
    """Returns the weight as a matrix in double precision, outputs × inputs; inputs of a convolution are patches, of a table its rows."""
    weight = module.weight
    assert isinstance(weight, Tensor)
    matrix = weight.detach().flatten(1).to(torch.float64)
    return matrix.mT if _is_turned(module) else matrix


def write(module: nn.Module, matrix: Tensor) -> None:
    """Puts a matrix, outputs × inputs, into the weight."""
    weight = module.weight
    assert isinstance(weight, Tensor)
    turned = matrix.mT if _is_turned(module) else matrix
    with torch.no_grad():
        weight.copy_(turned.reshape(weight.shape))


@contextmanager
def replaced(model: nn.Module, matrices: Mapping[str, Tensor]) -> Iterator[None]:
    """Puts matrices in the place of weights, and the weights back afterwards, to the bit."""
    modules = {name: module_of(model, name) for name in matrices}
    before = {name: module.weight.detach().clone() for name, module in modules.items()}  # type: ignore[operator]
    try:
        for name, module in modules.items():
            write(module, matrices[name])
        yield
    finally:
        with torch.no_grad():
            for name, module in modules.items():
                module.weight.copy_(before[name])  # type: ignore[operator]


def in_order(model: nn.Module, names: Iterable[str], run: Callable[[], object]) -> list[list[str]]:
    """Returns the layers in the order in which ``run()`` calls them first; layers that are called with the same tensor stand together.

    Raises:
        PlanError: A layer that is not called.
    """
    modules = {id(module_of(model, name)): name for name in names}
    waiting = dict.fromkeys(modules.values())
    groups: list[list[str]] = []
    last: list[object] = [None]

    def hook(module: nn.Module, args: tuple[object, ...]) -> None:
        name = modules[id(module)]
        if name not in waiting:
            return
        del waiting[name]
        x = args[0] if args else None
        if x is not None and last[0] is x:
            groups[-1].append(name)
        else:
            groups.append([name])
        last[0] = x

    handles = [module_of(model, name).register_forward_pre_hook(hook) for name in modules.values()]
    try:
        with torch.no_grad():
            run()
    finally:
        for handle in handles:
            handle.remove()
    if waiting:
        raise PlanError(f"{next(iter(waiting))}: no batch reaches the layer")
    return groups
