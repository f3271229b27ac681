"""Steps of training products of sums of fixed matrices against PyTorch: the same networks and batches, in one run.

    cargo build --release
    python3 analysis/versus/products.py --data DIR [--spectra PATH] [--rounds N] [--steps N] [--threads N]

Needs torch. The networks are LeNet-5 of the recipe lenet5-product (all weights, those of convolutions too, products of two sums of
rank-one matrices), LeNet-5 with the convolutions alone products of two sums of dense matrices, and the linear classifier of
linear-product (ten sums of ten). This project runs `spectra train` on MNIST, found in DIR; PyTorch keeps the same sizes in memory, forms each factor with `einsum` or from its rank-one terms, and leaves the
derivatives to autograd; Adam for both. A round is one run of each. Prints medians: milliseconds a step, and PyTorch's over ours (above
1: this project is faster).
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import torch
from torch.nn import functional

SPECTRA = pathlib.Path(__file__).resolve().parents[2] / "target" / "release" / "spectra"

HEAD = """
name = "steps"
[data]
set = "mnist"
scale = 0.00392156862745098
[training]
iterations = {steps}
batch = {batch}
optimizer = {{ kind = "adam" }}
rate = {{ schedule = "fixed", base = 0.001 }}
[record]
every = {steps}
training-samples = 10
"""

LENET = [(20, [25]), (50, [50]), (500, [100]), (10, [50])]


def rank_one(factors, terms, inner):
    return f'{{ family = "product-of-sums", factors = {factors}, terms = {terms}, basis = "rank-one", inner = {inner} }}'


def gaussian(factors, terms, inner):
    return f'{{ family = "product-of-sums", factors = {factors}, terms = {terms}, stored = true, inner = {inner}, gain = 0.3 }}'


def lenet(weights):
    pool = '[[layer]]\nkind = "max-pool"\nsize = 2\n'
    relu = '[[layer]]\nkind = "relu"\n'
    layer = '[[layer]]\nname = "{}"\nkind = "{}"\noutputs = {}\n{}weight = {}\n'
    kinds = ["convolution", "convolution", "linear", "linear"]
    names = ["conv1", "conv2", "ip1", "ip2"]
    each = [
        layer.format(name, kind, outputs, "kernel = 5\n" if kind == "convolution" else "", weight)
        for name, kind, (outputs, _), weight in zip(names, kinds, LENET, weights)
    ]
    return "".join([each[0], pool, each[1], pool, each[2], relu, each[3]])


class Product(torch.nn.Module):
    """W = F1 F2 ..., each F a sum of fixed matrices with trained coefficients."""

    def __init__(self, sizes, terms, dense):
        super().__init__()
        shapes = list(zip(sizes, sizes[1:]))
        self.dense = dense
        self.coefficients = torch.nn.ParameterList(torch.randn(k) / k**0.5 for k in terms)
        if dense:
            self.fixed = [torch.randn(k, *shape) / shape[1] ** 0.5 for k, shape in zip(terms, shapes)]
        else:
            self.fixed = [(torch.randn(m, k), torch.randn(k, n) / n**0.5) for k, (m, n) in zip(terms, shapes)]

    def forward(self):
        value = None
        for coefficients, fixed in zip(self.coefficients, self.fixed):
            if self.dense:
                factor = torch.einsum("k,kmn->mn", coefficients, fixed)
            else:
                factor = (fixed[0] * coefficients) @ fixed[1]
            value = factor if value is None else value @ factor
        return value


class Dense(torch.nn.Module):
    def __init__(self, rows, columns):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.randn(rows, columns) / columns**0.5)

    def forward(self):
        return self.weight


class LeNet(torch.nn.Module):
    def __init__(self, weights):
        super().__init__()
        self.weights = torch.nn.ModuleList(weights)
        self.biases = torch.nn.ParameterList(torch.zeros(outputs) for outputs, _ in LENET)

    def forward(self, x):
        w, b = [weight() for weight in self.weights], self.biases
        x = functional.max_pool2d(functional.conv2d(x.view(-1, 1, 28, 28), w[0].view(20, 1, 5, 5), b[0]), 2)
        x = functional.max_pool2d(functional.conv2d(x, w[1].view(50, 20, 5, 5), b[1]), 2)
        x = functional.relu(functional.linear(x.flatten(1), w[2], b[2]))
        return functional.linear(x, w[3], b[3])


class Linear(torch.nn.Module):
    def __init__(self, weight):
        super().__init__()
        self.weight, self.bias = weight, torch.nn.Parameter(torch.zeros(10))

    def forward(self, x):
        return functional.linear(x, self.weight(), self.bias)


def networks():
    """Name, batch, layers of the recipe, PyTorch's network."""
    inputs = [25, 500, 800, 500]
    terms = [[80, 120], [500, 500], [600, 674], [250, 250]]
    recipe = [rank_one(2, t, inner) for t, (_, inner) in zip(terms, LENET)]
    peer = [Product([m, *inner, n], t, False) for t, n, (m, inner) in zip(terms, inputs, LENET)]
    yield "LeNet-5, all rank-one", 100, lenet(recipe), LeNet(peer)
    dense = '{ family = "dense" }'
    recipe = [gaussian(2, [40, 40], [25]), gaussian(2, [40, 40], [50]), dense, dense]
    peer = [Product([20, 25, 25], [40, 40], True), Product([50, 50, 500], [40, 40], True), Dense(500, 800), Dense(10, 500)]
    yield "LeNet-5, dense terms in convolutions", 100, lenet(recipe), LeNet(peer)
    recipe = '[[layer]]\nname = "scores"\nkind = "linear"\noutputs = 10\nweight = ' + gaussian(10, 10, []).replace(", inner = []", "")
    yield "linear, ten sums of ten", 1000, recipe, Linear(Product([10] + [784] * 10, [10] * 10, True))


def ours(arguments, batch, layers, folder):
    recipe = folder / "recipe.toml"
    recipe.write_text(HEAD.format(steps=arguments.steps, batch=batch) + layers)
    command = [arguments.spectra, "train", recipe, "--data", arguments.data, "--out", folder / "run"]
    environment = {**os.environ, "RAYON_NUM_THREADS": str(arguments.threads)}
    subprocess.run(command, check=True, capture_output=True, env=environment)
    record = json.loads((folder / "run" / "record.json").read_text())
    return 1000 * batch / record["timing"]["samples_per_second"]


def theirs(network, batch, steps):
    x, classes = torch.rand(batch, 784), torch.randint(0, 10, (batch,))
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)

    def step():
        optimizer.zero_grad()
        functional.cross_entropy(network(x), classes).backward()
        optimizer.step()

    for _ in range(3):
        step()
    start = time.perf_counter()
    for _ in range(steps):
        step()
    return 1000 * (time.perf_counter() - start) / steps


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--spectra", type=pathlib.Path, default=SPECTRA)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    print(f"torch {torch.__version__}, {arguments.threads} threads")
    for name, batch, layers, network in networks():
        times = []
        for _ in range(arguments.rounds):
            with tempfile.TemporaryDirectory() as folder:
                own = ours(arguments, batch, layers, pathlib.Path(folder))
            times.append((own, theirs(network, batch, arguments.steps)))
        own, peer = (statistics.median(column) for column in zip(*times))
        print(f"{name:38} {own:8.2f} ms, torch {peer:8.2f} ms, ratio {peer / own:.2f}")


main()
