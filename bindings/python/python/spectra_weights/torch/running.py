"""Runs models on batches and leaves them as they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

__all__ = ["Forward", "attention_mask", "evaluation", "frozen", "run_on"]

Forward = Callable[[nn.Module, Any], Any]


def run_on(model: nn.Module, batch: Any) -> Any:
    """Calls the model with a tensor, the first element of a tuple, or a mapping of keyword arguments."""
    if isinstance(batch, Mapping):
        return model(**batch)
    return model(batch[0]) if isinstance(batch, (tuple, list)) else model(batch)


def attention_mask(batch: Any) -> Tensor | None:
    """Returns which positions of a batch count, where the batch says it."""
    mask = batch.get("attention_mask") if isinstance(batch, Mapping) else None
    return mask if isinstance(mask, Tensor) else None


@contextmanager
def evaluation(model: nn.Module) -> Iterator[None]:
    """Puts all modules into evaluation mode, each back into its own afterwards."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


@contextmanager
def frozen(model: nn.Module) -> Iterator[None]:
    """Keeps gradients away from parameters, so that theirs are neither computed nor changed."""
    trained = [p for p in model.parameters() if p.requires_grad]
    for p in trained:
        p.requires_grad_(False)
    try:
        yield
    finally:
        for p in trained:
            p.requires_grad_(True)
