"""What the tests share."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from types import ModuleType

import pytest

# Packages that this run does without, by name: everything else that a test asks for must be installed.
WITHOUT = os.environ.get("SPECTRA_TEST_WITHOUT", "").split(",")
ROOT = Path(__file__).resolve().parents[3]


def needed(name: str) -> ModuleType:
    """Returns a package; the test is skipped only where the run says that it does without it."""
    if name in WITHOUT:
        pytest.skip(f"this run does without {name}")
    return importlib.import_module(name)


@pytest.fixture
def torch() -> ModuleType:
    return needed("torch")


@pytest.fixture(scope="session")
def fixtures() -> Path:
    return ROOT / "fixtures"


# Modules that import PyTorch at their heads.
collect_ignore = ["torch", "monitor"] if "torch" in WITHOUT else []
