"""Folders of ``spectra compress --as factors``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Union

import torch
from safetensors import safe_open
from torch import nn

from .stored import Stored, stored

__all__ = ["compressed_layers", "filled"]


def compressed_layers(folder: Path) -> dict[str, dict[str, Any]] | None:
    """Returns the entries of a folder's layers by name; ``None`` where the folder holds no model that spectra compressed."""
    try:
        config = json.loads((folder / "config.json").read_text())
        method = config["quantization_config"]
        return dict(method["layers"]) if method["quant_method"] == "spectra" else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def filled(folder: Path, name: str, entry: Mapping[str, Any], old: nn.Module) -> Union[Stored, str]:
    """Makes the module of a layer in the place of ``old`` with the tensors of the folder, or says why not."""
    new = stored(entry, old)
    if isinstance(new, str):
        return new
    own = {key: value for key, value in new.state_dict(keep_vars=True).items() if key != "bias"}
    found = set()
    for file in sorted(folder.glob("*.safetensors")):
        with safe_open(file, "pt") as tensors:
            for key in own.keys() & {n.removeprefix(name + ".") for n in tensors.keys() if n.startswith(name + ".")}:
                value = tensors.get_tensor(f"{name}.{key}")
                if value.shape != own[key].shape:
                    return f"{key} is {tuple(value.shape)} in the file, but should be {tuple(own[key].shape)}"
                with torch.no_grad():
                    own[key].copy_(value)
                found.add(key)
    missing = sorted(own.keys() - found)
    return f"the file has no {name}.{missing[0]}" if missing else new
