"""Layers in diagonal blocks against PyTorch's: batched products (torch.bmm) and compressed sparse rows, interleaved, in one run.

    cargo build --release --example serve_train_step
    python3 analysis/versus/blocks.py [--rounds N] [--seconds S] [--threads N] [--device gpu] > reports/versus/blocks.csv

Needs torch. A round is S seconds of each contender in turn; numbers are medians over rounds. Writes a table as CSV for the studies
bdip-1 and bdip-3: a row a layer and number of blocks, milliseconds of the product alone and of the three products of a step, this
project's and torch's, milliseconds of torch's sparse product with as many entries at random places, and ratios: `forward-ratio`
and `step-ratio` are torch's time over this project's (above 1: this project is faster), `torch-speed-up`, `torch-step-speed-up` and
`torch-csr-speed-up` are torch's dense time over its own in blocks or sparse rows.
"""

import argparse
import csv
import os
import pathlib
import statistics
import sys
import time

from fits import Server

BINARY = pathlib.Path(__file__).resolve().parents[2] / "target" / "release" / "examples" / "serve_train_step"
SQUARES = [(f"{n} x {n}", n, n, 100, [1, 4, 16, 64]) for n in (512, 1024, 2048)]
LAYERS = [
    ("LeNet ip1", 500, 800, 64, [1, 5, 10, 50, 100]),
    ("LeNet ip2", 10, 500, 64, [1, 5, 10]),
    ("cuda-convnet ip1", 64, 1024, 100, [1, 8, 32, 64]),
    ("cuda-convnet ip2", 10, 64, 100, [1, 2]),
]


class Ours:
    def __init__(self, binary, device, name):
        self.server = Server(binary, device)
        self.server.ask(name)

    def run(self, steps):
        return self.server.ask(str(steps))[2]


class Torch:
    def __init__(self, torch, device, rows, columns, blocks, batch, kind):
        self.torch, self.cuda = torch, device == "gpu"
        height, width = rows // blocks, columns // blocks
        torch.set_default_device("cuda" if self.cuda else "cpu")
        torch.manual_seed(0)
        if kind == "csr":
            places = torch.rand(rows * columns).topk(rows * columns // blocks).indices
            dense = torch.zeros(rows * columns)
            dense[places] = torch.rand(len(places)) - 0.5
            self.weight = dense.reshape(rows, columns).to_sparse_csr()
            self.x = torch.rand(columns, batch) - 0.5
        else:
            self.weight = torch.rand(blocks, height, width) - 0.5
            self.x, self.dy = (torch.rand(blocks, size, batch) - 0.5 for size in (width, height))
        self.step = {"csr": self.sparse, "forward": self.forward, "step": self.all}[kind]

    def sparse(self):
        self.weight @ self.x

    def forward(self):
        self.torch.bmm(self.weight, self.x)

    def all(self):
        self.torch.bmm(self.weight, self.x)
        self.torch.bmm(self.weight.transpose(1, 2), self.dy)
        self.torch.bmm(self.dy, self.x.transpose(1, 2))

    def run(self, steps):
        start = time.perf_counter()
        for _ in range(steps):
            self.step()
        if self.cuda:
            self.torch.cuda.synchronize()
        return time.perf_counter() - start


def medians(contenders, rounds, seconds):
    """Milliseconds a step of each contender."""
    counts = []
    for contender in contenders:
        contender.run(2)
        counts.append(max(1, round(3 * seconds / contender.run(3))))
    times = [[1e3 * contender.run(count) / count for contender, count in zip(contenders, counts)] for _ in range(rounds)]
    return [statistics.median(column) for column in zip(*times)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.05)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--binary", type=pathlib.Path, default=BINARY)
    parser.add_argument("--device", choices=["cpu", "gpu"], default="cpu")
    arguments = parser.parse_args()
    for variable in ("RAYON_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ[variable] = str(arguments.threads)
    import torch

    torch.set_num_threads(arguments.threads)
    print(f"torch {torch.__version__}, {arguments.threads} threads, load {os.getloadavg()[0]:.2f}", file=sys.stderr)
    names = ["spectra-forward", "spectra-step", "torch-forward", "torch-step", "torch-csr"]
    ratios = ["forward-ratio", "step-ratio", "torch-speed-up", "torch-step-speed-up", "torch-csr-speed-up"]
    table = csv.writer(sys.stdout, lineterminator="\n")
    table.writerow(["device", "layer", "rows", "columns", "batch", "b", *names, *ratios])
    for layer, rows, columns, batch, all_blocks in SQUARES + LAYERS:
        for blocks in all_blocks:
            name = f"layer-{rows}-{columns}-{blocks}-{batch}"
            ours = [Ours(arguments.binary, arguments.device, f"{name}{end}") for end in ("-forward", "")]
            make = lambda kind: Torch(torch, arguments.device, rows, columns, blocks, batch, kind)
            times = medians(ours + [make(kind) for kind in ("forward", "step", "csr")], arguments.rounds, arguments.seconds)
            for one in ours:
                one.server.end()
            if blocks == 1:
                dense = times
            forward, step, their_forward, their_step, csr = times
            gains = [dense[2] / their_forward, dense[3] / their_step, dense[2] / csr]
            numbers = times + [their_forward / forward, their_step / step, *gains]
            table.writerow([arguments.device, layer, rows, columns, batch, blocks, *(f"{x:.6g}" for x in numbers)])
            sys.stdout.flush()


if __name__ == "__main__":
    main()
