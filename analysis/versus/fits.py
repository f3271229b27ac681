"""Products of sums of fixed matrices, and butterflies, against other programs: the same problems, interleaved, in one run.

    cargo build --release --bin fit-basis --example serve_fit --example serve_butterfly
    python3 analysis/versus/fits.py [--rounds N] [--problems N] [--threads N] [--only NAME]

Needs numpy, torch and, for butterflies, pyfaust. Prints for each contender the residual it reached, its median CPU
seconds (user and system, all threads) and wall seconds, and both over those of this project (above 1: this project
is faster). All find the fixed matrices in memory and are measured without their start, whose time is printed apart;
`fit-basis` is also measured whole, with its start and the reading of the matrices from a file. Problems are planted from
seeds 0, 1, 2, ...; seconds are those of all of them together. Each contender stops where the residual is reached, but for `fit-basis`,
which stops by its own rule.
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


def starts(target, search):
    """`search` from another random start until the target is reached: the best residual, starts, iterations."""
    best, count = float("inf"), 0
    for start in range(STARTS):
        residual, iterations = search(start)
        best, count = min(best, residual), count + iterations
        if best <= target:
            break
    return best, start + 1, count


def fit_basis(binary, folder, settings, target, basis):
    """The program as a user runs it."""
    def search(seed):
        command = [binary, folder / "w.npy", "--basis", basis, "--no-controls", "--restarts", "1"]
        command += ["--seed", str(seed), "--json", "--output", folder / "fit.json", *settings]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
        fit = json.loads((folder / "fit.json").read_text())["fits"][0]
        return fit["relative_residual"], fit["iterations"]

    return starts(target, search)


class Server:
    """One of this project's examples: it is asked by lines, and its own clock is read."""

    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.clock = (~self.process.pid << 3) | 2

    def line(self):
        return self.process.stdout.readline().decode().strip()

    def ask(self, line):
        """The answer, and the CPU and wall seconds until it came."""
        cpu, wall = time.clock_gettime(self.clock), time.perf_counter()
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()
        answer = self.line()
        return answer, time.clock_gettime(self.clock) - cpu, time.perf_counter() - wall

    def end(self):
        self.process.stdin.close()
        self.process.wait()


class Fits(Server):
    """The library with the matrices in memory."""

    def __init__(self, binary, folder):
        super().__init__(binary, folder / "w.npy", folder / "basis.npz")
        assert self.line() == "ready"

    def run(self, target, tolerance):
        total = [0.0, 0.0]

        def search(seed):
            answer, *seconds = self.ask(f"{seed} {tolerance} {target}")
            total[:] = [a + b for a, b in zip(total, seconds)]
            residual, iterations = answer.split()
            return float(residual), int(iterations)

        found = starts(target, search)
        return *total, *found


def alternating(numpy, w, bases, target, sweeps, gain):
    """Least squares for one factor after the other, until the target is reached or a sweep gains too little."""
    m, n = w.shape

    def search(start):
        best, count = float("inf"), 0
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
            if best <= target or before - now < gain * before:
                break
            before = now
        return best, count

    return starts(target, search)


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
            return residual, 1, step + 1
        optimizer.step()
        schedule.step()
    return residual, 1, steps


def clock():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in usages), time.perf_counter()


def measured(function):
    """CPU and wall seconds, and what the function returned."""
    cpu, wall = clock()
    found = function()
    cpu_end, wall_end = clock()
    return cpu_end - cpu, wall_end - wall, *found


CASES = {
    # sizes of the factors, terms of each
    "planted": ([(64, 64), (64, 64), (64, 48)], 8),
    "crowded": ([(32, 32), (32, 24)], 140),
    "crowded-3": ([(64, 64), (64, 64), (64, 48)], 100),
    "four": ([(48, 48)] * 3 + [(48, 32)], 30),
    "classifier": ([(10, 784), (784, 784)], 50),
}


def problem(numpy, name, seed):
    """The matrix and the fixed matrices."""
    random = numpy.random.default_rng(seed)
    shapes, terms = CASES[name]
    bases = [random.standard_normal((terms, *shape)) for shape in shapes]
    if name == "classifier":
        return numpy.load(FIXTURE).astype(float), bases
    return product([numpy.einsum("k,kij->ij", random.standard_normal(terms), basis) for basis in bases]), bases


def products(numpy, torch, arguments, name):
    classifier = name == "classifier"
    tolerance, sweeps, gain, steps = ("1e-2", 200, 1e-5, 300) if classifier else ("1e-6", 1000, 1e-6, 10000)
    runs, targets = {}, []
    for seed in range(1 if classifier else arguments.problems):
        w, bases = problem(numpy, name, seed)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            numpy.save(folder / "w.npy", w)
            numpy.savez(folder / "basis.npz", **{f"M{j + 1}": basis for j, basis in enumerate(bases)})
            server = Fits(arguments.serve_fit, folder)
            # what one start reaches, with a hair's margin: a random product has no smaller residual to speak of
            target = 1.0001 * float(server.ask(f"0 {tolerance} 0")[0].split()[0]) if classifier else 1e-8
            command = lambda basis, *settings: measured(lambda: fit_basis(
                arguments.fit_basis, folder, ["--tolerance", tolerance, *settings], target, basis))
            contenders = {
                "spectra": lambda: server.run(target, tolerance),
                "fit-basis": lambda: command(folder / "basis.npz"),
                "numpy, ALS": lambda: measured(lambda: alternating(numpy, w, bases, target, sweeps, gain)),
            }
            if seed == 0:
                contenders["torch, Adam"] = lambda: measured(lambda: adam(torch, w, bases, target, steps))
                # the first step of an optimizer imports more of torch
                adam(torch, w, bases, target, 2)
            for _ in range(arguments.rounds):
                for contender, function in contenders.items():
                    runs.setdefault((contender, seed), []).append(function())
            targets.append(target)
            server.end()
    shapes, terms = CASES[name]
    print(f"\n{name}: {shapes[0][0]} x {shapes[-1][1]}, p = {len(shapes)}, K = {terms}, until {target:.6g}; {len(targets)} problem(s)")
    print(f"{'':>14} {'residual':>10} {'CPU s':>9} {'wall s':>9} {'CPU ratio':>10} {'wall ratio':>10}")
    median = lambda key, k: statistics.median(run[k] for run in runs[key])
    for contender in contenders | {"torch, Adam": None}:
        seeds = [seed for of, seed in runs if of == contender]
        total = lambda of, k: sum(median((of, seed), k) for seed in seeds)
        last = [runs[contender, seed][-1] for seed in seeds]
        missed = sum(run[2] > target for run, target in zip(last, targets))
        words = f"{sum(run[3] for run in last)} start(s), {sum(run[4] for run in last)} iterations"
        words += f", {missed} of {len(seeds)} not reached" if missed else ""
        cpu, wall = total(contender, 0), total(contender, 1)
        print(f"{contender:>14} {max(run[2] for run in last):10.3e} {cpu:9.4f} {wall:9.4f}"
              f" {cpu / total('spectra', 0):10.1f} {wall / total('spectra', 1):10.1f}   {words}", flush=True)


class Butterflies(Server):
    """Entries in; the product of the factors out."""

    def run(self, numpy, w):
        self.process.stdin.write(f"{w.shape[0]} {w.shape[1]}\n".encode() + w.tobytes())
        self.process.stdin.flush()
        assert self.line() == "ready"
        answer, cpu, wall = self.ask("go")
        assert answer == "done"
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
    server = Butterflies(arguments.butterfly)
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
    parser.add_argument("--serve-fit", default=built / "examples" / "serve_fit")
    parser.add_argument("--butterfly", default=built / "examples" / "serve_butterfly")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--problems", type=int, default=5, help="planted problems of a kind")
    parser.add_argument("--threads", type=int, default=1, help="of every contender")
    parser.add_argument("--only", choices=[*CASES, "butterfly"])
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
          f" medians of {arguments.rounds} round(s)")
    for name in CASES:
        if arguments.only in (None, name):
            products(numpy, torch, arguments, name)
    if arguments.only in (None, "butterfly"):
        butterflies(numpy, arguments)


if __name__ == "__main__":
    sys.exit(main())
