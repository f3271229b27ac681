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
        left, right = u[:, :rank] * root, root[:, None] * vt[:rank]
        with torch.no_grad():
            # of an embedding the table is A B, and the matrix its transpose
            new.A.copy_(right.mT if new.kind == "embedding" else left)
            new.B.copy_(left.mT if new.kind == "embedding" else right)
        made[name] = new.train(module.training)
    # A module that is used under several names is replaced under all of them.
    new_of = {id(model.get_submodule(name)): new for name, new in made.items()}
    for parent in list(model.modules()):
        for child, old in list(parent._modules.items()):
            if id(old) in new_of:
                setattr(parent, child, new_of[id(old)])
