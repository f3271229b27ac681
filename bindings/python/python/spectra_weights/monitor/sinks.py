"""Where numbers go: JSON lines, TensorBoard, Weights & Biases."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, Union

__all__ = ["JsonLines", "Sink", "SinkLike", "TensorBoard", "WandB", "sinks_of"]


class Sink(Protocol):
    """What takes a flat dictionary a beat. Calls come from one background thread, in order of steps."""

    def log(self, step: int, values: Mapping[str, float]) -> None:
        """Takes the values of a step, ``{"spectra/fc1/stable_rank": 12.3}`` say."""

    def close(self) -> None:
        """Ends: what is buffered is written."""


SinkLike = Union[Sink, str, "os.PathLike[str]", Any]
"""A sink, the path of a file of JSON lines, or an object of another library that :func:`sinks_of` knows."""


class JsonLines:
    """One JSON object a line, appended, each line written at once: ``{"step": 500, "spectra/fc1/stable_rank": 12.3}``."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def log(self, step: int, values: Mapping[str, float]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, **values}, allow_nan=False) + "\n")

    def close(self) -> None:
        """Does nothing: every line is written already."""


class TensorBoard:
    """Scalars of a ``SummaryWriter``, one that is given or one for a folder, which is then closed at the end."""

    def __init__(self, writer: Any) -> None:
        self._owned = isinstance(writer, (str, os.PathLike))
        if self._owned:
            from torch.utils.tensorboard import SummaryWriter

            writer = SummaryWriter(os.fspath(writer))
        self._writer = writer

    def log(self, step: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        if self._owned:
            self._writer.close()
        else:
            self._writer.flush()


class WandB:
    """A run of Weights & Biases. The step is a value of its own, because the run's steps belong to the training."""

    def __init__(self, run: Any) -> None:
        self._run = run
        define = getattr(run, "define_metric", None)
        if define is not None:
            define("spectra/step")
            define("spectra/*", step_metric="spectra/step")

    def log(self, step: int, values: Mapping[str, float]) -> None:
        self._run.log({**values, "spectra/step": step})

    def close(self) -> None:
        """Does nothing: the run is its owner's."""


def sinks_of(log: SinkLike | Sequence[SinkLike]) -> list[Sink]:
    """Returns sinks for what a user gives.

    Args:
        log: Paths, ``SummaryWriter``s, runs of Weights & Biases, sinks; one of them or a list.

    Raises:
        TypeError: Something that nothing can be logged to.
    """
    given = log if isinstance(log, (list, tuple)) else [log]
    return [_sink(one) for one in given]


def _sink(one: Any) -> Sink:
    if isinstance(one, (str, os.PathLike)):
        return JsonLines(one)
    if hasattr(one, "add_scalar"):
        return TensorBoard(one)
    if hasattr(one, "define_metric"):
        return WandB(one)
    if hasattr(one, "log") and hasattr(one, "close"):
        sink: Sink = one
        return sink
    raise TypeError(
        f"cannot log to a {type(one).__name__}; give a path, a SummaryWriter, a run of Weights & Biases, or an object with "
        "log(step, values) and close()"
    )
