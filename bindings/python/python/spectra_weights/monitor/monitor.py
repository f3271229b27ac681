"""Follows the spectra of weights while they are trained."""

from __future__ import annotations

import atexit
import logging
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from .alarms import Alarm, Alarms
from .metrics import Array, native_svdvals, of_norms, of_spectrum, spectral_norm
from .sinks import Sink, SinkLike, sinks_of
from .snapshot import Snapshot, Watched, watched
from .worker import Worker

if TYPE_CHECKING:
    from lightning.pytorch import Callback
    from transformers import TrainerCallback

__all__ = ["Monitor"]

_LOG = logging.getLogger("spectra_weights.monitor")


class Monitor:
    """Logs norms, ranks and flatness of weights and of their updates, computed beside the training.

    At a beat the chosen weights are copied to the host; everything else happens in a background thread that releases the
    interpreter. A beat that finds the thread busy is skipped and counted: training never waits. Nothing that goes wrong
    reaches the training: it is logged once (``logging.getLogger("spectra_weights.monitor")``) and kept in
    :attr:`failures`.

    Logged are flat dictionaries of ``spectra/LAYER/METRIC``. A beat of norms has ``frobenius_norm``, ``spectral_norm`` (to
    0.1 %), ``rms_to_rms_norm`` and ``stable_rank``; a beat of spectra has them exactly, and ``effective_rank`` and
    ``flat_share``. The same with ``update_`` before them are those of ``W_t - W_s``, s being the beat before, with
    ``update_ratio``, its Frobenius norm over that of W. ``stable_rank_of_initial`` and ``effective_rank_of_initial`` are
    relative to an initialisation of this shape. ``spectra/skipped_beats`` counts.

    Args:
        every: Steps between beats of norms.
        spectrum_every: Steps between beats of spectra, which are beats of norms too.
        layers, exclude: Patterns of parameter names without ``.weight``. Parameters of two and more dimensions are taken:
            convolutions as out × (in h w), other stacks matrix by matrix.
        log: Where to: a path of JSON lines, a ``SummaryWriter``, a run of Weights & Biases, an object with
            ``log(step, values)`` and ``close()``, or a list of them.
        updates: Whether to keep the weights of the beat before and follow updates: as much host memory again.
        alarm_rate: At most how often a test of a layer that is still an initialisation raises an alarm, see :class:`Alarm`.
        on_alarm: Told of each alarm once, in the background thread; logged as a warning without it.

    >>> import torch
    >>> class Memory:
    ...     logged = []
    ...     def log(self, step, values):
    ...         self.logged.append((step, dict(values)))
    ...     def close(self):
    ...         pass
    >>> model, memory = torch.nn.Linear(20, 10), Memory()
    >>> with Monitor(every=2, spectrum_every=4, log=memory) as monitor:
    ...     for step in range(3):
    ...         monitor.step(model)
    ...         done = monitor.wait()
    >>> [step for step, _ in memory.logged], sorted(memory.logged[0][1])[:2]
    ([0, 2], ['spectra/alarms', 'spectra/effective_rank'])
    """

    def __init__(
        self,
        every: int = 500,
        spectrum_every: int = 5000,
        layers: str | Sequence[str] = "*",
        *,
        exclude: str | Sequence[str] = (),
        log: SinkLike | Sequence[SinkLike] = "spectra.jsonl",
        updates: bool = True,
        alarm_rate: float = 1e-3,
        on_alarm: Callable[[Alarm], None] | None = None,
    ) -> None:
        if every < 1 or spectrum_every < 1:
            raise ValueError(f"every = {every}, spectrum_every = {spectrum_every}; they must be positive")
        if not 0.0 <= alarm_rate < 1.0:
            raise ValueError(f"alarm_rate = {alarm_rate}; it must be from 0 to below 1")
        self.every, self.spectrum_every = every, spectrum_every
        self.layers, self.exclude = layers, exclude
        self.updates = updates
        self.on_alarm = on_alarm
        self.skipped_beats = 0
        self.failures: dict[str, str] = {}
        self._sinks: list[Sink] = sinks_of(log)
        self._alarms = Alarms(alarm_rate)
        self._told = 0
        self._worker = Worker(lambda error: self._fail("a beat", error))
        self._svdvals: Callable[[Array], Array] | None = None
        self._model: nn.Module | None = None
        self._watched: list[Watched] = []
        self._snapshots: list[Snapshot] = []
        self._previous: Snapshot | None = None
        self._count = 0
        self._spectrum_due = True
        self._closed = False

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """The alarms so far, each of a layer once."""
        return tuple(self._alarms.raised)

    def step(self, model: nn.Module, step: int | None = None) -> None:
        """Is told that an optimizer step is done; never raises and never waits.

        Args:
            model: The model in training, always the same.
            step: The number of the step; calls are counted from 0 without it.
        """
        number = self._count if step is None else step
        self._count = number + 1
        if number % self.every and number % self.spectrum_every:
            return
        try:
            self._beat(model, number)
        except Exception as error:
            self._fail("a copy of the weights", error)

    def wait(self, timeout: float | None = None) -> bool:
        """Waits for the beat at hand, at most ``timeout`` seconds; returns whether it is done."""
        return self._worker.wait(timeout)

    def close(self, timeout: float | None = 60.0) -> None:
        """Finishes the beat at hand, at most ``timeout`` seconds, and closes the sinks; never raises."""
        if self._closed:
            return
        self._closed = True
        atexit.unregister(self.close)
        if not self._worker.close(timeout):
            self._fail("the last beat", TimeoutError(f"not done after {timeout} s"))
            return
        for sink in self._sinks:
            try:
                sink.close()
            except Exception as error:
                self._fail(f"closing {type(sink).__name__}", error)
        self._model, self._watched, self._snapshots, self._previous = None, [], [], None

    def __enter__(self) -> Monitor:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def lightning(self) -> Callback:
        """Returns a callback for ``lightning.Trainer(callbacks=[...])``; steps are the trainer's ``global_step``."""
        from .lightning import lightning_callback

        return lightning_callback(self)

    def transformers(self) -> TrainerCallback:
        """Returns a callback for ``transformers.Trainer(callbacks=[...])``; steps are the trainer's ``global_step``."""
        from .transformers import transformers_callback

        return transformers_callback(self)

    def _beat(self, model: nn.Module, step: int) -> None:
        if self._closed or not _is_first_process():
            return
        if step % self.spectrum_every == 0:
            self._spectrum_due = True
        if not self._worker.idle:
            # a spectrum that is due stays due
            self.skipped_beats += 1
            return
        if model is not self._model:
            self._begin(model)
        if not self._watched:
            return
        current = next(s for s in self._snapshots if s is not self._previous)
        current.take(self._watched, step)
        spectrum, self._spectrum_due = self._spectrum_due, False
        previous = self._previous
        if self._worker.offer(lambda: self._work(current, previous, spectrum)):
            self._previous = current if self.updates else None

    def _begin(self, model: nn.Module) -> None:
        """Chooses the weights of a model."""
        self._model, self._previous = model, None
        self._watched, sharded = watched(model, self.layers, self.exclude)
        self._snapshots = [Snapshot(self._watched) for _ in range(2 if self.updates else 1)]
        if sharded:
            self._fail("sharded weights", ValueError(f"{', '.join(sharded[:3])} are on several processes and are left out"))
        if not self._watched:
            self._fail("choosing weights", ValueError(f"no weight of two dimensions is named {self.layers!r}"))
        atexit.register(self.close)

    def _work(self, current: Snapshot, previous: Snapshot | None, spectrum: bool) -> None:
        """Computes and logs a beat, in the background thread."""
        values: dict[str, float] = {}
        before: Sequence[Tensor | None] = previous.copies() if previous else [None] * len(self._watched)
        for layer, copy, old in zip(self._watched, current.copies(), before):
            olds = layer.matrices(old) if old is not None else None
            for i, (name, matrix) in enumerate(layer.matrices(copy)):
                prefix = f"spectra/{name}/" if name != "weight" else "spectra/"
                try:
                    own = self._measure(current.step, name, matrix, olds[i][1] if olds else None, spectrum)
                except Exception as error:
                    self._fail(f"the layer {name}", error)
                    continue
                values.update({prefix + metric: value for metric, value in own.items()})
        values["spectra/skipped_beats"] = float(self.skipped_beats)
        values["spectra/alarms"] = float(len(self._alarms.raised))
        self._tell_alarms()
        for sink in self._sinks:
            try:
                sink.log(current.step, values)
            except Exception as error:
                self._fail(f"logging to {type(sink).__name__}", error)

    def _measure(self, step: int, name: str, matrix: Tensor, old: Tensor | None, spectrum: bool) -> dict[str, float]:
        """Returns the metrics of one matrix and of its update."""
        shape = (matrix.shape[0], matrix.shape[1])
        w = _array(matrix)
        finite = np.isfinite(w)
        if not finite.all():
            self._alarms.not_finite(step, name, 1.0 - float(finite.mean()))
            return {"finite_share": float(finite.mean())}
        values = self._metrics(w, spectrum)
        values.update(self._alarms.check(step, name, shape, values))
        if old is not None:
            before = _array(old)
            if np.isfinite(before).all():
                update = self._metrics(w - before, spectrum)
                if values["frobenius_norm"] > 0.0:
                    update["ratio"] = update["frobenius_norm"] / values["frobenius_norm"]
                values.update({f"update_{metric}": value for metric, value in update.items()})
        return values

    def _metrics(self, w: Array, spectrum: bool) -> dict[str, float]:
        shape = (w.shape[0], w.shape[1])
        svdvals = self._svdvals = self._svdvals or native_svdvals()
        if spectrum:
            return of_spectrum(shape, svdvals(w))
        scale = float(np.abs(w).max(initial=0.0))
        if scale == 0.0:
            return of_norms(shape, 0.0, 0.0)
        frobenius = scale * float(np.linalg.norm(w / w.dtype.type(scale)))
        return of_norms(shape, frobenius, spectral_norm(w, svdvals))

    def _tell_alarms(self) -> None:
        new = self._alarms.raised[self._told :]
        self._told = len(self._alarms.raised)
        for alarm in new:
            if self.on_alarm is None:
                _LOG.warning("%s", alarm)
                continue
            try:
                self.on_alarm(alarm)
            except Exception as error:
                self._fail("on_alarm", error)

    def _fail(self, what: str, error: Exception) -> None:
        """Says a failure once."""
        if what not in self.failures:
            self.failures[what] = f"{type(error).__name__}: {error}"
            _LOG.warning("the monitor goes on, but %s failed: %s: %s", what, type(error).__name__, error)


def _array(matrix: Tensor) -> Array:
    """Returns a matrix as numpy has it, halves widened."""
    single = matrix if matrix.dtype in (torch.float32, torch.float64) else matrix.float()
    array: Array = single.numpy()
    return array


def _is_first_process() -> bool:
    distributed: Any = torch.distributed
    return not (distributed.is_available() and distributed.is_initialized()) or distributed.get_rank() == 0
