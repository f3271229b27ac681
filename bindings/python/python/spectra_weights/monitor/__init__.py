"""Follows spectra of weights during training, beside it.

>>> from spectra_weights.monitor import Monitor
>>> monitor = Monitor(every=500, spectrum_every=5000, layers="*", log="runs/spectra.jsonl")

In a loop, ``monitor.step(model)`` after each optimizer step and ``monitor.close()`` at the end; for Lightning
``Trainer(callbacks=[monitor.lightning()])``, for the Hugging Face Trainer ``Trainer(callbacks=[monitor.transformers()])``.
"""

from .alarms import Alarm
from .monitor import Monitor
from .reference import Reference, reference
from .sinks import JsonLines, Sink, TensorBoard, WandB

__all__ = ["Alarm", "JsonLines", "Monitor", "Reference", "Sink", "TensorBoard", "WandB", "reference"]
