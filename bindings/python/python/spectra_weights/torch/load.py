"""Replaces modules of a model by structured ones from files."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Union

import torch
from torch import Tensor, nn

from .checkpoint import TRAINING_KEY, TrainedLayer, newest_checkpoint, read_checkpoint
from .fit_file import FIT_KEY, Fit, FitFileError, metadata_of, read_fits
from .layers import Conv2d, Linear
from .plan.folder import compressed_layers, filled
from .plan.stored import Stored
from .slot import Image

__all__ = ["LoadError", "Loaded", "load"]

Names = Union[Mapping[str, str], Callable[[str], str]]


class LoadError(ValueError):
    """Names or shapes of a file that no module of the model has; the model is as it was.

    Attributes:
        problems: One sentence a tensor or layer.
    """

    def __init__(self, source: Path, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        lines = "\n  ".join(problems)
        super().__init__(f"{source}: {len(problems)} of its weights have no place in the model, which was left as it is:\n  {lines}")


@dataclass
class Loaded:
    """What was loaded.

    Attributes:
        replaced: Names of modules that were replaced, with the family of each.
        problems: Weights that were left out, one sentence each; empty unless ``strict=False``.
        parameters: Numbers of trained weights and biases of the replaced modules, before and after.
    """

    replaced: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    parameters: tuple[int, int] = (0, 0)


def load(
    model: nn.Module,
    source: str | Path,
    *,
    names: Names | None = None,
    strict: bool = True,
    given: Sequence[Any] | None = None,
    input_shape: tuple[int, int, int] | None = None,
) -> Loaded:
    """Replaces modules of ``model`` by structured ones from fits, from a training, or from a compressed model.

    Args:
        model: Any module; changed in place, all of it or not at all. Types, devices and, for fits, biases are the old
            modules'. A module that is used under several names is replaced under all of them.
        source: A file of fits (``fit-basis --out``), a folder of such files, a checkpoint of ``spectra train`` or the
            folder of a run, whose last checkpoint is taken, or a folder of ``spectra compress --as factors``, whose other
            tensors are left aside.
        names: Module names for names of the file, as a mapping or a function; by default ``NAME.weight`` and ``NAME`` are the
            module ``NAME``.
        strict: Raise where a weight of the file has no place; otherwise it is left out and said in the result.
        given: The user's own terms of fits that were made with them, an array of shape (K, rows, columns) a factor.
        input_shape: (channels, height, width) of a training's data, where the run does not say it.

    Raises:
        LoadError: Names or shapes that do not match.
        FitFileError, CheckpointError: Files that cannot be read.
        FileNotFoundError: Nothing there.
    """
    path = Path(source)
    made: dict[str, nn.Module] = {}
    problems: list[str] = []
    for name, make in _weights(path, given, input_shape):
        module_name = _module_name(name, names)
        old = _module(model, module_name)
        if old is None:
            near = _near(model, module_name)
            problems.append(f"{name}: the model has no module {module_name!r}{near}")
        elif module_name in made:
            problems.append(f"{name}: a second weight for the module {module_name!r}")
        else:
            new = make(old)
            if isinstance(new, str):
                problems.append(f"{name}: {new}")
            else:
                made[module_name] = new
    if problems and (strict or not made):
        raise LoadError(path, problems)
    return _swap(model, made, problems)


Make = Callable[[nn.Module], Union[nn.Module, str]]


def _weights(path: Path, given: Sequence[Any] | None, input_shape: tuple[int, int, int] | None) -> list[tuple[str, Make]]:
    """Returns names in the file, each with what makes a module in the place of another or says why not."""
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file or folder")
    compressed = compressed_layers(path)
    if compressed is not None:
        return [(name, partial(filled, path, name, entry)) for name, entry in compressed.items()]
    files = [path]
    if path.is_dir():
        newest = newest_checkpoint(path)
        files = [newest] if newest else sorted(f for f in path.glob("*.safetensors") if metadata_of(f, FIT_KEY))
        if not files:
            raise FitFileError(f"{path}: holds neither files of fits nor checkpoints")
    if metadata_of(files[0], TRAINING_KEY):
        layers = read_checkpoint(files[0], input_shape=input_shape).layers
        return [(layer.name, partial(_trained, layer)) for layer in layers]
    fits = [fit for file in files for fit in read_fits(file)]
    return [(fit.name, partial(_fitted, fit, given)) for fit in fits]


def _module_name(name: str, names: Names | None) -> str:
    if callable(names):
        return names(name)
    plain = name.removesuffix(".weight")
    return plain if names is None else names.get(name, names.get(plain, plain))


def _module(model: nn.Module, name: str) -> nn.Module | None:
    try:
        return model.get_submodule(name) if name else None
    except AttributeError:
        return None


def _near(model: nn.Module, name: str) -> str:
    """Returns names that end alike, in words."""
    last = name.rsplit(".", 1)[-1]
    alike = [other for other, _ in model.named_modules() if other and other.rsplit(".", 1)[-1] == last][:3]
    return f"; there is {', '.join(alike)} (give names)" if alike else ""


def _fitted(fit: Fit, given: Sequence[Any] | None, old: nn.Module) -> nn.Module | str:
    """Makes a module of a fit in the place of ``old``, or says why not."""
    weight = getattr(old, "weight", None)
    bias = getattr(old, "bias", None)
    shape = tuple(weight.shape) if isinstance(weight, Tensor) else None
    if isinstance(old, nn.Conv2d):
        problem = _convolution_problem(old)
        if problem:
            return problem
        expected = (fit.rows, fit.columns)
        found = (old.out_channels, old.in_channels * old.kernel_size[0] * old.kernel_size[1])
        if fit.transposed or expected != found or (fit.shape and fit.shape != shape):
            return f"fitted as {_size(fit.shape or expected)}, but the module's kernel is {_size(shape)}"
        kernel = Image(old.in_channels, old.kernel_size[0], old.kernel_size[1])
        return _conv(old, fit.matrix(kernel, like=old.weight, given=given), old.bias)
    # transformers' Conv1D has the weight of a Linear, transposed
    turned = type(old).__name__ == "Conv1D"
    if not (isinstance(old, nn.Linear) or turned) or shape is None or not isinstance(weight, Tensor):
        return f"a {type(old).__name__} is neither Linear nor Conv2d"
    stored = shape[::-1] if turned else shape
    if stored != (fit.rows, fit.columns) or fit.transposed != turned:
        own = f"{fit.rows}x{fit.columns}" + (" of the transposed tensor" if fit.transposed else "")
        return f"fitted as {own}, but the module's weight is {_size(shape)}"
    return Linear.of(fit.matrix(like=weight, given=given), bias)


def _trained(layer: TrainedLayer, old: nn.Module) -> nn.Module | str:
    """Makes a module of a trained layer in the place of ``old``, or says why not."""
    if layer.kind == "batch-norm":
        return _batch_norm(layer, old)
    rows, columns = layer.slot.rows, layer.slot.columns
    if (getattr(old, "bias", None) is None) != (layer.bias is None):
        return f"the trained layer has {'no' if layer.bias is None else 'a'} bias, unlike the module"
    if layer.kind == "linear":
        if not isinstance(old, (nn.Linear, Linear)):
            return f"a linear layer, but the module is a {type(old).__name__}"
        if (old.out_features, old.in_features) != (rows, columns):
            return f"trained as {rows}x{columns}, but the module is {old.out_features}x{old.in_features}"
        if layer.family == "dense" and isinstance(old, nn.Linear):
            return _plain(layer, old)
        like = _like(old)
        return Linear.of(layer.matrix(like=like), _moved(layer.bias, like))
    if not isinstance(old, (nn.Conv2d, Conv2d)):
        return f"a convolution, but the module is a {type(old).__name__}"
    problem = _convolution_problem(old) if isinstance(old, nn.Conv2d) else None
    if problem:
        return problem
    kernel = layer.slot.kernel
    assert kernel is not None
    theirs = (old.out_channels, old.in_channels, *old.kernel_size, *old.stride, *(_padding(old) or ()), *old.dilation)
    own = (rows, kernel.channels, kernel.height, kernel.width, *layer.stride, *layer.padding, 1, 1)
    if theirs != own:
        return f"(out, in, kernel, stride, padding, dilation) is {own} in the file and {theirs} in the module"
    if layer.family == "dense" and isinstance(old, nn.Conv2d):
        return _plain(layer, old)
    like = _like(old)
    return Conv2d.of(layer.matrix(like=like), _moved(layer.bias, like), layer.stride, layer.padding)


def _plain(layer: TrainedLayer, old: nn.Linear | nn.Conv2d) -> nn.Module:
    new = copy.deepcopy(old)
    with torch.no_grad():
        new.weight.copy_(layer.dense.reshape(new.weight.shape))
        if new.bias is not None and layer.bias is not None:
            new.bias.copy_(layer.bias)
    return new


def _batch_norm(layer: TrainedLayer, old: nn.Module) -> nn.Module | str:
    if not isinstance(old, (nn.BatchNorm1d, nn.BatchNorm2d)) or old.running_mean is None or old.running_var is None:
        return f"a batch normalisation, but the module is a {type(old).__name__}"
    if old.num_features != layer.slot.rows or not old.affine:
        return f"trained with {layer.slot.rows} scales, but the module has {old.num_features if old.affine else 'none'}"
    new = copy.deepcopy(old)
    assert layer.running is not None and layer.bias is not None
    assert new.running_mean is not None and new.running_var is not None
    with torch.no_grad():
        new.weight.copy_(layer.parameters)
        new.bias.copy_(layer.bias)
        new.running_mean.copy_(layer.running[0])
        new.running_var.copy_(layer.running[1])
    return new


def _convolution_problem(old: nn.Conv2d) -> str | None:
    if old.groups != 1:
        return f"a convolution of {old.groups} groups is no matrix of one kernel"
    if old.padding_mode != "zeros":
        return f"a convolution with padding_mode = {old.padding_mode!r}; only zeros are padded"
    if _padding(old) is None:
        return "a convolution with padding = 'same' and an even kernel is padded unequally"
    return None


def _padding(old: nn.Conv2d | Conv2d) -> tuple[int, ...] | None:
    if isinstance(old.padding, str):
        if old.padding == "valid":
            return (0, 0)
        spans = [d * (k - 1) for d, k in zip(old.dilation, old.kernel_size)]
        return None if any(span % 2 for span in spans) else tuple(span // 2 for span in spans)
    return tuple(old.padding)


def _conv(old: nn.Conv2d, weight: Any, bias: Tensor | None) -> Conv2d:
    padding = _padding(old)
    assert padding is not None
    return Conv2d.of(weight, bias, _two(old.stride), _two(padding), _two(old.dilation))


def _two(sides: Sequence[int]) -> tuple[int, int]:
    return sides[0], sides[1]


def _like(old: nn.Module) -> Tensor:
    """Returns a tensor of the module's type and device."""
    for tensor in [*old.parameters(), *old.buffers()]:
        if tensor.is_floating_point():
            return tensor
    return torch.empty(0)


def _moved(bias: Tensor | None, like: Tensor) -> Tensor | None:
    return None if bias is None else bias.to(like)


def _size(shape: Sequence[int] | None) -> str:
    return "x".join(map(str, shape)) if shape else "no matrix"


def _family(module: nn.Module) -> str:
    if isinstance(module, Stored):
        return module.family
    return getattr(getattr(module, "matrix", None), "family", "dense")


def _swap(model: nn.Module, made: dict[str, nn.Module], problems: list[str]) -> Loaded:
    """Puts the new modules in their places, each under all names of the old one."""
    new_of = {id(model.get_submodule(name)): new for name, new in made.items()}
    before = sum(p.numel() for name in made for p in model.get_submodule(name).parameters())
    places = [
        (parent, child, new_of[id(old)])
        for parent in model.modules()
        for child, old in parent._modules.items()
        if old is not None and id(old) in new_of
    ]
    for parent, child, new in places:
        new.train(parent._modules[child].training)  # type: ignore[union-attr]
        parent._modules[child] = new
    after = sum(p.numel() for new in made.values() for p in new.parameters())
    families = {name: _family(new) for name, new in made.items()}
    return Loaded(families, problems, (before, after))
