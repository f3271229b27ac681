"""Checkpoints of ``spectra train``: which weight each layer has, and its trained parameters."""

from __future__ import annotations

import importlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import safe_open
from torch import Tensor

from .fit_file import metadata_of
from .layers import matrix
from .matrix import Matrix
from .slot import Image, Slot

__all__ = ["TRAINING_KEY", "Checkpoint", "CheckpointError", "TrainedLayer", "newest_checkpoint", "read_checkpoint"]

TRAINING_KEY = "spectra.training"

# Shapes of data sets whose checkpoints say no more than their names.
_KNOWN = {"digits": (1, 28, 28), "mnist": (1, 28, 28), "fashion-mnist": (1, 28, 28), "cifar10": (3, 32, 32), "cifar100": (3, 32, 32)}


class CheckpointError(ValueError):
    """A file that is no checkpoint, or a damaged one."""


@dataclass(frozen=True)
class TrainedLayer:
    """A layer with parameters.

    Attributes:
        name: Its name in the recipe.
        kind: ``linear``, ``convolution`` or ``batch-norm``.
        weight: The family's settings, ``family`` among them; empty for a batch normalisation.
        slot: Sizes of the weight; for a batch normalisation (features, 1).
        stride, padding: Of a convolution, down and across.
        parameters: The weight's trained numbers as one column; of a batch normalisation the scales.
        bias: Shape (m,), or ``None``.
        running: Mean and variance of a batch normalisation.
        dense: W in the shape that the file has: (m, n), (m, c, h, w) or (blocks, rows, columns).
        seed, layer: Name the random numbers of the weight's fixed parts.
    """

    name: str
    kind: str
    weight: dict[str, Any]
    slot: Slot
    stride: tuple[int, int]
    padding: tuple[int, int]
    parameters: Tensor
    bias: Tensor | None
    running: tuple[Tensor, Tensor] | None
    dense: Tensor
    seed: int
    layer: int

    @property
    def family(self) -> str:
        """The family of the weight; empty for a batch normalisation."""
        return str(self.weight.get("family", ""))

    def matrix(self, *, like: Tensor) -> Matrix:
        """Makes the weight, with the type and on the device of ``like``."""
        made = _build(self, like)
        made.load_flat(self.parameters.to(made.flat()))
        return made


@dataclass(frozen=True)
class Checkpoint:
    """The layers of a checkpoint that have parameters, in order."""

    path: Path
    layers: tuple[TrainedLayer, ...]


def newest_checkpoint(folder: Path) -> Path | None:
    """Returns the last checkpoint of a run's folder; ``None`` where there is none."""
    return max((folder / "checkpoints").glob("step-*.safetensors"), default=None)


def read_checkpoint(path: Path, *, input_shape: tuple[int, int, int] | None = None) -> Checkpoint:
    """Reads a checkpoint.

    Args:
        path: A file of a run's folder ``checkpoints``.
        input_shape: (channels, height, width) of the data, where neither ``record.json`` nor the data's name says it;
            only families that see neighbouring inputs of a fully connected layer need it.

    Raises:
        CheckpointError: No checkpoint, or one whose numbers do not suit its recipe.
    """
    header = metadata_of(path, TRAINING_KEY)
    if header is None:
        raise CheckpointError(
            f"{path}: has no header of a training; structured weights are in checkpoints/step-*.safetensors of a run"
        )
    state = _toml(header)
    recipe = _toml(state["recipe"])
    with safe_open(path, framework="pt") as file:
        arrays = {name: file.get_tensor(name) for name in file.keys()}
    shape = input_shape or _input_of(path, recipe)
    try:
        return Checkpoint(path, tuple(_layers(recipe, state["phase"], arrays, shape)))
    except KeyError as error:
        raise CheckpointError(f"{path}: lacks {error}") from error


def _toml(text: str) -> dict[str, Any]:
    for name in ("tomllib", "tomli"):
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError:
            continue
        parsed: dict[str, Any] = module.loads(text)
        return parsed
    raise CheckpointError("checkpoints have headers in TOML, which Python reads from 3.11 on; pip install tomli for 3.10")


def _input_of(path: Path, recipe: dict[str, Any]) -> tuple[int, int, int] | None:
    """Returns the shape of the data; ``None`` where it is not known."""
    record = path.parent.parent / "record.json"
    if record.is_file():
        first = json.loads(record.read_text(encoding="utf-8"))["layers"][0]["input"]
        sizes = [int(size) for size in first.split("x")]
        return (sizes[0], sizes[1], sizes[2]) if len(sizes) == 3 else None
    return _KNOWN.get(recipe.get("data", {}).get("set", ""))


def _pair(value: int | list[int]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _settings(recipe: dict[str, Any], phase: int) -> list[dict[str, Any]]:
    """Returns the layers as they are in a phase."""
    layers = [dict(layer) for layer in recipe.get("layer", [])]
    for index, layer in enumerate(layers):
        layer.setdefault("name", f"{layer['kind']}{index + 1}")
    for change in recipe.get("phase", [])[: phase + 1]:
        for name, own in change.get("layers", {}).items():
            for layer in layers:
                if layer["name"] == name and "weight" in own:
                    layer["weight"] = own["weight"]
    return layers


def _layers(
    recipe: dict[str, Any], phase: int, arrays: dict[str, Tensor], shape: tuple[int, int, int] | None
) -> list[TrainedLayer]:
    weights, biases = arrays["state/weights"], arrays["state/biases"]
    at, bias_at = 0, 0
    known: list[TrainedLayer] = []
    image = Image(*shape) if shape else None
    for index, settings in enumerate(_settings(recipe, phase)):
        name, kind = settings["name"], settings["kind"]
        if kind in ("linear", "convolution"):
            layer = _affine(settings, index, recipe.get("seed", 0), arrays[f"{name}.weight"], image)
            count = sum(p.numel() for p in _build(layer, weights[:0]).parameters())
            own = weights[at : at + count]
            if f"mask/{name}" in arrays:
                own = own * arrays[f"mask/{name}"]
            at += count
            bias = arrays.get(f"{name}.bias")
            bias_at += 0 if bias is None else len(bias)
            known.append(_with(layer, parameters=own, bias=bias))
        elif kind == "batch-norm":
            scales = arrays[f"{name}.weight"]
            bias_at += 2 * len(scales)
            known.append(
                TrainedLayer(
                    name=name,
                    kind=kind,
                    weight={},
                    slot=Slot(len(scales), 1),
                    stride=(1, 1),
                    padding=(0, 0),
                    parameters=scales,
                    bias=arrays[f"{name}.bias"],
                    running=(arrays[f"state/{name}.mean"], arrays[f"state/{name}.variance"]),
                    dense=scales,
                    seed=0,
                    layer=index,
                )
            )
        image = _after(settings, image)
    if (at, bias_at) != (len(weights), len(biases)):
        raise CheckpointError(
            f"{len(weights)} parameters and {len(biases)} biases for {at} and {bias_at} of the recipe's layers; "
            "where inputs are images, give their input_shape"
        )
    return known


def _affine(settings: dict[str, Any], index: int, seed: int, dense: Tensor, image: Image | None) -> TrainedLayer:
    shape = tuple(dense.shape)
    if len(shape) == 3:
        shape = (shape[0] * shape[1], shape[0] * shape[2])
    rows, columns = shape[0], 1
    for size in shape[1:]:
        columns *= size
    if settings["kind"] == "linear":
        own = image if image and image.channels * image.area == columns else None
        slot = Slot(rows, columns, image=own)
        stride, padding = (1, 1), (0, 0)
    else:
        height, width = _pair(settings["kernel"])
        slot = Slot(rows, columns, kernel=Image(columns // (height * width), height, width))
        stride, padding = _pair(settings.get("stride", 1)), _pair(settings.get("padding", 0))
    return TrainedLayer(
        name=settings["name"],
        kind=settings["kind"],
        weight=settings.get("weight", {"family": "dense"}),
        slot=slot,
        stride=stride,
        padding=padding,
        parameters=dense.new_empty(0),
        bias=None,
        running=None,
        dense=dense,
        seed=seed,
        layer=index,
    )


def _with(layer: TrainedLayer, *, parameters: Tensor, bias: Tensor | None) -> TrainedLayer:
    values = {**layer.__dict__, "parameters": parameters, "bias": bias}
    return TrainedLayer(**values)


def _build(layer: TrainedLayer, like: Tensor) -> Matrix:
    settings = {name: value for name, value in layer.weight.items() if name != "family"}
    try:
        return matrix(
            layer.family, layer.slot, seed=layer.seed, layer=layer.layer, device=like.device, dtype=like.dtype, **settings
        )
    except ValueError as error:
        raise CheckpointError(f"{layer.name}: {error}") from error


def _after(settings: dict[str, Any], image: Image | None) -> Image | None:
    """Returns the image behind a layer; ``None`` for numbers that are no image, or not known to be one."""
    kind = settings["kind"]
    if kind in ("linear", "fourier"):
        return None
    if image is None or kind not in ("convolution", "max-pool", "average-pool", "global-average-pool"):
        return image
    if kind == "global-average-pool":
        return Image(image.channels, 1, 1)
    kernel = _pair(settings["kernel"] if kind == "convolution" else settings["size"])
    stride = _pair(settings.get("stride") or (1 if kind == "convolution" else list(kernel)))
    padding = _pair(settings.get("padding", 0))
    up = settings.get("round", "down") == "up"
    sides = []
    for axis, side in enumerate((image.height, image.width)):
        room = side + 2 * padding[axis] - kernel[axis]
        steps = -(-room // stride[axis]) if up else room // stride[axis]
        # rounded up, a window counts that begins inside
        sides.append(steps + 1 - (up and steps * stride[axis] >= side))
    channels = settings["outputs"] if kind == "convolution" else image.channels
    return Image(channels, sides[0], sides[1])
