"""The examples, as a user runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[4] / "examples/python"


def test_training_analysis_and_fit_run(tmp_path: Path) -> None:
    """Catches a function whose name or arguments changed under the example."""
    example = EXAMPLES / "train_analyze_fit.py"
    done = subprocess.run([sys.executable, example, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "0.weight" in done.stdout and "24672 numbers become 4704" in done.stdout
    accuracies = [float(line.rsplit(" ", 1)[1]) for line in done.stdout.splitlines() if "accuracy" in line]
    assert len(accuracies) == 3 and min(accuracies) > 0.8
    assert (tmp_path / "moments.safetensors").is_file() and (tmp_path / "spectra.jsonl").is_file()


def test_a_plan_of_a_whole_model_runs(tmp_path: Path) -> None:
    """Catches a step of a plan that does not take what the step before gives, as a family that a plan chooses unasked."""
    example = EXAMPLES / "plan_model.py"
    done = subprocess.run([sys.executable, example, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "plan is better" in done.stdout and "refitted" in done.stdout
    assert (tmp_path / "small.safetensors").is_file()
