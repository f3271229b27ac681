"""Second moments that ``capture`` wrote, as means."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Union

import torch
from safetensors import safe_open
from torch import Tensor

from ..capture import MOMENTS_KEY
from .layers import PlanError

__all__ = ["LayerMoments", "frequencies", "read_moments"]

# What is added to the count of each row of a table, so that none is free.
_UNSEEN = 0.05


@dataclass
class LayerMoments:
    """Means over what reached a layer.

    Attributes:
        inputs: x xᵀ, n × n, over vectors; of an embedding the frequencies of its rows, n.
        gradients: g gᵀ, m × m, summed over the positions of a sample, over samples; ``None`` where they were not captured.
    """

    inputs: Tensor
    gradients: Tensor | None


def read_moments(path: Union[str, "os.PathLike[str]"]) -> dict[str, LayerMoments]:
    """Returns the moments of each layer in a file.

    Raises:
        PlanError: No file of ``capture``.
    """
    with safe_open(os.fspath(path), "pt") as file:
        header = (file.metadata() or {}).get(MOMENTS_KEY)
        if header is None:
            raise PlanError(f"{os.fspath(path)}: holds no moments; capture writes them")
        found = {}
        for layer in json.loads(header)["layers"]:
            name = layer["name"]
            if layer["vectors"] == 0:
                continue
            if layer["kind"] == "embedding":
                counts = file.get_tensor(f"{name}/input_counts").to(torch.float64)
                found[name] = LayerMoments(frequencies(counts), None)
                continue
            gradients = None
            if f"{name}/gradients" in file.keys():
                gradients = file.get_tensor(f"{name}/gradients").to(torch.float64) / max(1, layer["samples"])
            inputs = file.get_tensor(f"{name}/inputs").to(torch.float64) / layer["vectors"]
            found[name] = LayerMoments(inputs, gradients)
    return found


def frequencies(counts: Tensor) -> Tensor:
    """Returns how often each row of a table is looked up, a little for rows that were not met."""
    return (counts + _UNSEEN) / (counts.sum() + _UNSEEN * len(counts))
