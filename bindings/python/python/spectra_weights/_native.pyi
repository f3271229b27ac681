import os
from collections.abc import Sequence
from typing import Any, final

from ._weights import Named

__all__ = [
    "Error",
    "Fit",
    "InternalError",
    "Outcome",
    "__version__",
    "law",
    "main",
    "member",
    "run",
    "svdvals",
]

__version__: str

class Error(ValueError): ...
class InternalError(RuntimeError): ...

@final
class Outcome:
    def json(self) -> str: ...
    def table(self) -> str: ...
    def overview(self) -> str | None: ...
    def columns(self) -> dict[str, list[Any]]: ...
    def save_fits(self, path: str | os.PathLike[str]) -> bool: ...
    def report(self, folder: str | os.PathLike[str]) -> None: ...
    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...

@final
class Fit:
    def __new__(cls, path: str | os.PathLike[str]) -> Fit: ...
    def header(self) -> str: ...
    def coefficients(self, name: str) -> list[Any]: ...
    def matrix(self, name: str, basis: Named | None = None) -> Any: ...

def run(
    arguments: Sequence[str],
    weights: Sequence[Named] | None = None,
    inputs: Named | None = None,
    basis: Named | None = None,
) -> Outcome: ...
def svdvals(a: Any, /) -> Any:
    """Returns the singular values of a matrix, or of each matrix of a batch, in descending order."""

def law(function: str, x: Any, ratio: float | None = None, variance: float = 1.0) -> Any: ...
def member(
    weight: Any,
    inputs: Any,
    family: str,
    size: int,
    blocks: Sequence[int] | None = None,
    grid: Sequence[int] | None = None,
) -> Any: ...
def main(program: str, arguments: Sequence[str]) -> int: ...
