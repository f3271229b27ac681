"""What a plan chose for each layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor, nn

from .fits import INPUT_RIDGE, LowRank, columns_fit, low_rank, with_ridge
from .layers import PlanError, module_of, read
from .moments import LayerMoments

__all__ = ["Choice", "Fitted"]


@dataclass(frozen=True)
class Choice:
    """How a layer is stored.

    Attributes:
        family: ``dense``, ``low-rank``, ``columns``, or another family of plans.
        cost: Numbers, or what else the plan counts.
        rank: Of low rank.
        columns: Indices of the inputs that are kept, of columns.
        matrix: The fit, m × n, of families that are not fitted here.
    """

    family: str
    cost: int
    rank: int | None = None
    columns: Tensor | None = None
    matrix: Tensor | None = None

    @property
    def is_fixed(self) -> bool:
        """Whether the layer's fit is given and not made."""
        return self.family not in ("dense", "low-rank", "columns")


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
        if choice.family == "dense":
            return self.weight
        if choice.family == "low-rank" and choice.rank is not None:
            return self.low_rank.dense(choice.rank)
        if choice.family == "columns" and choice.columns is not None:
            inputs = with_ridge(self.moments.inputs, INPUT_RIDGE)
            return columns_fit(self.weight, inputs, inputs, choice.columns)
        if choice.matrix is None:
            raise PlanError(f"a layer of family {choice.family} needs its fit; with_fits takes it from a compressed model")
        return choice.matrix.to(self.weight)
