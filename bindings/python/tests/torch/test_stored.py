"""Compressed models, written by the program and loaded by PyTorch, transformers and PEFT."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import needed
from torch import nn

import spectra_weights as sw
from spectra_weights.torch import LoadError, capture, load
from spectra_weights.torch.plan import read_plan
from spectra_weights.torch.plan.choice import Fitted
from spectra_weights.torch.plan.layers import read
from spectra_weights.torch.plan.moments import read_moments
from spectra_weights.torch.plan.stored import Stored

SIZES = {"bert": {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64, "vocab_size": 50}}
SIZES["gpt2"] = {"n_embd": 32, "n_layer": 2, "n_head": 2, "vocab_size": 50, "n_positions": 16, "bos_token_id": 0, "eos_token_id": 0}


def spectra(*arguments: object) -> str:
    """Runs the program of the wheel."""
    code = "import sys; from spectra_weights._programs import spectra; sys.exit(spectra())"
    done = subprocess.run([sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(params=sorted(SIZES))
def model(request: pytest.FixtureRequest) -> Any:
    """Returns a small transformer with random weights, of matrices as PyTorch stores them and of transposed ones."""
    transformers = needed("transformers")
    config = transformers.AutoConfig.for_model(request.param, **SIZES[request.param])
    torch.manual_seed(0)
    return transformers.AutoModel.from_config(config).eval()


def planned(model: Any, folder: Path, storage: str) -> Path:
    """Saves the model, captures moments and writes a plan for half of it; returns the plan's path."""
    model.save_pretrained(folder / "model")
    batches = [{"input_ids": torch.randint(0, 50, (4, 12), generator=torch.Generator().manual_seed(i))} for i in range(5)]
    moments = capture(model, batches, path=folder / "moments.safetensors")
    ones = folder / "alpha.json"
    plan = sw.plan(folder / "model", 0.5, moments=moments, storage=storage)
    names = [row.moments for row in plan.layers if row.status == "analyzed"]
    ones.write_text(f'{{"alpha": {{{", ".join(f"{chr(34)}{name}{chr(34)}: 1.0" for name in names)}}}}}')
    plan = sw.plan(folder / "model", 0.5, moments=moments, storage=storage, alpha=ones)
    plan.save(folder / "plan.json")
    return folder / "plan.json"


@pytest.mark.parametrize("storage", ["factors", "pivoted"])
def test_all_forms_are_one_model(model: Any, storage: str, tmp_path: Path) -> None:
    """Would catch factors in a wrong order or orientation, in transformers and in load, against the dense form."""
    transformers = needed("transformers")
    needed("spectra_weights.torch.transformers")
    plan = planned(model, tmp_path, storage)
    for form in ("dense", "factors"):
        spectra("compress", tmp_path / "model", plan, "--as", form, "-o", tmp_path / form)
    dense = transformers.AutoModel.from_pretrained(tmp_path / "dense")
    small = transformers.AutoModel.from_pretrained(tmp_path / "factors")
    x = torch.randint(0, 50, (3, 9), generator=torch.Generator().manual_seed(9))
    expected = dense(x).last_hidden_state
    assert not torch.allclose(expected, model(x).last_hidden_state, atol=1e-3)
    assert torch.allclose(small(x).last_hidden_state, expected, atol=2e-5)
    stored = [name for name, module in small.named_modules() if isinstance(module, Stored)]
    assert len(stored) > 4
    for name in stored:
        assert torch.allclose(small.get_submodule(name).weight, dense.get_submodule(name).weight, atol=1e-5)
    loaded = load(model, tmp_path / "factors")
    assert sorted(loaded.replaced) == sorted(stored) and loaded.parameters[1] < loaded.parameters[0]
    assert torch.allclose(model(x).last_hidden_state, expected, atol=2e-5)
    small.save_pretrained(tmp_path / "again")
    again = transformers.AutoModel.from_pretrained(tmp_path / "again")
    assert torch.equal(again(x).last_hidden_state, small(x).last_hidden_state)


def test_adapters_of_peft_are_the_dense_form(model: Any, tmp_path: Path) -> None:
    """Would catch adapters with another scale or under names that PEFT passes over."""
    transformers, peft = needed("transformers"), needed("peft")
    plan = planned(model, tmp_path, "factors")
    for form in ("dense", "peft"):
        spectra("compress", tmp_path / "model", plan, "--as", form, "-o", tmp_path / form)
    dense = transformers.AutoModel.from_pretrained(tmp_path / "dense")
    base = transformers.AutoModel.from_pretrained(tmp_path / "peft" / "base")
    adapted = peft.PeftModel.from_pretrained(base, tmp_path / "peft")
    x = torch.randint(0, 50, (3, 9), generator=torch.Generator().manual_seed(9))
    expected = dense(x).last_hidden_state
    assert torch.allclose(adapted(input_ids=x).last_hidden_state, expected, atol=2e-5)
    merged = adapted.merge_and_unload()
    assert torch.allclose(merged(x).last_hidden_state, expected, atol=2e-5)


def test_convolutions_in_factors(tmp_path: Path) -> None:
    """Would catch a kernel that is cut in the wrong order, or one whose stride and padding are lost."""
    from safetensors.torch import load_file, save_file

    torch.manual_seed(3)
    model = nn.Sequential(
        nn.Conv2d(3, 12, 3, stride=2, padding=1), nn.ReLU(), nn.Conv2d(12, 20, 3, dilation=2, padding=2), nn.Flatten(), nn.Linear(320, 10)
    )
    x = torch.randn(6, 3, 8, 8)
    start = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    smooth = start["2.weight"].mean((2, 3), keepdim=True).expand(-1, -1, 3, 3).contiguous()
    forms: list[dict[str, Any]] = [{"storage": "factors"}, {"storage": "pivoted"}]
    forms += [{"families": family} for family in ("columns", "kronecker", "dct")]
    for options in forms:
        storage = next(iter(options.values()))
        # Kernels of low frequencies, so that cosines are the best choice where they are one.
        model.load_state_dict({**start, "2.weight": smooth} if storage == "dct" else start)
        save_file(model.state_dict(), tmp_path / "model.safetensors")
        moments = capture(model, [x], path=tmp_path / "moments.safetensors")
        plan = tmp_path / f"{storage}.json"
        made = sw.plan(tmp_path / "model.safetensors", "50%", moments=moments, **options)
        made.save(plan)
        if "families" in options:
            assert options["families"] in {layer.family for layer in made.budgets[0].layers}
        (tmp_path / storage).mkdir()
        for form in ("dense", "factors"):
            spectra("compress", tmp_path / "model.safetensors", plan, "--as", form, "-o", tmp_path / storage / form)
        choices = read_plan(plan)[0].choices
        layers = read_moments(moments)
        fits = {name: Fitted.of(model, name, layers, layers).matrix(choice) for name, choice in choices.items()}
        model.load_state_dict(load_file(tmp_path / storage / "dense" / "model.safetensors"))
        expected = model(x).detach()
        # The fits made here, for probes and refits, are those of the program.
        for name, fit in fits.items():
            assert torch.allclose(read(model.get_submodule(name)), fit, atol=1e-5), (storage, name)
        small = nn.Sequential(*(layer for layer in model))
        assert load(small, tmp_path / storage / "factors").replaced, storage
        assert torch.allclose(small(x), expected, atol=1e-5), storage
    other = nn.Sequential(nn.Identity(), nn.Identity(), nn.Conv2d(12, 20, 5), nn.Identity(), nn.Linear(320, 10))
    with pytest.raises(LoadError, match="compressed as 20x12x3x3, but the module.s weight is 20x12x5x5"):
        load(other, tmp_path / "factors" / "factors")
