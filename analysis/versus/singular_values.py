"""Singular values (values only) against numpy and torch: the same matrices, interleaved, in one run.

    cargo build --release --example serve_singular_values
    python3 analysis/versus/singular_values.py [--binary PATH] [--rounds N] [--shapes 64x64,800x500]

Needs numpy and torch. Prints, for each shape, type and number of threads, the median CPU time and wall time of
this project over those of each peer (below 1: this project is faster), and the largest deviation of its values
from those of numpy in double precision, in units of (largest value) x (machine epsilon).
"""

import argparse
import os
import statistics
import subprocess
import sys
import time

SHAPES = [(10, 10), (32, 32), (64, 64), (128, 128), (256, 256), (512, 512), (800, 500), (500, 800),
          (1024, 1024), (4096, 1024), (2048, 2048)]


class Spectra:
    """The server process and its CPU clock."""

    def __init__(self, binary, threads):
        environment = dict(os.environ, RAYON_NUM_THREADS=str(threads))
        self.process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        # the number of Linux for the CPU clock of another process, all its threads together
        self.clock = (~self.process.pid << 3) | 2
        self.threads = threads

    def run(self, a, repeats):
        name = {"float32": "f32", "float64": "f64"}[str(a.dtype)]
        head = f"{name} {a.shape[0]} {a.shape[1]} {self.threads} {repeats}\n".encode()
        self.process.stdin.write(head + a.tobytes())
        self.process.stdin.flush()
        assert self.process.stdout.readline() == b"ready\n"
        cpu, wall = time.clock_gettime(self.clock), time.perf_counter()
        self.process.stdin.write(b"go\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == b"done\n"
        cpu, wall = time.clock_gettime(self.clock) - cpu, time.perf_counter() - wall
        import numpy
        size = min(a.shape)
        values = numpy.frombuffer(self.process.stdout.read(size * a.itemsize), a.dtype)
        return cpu / repeats, wall / repeats, values


def timed(function, repeats):
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(repeats):
        function()
    return (time.process_time() - cpu) / repeats, (time.perf_counter() - wall) / repeats


def compare(binary, threads, rounds, shapes):
    import numpy
    import torch

    torch.set_num_threads(threads)
    spectra = Spectra(binary, threads)
    random = numpy.random.default_rng(0)
    print(f"{threads} thread(s); numpy {numpy.__version__}, torch {torch.__version__}; medians of {rounds}")
    print(f"{'':>14} {'spectra':>10} | CPU time over {'':>9}| wall time over    | deviation")
    print(f"{'shape':>10} type {'CPU ms':>9} | {'numpy':>9} {'torch':>9}   | {'numpy':>7} {'torch':>7}   | / (s_1 eps)")
    for m, n in shapes:
        for dtype in (numpy.float32, numpy.float64):
            a = random.standard_normal((m, n)).astype(dtype)
            t = torch.from_numpy(a)
            repeats = max(1, int(3e6 / (m * n * min(m, n))))
            peers = {
                "numpy": lambda: numpy.linalg.svd(a, compute_uv=False),
                "torch": lambda: torch.linalg.svdvals(t),
            }
            ours, times = [], {name: [] for name in peers}
            for _ in range(rounds + 1):
                *measured, values = spectra.run(a, repeats)
                ours.append(measured)
                for name, function in peers.items():
                    times[name].append(timed(function, repeats))
            # the first round warms up
            median = lambda runs, k: statistics.median(run[k] for run in runs[1:])
            exact = numpy.linalg.svd(a.astype(numpy.float64), compute_uv=False)
            deviation = abs(values - exact).max() / exact[0] / numpy.finfo(dtype).eps
            ratios = [[median(ours, k) / median(times[name], k) for name in peers] for k in (0, 1)]
            print(f"{m:>5}x{n:<5} {'f32' if dtype == numpy.float32 else 'f64'} {1e3 * median(ours, 0):9.3f}"
                  f" | {ratios[0][0]:9.2f} {ratios[0][1]:9.2f}   | {ratios[1][0]:7.2f} {ratios[1][1]:7.2f}"
                  f"   | {deviation:6.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    target = os.environ.get("CARGO_TARGET_DIR", "target")
    parser.add_argument("--binary", default=os.path.join(target, "release/examples/serve_singular_values"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--shapes", help="instead of all of them")
    parser.add_argument("--threads", type=int, help="one number of threads instead of one and two")
    arguments = parser.parse_args()
    if arguments.threads:
        shapes = SHAPES
        if arguments.shapes:
            shapes = [tuple(map(int, shape.split("x"))) for shape in arguments.shapes.split(",")]
        compare(arguments.binary, arguments.threads, arguments.rounds, shapes)
        return
    for threads in (1, 2):
        environment = dict(os.environ)
        for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            environment[name] = str(threads)
        subprocess.run([sys.executable, *sys.argv, "--threads", str(threads)], env=environment, check=True)


if __name__ == "__main__":
    main()
