"""What training adds: an epoch after compression, and the papers' own families trained from the start at the same cost.

    python analysis/plan/trained.py --seed 0 --data DIR --work DIR --out FILE.json

takes the perceptron and the plans of it that measure.py left under ``--work``. Block-diagonal layers are made twice, once from the start and once from
the trained weights by cutting them to blocks (what iterative pruning to blocks ends with); fixed features are products with one sum.
"""

from __future__ import annotations

import argparse
import copy
import json
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

import models
from spectra_weights.torch import Linear
from spectra_weights.torch.plan import factor, read_plan, refit
from spectra_weights.torch.plan.choice import Fitted
from spectra_weights.torch.plan.layers import module_of, write
from spectra_weights.torch.plan.moments import read_moments

SHARES = {"10%": 0.10, "5%": 0.05, "3%": 0.03}
SIZES = [(1024, 784), (512, 1024), (10, 512)]


def train(model: nn.Module, images: torch.Tensor, labels: torch.Tensor, epochs: int, rate: float, seed: int) -> None:
    """Trains with Adam, batches of 100, at a rate that falls to 0 along a half cosine."""
    torch.manual_seed(seed)
    optimiser = torch.optim.Adam(model.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs * len(images) // 100)
    model.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(images)).split(100):
            optimiser.zero_grad()
            F.cross_entropy(model(images[rows]), labels[rows]).backward()
            optimiser.step()
            schedule.step()
    model.eval()


def accuracy(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> float:
    with torch.no_grad():
        return 100 * (model(images).argmax(1) == labels).double().mean().item()


def weights(model: nn.Module) -> int:
    """Returns the numbers of the weights, without biases."""
    return sum(p.numel() for name, p in model.named_parameters() if not name.endswith("bias"))


def structured(make: list[nn.Module]) -> nn.Module:
    return nn.Sequential(nn.Flatten(), make[0], nn.ReLU(), make[1], nn.ReLU(), make[2])


def blocks(share: float, seed: int) -> nn.Module:
    """Returns the network with both hidden layers in 1/share blocks and a dense head."""
    count = round(1 / share)
    made: list[nn.Module] = []
    for i, (m, n) in enumerate(SIZES[:2]):
        made.append(Linear(n, m, family="block-diagonal", blocks=count, seed=seed, layer=i))
    return structured([*made, nn.Linear(512, 10)])


def projected(share: float, seed: int) -> nn.Module:
    """Returns the network with trained coefficients of fixed features: cosines of the images, Gaussian ones of the hidden layer."""
    made: list[nn.Module] = []
    for i, (m, n) in enumerate(SIZES[:2]):
        image = (1, 28, 28) if i == 0 else None
        basis = "dct" if i == 0 else "gaussian"
        made.append(Linear(n, m, family="projected", features=round(share * n), basis=basis, image=image, seed=seed, layer=i))
    return structured([*made, nn.Linear(512, 10)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    images, labels, test, answers = models.mnist(options.data)
    original = models.trained("mlp", options.seed, options.data, options.work)
    folder = options.work / f"mlp-{options.seed}-0"
    results: dict[str, dict[str, dict[str, float]]] = {}

    def keep(name: str, label: str, model: nn.Module, before: float) -> None:
        after = accuracy(model, test, answers)
        results.setdefault(name, {})[label] = {"before": before, "accuracy": after, "weights": weights(model)}
        print(f"{time.strftime('%H:%M:%S')} {name} {label}: {before:.2f} -> {after:.2f} % with {weights(model)} numbers", flush=True)

    order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))
    calibration = list(images[order[:4000]].split(500))
    for name, plan, key, uniform in [
        ("uniform SVD", "weights", "calibration", True),
        ("uniform whitened", "activations", "calibration", True),
        ("gradients, refitted", "gradients", "calibration-gradients", False),
    ]:
        moments = read_moments(folder / f"{key}.safetensors")
        for budget in read_plan(folder / f"{plan}.json"):
            label = f"{100 * budget.share:g}%"
            if label not in SHARES:
                continue
            choices = budget.uniform if uniform else budget.choices
            if name.endswith("refitted"):
                gradients = {k: m.gradients for k, m in moments.items() if m.gradients is not None}
                model = refit(original, calibration, choices, gradients=gradients, pull=1e-4)
            else:
                model = copy.deepcopy(original)
                for layer, choice in choices.items():
                    own = Fitted.of(original, layer, moments, moments)
                    if choice.family != "dense" and plan == "weights":
                        u, s, vt = torch.linalg.svd(own.weight, full_matrices=False)
                        write(module_of(model, layer), (u[:, : choice.rank] * s[: choice.rank]) @ vt[: choice.rank])
                    else:
                        write(module_of(model, layer), own.matrix(choice))
            factor(model, choices)
            before = accuracy(model, test, answers)
            train(model, images, labels, 1, 3e-4, options.seed)
            keep(f"{name}, an epoch", label, model, before)
    for label, share in SHARES.items():
        fresh = blocks(share, options.seed)
        train(fresh, images, labels, 6, 1e-3, options.seed)
        keep("blocks from the start, six epochs", label, fresh, 10.0)
        features = projected(share, options.seed)
        train(features, images, labels, 6, 1e-3, options.seed)
        keep("fixed features, six epochs", label, features, 10.0)
        cut = blocks(share, options.seed)
        for place in (1, 3, 5):
            new, old = cut[place], original[place]
            with torch.no_grad():
                if isinstance(new, Linear):
                    new.matrix.project(old.weight)
                else:
                    new.weight.copy_(old.weight)
                new.bias.copy_(old.bias)
        before = accuracy(cut, test, answers)
        train(cut, images, labels, 1, 1e-3, options.seed)
        keep("cut to blocks, an epoch", label, cut, before)
    options.out.write_text(json.dumps({"seed": options.seed, "results": results}, indent=1) + "\n")


if __name__ == "__main__":
    main()
