"""The functions g of a coefficient (Wu 2018, equation 4)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["LINKS", "link"]

# Nearest that a start comes to a value that its link never takes.
_MARGIN = 1e-6


@dataclass(frozen=True)
class Link:
    """A function and how a coefficient is found whose value is as near to one given as a start needs to be."""

    value: Callable[[Tensor], Tensor]
    near: Callable[[Tensor], Tensor]


def _near_sigmoid(x: Tensor) -> Tensor:
    return torch.logit(x.abs().clamp(_MARGIN, 1.0 - _MARGIN))


LINKS = {
    "identity": Link(lambda a: a, lambda x: x),
    "exp": Link(torch.exp, lambda x: x.abs().clamp_min(_MARGIN).log()),
    "tanh": Link(torch.tanh, lambda x: x.clamp(_MARGIN - 1.0, 1.0 - _MARGIN).atanh()),
    "sigmoid": Link(torch.sigmoid, _near_sigmoid),
    "square": Link(torch.square, lambda x: x.abs().clamp_min(_MARGIN).sqrt()),
}
"""The links by their names in recipes and files."""


def link(name: str, a: Tensor) -> Tensor:
    """Returns g(a)."""
    return LINKS[name].value(a)
