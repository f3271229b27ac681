"""Trains a small network, follows its spectra, analyses it, fits a layer and swaps it.

    python examples/python/train_analyze_fit.py            writes into train_analyze_fit/, some ten seconds

Nothing is downloaded: the images are noisy, moved copies of ten smooth patterns.
"""

# %% The data and the network
from __future__ import annotations

import copy
import json
import sys
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

import spectra_weights as sw
from spectra_weights.monitor import Monitor
from spectra_weights.torch import capture, load

SIDE, CLASSES, HIDDEN = 16, 10, 96


def images(count: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Returns images of shape (count, SIDE²) and their classes, shape (count,)."""
    patterns = functional.interpolate(
        torch.randn(CLASSES, 1, 5, 5, generator=torch.Generator().manual_seed(0)), size=SIDE, mode="bicubic"
    )[:, 0]
    classes = torch.randint(CLASSES, (count,), generator=generator)
    moves = torch.randint(-2, 3, (count, 2), generator=generator)
    moved = torch.stack([patterns[c].roll((int(y), int(x)), (0, 1)) for c, (y, x) in zip(classes, moves)])
    noise = torch.randn(count, SIDE, SIDE, generator=generator)
    return (moved + 1.5 * noise).flatten(1), classes


def accuracy(model: nn.Module, x: Tensor, y: Tensor) -> float:
    """Returns the share of images whose class is found."""
    with torch.no_grad():
        return float((model(x).argmax(1) == y).float().mean())


def train(model: nn.Module, x: Tensor, y: Tensor, steps: int, monitor: Monitor | None = None) -> None:
    """Trains with Adam on batches of 64, telling the monitor of each step."""
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    for _ in range(steps):
        batch = torch.randint(len(x), (64,))
        loss = functional.cross_entropy(model(x[batch]), y[batch])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if monitor is not None:
            monitor.step(model)


def main(folder: Path) -> None:
    """Runs all of it; files go to ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(1)
    (x, y), (test_x, test_y) = images(4000, generator), images(2000, generator)
    model = nn.Sequential(nn.Linear(SIDE * SIDE, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, CLASSES))

    # %% Training, followed: a line of JSON a beat, and alarms where a layer leaves its initialisation
    log = folder / "spectra.jsonl"
    log.unlink(missing_ok=True)
    with Monitor(every=100, spectrum_every=300, log=log, on_alarm=lambda alarm: print(f"  {alarm}")) as monitor:
        train(model, x, y, 600, monitor)
    for line in map(json.loads, log.read_text(encoding="utf-8").splitlines()):
        if "spectra/0/effective_rank" in line:
            ranks = line["spectra/0/stable_rank"], line["spectra/0/effective_rank"]
            print("step {:5}   first layer: stable rank {:6.2f}, effective rank {:6.2f}".format(line["step"], *ranks))
    print(f"accuracy {accuracy(model, test_x, test_y):.3f}")

    # %% What has it learned?
    weights = {name: value.detach() for name, value in model.named_parameters() if value.ndim == 2}
    analysis = sw.analyze(weights)
    for layer in analysis.layers:
        print(f"{layer.name}: {layer.verdict.text}")

    # %% The first layer by its lowest frequencies, then in its place
    frequencies = 48
    fits = sw.fit_basis(
        weights, tensors="0.weight", k=HIDDEN * frequencies, basis="dct", image=(SIDE, SIDE), controls=False
    )
    fits.save(folder / "fit.safetensors")
    small = copy.deepcopy(model)
    loaded = load(small, folder / "fit.safetensors")
    before, after = loaded.parameters
    print(f"fitted: {before} numbers become {after}, accuracy {accuracy(small, test_x, test_y):.3f}")
    train(small, x, y, 200)
    print(f"trained on for 200 steps: accuracy {accuracy(small, test_x, test_y):.3f}")

    # %% What enters the layers, for a plan of the whole model
    moments = capture(model, x.split(500), path=folder / "moments.safetensors")  # type: ignore[no-untyped-call]
    print(f"second moments of {len(weights)} layers' inputs: {moments}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "train_analyze_fit"))
