"""Files of fits that ``fit-basis --out`` writes: coefficients as arrays, the rest as JSON in the metadata."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import safe_open
from torch import Tensor

from .families.product_of_sums import Factor, SumProduct
from .matrix import building
from .slot import Image, Key, Slot
from .terms import Given, Residual, TermSet, Terms, make_terms

__all__ = ["FIT_KEY", "Fit", "FitFileError", "metadata_of", "read_fits"]

FIT_KEY = "spectra.fit"


class FitFileError(ValueError):
    """A file that holds no fits, or damaged ones."""


@dataclass(frozen=True)
class Fit:
    """One fitted tensor.

    Attributes:
        path: The file.
        name: The tensor's name in the file that was fitted.
        shape: The stored shape of that tensor, where the file says it.
        transposed: Whether the stored rows are the columns of the matrix.
        rows, columns: Sizes of the matrix W.
        seed: Seed of the terms.
        residual: Whether the first term of every factor is the identity.
        image: What the inputs are, height and width.
        factors: The factors as the header has them.
        coefficients: One vector a factor, double precision.
    """

    path: Path
    name: str
    shape: tuple[int, ...] | None
    transposed: bool
    rows: int
    columns: int
    seed: int
    residual: bool
    image: Image | None
    factors: tuple[dict[str, Any], ...]
    coefficients: tuple[Tensor, ...]

    def matrix(self, kernel: Image | None = None, *, like: Tensor, given: Sequence[Any] | None = None) -> SumProduct:
        """Makes the matrix, with the type and on the device of ``like``.

        Args:
            kernel: The kernel of a convolution.
            given: The user's own terms, an array of shape (K, rows, columns) a factor, where these were fitted.

        Raises:
            FitFileError: Factors that do not chain, terms that do not exist, or own terms that are missing.
        """
        made = []
        with building(like.dtype):
            for j, factor in enumerate(self.factors):
                made.append(Factor(self._terms(j, factor, given), factor["link"]))
            for j in range(1, len(made)):
                if made[j - 1].terms.columns != made[j].terms.rows:
                    raise FitFileError(f"{self.path}: {self.name}: factors {j} and {j + 1} do not chain")
            weight = SumProduct(Slot(self.rows, self.columns, kernel=kernel), Key(self.seed), made)
        for parameter, values in zip(weight.coefficients, self.coefficients):
            parameter.data.copy_(values)
        return weight.to(like.device)

    def _terms(self, j: int, factor: dict[str, Any], given: Sequence[Any] | None) -> Terms:
        rows, columns, count = factor["rows"], factor["columns"], factor["terms"]
        if len(self.coefficients[j]) != count or count <= self.residual:
            raise FitFileError(f"{self.path}: {self.name}: {len(self.coefficients[j])} coefficients for {count} terms")
        if factor["family"] is None:
            if given is None or j >= len(given):
                raise FitFileError(f"{self.path}: {self.name} was fitted with matrices of its own; give them, too")
            rest: Terms = Given(given[j])
            if (rest.rows, rest.columns, rest.count) != (rows, columns, count - self.residual):
                raise FitFileError(f"{self.path}: {self.name}: the matrices given are not {count - self.residual} of {rows}x{columns}")
        else:
            image = self.image if j + 1 == len(self.factors) else None
            own = TermSet(rows, columns, count - self.residual, Key(self.seed).factor(j), image)
            try:
                rest = make_terms(factor["family"], own)
            except ValueError as error:
                raise FitFileError(f"{self.path}: {self.name}: {error}") from error
        return Residual(rest) if self.residual else rest


def metadata_of(path: Path, key: str) -> str | None:
    """Returns one entry of a safetensors file's metadata; ``None`` where it has none, or is no such file."""
    try:
        with safe_open(path, framework="pt") as file:
            return (file.metadata() or {}).get(key)
    except Exception:  # safetensors' own error type differs between versions
        return None


def read_fits(path: Path) -> list[Fit]:
    """Reads all fits of a file.

    Raises:
        FitFileError: A file without fits, or a damaged one.
    """
    text = metadata_of(path, FIT_KEY)
    if text is None:
        raise FitFileError(f"{path}: has no header of fits; a file of fits is what fit-basis --out writes")
    try:
        header = json.loads(text)
        with safe_open(path, framework="pt") as file:
            return [_fit(path, header, fit, file) for fit in header["fits"]]
    except FitFileError:
        raise
    except Exception as error:
        raise FitFileError(f"{path}: its header or arrays cannot be read ({error})") from error


def _fit(path: Path, header: dict[str, Any], fit: dict[str, Any], file: Any) -> Fit:
    factors, stored = fit["factors"], fit.get("stored")
    if not factors:
        raise FitFileError(f"{path}: {fit['name']} has no factors")
    image = header.get("image")
    return Fit(
        path=path,
        name=stored["name"] if stored else fit["name"],
        shape=tuple(stored["shape"]) if stored else None,
        transposed=bool(stored and stored["transposed"]),
        rows=factors[0]["rows"],
        columns=factors[-1]["columns"],
        seed=header["seed"],
        residual=header["residual"],
        image=Image(1, image["height"], image["width"]) if image else None,
        factors=tuple(factors),
        coefficients=tuple(file.get_tensor(f"{fit['name']}/{j}") for j in range(1, len(factors) + 1)),
    )
