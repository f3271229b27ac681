"""Loading of fits and checkpoints into models."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from spectra_weights.torch import CheckpointError, Conv2d, FitFileError, Linear, LoadError, load
from spectra_weights.torch.checkpoint import read_checkpoint

GOLDEN = Path(__file__).parent / "golden"


class Net(nn.Module):
    """The three tensors that the golden files fit, one of them used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(12, 8)
        self.conv = nn.Conv2d(3, 5, 2, padding=1)
        self.tall = nn.Linear(12, 14, bias=False)
        self.again = self.fc


def _block_diagonal(blocks: torch.Tensor) -> torch.Tensor:
    """Returns blocks of shape (count, rows, columns) along a diagonal."""
    dense: torch.Tensor = torch.block_diag(*blocks)  # type: ignore[no-untyped-call]
    return dense


def _state(model: nn.Module) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


def test_fits_replace_modules() -> None:
    """Catches a module that keeps its old weight, loses its bias or its second name."""
    model, dense = Net(), load_file(GOLDEN / "dense-three.safetensors")
    old = _state(model)
    model.eval()
    result = load(model, GOLDEN / "fit-three.safetensors")
    assert result.replaced == dict.fromkeys(["fc", "conv", "tall"], "product-of-sums") and not result.problems
    assert isinstance(model.fc, Linear) and model.again is model.fc and isinstance(model.conv, Conv2d)
    assert not model.fc.training and model.conv.padding == (1, 1)
    for name in ("fc", "conv", "tall"):
        torch.testing.assert_close(model.get_submodule(name).dense().double(), dense[f"{name}.weight"], rtol=1e-4, atol=1e-4)
    assert model.fc.bias is not None and torch.equal(model.fc.bias, old["fc.bias"])
    assert model.fc.matrix.coefficients[0].dtype == torch.float32
    assert result.parameters[0] == sum(value.numel() for name, value in old.items() if not name.startswith("again"))
    x = torch.randn(2, 12)
    model.fc(x).sum().backward()
    assert model.fc.matrix.coefficients[1].grad is not None


def test_names_are_mapped_and_left_out_when_told() -> None:
    model = nn.ModuleDict({"encoder": Net()})
    with pytest.raises(LoadError, match="no module 'fc'; there is encoder.fc"):
        load(model, GOLDEN / "fit-dct.safetensors")
    load(model, GOLDEN / "fit-dct.safetensors", names=lambda name: "encoder." + name.removesuffix(".weight"))
    model = nn.ModuleDict({"encoder": Net()})
    result = load(model, GOLDEN / "fit-dct.safetensors", names={"fc": "encoder.fc"}, strict=False)
    assert list(result.replaced) == ["encoder.fc"] and len(result.problems) == 2


def test_a_model_that_does_not_match_is_left_as_it_is() -> None:
    """Catches half of a file in a model: two of its three modules would match."""
    model = Net()
    model.tall = nn.Linear(12, 13)
    before, modules = _state(model), dict(model.named_modules())
    with pytest.raises(LoadError, match="tall.weight: fitted as 14x12, but the module's weight is 13x12"):
        load(model, GOLDEN / "fit-three.safetensors")
    assert dict(model.named_modules()) == modules
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize(
    ("conv", "message"),
    [
        (nn.Conv2d(3, 5, 2, padding_mode="circular"), "padding_mode"),
        (nn.Conv2d(3, 5, 2, padding="same"), "padded unequally"),
        (nn.Conv2d(6, 5, 2, groups=1), "the module's kernel is 5x6x2x2"),
        (nn.Conv2d(9, 6, 2, groups=3), "3 groups"),
        (nn.ConvTranspose2d(3, 5, 2), "neither Linear nor Conv2d"),
    ],
)
def test_convolutions_that_are_no_matrix_are_refused(conv: nn.Module, message: str) -> None:
    model = Net()
    model.conv = conv  # type: ignore[assignment]
    with pytest.raises(LoadError, match=message):
        load(model, GOLDEN / "fit-dct.safetensors")


def test_other_files_are_refused(tmp_path: Path) -> None:
    save_file({"a": torch.ones(2, 2)}, tmp_path / "a.safetensors")
    (tmp_path / "b.safetensors").write_bytes(b"nothing")
    for path, error in [
        (tmp_path / "a.safetensors", FitFileError),
        (tmp_path / "b.safetensors", FitFileError),
        (tmp_path, FitFileError),
        (tmp_path / "none", FileNotFoundError),
    ]:
        with pytest.raises(error):
            load(Net(), path)
    with pytest.raises(CheckpointError, match="step-"):
        read_checkpoint(tmp_path / "a.safetensors")


def test_own_terms_are_asked_for_and_taken(tmp_path: Path) -> None:
    """Catches terms in another order of entries than the array's."""
    terms = np.random.default_rng(0).normal(size=(3, 8, 12))
    coefficients = torch.tensor([0.5, -2.0, 1.0], dtype=torch.float64)
    header = (
        '{"schema_version":1,"program":"spectra","seed":0,"residual":false,"image":null,"fits":[{"name":"fc.weight",'
        '"factors":[{"rows":8,"columns":12,"terms":3,"family":null,"link":"identity"}]}]}'
    )
    save_file({"fc.weight/1": coefficients}, tmp_path / "fit.safetensors", {"spectra.fit": header})
    with pytest.raises(FitFileError, match="give them, too"):
        load(Net(), tmp_path / "fit.safetensors")
    model = Net().double()
    load(model, tmp_path, given=[terms])
    expected = np.einsum("k,kij->ij", coefficients.numpy(), terms)
    np.testing.assert_allclose(model.fc.dense().detach().numpy(), expected, rtol=1e-13)  # type: ignore[operator]


class Trained(nn.ModuleDict):
    """Modules with the names and shapes of the golden training."""

    def __init__(self) -> None:
        super().__init__()
        for layer in read_checkpoint(GOLDEN / "families.safetensors").layers:
            m, n, kernel = layer.slot.rows, layer.slot.columns, layer.slot.kernel
            if kernel:
                sides = (kernel.height, kernel.width)
                self[layer.name] = nn.Conv2d(kernel.channels, m, sides, padding=layer.padding)
            else:
                self[layer.name] = nn.Linear(n, m, bias=layer.bias is not None)


def test_checkpoints_replace_modules(tmp_path: Path) -> None:
    """Catches a wrong checkpoint of a run's folder, and weights or biases of another layer."""
    (tmp_path / "checkpoints").mkdir()
    shutil.copy(GOLDEN / "families.safetensors", tmp_path / "checkpoints/step-00000001.safetensors")
    (tmp_path / "checkpoints/step-00000000.safetensors").write_bytes(b"older")
    model = Trained().double()
    result = load(model, tmp_path)
    arrays = load_file(GOLDEN / "families.safetensors")
    for name, module in model.items():
        own = module.weight if isinstance(module, (nn.Linear, nn.Conv2d)) else module.dense()  # type: ignore[operator]
        expected = arrays[f"{name}.weight"]
        expected = _block_diagonal(expected) if expected.ndim == 3 else expected
        torch.testing.assert_close(own.reshape(len(own), -1), expected.reshape(len(own), -1), rtol=1e-12, atol=1e-13)
        if f"{name}.bias" in arrays:
            assert torch.equal(module.bias, arrays[f"{name}.bias"])  # type: ignore[arg-type]
    assert result.replaced["last"] == "dense" and type(model["last"]) is nn.Linear
    assert result.replaced["conv2"] == "block-diagonal"


def test_checkpoints_of_other_shapes_are_refused() -> None:
    model = Trained()
    model["last"] = nn.Linear(9, 10, bias=False)
    model["first"] = nn.Conv2d(1, 3, 5, stride=2)
    model["up0"] = nn.Linear(12, 41)
    before = dict(model.named_modules())
    with pytest.raises(LoadError) as error:
        load(model, GOLDEN / "families.safetensors")
    assert len(error.value.problems) == 3 and dict(model.named_modules()) == before


class Phases(nn.ModuleDict):
    """Modules of the golden training with phases."""

    def __init__(self) -> None:
        super().__init__()
        self["convolution1"] = nn.Conv2d(1, 4, 7, stride=3, bias=False)
        self["batch-norm2"] = nn.BatchNorm2d(4)
        self["ip"] = nn.Linear(64, 12)
        self["linear5"] = nn.Linear(12, 10)


def test_phases_and_batch_normalisations_are_followed() -> None:
    """Catches the weight of an earlier phase, pruned parameters that come back, and moments that are left out."""
    model, arrays = Phases().double(), load_file(GOLDEN / "phases.safetensors")
    result = load(model, GOLDEN / "phases.safetensors")
    assert result.replaced["ip"] == "block-diagonal"
    dense = model["ip"].dense().detach()  # type: ignore[operator]
    assert torch.equal(dense, _block_diagonal(arrays["ip.weight"]))
    assert int((dense != 0).sum()) == 12 * 64 // 4 // 2
    norm = model["batch-norm2"]
    assert isinstance(norm, nn.BatchNorm2d) and norm.running_var is not None
    assert torch.equal(norm.weight, arrays["batch-norm2.weight"])
    assert torch.equal(norm.running_var, arrays["state/batch-norm2.variance"])


def test_frequencies_ask_for_the_shape_of_the_data() -> None:
    """Catches a training whose inputs are images and are taken for a row of pixels."""
    layers = read_checkpoint(GOLDEN / "families.safetensors", input_shape=(1, 28, 28)).layers
    image = next(layer for layer in layers if layer.name == "image").slot.image
    assert image is not None and (image.channels, image.height, image.width) == (3, 4, 4)
