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

__all__ = ["LayerMoments", "read_moments"]


@dataclass
class LayerMoments:
    """Means over what reached a layer.

    Attributes:
        inputs: x xᵀ, n × n, over vectors.
        gradients: g gᵀ, m × m, summed over the positions of a sample, over samples; ``None`` where they were not captured.
    """

    inputs: Tensor
    gradients: Tensor | None


def read_moments(path: Union[str, "os.PathLike[str]"]) -> dict[str, LayerMoments]:
    """Returns the moments of each linear layer and convolution in a file.

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
            if layer["kind"] == "embedding" or layer["vectors"] == 0:
                continue
            gradients = None
            if f"{name}/gradients" in file.keys():
                gradients = file.get_tensor(f"{name}/gradients").to(torch.float64) / max(1, layer["samples"])
            inputs = file.get_tensor(f"{name}/inputs").to(torch.float64) / layer["vectors"]
            found[name] = LayerMoments(inputs, gradients)
    return found
