"""The monitor in loops, and what it does when things go wrong."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from conftest import Memory
from spectra_weights.monitor import Alarm, JsonLines, Monitor, TensorBoard, WandB


def _net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 40, 5), nn.Flatten(), nn.Linear(100, 60), nn.LayerNorm(60), nn.Embedding(9, 5))


def _nudge(model: nn.Module, size: float = 0.1) -> None:
    with torch.no_grad():
        for p in model.parameters():
            p.add_(torch.randn_like(p), alpha=size)


def test_metrics_are_those_of_the_weights_at_their_step() -> None:
    """Catches a copy of a later step, an update between the wrong steps and a metric of another formula."""
    model, memory = _net(), Memory()
    weights: dict[int, np.ndarray[Any, Any]] = {}
    with Monitor(every=2, spectrum_every=4, log=memory) as monitor:
        for step in range(7):
            _nudge(model)
            weights[step] = model.get_parameter("0.weight").detach().flatten(1).double().numpy().copy()
            monitor.step(model)
            _nudge(model, 1.0)  # what comes after the copy must not be seen
            assert monitor.wait(60)
    assert [step for step, _ in memory.logged] == [0, 2, 4, 6] and memory.closed == 1 and not monitor.failures
    for step, values in memory.logged:
        full = step % 4 == 0
        own = {key.removeprefix("spectra/0/"): value for key, value in values.items() if key.startswith("spectra/0/")}
        for prefix, w in [("", weights[step]), ("update_", weights[step] - weights.get(step - 2, weights[step]))]:
            if step == 0 and prefix:
                assert not any(key.startswith("update_") for key in own)
                continue
            s = np.linalg.svd(w, compute_uv=False)
            p = s / s.sum()
            expected = {
                "frobenius_norm": np.linalg.norm(w),
                "spectral_norm": s[0],
                "rms_to_rms_norm": s[0] * np.sqrt(w.shape[1] / w.shape[0]),
                "stable_rank": (s @ s) / s[0] ** 2,
            }
            if full:
                expected["effective_rank"] = np.exp(-(p * np.log(p)).sum())
                rms = np.sqrt(np.mean(s**2))
                expected["flat_share"] = np.mean((s >= rms / 2) & (s <= 2 * rms))
            for metric, value in expected.items():
                assert own[prefix + metric] == pytest.approx(value, rel=1e-5 if full else 2e-3), (step, metric)
            assert ("effective_rank" in own) == full
        if step:
            ratio = np.linalg.norm(weights[step] - weights[step - 2]) / np.linalg.norm(weights[step])
            assert own["update_ratio"] == pytest.approx(ratio, rel=1e-5)


def test_layers_are_chosen_by_patterns() -> None:
    """Catches vectors and layers that were not asked for, and tied weights that are measured twice."""

    class Experts(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stack = nn.Parameter(torch.randn(2, 4, 3))
            self.first = nn.Linear(3, 4)
            self.tied = nn.Linear(3, 4)
            self.tied.weight = self.first.weight
            self.signal = nn.Conv1d(2, 3, 4)

    def names(**kwargs: Any) -> set[str]:
        memory = Memory()
        with Monitor(log=memory, **kwargs) as monitor:
            monitor.step(Experts())
        return {key.split("/")[1] for key in memory.logged[0][1] if key.count("/") == 2}

    assert names() == {"stack.0", "stack.1", "first", "signal"}
    assert names(layers=["st*", "signal"], exclude="stack") == {"signal"}


def test_weights_stored_inputs_by_outputs_are_turned() -> None:
    """Catches a norm of W for one of its transpose: GPT-2's layers are stored so."""

    class Conv1D(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.eye(6, 24))

    memory = Memory()
    with Monitor(log=memory) as monitor:
        monitor.step(nn.Sequential(Conv1D()))
    assert memory.logged[0][1]["spectra/0/rms_to_rms_norm"] == pytest.approx(0.5)


def test_beats_are_skipped_while_busy_and_spectra_stay_due() -> None:
    """Catches a training loop that waits, and a spectrum that a busy beat loses."""
    gate, model = threading.Event(), nn.Linear(8, 8)

    class Slow(Memory):
        def log(self, step: int, values: Mapping[str, float]) -> None:
            gate.wait(60)
            super().log(step, values)

    memory = Slow()
    monitor = Monitor(every=1, spectrum_every=3, log=memory)
    start = time.monotonic()
    for _ in range(4):
        monitor.step(model)
    assert time.monotonic() - start < 30 and monitor.skipped_beats == 3
    gate.set()
    assert monitor.wait(60)
    monitor.step(model)
    monitor.close()
    assert [step for step, _ in memory.logged] == [0, 4]
    assert memory.logged[1][1]["spectra/skipped_beats"] == 3
    assert "spectra/effective_rank" in memory.logged[1][1]


def test_failures_are_said_once_and_never_raised(caplog: pytest.LogCaptureFixture) -> None:
    """Catches an exception of a sink, an alarm or a model that ends a training, and a flood of warnings."""

    class Broken(Memory):
        def log(self, step: int, values: Mapping[str, float]) -> None:
            raise OSError("disk full")

        def close(self) -> None:
            raise OSError("still full")

    def on_alarm(alarm: Alarm) -> None:
        raise RuntimeError("nobody listens")

    memory, model = Memory(), nn.Linear(30, 30)
    with torch.no_grad():
        model.weight.fill_(1.0)
    with caplog.at_level(logging.WARNING):
        with Monitor(every=1, log=[Broken(), memory], on_alarm=on_alarm) as monitor:
            for _ in range(3):
                monitor.step(model)
                monitor.wait(60)
            monitor.step("no model")  # type: ignore[arg-type]
    assert len(memory.logged) == 3
    messages = [record.getMessage() for record in caplog.records if record.name == "spectra_weights.monitor"]
    assert sum("logging to Broken failed: OSError: disk full" in message for message in messages) == 1
    assert set(monitor.failures) == {"logging to Broken", "on_alarm", "a copy of the weights", "closing Broken"}


def test_nan_is_an_alarm_and_no_number(tmp_path: Path) -> None:
    """Catches NaN in JSON, and a layer that hides the others."""
    model, path = _net(), tmp_path / "deep/spectra.jsonl"
    alarms: list[Alarm] = []
    with torch.no_grad():
        model.get_parameter("2.weight")[0, :] = torch.nan
    with Monitor(every=1, log=path, on_alarm=alarms.append) as monitor:
        monitor.step(model)
        monitor.wait(60)
        monitor.step(model)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["step"] for line in lines] == [0, 1]
    assert lines[0]["spectra/2/finite_share"] == pytest.approx(59 / 60)
    assert "spectra/0/stable_rank" in lines[0] and "spectra/2/stable_rank" not in lines[0]
    assert [(a.layer, a.kind) for a in alarms] == [("2", "not-finite")] and "1.67 %" in str(alarms[0])
    assert monitor.alarms == tuple(alarms)


def test_zero_weights_have_norms_and_no_ranks() -> None:
    """Catches a division by zero at weights that begin at 0, as LoRA's do."""
    memory, model = Memory(), nn.Linear(100, 100)
    nn.init.zeros_(model.weight)
    with Monitor(every=1, spectrum_every=2, log=memory) as monitor:
        for _ in range(2):
            monitor.step(model)
            monitor.wait(60)
    assert not monitor.failures and not monitor.alarms
    for _, values in memory.logged:
        assert values["spectra/frobenius_norm"] == 0.0 and "spectra/stable_rank" not in values


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.float16])
def test_weights_of_any_precision_are_measured(dtype: torch.dtype) -> None:
    memory, model = Memory(), nn.Linear(50, 70).to(dtype)
    with Monitor(log=memory) as monitor:
        monitor.step(model)
    s = torch.linalg.svdvals(model.weight.detach().double())
    assert memory.logged[0][1]["spectra/spectral_norm"] == pytest.approx(float(s[0]), rel=1e-5)


def test_tiny_and_huge_weights_keep_their_metrics() -> None:
    """Catches squares that underflow or overflow in single precision."""
    ranks = []
    for scale in (1e-30, 1.0, 1e30):
        torch.manual_seed(1)
        memory, model = Memory(), nn.Linear(80, 90)
        with torch.no_grad():
            model.weight.mul_(scale)
        with Monitor(every=1, spectrum_every=2, log=memory) as monitor:
            for _ in range(2):
                monitor.step(model)
                monitor.wait(60)
        ranks.append([values["spectra/stable_rank"] for _, values in memory.logged])
    for rank in ranks:
        assert rank == pytest.approx(ranks[1], rel=1e-3)


def test_sinks_of_other_libraries_are_known(tmp_path: Path) -> None:
    """Catches a step of a run that belongs to the training, and a writer of the user's that is closed."""

    class Run:
        def __init__(self) -> None:
            self.defined: list[Any] = []
            self.logged: list[Any] = []

        def define_metric(self, name: str, step_metric: str | None = None) -> None:
            self.defined.append((name, step_metric))

        def log(self, values: Mapping[str, float]) -> None:
            self.logged.append(dict(values))

    run = Run()
    folder = tmp_path / "board"
    with Monitor(log=[run, TensorBoard(folder), JsonLines(tmp_path / "a.jsonl")]) as monitor:
        monitor.step(nn.Linear(4, 4), step=500)
    assert not monitor.failures
    assert isinstance(monitor._sinks[0], WandB) and run.defined[1] == ("spectra/*", "spectra/step")
    assert run.logged[0]["spectra/step"] == 500
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # type: ignore[import-untyped]

    board = EventAccumulator(str(folder))
    board.Reload()
    assert board.Scalars("spectra/stable_rank")[0].step == 500
    assert json.loads((tmp_path / "a.jsonl").read_text())["step"] == 500
    with pytest.raises(TypeError, match="cannot log to a int"):
        Monitor(log=3)


def test_what_is_at_hand_is_written_when_a_script_just_ends(tmp_path: Path) -> None:
    """Catches a last beat that dies with the interpreter."""
    script = (
        "import torch, spectra_weights.monitor as m\n"
        f"monitor = m.Monitor(log={str(tmp_path / 'a.jsonl')!r})\n"
        "monitor.step(torch.nn.Linear(300, 300))\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    assert json.loads((tmp_path / "a.jsonl").read_text())["spectra/effective_rank"] > 1


def test_freed_weights_are_a_failure_and_no_more(tmp_path: Path) -> None:
    """Catches a copy from memory that was given back, which ends the training."""
    model = nn.Linear(9, 9)
    model.weight.untyped_storage().resize_(0)
    with Monitor(every=1, log=str(tmp_path / "log.jsonl")) as monitor:
        monitor.step(model)
        monitor.wait()
    assert any("not in memory" in failure for failure in monitor.failures.values())


def test_thin_layers_raise_no_alarm_of_a_low_rank(tmp_path: Path) -> None:
    """Catches alarms of layers that nobody trained: of few values the effective rank varies with the law of the entries."""
    torch.manual_seed(7)
    layers = nn.ModuleList(nn.Linear(200, 2, bias=False) for _ in range(1000))
    for layer in layers:
        nn.init.trunc_normal_(layer.weight, std=0.02)  # type: ignore[arg-type]
    with Monitor(every=1, log=str(tmp_path / "log.jsonl"), updates=False, alarm_rate=1e-3) as monitor:
        monitor.step(layers)
        monitor.wait(300)
    # At a rate of 0.001 a thousand tests raise six with a chance of 0.0006.
    assert len(monitor.alarms) < 6, monitor.alarms
