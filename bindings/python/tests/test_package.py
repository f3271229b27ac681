"""Stubs, examples in docstrings, and the stand-in for WeightWatcher."""

from __future__ import annotations

import doctest
import math
import pkgutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import spectra_weights as sw
from conftest import needed


def modules():
    """Returns the modules of the package that need no other package to be imported."""
    from spectra_weights import _api, _native, _results, _weights, laws
    from spectra_weights.compat import weightwatcher

    return [sw, _api, _native, _results, _weights, laws, weightwatcher]


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__)
def test_examples_of_docstrings_hold(module):
    needed("pandas")
    finder = doctest.DocTestFinder(exclude_empty=True)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for test in finder.find(module, module.__name__):
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def test_everything_public_is_documented():
    for name in sw.__all__:
        if not name.startswith("__"):
            assert getattr(sw, name).__doc__, name
    assert {module.name for module in pkgutil.iter_modules(sw.__path__)} >= {"laws", "compat"}


def test_stubs_are_those_of_the_extension():
    """Catches signatures that type checkers believe and the module has not."""
    needed("mypy")
    run = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy.stubtest",
            f"--mypy-config-file={Path(__file__).parents[1] / 'pyproject.toml'}",
            "spectra_weights._native",
            "spectra_weights._api",
            "spectra_weights.laws",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_examples_run(fixtures):
    """Catches an example that lags behind."""
    example = fixtures.parent / "examples" / "python" / "analyze_model.py"
    run = [sys.executable, str(example), str(fixtures / "mlp-long.safetensors")]
    printed = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert "fc1.weight: heavy tail" in printed


def test_importing_needs_no_other_package():
    """Catches an import of NumPy or PyTorch where nobody asked for arrays."""
    code = "import sys, spectra_weights; print([m for m in ('numpy', 'torch', 'pandas', 'polars') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_weightwatchers_columns_follow_its_definitions():
    """Catches other units: eigenvalues are s², logarithms to base 10, N the larger side."""
    needed("pandas")
    from spectra_weights.compat.weightwatcher import WeightWatcher

    w = np.random.default_rng(0).standard_normal((60, 90))
    watcher = WeightWatcher(model={"fc.weight": w, "fc.bias": w[0]})
    details = watcher.analyze()
    assert len(details) == 1
    row = details.iloc[0]
    eigenvalues = np.linalg.svd(w, compute_uv=False) ** 2
    assert (row["name"], row["N"], row["M"], row["Q"], row["num_evals"]) == ("fc.weight", 90, 60, 1.5, 60)
    assert row["lambda_max"] == pytest.approx(eigenvalues[0])
    assert row["xmax"] == pytest.approx(eigenvalues[0])
    assert row["norm"] == pytest.approx(eigenvalues.sum())
    assert row["log_norm"] == pytest.approx(math.log10(eigenvalues.sum()))
    assert row["stable_rank"] == pytest.approx(eigenvalues.sum() / eigenvalues[0])
    assert row["alpha_weighted"] == pytest.approx(row["alpha"] * math.log10(eigenvalues[0]))
    assert row["matrix_rank"] == 60 and row["rank_loss"] == 0
    # α from the tail's own eigenvalues: the estimate of maximum likelihood.
    tail = eigenvalues[eigenvalues >= row["xmin"] * (1 - 1e-9)]
    assert len(tail) == row["num_pl_spikes"]
    assert row["alpha"] == pytest.approx(1 + len(tail) / np.log(tail / row["xmin"]).sum(), rel=1e-6)
    summary = watcher.get_summary(details)
    assert summary["alpha"] == row["alpha"]
    with pytest.raises(TypeError):
        WeightWatcher().analyze()
