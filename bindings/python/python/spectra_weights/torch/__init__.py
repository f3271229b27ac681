"""Structured layers for PyTorch: what ``spectra train`` trains and ``fit-basis`` fits, as modules.

>>> import torch
>>> from spectra_weights.torch import Linear
>>> layer = Linear(800, 500, family="block-diagonal", blocks=10)
>>> sum(p.numel() for p in layer.matrix.parameters())
40000

Needs torch and numpy (the extra ``[torch]``).
"""

from .capture import CaptureError, capture
from .checkpoint import CheckpointError
from .families import FAMILIES, UnsupportedFamily
from .fit_file import FitFileError
from .layers import Conv2d, Linear, matrix
from .load import Loaded, LoadError, load
from .matrix import Matrix
from .plan import evaluate, probe, refit
from .slot import Image, Key, Slot

__all__ = [
    "FAMILIES",
    "CaptureError",
    "CheckpointError",
    "Conv2d",
    "FitFileError",
    "Image",
    "Key",
    "Linear",
    "LoadError",
    "Loaded",
    "Matrix",
    "Slot",
    "UnsupportedFamily",
    "capture",
    "evaluate",
    "load",
    "matrix",
    "probe",
    "refit",
]
