"""A plan measured on the model itself, beside the uniform one of the same cost."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..running import Forward, run_on
from .choice import Choice, Fitted
from .layers import PlanError, replaced
from .moments import read_moments
from .probe import File, Loss, measure, outputs

__all__ = ["Evaluation", "evaluate"]

# Below this rank correlation of predicted and measured losses a plan is not to be trusted.
_TRUSTED = 0.8


@dataclass(frozen=True)
class Evaluation:
    """Measured losses.

    Attributes:
        plan, uniform: Mean losses of the plan and of uniform at the same cost, on the same batches.
        better: ``"plan"`` or ``"uniform"``, by those.
        correlation: Spearman's rank correlation of the predicted and the measured losses of random allocations at the same cost;
            NaN where there are fewer than three.
        predicted, measured: Those losses.
    """

    plan: float
    uniform: float
    correlation: float
    predicted: tuple[float, ...]
    measured: tuple[float, ...]

    @property
    def better(self) -> str:
        return "plan" if self.plan <= self.uniform else "uniform"

    def __str__(self) -> str:
        verdict = "they are equal" if self.plan == self.uniform else f"{self.better} is better"
        lines = [f"measured on these batches: plan {self.plan:.4g}, uniform at the same cost {self.uniform:.4g}; {verdict}"]
        if not math.isnan(self.correlation):
            count = len(self.measured)
            lines.append(f"predicted and measured losses of {count} random allocations: rank correlation {self.correlation:.2f}")
            if self.correlation < _TRUSTED:
                lines.append("warning: the sum of the layers' errors does not tell good allocations of this model from bad ones; probe it")
        return "\n".join(lines)


def evaluate(
    model: nn.Module,
    batches: Iterable[Any],
    loss: Loss,
    choices: Mapping[str, Choice],
    uniform: Mapping[str, Choice],
    *,
    moments: File,
    held_out: File | None = None,
    alpha: File | Mapping[str, float] | None = None,
    draws: int = 20,
    seed: int = 0,
    forward: Forward | None = None,
) -> Evaluation:
    """Measures a plan and the uniform one of the same cost on batches, and how well errors of layers predict losses.

    Args:
        model: The original; afterwards its weights are what they were, to the bit.
        batches: None of those of moments or probes, as for ``capture``; kept in a list.
        loss: Scalar loss of (outputs, outputs of the original model), a mean over samples that is 0 where both are equal.
        choices, uniform: By layer.
        moments: The file of ``capture`` that the plan was made of.
        held_out: A file of ``capture`` on other batches, on which errors are measured; by default ``moments``.
        alpha: Loss over error by layer, the file of ``probe`` or its numbers, where the plan was made with them.
        draws: Random allocations, each measured, in as many numbers as the plan's as two factors: layers that it leaves dense
            are dense, others of low rank.
        seed: Of those.
        forward: Runs the model on a batch, as for ``capture``.

    Raises:
        PlanError: A layer that the model has not, or without alpha, no batch, a loss that is negative, NaN or infinite.
    """
    kept = list(batches)
    if not kept:
        raise PlanError("there is no batch")
    run = forward or run_on
    fitted = read_moments(moments)
    assessed = read_moments(held_out) if held_out is not None else fitted
    weights = _weights(alpha)
    originals = outputs(model, kept, run)
    layers = {name: Fitted.of(model, name, fitted, assessed) for name in choices}

    def loss_of(matrices: Mapping[str, Tensor]) -> float:
        with replaced(model, matrices):
            return measure(model, kept, originals, loss, run)

    lost = [
        loss_of({name: layers[name].matrix(choice) for name, choice in chosen.items() if choice.family != "dense"})
        for chosen in (choices, uniform)
    ]
    predicted, measured = [], []
    draw = random.Random(seed)
    free = {name: layers[name].shape for name, choice in choices.items() if choice.family != "dense"}
    limit = sum(choices[name].numbers(*free[name]) for name in free)
    for _ in range(draws if len(free) > 1 else 0):
        ranks = _random_ranks(draw, free, limit)
        predicted.append(sum(_predicted(name, layers[name], rank, weights) for name, rank in ranks.items()))
        measured.append(loss_of({name: layers[name].low_rank.dense(rank) for name, rank in ranks.items()}))
    return Evaluation(lost[0], lost[1], _spearman(predicted, measured), tuple(predicted), tuple(measured))


def _weights(alpha: File | Mapping[str, float] | None) -> Mapping[str, float] | None:
    if alpha is None or isinstance(alpha, Mapping):
        return alpha
    found: dict[str, float] = json.loads(Path(alpha).read_text())["alpha"]
    return found


def _predicted(name: str, layer: Fitted, rank: int, alpha: Mapping[str, float] | None) -> float:
    """Returns what a plan adds up for a layer: its error, or alpha times its relative error."""
    if alpha is None:
        return layer.error(rank)
    if name not in alpha:
        raise PlanError(f"{name}: has no alpha")
    whole = layer.error(0)
    return alpha[name] * layer.error(rank) / whole if whole > 0 else 0.0


def _random_ranks(draw: random.Random, shapes: Mapping[str, tuple[int, int]], limit: int) -> dict[str, int]:
    """Returns ranks whose factors have together at most ``limit`` numbers, shares of layers differing by some factor of three."""
    spread = {name: math.exp(draw.gauss(0.0, 0.7)) for name in shapes}

    def ranks(scale: float) -> dict[str, int]:
        return {
            name: max(1, min(min(m, n) - 1, int(scale * spread[name] * m * n / (m + n)))) for name, (m, n) in shapes.items()
        }

    def cost(scale: float) -> int:
        return sum(rank * sum(shapes[name]) for name, rank in ranks(scale).items())

    low, high = 0.0, 1e3
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if cost(middle) <= limit else (low, middle)
    return ranks(low)


def _spearman(one: list[float], other: list[float]) -> float:
    if len(one) < 3:
        return math.nan
    places = torch.tensor([_ranks(one), _ranks(other)], dtype=torch.float64)
    return float(torch.corrcoef(places)[0, 1])


def _ranks(values: list[float]) -> list[float]:
    """Returns the place of each value in the order, the mean of their places for equal ones."""
    return [(sum(v < x for v in values) + sum(v <= x for v in values) - 1) / 2 for x in values]
