"""How much of a model's loss an error of one layer makes: the weights alpha of a plan."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Union

import torch
from torch import Tensor, nn

from ..._files import whole_file
from ..running import Forward, evaluation, run_on
from .choice import Choice
from .fits import low_rank
from .layers import PlanError, module_of, read, replaced, shared
from .moments import read_moments

__all__ = ["probe"]

File = Union[str, "os.PathLike[str]"]
Loss = Callable[[Any, Any], Tensor]

# The share of a layer's numbers that a layer without a size in a plan is cut to.
_SHARE = 0.3


def probe(
    model: nn.Module,
    batches: Iterable[Any],
    loss: Loss,
    *,
    moments: File,
    held_out: File | None = None,
    choices: Mapping[str, Choice] | None = None,
    layers: Iterable[str] | None = None,
    forward: Forward | None = None,
    path: File = "alpha.json",
) -> Path:
    """Measures what the model loses where one layer alone is cut to low rank, and writes it for ``spectra plan --alpha``.

    A plan adds up errors of layers, each a share of what cutting it to nothing loses; the loss that a share makes differs by
    a factor of hundreds between the layers of a transformer. ``alpha`` is that factor: loss over error. It needs one pass over
    the batches a layer, and no gradients.

    Args:
        model: As it was captured; afterwards its weights are what they were, to the bit.
        batches: What ``capture`` takes; kept in a list. They should be none of those that ``moments`` were made of.
        loss: Scalar loss of (outputs, outputs of the original model), a mean over samples that is 0 where both are equal.
        moments: The file of ``capture`` by which layers are cut.
        held_out: A file of ``capture`` on other batches, on which errors are measured; by default ``moments``.
        choices: Those of a first plan: a layer of low rank is cut to its rank, a dense one by one rank. Layers without a
            choice are cut to 30 % of their numbers, which is far from what a plan does to a small last layer, say.
        layers: Names; by default all that have moments, but for those that share their weight with another layer.
        forward: Runs the model on a batch, as for ``capture``.
        path: The file, which appears whole or not at all.

    Raises:
        PlanError: A layer that the model has not, no batch, a loss that is negative, NaN or infinite.
    """
    fitted = read_moments(moments)
    assessed = read_moments(held_out) if held_out is not None else fitted
    kept = list(batches)
    if not kept:
        raise PlanError("there is no batch")
    tied = shared(model)
    chosen = list(layers) if layers is not None else [name for name in fitted if name not in tied]
    missing = [name for name in chosen if name not in fitted or name not in assessed]
    if missing:
        raise PlanError(f"{missing[0]}: has no moments in {os.fspath(moments)}")
    modules = {name: module_of(model, name) for name in chosen}
    run = forward or run_on
    originals = outputs(model, kept, run)
    entries: dict[str, dict[str, float]] = {}
    for name in chosen:
        weight = read(modules[name])
        rank = _rank(weight.shape[0], weight.shape[1], (choices or {}).get(name))
        fit = low_rank(weight, fitted[name].inputs, gradients=fitted[name].gradients, held_out=assessed[name].inputs)
        error = float(fit.errors[rank] / fit.errors[0])
        with replaced(model, {name: fit.dense(rank)}):
            lost = measure(model, kept, originals, loss, run)
        # A layer of one output or one input has no lower rank; one that loses nothing weighs nothing.
        alpha = lost / error if error > 0 else 0.0
        entries[name] = {"alpha": alpha, "loss": lost, "error": error, "rank": rank}
    document = {
        "version": 1,
        "program": "spectra_weights",
        "alpha": {name: entry["alpha"] for name, entry in entries.items()},
        "batches": len(kept),
        "probes": entries,
    }
    target = Path(path)
    with whole_file(target) as temporary:
        Path(temporary).write_text(json.dumps(document, indent=1))
    return target


def _rank(m: int, n: int, choice: Choice | None) -> int:
    most = max(1, min(m, n) - 1)
    if choice is not None and choice.family == "dense":
        return most
    rank = choice.rank if choice is not None and choice.rank else round(_SHARE * m * n / (m + n))
    return max(1, min(rank, most))


def outputs(model: nn.Module, batches: Iterable[Any], run: Forward) -> list[Any]:
    """Returns the outputs of the model in evaluation mode, a batch each."""
    with torch.no_grad(), evaluation(model):
        return [run(model, batch) for batch in batches]


def measure(model: nn.Module, batches: list[Any], originals: list[Any], loss: Loss, run: Forward) -> float:
    """Returns the mean loss over batches against the outputs of the original model."""
    with torch.no_grad(), evaluation(model):
        losses = [_number(loss(run(model, batch), original)) for batch, original in zip(batches, originals)]
    mean = sum(losses) / len(losses)
    if not 0 <= mean < float("inf"):
        raise PlanError(f"the loss is {mean}, but it should be 0 for equal outputs and positive for others")
    return mean


def _number(loss: Any) -> float:
    if isinstance(loss, Tensor) and loss.numel() == 1:
        return float(loss)
    if isinstance(loss, (int, float)):
        return float(loss)
    shape = f" of shape {tuple(loss.shape)}" if isinstance(loss, Tensor) else ""
    raise PlanError(f"the loss is a {type(loss).__name__}{shape}, but should be one number, a mean over samples")
