"""A model to measure on: 40 matrices of a small transformer, 22 million float32 parameters, from a seed.

Six layers of four 384 x 384, one 1536 x 384 and one 384 x 1536, and four embeddings of 384 columns.
Every matrix is Gaussian noise with 8 to 32 planted directions of falling strength, so that no fit is trivial.
"""

import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

WIDTH = 384
EMBEDDINGS = {"tokens": 10000, "positions": 2048, "context": 7680, "head": 10000}


def shapes():
    """Name and shape of every matrix."""
    for layer in range(6):
        for part in ("query", "key", "value", "output"):
            yield f"layer{layer}.{part}.weight", (WIDTH, WIDTH)
        yield f"layer{layer}.up.weight", (4 * WIDTH, WIDTH)
        yield f"layer{layer}.down.weight", (WIDTH, 4 * WIDTH)
    for name, rows in EMBEDDINGS.items():
        yield f"{name}.weight", (rows, WIDTH)


def matrix(rng, rows, columns):
    """Noise of entry variance 1/columns and planted singular values 4 k^-0.6 times the bulk's edge."""
    noise = rng.standard_normal((rows, columns)) / columns**0.5
    rank = int(rng.integers(8, 33))
    left = np.linalg.qr(rng.standard_normal((rows, rank)))[0]
    right = np.linalg.qr(rng.standard_normal((columns, rank)))[0]
    edge = 1 + (rows / columns) ** 0.5
    strengths = 4 * edge * np.arange(1, rank + 1) ** -0.6
    return (noise + (left * strengths) @ right.T).astype(np.float32)


def write(folder):
    """Write model.safetensors and model.pt into the folder, unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "model.safetensors").exists() and (folder / "model.pt").exists():
        return
    rng = np.random.default_rng(0)
    tensors = {name: torch.from_numpy(matrix(rng, *shape)) for name, shape in shapes()}
    save_file(tensors, folder / "model.safetensors")
    torch.save(tensors, folder / "model.pt")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
