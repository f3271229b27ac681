"""Steps of training against PyTorch: the same networks and batches, interleaved, in one run.

    cargo build --release --example serve_train_step
    python3 analysis/versus/train_steps.py [--rounds N] [--seconds S] [--threads N] [--device gpu] [--only NAME ...]

With --device gpu this project's steps run on the first adapter and PyTorch's with CUDA, in eager mode and without TF32; only wall time
means something there, and the peak is that of a product of 4096 x 4096 matrices.

Needs torch. Both have the batch in memory and take whole steps: forward, mean cross-entropy, backward, momentum with decay. A round
is S seconds of one, then of the other. Prints medians: milliseconds a step (wall), images per second of this project over PyTorch's by
wall time and by CPU time of all threads (above 1: this project is faster), and the part of the products' peak that each reaches.
The peak is measured in the same run: the better of both programs at a product of 2048 x 2048 matrices, in operations a second of CPU
time, so that it means something beside other work. Layers in blocks are compared with the single block by CPU time: the ideal
speed-up is the number of blocks. Beside other work only one thread is fair: PyTorch's threads wait for each other in loops.
"""

import argparse
import os
import pathlib
import statistics
import time

from fits import Server

BINARY = pathlib.Path(__file__).resolve().parents[2] / "target" / "release" / "examples" / "serve_train_step"


class Ours:
    def __init__(self, binary, name, device):
        self.server = Server(binary, device)
        self.batch, self.flops = (int(x) for x in self.server.ask(name)[0].split())

    def run(self, steps):
        _, cpu, wall = self.server.ask(str(steps))
        return cpu, wall


class Torch:
    def __init__(self, torch, name, batch, device):
        self.torch = torch
        self.cuda = device == "gpu"
        torch.set_default_device("cuda" if self.cuda else "cpu")
        nn, functional = torch.nn, torch.nn.functional
        torch.manual_seed(0)
        flatten = nn.Flatten()
        if name.startswith("layer-"):
            blocks = int(name.split("-")[1])
            size = 4096 // blocks
            self.weight, self.x, self.dy = (torch.rand(blocks, size, n) - 0.5 for n in (size, batch, batch))
            self.step = self.layer
            return
        decay = 5e-4
        if name.startswith("product"):
            n = 4096 if self.cuda else 2048
            a, b = torch.rand(n, n), torch.rand(n, n)
            out = torch.empty(n, n)
            self.step = lambda: torch.mm(a, b, out=out)
            return
        if name == "lenet":
            shape = (1, 28, 28)
            net = [nn.Conv2d(1, 20, 5), nn.MaxPool2d(2), nn.Conv2d(20, 50, 5), nn.MaxPool2d(2), flatten]
            net += [nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10)]
        elif name == "mlp":
            shape = (784,)
            net = [nn.Linear(784, 1024), nn.ReLU(), nn.Linear(1024, 512), nn.ReLU(), nn.Linear(512, 10)]
        else:
            shape, decay = (3, 32, 32), 4e-3

            def average():
                return nn.AvgPool2d(3, 2, ceil_mode=True)

            net = [nn.Conv2d(3, 32, 5, padding=2), nn.MaxPool2d(3, 2, ceil_mode=True), nn.ReLU()]
            net += [nn.Conv2d(32, 32, 5, padding=2), nn.ReLU(), average()]
            net += [nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), average()]
            net += [flatten, nn.Linear(1024, 64), nn.Linear(64, 10)]
        self.net = nn.Sequential(*net)
        weights = [p for p in self.net.parameters() if p.dim() > 1]
        biases = [p for p in self.net.parameters() if p.dim() == 1]
        groups = [{"params": weights, "lr": 1e-3}, {"params": biases, "lr": 2e-3}]
        self.optimizer = torch.optim.SGD(groups, lr=1e-3, momentum=0.9, weight_decay=decay)
        self.images = torch.rand(batch, *shape) * 2 - 1
        self.classes = torch.randint(0, 10, (batch,))
        self.loss = functional.cross_entropy
        self.step = self.train

    def train(self):
        self.optimizer.zero_grad()
        self.loss(self.net(self.images), self.classes).backward()
        self.optimizer.step()

    def layer(self):
        self.torch.bmm(self.weight, self.x)
        self.torch.bmm(self.weight.transpose(1, 2), self.dy)
        self.torch.bmm(self.dy, self.x.transpose(1, 2))

    def run(self, steps):
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(steps):
            self.step()
        if self.cuda:
            self.torch.cuda.synchronize()
        return time.process_time() - cpu, time.perf_counter() - wall


def measured(contender, seconds):
    """Steps that take about so long, after a first run that warms up."""
    contender.run(2)
    _, wall = contender.run(3)
    return max(1, round(3 * seconds / wall))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--binary", type=pathlib.Path, default=BINARY)
    parser.add_argument("--device", choices=["cpu", "gpu"], default="cpu")
    parser.add_argument("--only", nargs="*")
    arguments = parser.parse_args()
    for variable in ("RAYON_NUM_THREADS", "OMP_NUM_THREADS"):
        os.environ[variable] = str(arguments.threads)
    import torch

    torch.set_num_threads(arguments.threads)
    names = ["lenet", "mlp", "quick", "layer-1", "layer-4", "layer-16", "layer-64"]
    gpu = arguments.device == "gpu"
    if gpu:
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
        print(torch.cuda.get_device_name())
    # what is measured of times: of a GPU the wall's, of the processor that of all threads
    clock = 1 if gpu else 0
    product = "product-4096" if gpu else "product"
    names = [product] + [name for name in names if not arguments.only or name in arguments.only]
    peak, single = 0.0, {}
    print(f"torch {torch.__version__}, {arguments.threads} threads, load {os.getloadavg()[0]:.2f}")
    print("| step | spectra ms | torch ms | images/s, wall | CPU | of peak | torch | speed-up of blocks | torch |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in names:
        ours = Ours(arguments.binary, name, arguments.device)
        theirs = Torch(torch, name, ours.batch, arguments.device)
        pair = [(contender, measured(contender, arguments.seconds)) for contender in (ours, theirs)]
        rounds = []
        for _ in range(arguments.rounds):
            rounds.append([[t / steps for t in contender.run(steps)] for contender, steps in pair])
        ours.server.end()
        wall = [statistics.median(r[i][1] for r in rounds) for i in (0, 1)]
        ratio = [statistics.median(r[1][j] / r[0][j] for r in rounds) for j in (1, 0)]
        cpu = [statistics.median(r[i][0] for r in rounds) for i in (0, 1)]
        times = [cpu, wall][clock]
        rate = [ours.flops / seconds for seconds in times]
        if name == product:
            peak = max(rate)
        blocks = name.removeprefix("layer-")
        gain = ["", ""]
        if blocks != name:
            single.setdefault("times", times)
            gain = [f"{single['times'][i] / times[i]:.1f}" for i in (0, 1)]
        cells = [name, *(f"{1e3 * t:.3f}" for t in wall), *(f"{r:.2f}" for r in ratio)]
        cells += [f"{r / peak:.0%}" for r in rate]
        print("| " + " | ".join(cells + gain) + " |", flush=True)
    print(f"peak {peak / 1e9:.0f} GFlop/s{'' if gpu else ' a core'}, load {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
