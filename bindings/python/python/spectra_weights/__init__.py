"""What has a weight matrix learned, and how few parameters does it need?

The functions are those of the command line, on models, arrays and files:

>>> import numpy as np
>>> import spectra_weights as sw
>>> w = np.random.default_rng(0).standard_normal((64, 96))
>>> analysis = sw.analyze({"layer.weight": w})
>>> analysis.layers["layer.weight"].verdict.kind
'noise'
>>> bool(abs(sw.svdvals(w) - np.linalg.svd(w, compute_uv=False)).max() < 1e-12)
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import laws
from ._api import analyze, compare, families, fit_basis, load_fit, plan, sketch
from ._native import Error, InternalError, __version__, svdvals
from ._results import Analysis, Comparison, Families, Fit, Fits, Plan, Record, Result, Rows, Sketches

if TYPE_CHECKING:
    from . import compat as compat
    from . import monitor as monitor
    from . import torch as torch
    from .monitor import Monitor as Monitor

__all__ = [
    "Analysis",
    "Comparison",
    "Error",
    "Families",
    "Fit",
    "Fits",
    "InternalError",
    "Plan",
    "Record",
    "Result",
    "Rows",
    "Sketches",
    "__version__",
    "analyze",
    "compare",
    "families",
    "fit_basis",
    "laws",
    "load_fit",
    "plan",
    "sketch",
    "svdvals",
]

# Parts that are imported when they are first asked for, because they need packages that need not be installed.
_LAZY = {
    "compat": ("spectra_weights.compat", None),
    "monitor": ("spectra_weights.monitor", None),
    "Monitor": ("spectra_weights.monitor", "Monitor"),
    "torch": ("spectra_weights.torch", None),
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    module, attribute = _LAZY[name]
    value = import_module(module)
    if attribute is not None:
        value = getattr(value, attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
