#!/usr/bin/env python3
"""Measure `spectra analyze` and its peers on the same file in the same run.

    python versus.py --spectra target/release/spectra [--rounds 3] [--only TEXT] [--file model.pt] ...

Every contender is a process of its own, its CPU seconds (user and system, all threads) and peak memory taken
from the kernel when it ends. A round runs them one after the other and rounds repeat, so a slow minute of the
machine falls on all; the table shows medians. Ratios are of whole processes.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import peer

HERE = Path(__file__).resolve().parent
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")


def measure(command, environment):
    """Standard output, CPU seconds and peak megabytes of one process; it must succeed."""
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}")
        out.seek(0)
        text = out.read().decode()
    return text, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6


def contenders(arguments, path):
    """Name -> command."""
    commands = {}
    if arguments.spectra:
        commands["spectra --version"] = [arguments.spectra, "--version"]
        commands["spectra analyze"] = [
            arguments.spectra, "analyze", path, "--format", "json", *arguments.spectra_options.split()
        ]
    for name in peer.PEERS:
        commands[name] = [sys.executable, HERE / "peer.py", name, path]
    kept = {n: c for n, c in commands.items() if n.startswith("spectra") or arguments.only in n}
    return kept


def largest_difference(analysis, reference):
    """The largest |s - s'| / s'_1 between spectra's values and numpy's in float64."""
    worst = 0.0
    for layer in json.loads(analysis)["layers"]:
        theirs = json.loads(reference)["singular_values"][layer["name"]]
        ours = layer["singular_values"]
        worst = max(worst, *(abs(a - b) / theirs[0] for a, b in zip(ours, theirs, strict=True)))
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--spectra", help="the binary; left out, only the peers run")
    parser.add_argument("--spectra-options", default="", help="further options of spectra analyze")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1, help="threads of every contender")
    parser.add_argument("--only", default="", help="only peers whose name contains this")
    parser.add_argument("--folder", type=Path, default=HERE / "work", help="where the model is made")
    parser.add_argument("--file", default="model.safetensors", help="or model.pt")
    arguments = parser.parse_args()

    # In a process of its own: a child's peak memory begins at its parent's, so this one must stay small.
    subprocess.run([sys.executable, HERE / "model.py", arguments.folder], check=True)
    path = str(arguments.folder / arguments.file)
    environment = {**os.environ, **{t: str(arguments.threads) for t in THREADS}, "MPLBACKEND": "Agg"}
    cpu, inner, memory, text = {}, {}, {}, {}
    commands = contenders(arguments, path)
    for round_ in range(arguments.rounds):
        for name, command in commands.items():
            text[name], seconds, megabytes = measure(command, environment)
            cpu.setdefault(name, []).append(seconds)
            memory.setdefault(name, []).append(megabytes)
            if name in peer.PEERS:
                inner.setdefault(name, []).append(json.loads(text[name])["cpu_seconds"])
            print(f"round {round_ + 1}: {name}: {seconds:.3f} CPU s, {megabytes:.0f} MB", file=sys.stderr)

    ours = "spectra analyze"
    print(f"{path}, {arguments.rounds} rounds, {arguments.threads} threads, medians\n")
    print("| program | CPU s | without start | peak MB | CPU, times spectra | memory, times spectra |")
    print("|---|---|---|---|---|---|")
    for name in commands:
        seconds, megabytes = statistics.median(cpu[name]), statistics.median(memory[name])
        row = [name, f"{seconds:.3f}"]
        row.append(f"{statistics.median(inner[name]):.3f}" if name in inner else "")
        row.append(f"{megabytes:.0f}")
        if ours in commands:
            row.append(f"{statistics.median(a / b for a, b in zip(cpu[name], cpu[ours])):.2f}")
            row.append(f"{megabytes / statistics.median(memory[ours]):.2f}")
        else:
            row += ["", ""]
        print(f"| {' | '.join(row)} |")
    if ours in commands and "numpy svd f64" in commands:
        worst = largest_difference(text[ours], text["numpy svd f64"])
        print(f"\nLargest difference of a singular value from numpy's in float64, over s_1: {worst:.1e}")


if __name__ == "__main__":
    main()
