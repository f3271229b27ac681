"""What the tests share."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
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


class Memory:
    """A sink of monitors in memory."""

    def __init__(self) -> None:
        self.logged: list[tuple[int, dict[str, float]]] = []
        self.closed = 0

    def log(self, step: int, values: Mapping[str, float]) -> None:
        self.logged.append((step, dict(values)))

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def torch() -> ModuleType:
    return needed("torch")


@pytest.fixture(scope="session")
def fixtures() -> Path:
    return ROOT / "fixtures"


# Modules that import PyTorch at their heads.
collect_ignore = ["torch", "monitor"] if "torch" in WITHOUT else []
