"""The programs that the package installs."""

from __future__ import annotations

import signal
import sys

from ._native import main


def _run(program: str) -> int:
    # Ctrl-C and the like are answered as by the programs that are built alone: not by an exception.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    return main(program, [program, *sys.argv[1:]])


def spectra() -> int:
    """Runs ``spectra`` with the arguments of this process."""
    return _run("spectra")


def fit_basis() -> int:
    """Runs ``fit-basis`` with the arguments of this process."""
    return _run("fit-basis")
