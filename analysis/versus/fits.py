"""Products of sums of fixed matrices, and butterflies, against other programs: the same problems, interleaved, in one run.

    cargo build --release --bin fit-basis --example serve_butterfly
    python3 analysis/versus/fits.py [--rounds N] [--threads N] [--only planted|long|classifier|butterfly]

Needs numpy, torch and, for butterflies, pyfaust. Prints for each contender the residual it reached, its median CPU
seconds (user and system, all threads) and wall seconds, and both over those of this project (above 1: this project
is faster). Peers are measured without their imports, whose time is printed apart, and find the fixed matrices in
memory; `fit-basis` is measured whole, with its start and the reading of the matrices from a file.
"""

import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

FIXTURE = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "mnist-linear.npy"
STARTS = 10


def product(factors):
    value = factors[0]
    for factor in factors[1:]:
        value = value @ factor
    return value


def relative(numpy, value, w):
    return float(numpy.linalg.norm(value - w) / numpy.linalg.norm(w))


def fit_basis(binary, folder, settings, target, basis):
    """The program, from another random start until the target is reached."""
    best = float("inf")
    for start in range(STARTS):
        command = [binary, folder / "w.npy", "--basis", basis, "--no-controls", "--restarts", "1"]
        command += ["--seed", str(start), "--json", "--output", folder / "fit.json", *settings]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        fit = json.loads((folder / "fit.json").read_text())["fits"][0]
        best = min(best, fit["relative_residual"])
        if best <= target:
            break
    return best, f"{start + 1} start(s), {fit['iterations']} iterations"


def alternating(numpy, w, bases, target, sweeps, gain):
    """Least squares for one factor after the other, until the target is reached or a sweep gains too little."""
    m, n = w.shape
    best, count = float("inf"), 0
    for start in range(STARTS):
        random = numpy.random.default_rng(start)
        a = [random.standard_normal(len(basis)) / len(basis) ** 0.5 / basis.shape[1] ** 0.5 for basis in bases]
        factors = [numpy.einsum("k,kij->ij", x, basis) for x, basis in zip(a, bases)]
        before = relative(numpy, product(factors), w)
        for _ in range(sweeps):
            count += 1
            for j, basis in enumerate(bases):
                terms = basis
                if j > 0:
                    terms = product(factors[:j]) @ terms
                if j + 1 < len(bases):
                    terms = terms @ product(factors[j + 1:])
                a[j] = numpy.linalg.lstsq(terms.reshape(len(basis), m * n).T, w.ravel(), rcond=None)[0]
                factors[j] = numpy.einsum("k,kij->ij", a[j], basis)
            now = relative(numpy, product(factors), w)
            best = min(best, now)
            if best <= target:
                return best, f"{start + 1} start(s), {count} sweeps"
            if before - now < gain * before:
                break
            before = now
    return best, f"{STARTS} starts, {count} sweeps, not reached"


def adam(torch, w, bases, target, steps):
    """Adam on the squared residual, the rate falling to a millionth over the steps."""
    w, bases = torch.from_numpy(w), [torch.from_numpy(basis) for basis in bases]
    torch.manual_seed(0)
    a = [(torch.randn(len(b), dtype=b.dtype) / len(b) ** 0.5 / b.shape[1] ** 0.5).requires_grad_() for b in bases]
    optimizer = torch.optim.Adam(a, lr=0.02)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 1e-6 ** (1 / steps))
    norm = w.norm()
    for step in range(steps):
        optimizer.zero_grad()
        value = product([torch.tensordot(x, basis, 1) for x, basis in zip(a, bases)])
        loss = ((value - w) ** 2).sum() / norm ** 2
        loss.backward()
        residual = float(loss.detach()) ** 0.5
        if residual <= target:
            return residual, f"{step + 1} steps"
        optimizer.step()
        schedule.step()
    return residual, f"{steps} steps, not reached"


def clock():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in usages), time.perf_counter()


def measured(function):
    cpu, wall = clock()
    residual, words = function()
    cpu_end, wall_end = clock()
    return cpu_end - cpu, wall_end - wall, residual, words


def compare(name, contenders, rounds):
    """The first is this project."""
    print(f"\n{name}")
    print(f"{'':>14} {'residual':>10} {'CPU s':>9} {'wall s':>9} {'CPU ratio':>10} {'wall ratio':>10}")
    runs = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, function in contenders.items():
            runs[name].append(measured(function))
    median = lambda name, k: statistics.median(run[k] for run in runs[name])
    ours = next(iter(contenders))
    for name in contenders:
        cpu, wall = median(name, 0), median(name, 1)
        print(f"{name:>14} {runs[name][-1][2]:10.3e} {cpu:9.4f} {wall:9.4f} {cpu / median(ours, 0):10.1f}"
              f" {wall / median(ours, 1):10.1f}   {runs[name][-1][3]}", flush=True)


def products(numpy, torch, arguments, name):
    random = numpy.random.default_rng(0)
    if name in ("planted", "long"):
        shapes, terms = {
            "planted": ([(64, 64), (64, 64), (64, 48)], 8),
            "long": ([(32, 32)] * 5 + [(32, 24)], 20),
        }[name]
        bases = [random.standard_normal((terms, *shape)) for shape in shapes]
        w = product([numpy.einsum("k,kij->ij", random.standard_normal(terms), basis) for basis in bases])
        target, sweeps, gain, steps, solver = 1e-8, 1000, 1e-6, 10000, ["--tolerance", "1e-6"]
    else:
        w = numpy.load(FIXTURE).astype(float)
        shapes, terms = [w.shape, (w.shape[1], w.shape[1])], 50
        bases = [random.standard_normal((terms, *shape)) for shape in shapes]
        target, sweeps, gain, steps, solver = None, 200, 1e-5, 300, []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        numpy.save(folder / "w.npy", w)
        numpy.savez(folder / "basis.npz", **{f"M{j + 1}": basis for j, basis in enumerate(bases)})
        file = folder / "basis.npz"
        settings = solver
        seeded = ["--p", str(len(bases)), "--k", str(terms), *solver]
        if target is None:
            # what one start reaches, with a hair's margin: a random product has no smaller residual to speak of
            target = 1.0001 * fit_basis(arguments.fit_basis, folder, settings, 1.0, file)[0]
        shape = " x ".join(map(str, w.shape))
        contenders = {
            "spectra": lambda: fit_basis(arguments.fit_basis, folder, settings, target, file),
            "numpy, ALS": lambda: alternating(numpy, w, bases, target, sweeps, gain),
            "torch, Adam": lambda: adam(torch, w, bases, target, steps),
        }
        if name == "classifier":
            # other matrices of the same law, made from the seed instead of read
            contenders["spectra, seed"] = lambda: fit_basis(arguments.fit_basis, folder, seeded, 1.0, "gaussian")
        # the first step of an optimizer imports more of torch
        adam(torch, w, bases, target, 2)
        compare(f"{name}: {shape}, p = {len(bases)}, K = {terms}, until {target:.6g}", contenders, arguments.rounds)


class Server:
    """The example that factorises: entries in, seconds and the product of the factors out."""

    def __init__(self, binary):
        self.process = subprocess.Popen([binary], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.clock = (~self.process.pid << 3) | 2

    def run(self, numpy, w):
        def line():
            return self.process.stdout.readline()

        self.process.stdin.write(f"{w.shape[0]} {w.shape[1]}\n".encode() + w.tobytes())
        self.process.stdin.flush()
        assert line() == b"ready\n"
        cpu, wall = time.clock_gettime(self.clock), time.perf_counter()
        self.process.stdin.write(b"go\n")
        self.process.stdin.flush()
        assert line() == b"done\n"
        cpu, wall = time.clock_gettime(self.clock) - cpu, time.perf_counter() - wall
        near = numpy.frombuffer(self.process.stdout.read(w.nbytes)).reshape(w.shape)
        return cpu, wall, relative(numpy, near, w)


def butterflies(numpy, arguments):
    cpu, wall = clock()
    import warnings
    warnings.simplefilter("ignore")
    import pyfaust
    from pyfaust.fact import butterfly
    cpu_end, wall_end = clock()
    print(f"\nimport of pyfaust {pyfaust.__version__}: {cpu_end - cpu:.1f} CPU s, {wall_end - wall:.1f} wall s")
    server = Server(arguments.butterfly)
    sign = lambda i, j: 1.0 - 2.0 * (numpy.bitwise_count(i & j) % 2)
    index = numpy.arange(1024)
    random = numpy.random.default_rng(0)
    hadamard = sign(index[:, None], index[None, :]).astype(float)
    for name, w in (("Hadamard", hadamard), ("noise", random.standard_normal((1024, 1024)))):
        print(f"butterfly: {name}, order 1024")
        print(f"{'':>14} {'residual':>10} {'CPU s':>9} {'wall s':>9} {'CPU ratio':>10} {'wall ratio':>10}")
        ours, theirs = [], []
        for _ in range(max(3, arguments.rounds)):
            ours.append(server.run(numpy, w))
            cpu, wall = clock()
            near = butterfly(w, type="bbtree")
            cpu_end, wall_end = clock()
            theirs.append((cpu_end - cpu, wall_end - wall, relative(numpy, near.toarray(), w)))
        median = lambda runs, k: statistics.median(run[k] for run in runs)
        for name, runs in (("spectra", ours), ("pyfaust", theirs)):
            print(f"{name:>14} {runs[-1][2]:10.3e} {median(runs, 0):9.4f} {median(runs, 1):9.4f}"
                  f" {median(runs, 0) / median(ours, 0):10.1f} {median(runs, 1) / median(ours, 1):10.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    built = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", "target")) / "release"
    parser.add_argument("--fit-basis", default=built / "fit-basis")
    parser.add_argument("--butterfly", default=built / "examples" / "serve_butterfly")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1, help="of every contender")
    parser.add_argument("--only", choices=["planted", "long", "classifier", "butterfly"])
    arguments = parser.parse_args()
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"):
        os.environ[name] = str(arguments.threads)
    def starting(name, command):
        cpu, wall = clock()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        cpu_end, wall_end = clock()
        print(f"start of {name}: {cpu_end - cpu:.2f} CPU s, {wall_end - wall:.2f} wall s")

    starting("fit-basis", [arguments.fit_basis, "--version"])
    for name in ("numpy", "torch"):
        starting(name, [sys.executable, "-c", f"import {name}"])
    import numpy
    import torch
    torch.set_num_threads(arguments.threads)
    print(f"{arguments.threads} thread(s); numpy {numpy.__version__}, torch {torch.__version__};"
          f" medians of {arguments.rounds}")
    for name in ("planted", "long", "classifier"):
        if arguments.only in (None, name):
            products(numpy, torch, arguments, name)
    if arguments.only in (None, "butterfly"):
        butterflies(numpy, arguments)


if __name__ == "__main__":
    sys.exit(main())
