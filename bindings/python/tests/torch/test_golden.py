"""The modules against matrices that the program made (``golden/make.sh``)."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from spectra_weights.torch import FAMILIES, Matrix
from spectra_weights.torch.checkpoint import TrainedLayer, read_checkpoint
from spectra_weights.torch.fit_file import read_fits
from spectra_weights.torch.slot import Image
from spectra_weights.torch.terms import TERMS

GOLDEN = Path(__file__).parent / "golden"
FITS = sorted(path.stem.removeprefix("fit-") for path in GOLDEN.glob("fit-*.safetensors"))
LAYERS = read_checkpoint(GOLDEN / "families.safetensors").layers
EPS = torch.finfo(torch.float64).eps


def _assert_same_action(matrix: Matrix, dense: Tensor, condition: float) -> None:
    """Compares W and its action with ``dense``: each of at most a few dozen sums of n terms rounds by n ε of its norm.

    ``condition`` is how much larger the terms of those sums may be than their result.
    """
    n = dense.shape[1]
    bound = 8 * n * EPS * condition * torch.linalg.matrix_norm(dense)
    torch.testing.assert_close(matrix.dense(), dense, rtol=0.0, atol=float(bound))
    x = torch.randn(3, 5, n, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    bound = bound * torch.linalg.vector_norm(x, dim=-1).max()
    torch.testing.assert_close(matrix(x), x @ dense.T, rtol=0.0, atol=float(bound))


def test_golden_files_have_every_family() -> None:
    """Catches a family that is compared with nothing."""
    assert {layer.family for layer in LAYERS} == set(FAMILIES)
    assert set(TERMS) <= set(FITS)


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: f"{layer.name}-{layer.family}")
def test_trained_families_are_those_of_the_program(layer: TrainedLayer) -> None:
    """Catches another fixed matrix, another order of parameters or another product."""
    dense = layer.dense
    if dense.ndim == 3:
        dense = torch.block_diag(*dense)  # type: ignore[no-untyped-call]
    _assert_same_action(layer.matrix(like=dense), dense.reshape(layer.slot.rows, -1), condition=16.0)


@pytest.mark.parametrize("name", FITS)
def test_fits_are_rebuilt(name: str) -> None:
    """Catches another basis than ``spectra rebuild`` makes of the same coefficients."""
    dense = load_file(GOLDEN / f"dense-{name}.safetensors")
    fits = read_fits(GOLDEN / f"fit-{name}.safetensors")
    assert {fit.name for fit in fits} == set(dense)
    for fit in fits:
        expected = dense[fit.name].reshape(fit.rows, fit.columns)
        kernel = Image(3, 2, 2) if dense[fit.name].ndim == 4 else None
        matrix = fit.matrix(kernel, like=expected)
        # the factors of a product may be larger than it: their norms bound what rounds
        factors = [factor.dense(a).detach() for factor, a in matrix._pairs()]
        norms = torch.stack([torch.linalg.matrix_norm(factor) for factor in factors]).prod()
        _assert_same_action(matrix, expected, condition=float(norms / torch.linalg.matrix_norm(expected)))


def test_parameters_survive_a_round_trip() -> None:
    """Catches an order of parameters that is read otherwise than written."""
    for layer in LAYERS:
        matrix = layer.matrix(like=layer.dense)
        assert torch.equal(matrix.flat(), layer.parameters)
