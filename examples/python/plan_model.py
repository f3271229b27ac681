"""One budget for a whole model: captured, probed, planned, measured, refitted and loaded again.

    python examples/python/plan_model.py            writes into plan_model/, some ten seconds

Nothing is downloaded: a network is trained to repeat the outputs of another one with random weights.
"""

# %% A network and its data
from __future__ import annotations

import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

import spectra_weights as sw
from spectra_weights.torch import capture, evaluate, probe, refit
from spectra_weights.torch.plan import factor, read_plan


def network(hidden: int) -> nn.Sequential:
    """Returns a perceptron of 64 inputs and 16 outputs."""
    return nn.Sequential(nn.Linear(64, hidden), nn.GELU(), nn.Linear(hidden, hidden), nn.GELU(), nn.Linear(hidden, 16))


def squared(outputs: Tensor, originals: Tensor) -> Tensor:
    """Returns the mean squared distance of outputs, over that of nothing from the original ones."""
    return (outputs - originals).square().sum() / originals.square().sum()


def main(folder: Path) -> None:
    """Runs all of it; files go to ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    # Inputs that lie near a few directions, as activations do.
    x = torch.randn(6000, 24) @ torch.randn(24, 64) / 5 + 0.1 * torch.randn(6000, 64)
    with torch.no_grad():
        y = network(32)(x)
    model = network(128)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    for _ in range(600):
        rows = torch.randint(len(x), (128,))
        optimizer.zero_grad()
        squared(model(x[rows]), y[rows]).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    calibration, others, test = (part.split(500) for part in x.split(2000))

    # %% What reaches each layer, and what the model loses where one layer alone is cut
    moments = capture(model, calibration, path=folder / "moments.safetensors")
    held_out = capture(model, others, path=folder / "held-out.safetensors")
    alpha = probe(model, others, squared, moments=moments, held_out=held_out, path=folder / "alpha.json")

    # %% One budget for all layers
    plan = sw.plan(model, "25%", moments=moments, held_out=held_out, alpha=alpha)
    print(plan)
    budget = read_plan(plan)[0]

    # %% Predictions are not measurements
    print(evaluate(model, test, squared, budget.choices, budget.uniform, moments=moments, held_out=held_out, alpha=alpha))

    # %% Layers that make up for those before them, as factors
    small = refit(model, calibration, budget.choices)
    factor(small, budget.choices)
    with torch.no_grad():
        lost = sum(float(squared(small(part), model(part))) for part in test) / len(test)
    before, after = (sum(p.numel() for p in whole.parameters()) for whole in (model, small))
    print(f"refitted: {lost:.4f} of the outputs' energy lost; {before} numbers become {after}")
    save_file(small.state_dict(), folder / "small.safetensors")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "plan_model"))
