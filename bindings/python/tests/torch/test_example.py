"""The example, as a user runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[4] / "examples/python/train_analyze_fit.py"


def test_the_example_runs(tmp_path: Path) -> None:
    """Catches a function whose name or arguments changed under the example."""
    done = subprocess.run([sys.executable, EXAMPLE, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "0.weight" in done.stdout and "24672 numbers become 4704" in done.stdout
    accuracies = [float(line.rsplit(" ", 1)[1]) for line in done.stdout.splitlines() if "accuracy" in line]
    assert len(accuracies) == 3 and min(accuracies) > 0.8
    assert (tmp_path / "moments.safetensors").is_file() and (tmp_path / "spectra.jsonl").is_file()
