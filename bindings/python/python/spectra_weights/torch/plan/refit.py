"""Fits the layers of a compressed model again, in order, to what the original model's layers put out."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import torch
from torch import Tensor, nn

from ..moments import Moments, kind_of
from ..running import Forward, attention_mask, evaluation, run_on
from .choice import Choice
from .layers import PlanError, in_order, module_of, read, write
from .moments import frequencies

__all__ = ["refit"]

# The share of the mean eigenvalue of the inputs' second moment by which a refit is pulled towards the original weight.
_PULL = 1e-2


def refit(
    model: nn.Module,
    batches: Iterable[Any],
    choices: Mapping[str, Choice],
    *,
    gradients: Mapping[str, Tensor] | None = None,
    pull: float = _PULL,
    forward: Forward | None = None,
) -> nn.Module:
    """Returns a copy of the model in which each layer is compressed as chosen, and fitted to make up for those before it.

    The layers are taken in the order in which the model calls them. With inputs x of the original model and x̂ of the
    one that is compressed so far, M = (W E[x x̂ᵀ] + ρ W)(E[x̂ x̂ᵀ] + ρ)⁻¹ is the weight that comes nearest to the original
    outputs; the layer becomes the best fit to M on x̂. Dense layers become M. Layers that are called with the same tensor
    share one pass: both models run over the batches once for each such group, as far as its layers.

    Args:
        model: The original, left as it is.
        batches: Those of the calibration, as for ``capture``; kept in a list.
        choices: By layer; layers that are not named are left as they are.
        gradients: Second moments of gradients by layer, m × m, for the fit that they weigh.
        pull: ρ over the mean eigenvalue of E[x̂ x̂ᵀ].
        forward: Runs the model on a batch, as for ``capture``.

    Raises:
        PlanError: A layer that the model has not or that no batch reaches, or no batch.
    """
    kept = list(batches)
    if not kept:
        raise PlanError("there is no batch")
    run = forward or run_on
    compressed = copy.deepcopy(model)
    with torch.no_grad(), evaluation(model), evaluation(compressed):
        for group in in_order(model, choices, lambda: [run(model, batch) for batch in kept]):
            if kind_of(module_of(model, group[0])) == "embedding":
                _fit_tables(model, compressed, {name: choices[name] for name in group}, kept, run)
                continue
            crossed, moment = _moments(model, compressed, group[0], kept, run)
            rho = pull * moment.diagonal().mean()
            ridged = moment + rho * torch.eye(len(moment), dtype=moment.dtype, device=moment.device)
            for name in group:
                weight = read(module_of(model, name))
                nearest = torch.linalg.solve(ridged, (weight @ crossed + rho * weight).mT).mT
                own = (gradients or {}).get(name)
                write(module_of(compressed, name), choices[name].fit(nearest, ridged, own))
    return compressed


def _fit_tables(model: nn.Module, compressed: nn.Module, choices: Mapping[str, Choice], batches: list[Any], run: Forward) -> None:
    """Fits tables of vectors, whose inputs no layer changes."""
    for name, choice in choices.items():
        module = module_of(model, name)
        counts = Moments(name, "embedding", module)
        mask: list[Tensor | None] = [None]

        def hook(_: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], seen: Moments = counts) -> None:
            seen.add_inputs(args[0] if args else next(iter(kwargs.values())), mask[0])

        handle = module.register_forward_pre_hook(hook, with_kwargs=True)
        try:
            for batch in batches:
                mask[0] = attention_mask(batch)
                run(model, batch)
        finally:
            handle.remove()
        assert counts.inputs is not None
        write(module_of(compressed, name), choice.fit(read(module), frequencies(counts.inputs)))


def _moments(model: nn.Module, compressed: nn.Module, name: str, batches: list[Any], run: Forward) -> tuple[Tensor, Tensor]:
    """Returns the means of x x̂ᵀ and of x̂ x̂ᵀ at a layer."""
    sides = []
    for whole in (model, compressed):
        module = module_of(whole, name)
        kind = kind_of(module)
        assert kind is not None
        sides.append(_Seen(Moments(name, kind, module)))
    crossed: Tensor | None = None
    moment: Tensor | None = None
    count = 0
    handles = [seen.moments.module.register_forward_pre_hook(seen.hook, with_kwargs=True) for seen in sides]
    try:
        for batch in batches:
            mask = attention_mask(batch)
            for seen, whole in zip(sides, (model, compressed)):
                seen.begin(mask)
                with suppress(_Reached):
                    run(whole, batch)
            for x, other in zip(sides[0].vectors, sides[1].vectors):
                if crossed is None or moment is None:
                    crossed = x.new_zeros(x.shape[1], x.shape[1])
                    moment = torch.zeros_like(crossed)
                crossed.addmm_(x.mT, other)
                moment.addmm_(other.mT, other)
                count += len(x)
    finally:
        for handle in handles:
            handle.remove()
    if crossed is None or moment is None:
        raise PlanError(f"{name}: no batch reaches the layer")
    return crossed / count, moment / count


class _Reached(Exception):
    """Ends a run of the model at the layer whose inputs were wanted."""


class _Seen:
    """The inputs of a layer in one batch, as rows; a layer that is called several times is seen at its first call."""

    def __init__(self, moments: Moments) -> None:
        self.moments = moments
        self.vectors: list[Tensor] = []
        self.mask: Tensor | None = None

    def begin(self, mask: Tensor | None) -> None:
        self.vectors, self.mask = [], mask

    def hook(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        x = args[0] if args else next(iter(kwargs.values()))
        self.vectors.extend(self.moments.vectors_of(x, self.mask))
        raise _Reached
