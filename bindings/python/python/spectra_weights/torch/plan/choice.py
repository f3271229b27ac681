"""What a plan chose for each layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor, nn

from ... import _native
from .fits import INPUT_RIDGE, LowRank, low_rank, with_ridge
from .layers import PlanError, module_of, read
from .moments import LayerMoments

__all__ = ["Choice", "Fitted"]


@dataclass(frozen=True)
class Choice:
    """How a layer is stored.

    Attributes:
        family: ``dense``, ``low-rank``, ``columns``, ``kronecker`` or ``dct``.
        cost: Numbers, or what else the plan counts.
        size: A rank, a number of columns, terms or frequencies; ``None`` of a dense layer.
        blocks: Rows and columns of the left factors, of Kronecker products.
        grid: Channels, height and width of the inputs, of frequencies.
    """

    family: str
    cost: int
    size: int | None = None
    blocks: tuple[int, int] | None = None
    grid: tuple[int, int, int] | None = None

    def numbers(self, m: int, n: int) -> int:
        """Returns how many numbers a layer m × n is stored in: two factors for low rank, whatever the plan counts."""
        if self.family == "dense" or self.size is None:
            return m * n
        if self.family == "low-rank":
            return self.size * (m + n)
        if self.family == "kronecker" and self.blocks is not None:
            rows, columns = self.blocks
            return self.size * (rows * columns + (m // rows) * (n // columns))
        return self.size * m

    @property
    def rank(self) -> int | None:
        """The rank of a layer of low rank, ``None`` of others."""
        return self.size if self.family == "low-rank" else None

    def fit(self, weight: Tensor, inputs: Tensor, gradients: Tensor | None = None) -> Tensor:
        """Returns the nearest matrix of this form, m × n.

        Args:
            weight: m × n, double.
            inputs: Second moment of the inputs, n × n, or its diagonal, n.
            gradients: That of gradients at the outputs, m × m, for low rank.
        """
        if self.family == "dense" or self.size is None:
            return weight
        if self.family == "low-rank":
            return low_rank(weight, inputs, gradients=gradients).dense(self.size)
        if inputs.ndim == 1:
            raise PlanError(f"a table of vectors cannot be stored as {self.family}")
        # Fits do not depend on the scale of the moment.
        moment = with_ridge(inputs / inputs.diagonal().mean(), INPUT_RIDGE)
        fit: Tensor = _native.member(weight.contiguous().cpu(), moment.cpu(), self.family, self.size, self.blocks, self.grid)
        return fit.to(weight)


@dataclass
class Fitted:
    """A layer with the fits that choices ask for, each made when it is needed.

    Attributes:
        weight: W, m × n, double.
        moments: By which it is fitted.
        held_out: On which errors are measured.
    """

    weight: Tensor
    moments: LayerMoments
    held_out: LayerMoments

    @classmethod
    def of(cls, model: nn.Module, name: str, fitted: Mapping[str, LayerMoments], held_out: Mapping[str, LayerMoments]) -> Fitted:
        """Returns the layer of this name.

        Raises:
            PlanError: No such layer, or no moments of its size.
        """
        weight = read(module_of(model, name))
        for moments in (fitted, held_out):
            if name not in moments:
                raise PlanError(f"{name}: has no moments")
            if len(moments[name].inputs) != weight.shape[1]:
                raise PlanError(f"{name}: has {weight.shape[1]} inputs, but the moments are of {len(moments[name].inputs)}")
        return cls(weight, fitted[name], held_out[name])

    @property
    def shape(self) -> tuple[int, int]:
        return self.weight.shape[0], self.weight.shape[1]

    @cached_property
    def low_rank(self) -> LowRank:
        gradients = self.moments.gradients
        return low_rank(self.weight, self.moments.inputs, gradients=gradients, held_out=self.held_out.inputs)

    def error(self, rank: int) -> float:
        """Returns what low rank loses."""
        return float(self.low_rank.errors[rank])

    def matrix(self, choice: Choice) -> Tensor:
        """Returns the fit, m × n."""
        if choice.family == "low-rank" and choice.size is not None:
            return self.low_rank.dense(choice.size)
        return choice.fit(self.weight, self.moments.inputs)
