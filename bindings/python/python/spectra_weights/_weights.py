"""What the functions take for weights: models, mappings of arrays, arrays, files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, Union

Path = Union[str, "os.PathLike[str]"]
Named = tuple[str, list[tuple[str, Any]]]


def is_path(weights: object) -> bool:
    """Returns whether something is the path of a file or folder."""
    return isinstance(weights, (str, os.PathLike))


def is_array(weights: object) -> bool:
    """Returns whether something is an array: it has NumPy's interface, or DLPack's."""
    return hasattr(weights, "__array_interface__") or hasattr(weights, "__dlpack__")


def paths(weights: object) -> list[str] | None:
    """Returns the paths that something is, one or several; None where it is none."""
    if is_path(weights):
        return [os.fspath(weights)]  # type: ignore[call-overload]
    if isinstance(weights, Sequence) and len(weights) > 0 and all(map(is_path, weights)):
        return [os.fspath(path) for path in weights]
    return None


def named(weights: object) -> Named:
    """Returns the arrays of a model, a mapping or an array, each with its name, and the name of the whole.

    A model is what has ``state_dict()``, as PyTorch's modules have; names in mappings inside mappings are joined by dots.
    Values that are no arrays are passed over, as numbers and words of a checkpoint are.
    """
    if is_array(weights):
        return "array", [("array", weights)]
    if isinstance(weights, Mapping):
        return "state_dict", list(_flat(weights, ""))
    state_dict = getattr(weights, "state_dict", None)
    if callable(state_dict):
        return type(weights).__name__, list(_flat(state_dict(), ""))
    raise TypeError(
        "weights are a path, a list of paths, a model with state_dict(), a mapping of names to arrays, or an array, "
        f"not {type(weights).__name__}"
    )


def _flat(mapping: Mapping[Any, Any], prefix: str, around: tuple[Mapping[Any, Any], ...] = ()) -> Any:
    if any(mapping is outer for outer in around):
        raise TypeError(f"the mapping {prefix.removesuffix('.') or 'of weights'} holds itself")
    for key, value in mapping.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            yield from _flat(value, name + ".", (*around, mapping))
        elif is_array(value):
            yield name, value
