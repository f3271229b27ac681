"""What every structured matrix owes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from .initial import Initial, InitialLaw
from .slot import Key, Slot

__all__ = ["Matrix", "building", "empty", "number_type"]

_TYPE: ContextVar[torch.dtype | None] = ContextVar("number type", default=None)


@contextmanager
def building(dtype: torch.dtype | None) -> Iterator[None]:
    """Makes matrices of this type inside, fixed numbers too, which a later conversion would round twice."""
    token = _TYPE.set(dtype)
    try:
        yield
    finally:
        _TYPE.reset(token)


def number_type() -> torch.dtype:
    """Returns the type of matrices that are built now."""
    return _TYPE.get() or torch.get_default_dtype()


def empty(*shape: int) -> nn.Parameter:
    """Returns a parameter that is yet to be drawn."""
    return nn.Parameter(torch.empty(*shape, dtype=number_type()))


class Matrix(nn.Module):
    """A matrix W, m × n, of few parameters, known by its action on vectors.

    Subclasses have their parameters, :meth:`forward` and :meth:`reset_parameters`; gradients are torch's own.

    Attributes:
        family: The family's name in recipes.
        slot: Sizes and geometry.
    """

    family: ClassVar[str]

    def __init__(self, slot: Slot, key: Key, initial: Initial = "xavier") -> None:
        super().__init__()
        self.slot = slot
        self.key = key
        self.initial = InitialLaw.of(initial, slot)

    @property
    def rows(self) -> int:
        """Outputs m."""
        return self.slot.rows

    @property
    def columns(self) -> int:
        """Inputs n."""
        return self.slot.columns

    def forward(self, x: Tensor) -> Tensor:
        """Multiplies vectors by W.

        Args:
            x: Vectors of n numbers, shape (..., n).

        Returns:
            ``W x`` of each, shape (..., m).
        """
        raise NotImplementedError

    def reset_parameters(self) -> None:
        """Draws the parameters again, at the scale of ``spectra train``: entries of W of variance 1/n by default."""
        raise NotImplementedError

    def dense(self) -> Tensor:
        """Returns W, shape (m, n), differentiable in the parameters; costs a batch of n vectors."""
        like = self._like()
        eye = torch.eye(self.columns, dtype=like.dtype, device=like.device)
        columns: Tensor = self(eye)
        return columns.mT

    def project(self, weight: Tensor) -> None:
        """Takes the parameters whose matrix is nearest to ``weight``, in the Frobenius norm.

        Args:
            weight: Shape (m, n).

        Raises:
            NotImplementedError: A family whose nearest matrix is no formula; fit it with ``fit-basis``.
            ValueError: Another shape.
        """
        if tuple(weight.shape) != (self.rows, self.columns):
            raise ValueError(f"a weight of {list(weight.shape)} for a {self.family} matrix of {self.rows}x{self.columns}")
        with torch.no_grad():
            self._project(weight.detach().to(self._like()))

    def _project(self, weight: Tensor) -> None:
        raise NotImplementedError(f"the {self.family} matrix that is nearest to another is no formula; fit it with fit-basis")

    def flat(self) -> Tensor:
        """Returns the parameters as files of ``spectra`` hold them: one column, each matrix column by column."""
        parts = [p.detach().mT.reshape(-1) if p.ndim > 1 else p.detach() for p in self.parameters()]
        return torch.cat(parts) if parts else self._like().new_empty(0)

    def load_flat(self, values: Tensor) -> None:
        """Takes parameters as files of ``spectra`` hold them.

        Args:
            values: As many numbers as parameters, shape (count,).

        Raises:
            ValueError: More or fewer numbers.
        """
        count = sum(p.numel() for p in self.parameters())
        if values.shape != (count,):
            raise ValueError(f"{self.family} of {self.rows}x{self.columns} has {count} parameters, not {list(values.shape)}")
        start = 0
        with torch.no_grad():
            for p in self.parameters():
                own = values[start : start + p.numel()]
                start += p.numel()
                p.copy_(own.reshape(p.mT.shape).mT if p.ndim > 1 else own)

    def fixed(self, name: str, values: Any, *, dtype: torch.dtype | None = None) -> None:
        """Keeps numbers that are made again from the seed: a buffer that state dictionaries leave out."""
        tensor = torch.as_tensor(values, dtype=dtype or number_type())
        self.register_buffer(name, tensor, persistent=False)

    def _like(self) -> Tensor:
        """Returns a tensor of the type and on the device of the numbers that act."""
        for tensor in [*self.parameters(), *(b for b in self.buffers() if b.is_floating_point())]:
            return tensor
        return torch.empty(0)

    def extra_repr(self) -> str:
        """Returns sizes and number of parameters."""
        count = sum(p.numel() for p in self.parameters())
        return f"{self.rows}x{self.columns}, parameters={count}"

