"""Plans of ``spectra plan`` as choices."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Union

from ..._results import Plan
from .choice import Choice
from .layers import PlanError

__all__ = ["Budget", "read_plan"]


@dataclass(frozen=True)
class Budget:
    """One budget of a plan.

    Attributes:
        share: The budget as a share of what can be compressed.
        cost: What the choices cost together.
        choices: By module.
        uniform: Those of the uniform plan of at most this cost, by module.
    """

    share: float
    cost: int
    choices: dict[str, Choice]
    uniform: dict[str, Choice]


def read_plan(source: Union[str, "os.PathLike[str]", Mapping[str, Any], Plan]) -> list[Budget]:
    """Returns the budgets of a plan, a file or a result of ``sw.plan``, in the plan's order.

    Raises:
        PlanError: Another document.
    """
    if isinstance(source, Plan):
        source = source.document
    document = source if isinstance(source, Mapping) else json.loads(Path(source).read_text())
    try:
        rows = document["layers"]
        return [
            Budget(one["share"], one["cost"], _choices(one["layers"], rows), _choices(one["uniform"]["layers"], rows))
            for one in document["budgets"]
        ]
    except (KeyError, TypeError, IndexError) as error:
        raise PlanError(f"no plan of spectra plan: {error!r} is missing or of another kind") from None


def _choices(layers: list[Mapping[str, Any]], rows: list[Mapping[str, Any]]) -> dict[str, Choice]:
    found = {}
    for layer in layers:
        row = rows[layer["row"]]
        name = row["moments"] or row["name"].removesuffix(".weight")
        blocks, grid = layer.get("blocks"), row.get("grid")
        found[name] = Choice(
            layer["family"],
            layer["cost"],
            layer["size"],
            tuple(blocks) if blocks else None,
            tuple(grid) if grid else None,
        )
    return found
