"""Results: the JSON documents of the commands as objects."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

from . import _native

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow


class Record(dict[str, Any]):
    """An object of a JSON document: a dictionary whose keys can be read as attributes as well.

    >>> record = Record(spikes=3, verdict={"kind": "spikes"})
    >>> record.spikes, record["spikes"]
    (3, 3)
    >>> record.verdict.kind
    'spikes'

    A key that is also the name of a method of dictionaries, such as ``values``, is read as ``record["values"]``.
    """

    __slots__ = ()

    def __init__(self, *args: Any, **keys: Any) -> None:
        super().__init__(*args, **keys)
        for key, value in self.items():
            self[key] = _as_records(value)

    def __getattr__(self, key: str) -> Any:
        try:
            return self[key]
        except KeyError:
            raise AttributeError(f"the record has no {key!r}; its keys are {', '.join(self)}") from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self]


def _as_records(value: Any) -> Any:
    if isinstance(value, dict) and not isinstance(value, Record):
        return Record(value)
    if isinstance(value, list):
        return [_as_records(item) for item in value]
    return value


class Rows(Sequence[Record]):
    """The rows of a result, by place, by name, or by file and name.

    >>> rows = Rows([Record(name="fc", file="a"), Record(name="fc", file="b"), Record(name="out", file="b")])
    >>> rows["out"].file, rows["b", "fc"].file, rows[0].name, len(rows)
    ('b', 'b', 'fc', 3)
    >>> rows["fc"]
    Traceback (most recent call last):
    ...
    KeyError: "several rows are called 'fc'; name the file too: rows['a', 'fc']"
    """

    def __init__(self, rows: list[Record]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, key: int | str | tuple[str, str]) -> Record: ...
    @overload
    def __getitem__(self, key: slice) -> list[Record]: ...
    def __getitem__(self, key: int | str | tuple[str, str] | slice) -> Record | list[Record]:
        if isinstance(key, (int, slice)):
            return self._rows[key]
        file, name = key if isinstance(key, tuple) else (None, key)
        found = [row for row in self._rows if row.get("name") == name and file in (None, row.get("file"))]
        if not found:
            raise KeyError(f"no row is called {key!r}")
        if len(found) > 1:
            place = found[0].get("file")
            raise KeyError(f"several rows are called {name!r}; name the file too: rows[{place!r}, {name!r}]")
        return found[0]

    def __iter__(self) -> Iterator[Record]:
        return iter(self._rows)

    def __contains__(self, key: object) -> bool:
        return any(row is key or row.get("name") == key for row in self._rows)

    @property
    def names(self) -> list[str]:
        """The names, in order."""
        return [row["name"] for row in self._rows]

    def __repr__(self) -> str:
        return f"Rows({self.names})"


class Result:
    """The result of a command: its JSON document, whose keys are attributes, and its tables and pages.

    The keys are those that ``docs/json.md`` describes. Tables are handed over by Arrow's C stream interface, which polars,
    pyarrow, DuckDB and pandas (from 3 on) read without copies.
    """

    _rows_key = "layers"

    def __init__(self, outcome: _native.Outcome) -> None:
        self._outcome = outcome
        self._text: str | None = None
        self._document: Record | None = None

    @property
    def document(self) -> Record:
        """The whole document."""
        if self._document is None:
            self._document = Record(json.loads(self.to_json()))
        return self._document

    @property
    def rows(self) -> Rows:
        """The rows, one for each matrix: by place, by name, or by file and name."""
        return Rows(self.document[self._rows_key])

    def __getattr__(self, key: str) -> Any:
        if key.startswith("_"):
            raise AttributeError(key)
        return getattr(self.document, key)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.document]

    def to_json(self) -> str:
        """Returns the JSON document, to the byte as the command writes it."""
        if self._text is None:
            self._text = self._outcome.json()
        return self._text

    def to_dict(self) -> dict[str, Any]:
        """Returns the JSON document as dictionaries and lists of its own."""
        document: dict[str, Any] = json.loads(self.to_json())
        return document

    def to_polars(self) -> polars.DataFrame:
        """Returns the table that the command writes as CSV and Parquet, as a ``polars.DataFrame``."""
        import polars

        return polars.DataFrame(self)

    def to_arrow(self) -> pyarrow.Table:
        """Returns the same table as a ``pyarrow.Table``."""
        import pyarrow

        return pyarrow.table(self)

    def to_pandas(self) -> pandas.DataFrame:
        """Returns the same table as a ``pandas.DataFrame``; pyarrow need not be installed."""
        import pandas

        return pandas.DataFrame(self.columns())

    def columns(self) -> dict[str, list[Any]]:
        """Returns the columns of the same table as lists, None where there is no value."""
        return self._outcome.columns()

    def report(self, folder: str | os.PathLike[str]) -> None:
        """Writes a page, its data and pictures into a folder, in place of the report that it holds.

        Raises ``Error`` where the folder holds something else.
        """
        self._outcome.report(os.fspath(folder))

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._outcome.__arrow_c_stream__(requested_schema)

    def __str__(self) -> str:
        return self._outcome.table()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.rows)} rows; print() shows the table>"

    def _repr_html_(self) -> str:
        overview = self._outcome.overview()
        return overview if overview is not None else f"<pre>{html.escape(str(self))}</pre>"


class Analysis(Result):
    """What ``analyze`` finds: one row a matrix in ``layers``, and what they come to in ``summary``."""

    @property
    def layers(self) -> Rows:
        """The rows, one for each tensor: by place, by name, or by file and name."""
        return self.rows


class Comparison(Result):
    """What ``compare`` finds: one row for each tensor and file in ``pairs``."""

    _rows_key = "pairs"

    @property
    def pairs(self) -> Rows:
        """The rows, one for each tensor of the first weights in each of the others."""
        return self.rows


class Families(Result):
    """What ``families`` finds: one row a matrix in ``layers``."""

    @property
    def layers(self) -> Rows:
        """The rows, one for each matrix."""
        return self.rows


class Sketches(Result):
    """What ``sketch`` finds: one row a matrix in ``layers``."""

    @property
    def layers(self) -> Rows:
        """The rows, one for each matrix."""
        return self.rows


class Fits(Result):
    """What ``fit_basis`` finds: one row a matrix in ``fits``, and coefficients that ``save`` writes."""

    _rows_key = "fits"

    @property
    def fits(self) -> Rows:
        """The rows, one for each matrix."""
        return self.rows

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes seed and coefficients as a safetensors file, which ``load_fit`` and ``spectra rebuild`` read.

        Raises ``Error`` where there is no fit.
        """
        if not self._outcome.save_fits(os.fspath(path)):
            raise _native.Error("there is no fit to be saved; the rows say why")


class Plan(Result):
    """What ``plan`` finds: ``budgets``, each with its layers and the uniform plan beside it, and one row a tensor in ``layers``."""

    @property
    def layers(self) -> Rows:
        """The rows, one for each tensor."""
        return self.rows

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the plan as ``spectra compress`` reads it."""
        from pathlib import Path

        from ._files import whole_file

        with whole_file(Path(path)) as temporary:
            Path(temporary).write_text(self.to_json(), encoding="utf-8")


class Fit:
    """A file of fits: the header from which the fixed matrices are made again, and coefficients.

    ``header`` is the document of the file's metadata, ``names`` are those of the fits in their order.
    """

    def __init__(self, fit: _native.Fit) -> None:
        self._fit = fit
        self.header = Record(json.loads(fit.header()))

    @property
    def names(self) -> list[str]:
        """The names of the fits."""
        return [shape["name"] for shape in self.header["fits"]]

    def __len__(self) -> int:
        return len(self.header["fits"])

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def coefficients(self, name: str) -> list[Any]:
        """Returns the coefficients of each factor of a fit, arrays of floats of 64 bits."""
        return self._fit.coefficients(name)

    def matrix(self, name: str, basis: object | None = None) -> Any:
        """Returns the m × n matrix, outputs × inputs, that a fit stands for: the same bits on every machine.

        ``basis`` is a mapping with the user's own matrices ``M1`` … where the fit was made with some. The result is a
        NumPy array of floats of 64 bits, or a ``memoryview`` without NumPy.
        """
        from ._weights import named

        return self._fit.matrix(name, None if basis is None else named(basis))

    def __repr__(self) -> str:
        return f"<Fit of {', '.join(self.names)}>"
