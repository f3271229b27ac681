"""Signals, pipes, threads and memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

PROGRAM = [sys.executable, "-c", "import sys; from spectra_weights._programs import spectra; sys.exit(spectra())"]
posix = pytest.mark.skipif(os.name != "posix", reason="signals and pipes of Unix")


def python(code, **options):
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options
    )


@posix
def test_ctrl_c_raises_keyboard_interrupt():
    """Catches a computation that does not hear, or a result that is returned as if it were whole."""
    child = python(
        """
        import numpy as np, spectra_weights as sw
        rng = np.random.default_rng(0)
        state = {str(i): rng.standard_normal((300, 300)) for i in range(2000)}
        print("begins", flush=True)
        try:
            sw.analyze(state)
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        print(sw.svdvals(state["0"]).shape)
        """
    )
    assert child.stdout.readline() == "begins\n"
    time.sleep(1.0)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=120)
    assert (out, child.returncode) == ("interrupted\n(300,)\n", 0), err


@posix
def test_the_program_answers_ctrl_c_as_alone(tmp_path):
    """Catches a traceback, and an interruption that loses what was finished."""
    child = python(
        """
        import numpy as np, sys
        rng = np.random.default_rng(0)
        np.savez(sys.argv[1], **{str(i): rng.standard_normal((300, 300)) for i in range(400)})
        """.replace("sys.argv[1]", repr(str(tmp_path / "w.npz")))
    )
    assert child.wait() == 0
    run = subprocess.Popen(
        [*PROGRAM, "analyze", str(tmp_path / "w.npz"), "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    time.sleep(3.0)
    run.send_signal(signal.SIGINT)
    out, err = run.communicate(timeout=120)
    assert run.returncode == 2, err
    assert '"complete":false' in out
    assert "interrupted" in err and "Traceback" not in err


@posix
def test_a_reader_that_leaves_is_no_failure(tmp_path):
    import numpy as np

    np.save(tmp_path / "w.npy", np.random.default_rng(0).standard_normal((60, 60)))
    run = subprocess.Popen(
        [*PROGRAM, "analyze", str(tmp_path / "w.npy"), "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    run.stdout.close()
    err = run.stderr.read().decode()
    assert run.wait(timeout=120) == 0, err
    assert "Traceback" not in err


def test_exit_statuses_are_those_of_the_program():
    def status(*arguments):
        return subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, check=False)

    version = status("--version")
    assert version.returncode == 0 and version.stdout.startswith("spectra ")
    assert status("analyze", "nowhere.npy").returncode == 2
    wrong = status("analyze", "--draws", "3", "w.npy")
    assert wrong.returncode == 2 and "--draws" in wrong.stderr
    module = subprocess.run([sys.executable, "-m", "spectra_weights", "--version"], capture_output=True, check=False)
    assert module.stdout.decode() == version.stdout


def test_threads_analyse_side_by_side():
    """Catches state that calls share: each result is that of a call alone."""
    from concurrent.futures import ThreadPoolExecutor

    import numpy as np
    import spectra_weights as sw

    states = [{"w": np.random.default_rng(i).standard_normal((50, 40))} for i in range(8)]
    alone = [sw.analyze(state, draws=39).to_json() for state in states]
    with ThreadPoolExecutor(8) as threads:
        together = threads.map(lambda state: sw.analyze(state, draws=39).to_json(), states)
        assert list(together) == alone


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_no_copy_of_a_state_dict_is_made():
    """Catches memory that grows with the model: 96 MiB of weights add less than the largest matrix, its workspace and what
    rows keep."""
    child = python(
        """
        import numpy as np, spectra_weights as sw
        rng = np.random.default_rng(0)
        state = {str(i): rng.standard_normal((65536, 8), dtype="f4") for i in range(48)}
        sw.analyze({"warm": state["0"]}, draws=39)
        def peak():
            with open("/proc/self/status") as status:
                return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
        before = peak()
        sw.analyze(state, draws=39, values=False)
        print(sum(a.nbytes for a in state.values()) // 1024, peak() - before)
        """
    )
    out, err = child.communicate(timeout=600)
    assert child.returncode == 0, err
    total, added = map(int, out.split())
    assert total == 96 * 1024
    # The largest matrix has 4 MiB in floats of 64 bits, and was worked on before.
    assert added < 16 * 1024, f"{added} KiB were added"
