"""Layers of low rank as two factors."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from .choice import Choice
from .layers import PlanError, module_of, read
from .stored import Factors

__all__ = ["factor"]


def factor(model: nn.Module, choices: Mapping[str, Choice]) -> None:
    """Replaces layers whose choice is low rank by their two factors, as ``refit`` leaves them; the model is changed in place.

    The factors are balanced: of ``U S Vᵀ`` they are ``U √S`` and ``√S Vᵀ``, which trains better than unequal ones.

    Raises:
        PlanError: A layer that the model has not, or whose weight is not of the rank that was chosen.
    """
    made = {}
    for name, choice in choices.items():
        if choice.family != "low-rank" or choice.rank is None:
            continue
        module = module_of(model, name)
        matrix = read(module)
        u, s, vt = torch.linalg.svd(matrix, full_matrices=False)
        rank = choice.rank
        # Weights in single precision are of their rank to rounding only.
        rounding = torch.finfo(module.weight.dtype).eps * sum(matrix.shape) ** 0.5  # type: ignore[arg-type]
        if rank < len(s) and float(s[rank]) > 4 * rounding * float(s[0]):
            raise PlanError(f"{name}: its weight is not of rank {rank}; refit compresses it")
        new = Factors(module, rank)
        root = s[:rank].sqrt()
        with torch.no_grad():
            new.A.copy_(u[:, :rank] * root)
            new.B.copy_(root[:, None] * vt[:rank])
        made[name] = new.train(module.training)
    for name, new in made.items():
        parent, _, child = name.rpartition(".")
        setattr(model.get_submodule(parent), child, new)
