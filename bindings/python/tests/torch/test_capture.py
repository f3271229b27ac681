"""Second moments of layers against those of kept activations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from spectra_weights.torch import CaptureError, Conv2d, Linear, capture


class Net(nn.Module):
    """A convolution, a layer that is called twice and has two names, and a head."""

    def __init__(self, **conv: Any) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 3, 3, **conv)
        self.twice = nn.Linear(6, 6)
        self.same = self.twice
        self.drop = nn.Dropout(0.5)
        self.head = nn.Linear(6, 4)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv(x).relu().flatten(1)[:, :6]
        y = self.twice(y).relu_()
        y = self.drop(self.twice(y))
        out: Tensor = self.head(y)
        return out


def _header(path: Path) -> dict[str, Any]:
    with safe_open(path, framework="pt") as file:
        header: dict[str, Any] = json.loads(file.metadata()["spectra.moments"])
    return header


def _layer(path: Path, name: str) -> dict[str, Any]:
    return next(layer for layer in _header(path)["layers"] if layer["name"] == name)


def _batches(count: int = 3, dtype: torch.dtype = torch.float64) -> list[Tensor]:
    torch.manual_seed(0)
    return [torch.randn(4, 2, 5, 6, dtype=dtype) for _ in range(count)]


@pytest.mark.parametrize(
    "conv",
    [
        {},
        {"stride": (2, 1), "padding": (1, 2), "dilation": (1, 2)},
        {"padding": "same"},
        {"padding": 1, "padding_mode": "circular"},
        {"padding": "valid"},
    ],
)
def test_moments_of_convolutions_predict_their_outputs(tmp_path: Path, conv: dict[str, Any]) -> None:
    """W C Wᵀ has to be the second moment of the outputs: catches patches in another order than the weight's columns."""
    model = Net(**conv).double().eval()
    batches = _batches()
    path = capture(model, batches, path=tmp_path / "m.safetensors", layers="conv")
    y = torch.cat([model.conv(x) for x in batches]) - model.conv.bias.detach()[:, None, None]  # type: ignore[union-attr]
    outputs = y.detach().transpose(0, 1).flatten(1)
    arrays, weight = load_file(path), model.conv.weight.detach().flatten(1)
    torch.testing.assert_close(weight @ arrays["conv/inputs"] @ weight.T, outputs @ outputs.T)
    torch.testing.assert_close(weight @ arrays["conv/inputs_sum"], outputs.sum(1))
    layer = _layer(path, "conv")
    assert (layer["kind"], layer["rows"], layer["columns"]) == ("conv2d", 3, 18)
    assert (layer["vectors"], layer["samples"]) == (outputs.shape[1], 12)


def test_repeated_calls_are_added_under_one_name(tmp_path: Path) -> None:
    """Catches a second call that is lost and a second name that counts twice."""
    model = Net().double()
    path = capture(model, _batches(), path=tmp_path / "m.safetensors")
    layers = {layer["name"]: layer for layer in _header(path)["layers"]}
    assert set(layers) == {"conv", "twice", "head"}
    assert layers["twice"]["calls"] == 6 and layers["twice"]["vectors"] == 24
    model.eval()
    total = torch.zeros(6, 6, dtype=torch.float64)
    for x in _batches():
        first = model.conv(x).relu().flatten(1)[:, :6]
        for y in (first, model.twice(first).relu()):
            total += (y.T @ y).detach()
    torch.testing.assert_close(load_file(path)["twice/inputs"], total)


def test_gradients_are_those_of_autograd(tmp_path: Path) -> None:
    """Catches gradients of another batch, place or loss, also behind operations in place."""
    model = Net().double()
    batches = [(x, torch.tensor([0, 1, 2, 3])) for x in _batches()]

    def loss(output: Tensor, batch: tuple[Tensor, Tensor]) -> Tensor:
        return functional.cross_entropy(output, batch[1], reduction="sum")

    path = capture(model, batches, path=tmp_path / "m.safetensors", gradients=True, loss=loss)
    model.eval()
    expected: dict[str, Tensor] = {}
    for x, target in batches:
        outputs = {"conv": model.conv(x)}
        first = model.twice(outputs["conv"].relu().flatten(1)[:, :6])
        second = model.twice(first.relu())
        outputs |= {"twice": first, "twice2": second, "head": model.head(second)}
        grads = torch.autograd.grad(functional.cross_entropy(outputs["head"], target, reduction="sum"), list(outputs.values()))
        for name, g in zip(outputs, grads):
            rows = g.transpose(0, 1).flatten(1) if g.ndim == 4 else g.T
            key = name.removesuffix("2")
            expected[key] = expected.get(key, torch.zeros(len(rows), len(rows), dtype=g.dtype)) + rows @ rows.T
    arrays = load_file(path)
    for name, total in expected.items():
        torch.testing.assert_close(arrays[f"{name}/gradients"], total)
    assert _layer(path, "head")["gradient_vectors"] == 12 and _header(path)["gradients"]


def test_the_model_is_left_as_it_was(tmp_path: Path) -> None:
    """Catches a hook, a mode, a gradient or a frozen parameter that stays, also behind an error."""
    model = Net().double().train()
    model.conv.eval()
    model.head.weight.requires_grad_(False)
    model.conv.weight.grad = torch.ones_like(model.conv.weight)
    bad = [*_batches(1), torch.full((4, 2, 5, 6), torch.nan, dtype=torch.float64)]
    for gradients in (False, True):
        capture(model, _batches(), path=tmp_path / "m.safetensors", gradients=gradients, loss=lambda y, _: y.sum())
        with pytest.raises(CaptureError, match="conv: its inputs are NaN or infinite in batch 2"):
            capture(model, bad, path=tmp_path / "bad.safetensors", gradients=gradients, loss=lambda y, _: y.sum())
    assert model.training and not model.conv.training and model.twice.training
    assert not any(m._forward_hooks or m._forward_pre_hooks for m in model.modules())
    assert [p.requires_grad for p in (model.head.weight, model.head.bias, model.conv.weight)] == [False, True, True]
    assert bool((model.conv.weight.grad == 1).all()) and model.head.bias.grad is None
    assert [path.name for path in tmp_path.iterdir()] == ["m.safetensors"]


def test_half_precision_is_added_in_double(tmp_path: Path) -> None:
    """Sums of many small squares beside a large one: catches sums in half or single precision."""
    model = nn.Linear(2, 2).to(torch.bfloat16)
    x = torch.tensor([[256.0, 0.0], *[[1 / 256.0, 1.0]] * 1000], dtype=torch.bfloat16)
    arrays = load_file(capture(nn.Sequential(model), [x] * 3, path=tmp_path / "m.safetensors"))
    expected = x.double().T @ x.double() * 3
    assert torch.equal(arrays["0/inputs"], expected)


def test_masked_positions_are_left_out(tmp_path: Path) -> None:
    """Catches padding that is taken for tokens."""

    class Text(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.words = nn.Embedding(7, 3)
            self.out = nn.Linear(3, 7, bias=False)
            self.out.weight = self.words.weight

        def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
            y: Tensor = self.out(self.words(input_ids))
            return y * attention_mask[..., None]

    model = Text().double()
    batch = {
        "input_ids": torch.tensor([[1, 2, 0], [3, 0, 0]]),
        "attention_mask": torch.tensor([[1, 1, 0], [1, 0, 0]]),
    }
    path = capture(model, [batch], path=tmp_path / "m.safetensors", gradients=True, loss=lambda y, _: y.sum())
    arrays = load_file(path)
    assert arrays["words/input_counts"].tolist() == [0, 1, 1, 1, 0, 0, 0]
    rows = model.words.weight[[1, 2, 3]].detach()
    torch.testing.assert_close(arrays["out/inputs"], rows.T @ rows)
    assert arrays["out/gradients"][0, 0] == 3 and _layer(path, "out")["vectors"] == 3
    assert _layer(path, "out")["tied"] == ["words"]


def test_layers_are_chosen_by_patterns(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Conv2d(4, 4, 1, groups=2), nn.Conv2d(4, 4, 1), nn.Flatten(), nn.Linear(16, 2))
    path = capture(model, [torch.ones(1, 4, 2, 2)], path=tmp_path / "m.safetensors", layers=["[01]"])
    assert [layer["name"] for layer in _header(path)["layers"]] == ["1"] and _header(path)["skipped"] == ["0"]
    with pytest.raises(CaptureError, match="is named 0; 0 are no single matrix"):
        capture(model, [], layers="0")
    with pytest.raises(CaptureError, match="no batch"):
        capture(model, [], path=tmp_path / "n.safetensors")
    with pytest.raises(CaptureError, match="need a loss"):
        capture(model, [], gradients=True)


def test_structured_layers_and_signals_are_captured(tmp_path: Path) -> None:
    """Catches layers of this package that are passed over, and patches of one dimension."""
    signal = nn.Conv1d(2, 4, 3, padding=1)
    model = nn.Sequential(
        signal, nn.Unflatten(1, (4, 1)), Conv2d(4, 2, (1, 2), family="low-rank", rank=1),
        nn.Flatten(), Linear(14, 3, family="circulant"),
    ).double()
    x = torch.randn(5, 2, 8, dtype=torch.float64)
    arrays = load_file(capture(model, [x], path=tmp_path / "m.safetensors"))
    assert signal.bias is not None
    y = signal(x) - signal.bias[:, None]
    outputs = y.detach().transpose(0, 1).flatten(1)
    weight = signal.weight.detach().flatten(1)
    torch.testing.assert_close(weight @ arrays["0/inputs"] @ weight.T, outputs @ outputs.T)
    assert arrays["2/inputs"].shape == (8, 8) and arrays["4/inputs"].shape == (14, 14)
