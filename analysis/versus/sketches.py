"""The measured variance of sign sketches beside plain numpy: the same layer, as many trials, in one run.

    cargo build --release
    python3 analysis/versus/sketches.py [--rounds N] [--threads N] [--trials N] [--k K] [--l L]

Needs numpy. Prints CPU seconds (user and system, all threads) and wall seconds a thousand trials, numpy's over
this project's (above 1: this project is faster), and the variances that both measured beside the exact ones.
`spectra` is measured whole, with its start and everything else that it answers; numpy without its import.
"""

import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import tempfile
import time


def clock():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in usages), time.perf_counter()


def measured(function):
    cpu, wall = clock()
    result = function()
    cpu_end, wall_end = clock()
    return cpu_end - cpu, wall_end - wall, result


def plain(numpy, w, k, l, trials):
    """What one would write down: signs as numbers, four products a pair."""
    random = numpy.random.default_rng(0)
    sums = numpy.zeros(3)
    for _ in range(trials):
        error = numpy.zeros_like(w)
        for _ in range(l):
            u1 = random.integers(0, 2, (k, w.shape[0])) * 2.0 - 1
            u2 = random.integers(0, 2, (k, w.shape[1])) * 2.0 - 1
            first = u1.T @ (u1 @ w) / k - w
            second = (w @ u2.T) @ u2 / k - w
            sums[0] += (first**2).sum() / l
            sums[1] += (second**2).sum() / l
            error += first + second
        sums[2] += (error**2).sum() / (4 * l * l)
    return sums / trials


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    built = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", "target")) / "release"
    parser.add_argument("--spectra", default=built / "spectra")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1, help="of both")
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--k", type=int, default=64)
    parser.add_argument("--l", type=int, default=1)
    parser.add_argument("--shape", default="500x800")
    arguments = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
        os.environ[name] = str(arguments.threads)
    import numpy

    shape = tuple(map(int, arguments.shape.split("x")))
    w = numpy.random.default_rng(1).standard_normal(shape)
    k, l, trials = arguments.k, arguments.l, arguments.trials
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "w.npy"
        numpy.save(path, w)
        command = [arguments.spectra, "sketch", path, "--k", str(k), "--l", str(l)]
        command += ["--trials", str(trials), "--json"]
        ours, theirs = [], []
        for _ in range(arguments.rounds):
            run = lambda: subprocess.run(command, check=True, capture_output=True).stdout
            ours.append(measured(run))
            theirs.append(measured(lambda: plain(numpy, w, k, l, trials)))
    layer = json.loads(ours[-1][2])["layers"][0]
    print(f"{arguments.shape}, k = {k}, l = {l}, {trials} trials, {arguments.threads} thread(s), numpy {numpy.__version__}")
    print(f"{'':>10} {'CPU s':>8} {'wall s':>8}   a thousand trials")
    median = lambda runs, i: statistics.median(run[i] for run in runs) * 1000 / trials
    for name, runs in (("spectra", ours), ("numpy", theirs)):
        print(f"{name:>10} {median(runs, 0):8.3f} {median(runs, 1):8.3f}")
    print(f"{'ratio':>10} {median(theirs, 0) / median(ours, 0):8.2f} {median(theirs, 1) / median(ours, 1):8.2f}")
    print(f"{'':>10} {'exact':>12} {'spectra':>12} {'numpy':>12}")
    for i, name in enumerate(("mode1", "mode2", "averaged")):
        mode = layer[name]
        print(f"{name:>10} {mode['exact']:12.1f} {mode['measured']:12.1f} {theirs[-1][2][i]:12.1f}")


if __name__ == "__main__":
    main()
