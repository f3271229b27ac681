"""``WeightWatcher(model).analyze()`` by this package.

The columns are those of WeightWatcher 0.7, by its conventions: eigenvalues are ``s²`` without ``1/N``, N the larger and M the
smaller dimension, logarithms are to base 10. What is different on purpose:

* a fit that fails is NaN, never -1;
* a convolution is one matrix, out × (in·h·w), not h·w slices;
* ``num_spikes``, ``sigma_mp`` and ``mp_softrank`` are always there, and spikes are counted against the law of Tracy and Widom;
* no eigenvalue is left out for being below 1e-5;
* only what WeightWatcher computes from one spectrum is here: no plots, no smoothed matrices, no distances.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Union

from .._api import _analyze_in_columns
from .._results import Analysis, Record

if TYPE_CHECKING:
    import pandas

__all__ = ["WeightWatcher"]

# Columns of the summary, by their names there.
_SUMMARY = (
    "log_norm",
    "alpha",
    "alpha_weighted",
    "log_alpha_norm",
    "log_spectral_norm",
    "stable_rank",
    "mp_softrank",
)


class WeightWatcher:
    """Analyses the layers of a model, or of whatever :func:`spectra_weights.analyze` takes.

    >>> import numpy as np
    >>> watcher = WeightWatcher({"fc": np.random.default_rng(0).standard_normal((60, 80))})
    >>> details = watcher.analyze()
    >>> list(details.columns)[:6]
    ['layer_id', 'name', 'D', 'M', 'N', 'alpha']
    >>> sorted(watcher.get_summary(details))[:3]
    ['alpha', 'alpha_weighted', 'log_alpha_norm']
    """

    def __init__(self, model: Any = None, log_level: Any = None) -> None:
        self.model = model
        self.analysis: Analysis | None = None
        self.details: pandas.DataFrame | None = None

    def analyze(
        self,
        model: Any = None,
        layers: Union[str, int, Iterable[Union[str, int]], None] = None,
        min_evals: int = 0,
        seed: int | None = None,
    ) -> pandas.DataFrame:
        """Returns a table of one row for each layer that is a matrix.

        ``layers`` are patterns of names, or numbers of layers as ``layer_id`` has them. ``min_evals`` leaves out layers with
        fewer eigenvalues. The whole result of this package is in ``analysis`` afterwards.
        """
        import pandas

        model = self.model if model is None else model
        if model is None:
            raise TypeError("a model is needed: WeightWatcher(model=model)")
        chosen = [layers] if isinstance(layers, (str, int)) else list(layers or [])
        numbers = {layer for layer in chosen if isinstance(layer, int)}
        names = [layer for layer in chosen if not isinstance(layer, int)]
        self.analysis = _analyze_in_columns(model, "weightwatcher", tensors=names, seed=seed)
        columns = self.analysis.columns()
        rows = [
            _row(layer_id, layer, {key: values[layer_id] for key, values in columns.items()})
            for layer_id, layer in enumerate(self.analysis.layers)
            if layer.status == "analyzed" and (not numbers or layer_id in numbers)
        ]
        self.details = pandas.DataFrame([row for row in rows if row["num_evals"] >= min_evals])
        return self.details

    def get_details(self) -> pandas.DataFrame | None:
        """Returns the table of the last analysis."""
        return self.details

    def get_summary(self, details: pandas.DataFrame | None = None) -> dict[str, float]:
        """Returns the means of the metrics over the layers."""
        details = self.details if details is None else details
        if details is None:
            raise ValueError("there is no analysis yet: call analyze() first")
        return {name: float(details[name].mean()) for name in _SUMMARY if name in details}

    def describe(self, model: Any = None) -> pandas.DataFrame:
        """Returns names and sizes of the layers that are matrices."""
        details = self.analyze(model)
        return details[["layer_id", "name", "N", "M", "Q", "num_params"]]


def _row(layer_id: int, layer: Record, columns: dict[str, Any]) -> dict[str, Any]:
    """Returns a row under WeightWatcher's names."""
    fit = layer.power_law
    # Eigenvalues are s² there and s²/columns here.
    scale = layer.columns if layer.blocks is None else layer.blocks.columns
    n, m = columns["N"], columns["M"]
    values = layer.singular_values or []
    law: dict[str, Any] = dict.fromkeys(("D", "sigma", "xmin", "xmax", "num_pl_spikes"), math.nan)
    if fit is not None:
        law = {
            "D": fit.ks_distance,
            "sigma": fit.alpha_error,
            "xmin": fit.x_min * scale,
            "xmax": fit.x_max * scale,
            "num_pl_spikes": fit.tail_size,
        }
    spectral_norm = layer.spectral_norm**2
    return {
        "layer_id": layer_id,
        "name": layer.name,
        "D": law["D"],
        "M": int(m),
        "N": int(n),
        "alpha": _number(columns["alpha"]),
        "alpha_weighted": _number(columns["alpha_weighted"]),
        "entropy": _number(columns["entropy"]),
        "has_esd": True,
        "lambda_max": spectral_norm,
        "log_alpha_norm": _number(columns["log_alpha_norm"]),
        "log_norm": _number(columns["log_norm"]),
        "log_spectral_norm": _number(columns["log_spectral_norm"]),
        "longname": layer.name,
        "matrix_rank": len(values) - int(columns["rank_loss"] or 0),
        "mp_softrank": _number(columns["mp_softrank"]),
        "norm": layer.frobenius_norm**2,
        "num_evals": len(values),
        "num_params": layer.parameters,
        "num_pl_spikes": law["num_pl_spikes"],
        "num_spikes": _number(columns["num_spikes"]),
        "Q": n / m,
        "rank_loss": _number(columns["rank_loss"]),
        "sigma": law["sigma"],
        "sigma_mp": _number(columns["sigma_mp"]),
        "spectral_norm": spectral_norm,
        "stable_rank": _number(columns["stable_rank"]),
        "status": "success" if fit is not None else "failed",
        "sv_max": max(values, default=math.nan),
        "sv_min": min(values, default=math.nan),
        "xmax": law["xmax"],
        "xmin": law["xmin"],
    }


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
