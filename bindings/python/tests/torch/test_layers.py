"""Layers of every family: gradients, types, convolutions, initial values, errors."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from spectra_weights.torch import FAMILIES, Conv2d, Image, Linear, Slot, UnsupportedFamily, matrix
from spectra_weights.torch.families import UNSUPPORTED
from spectra_weights.torch.matrix import Matrix
from spectra_weights.torch.transforms import cosines, dct, hadamard, idct

# Settings of every family that suit 9 x 12 with images of 3 x 2 x 2.
SETTINGS: list[tuple[str, dict[str, Any]]] = [
    ("dense", {}),
    ("block-diagonal", {"blocks": 3}),
    ("block-diagonal", {"blocks": [[2, 5], [7, 7]]}),
    ("low-rank", {"rank": 2}),
    ("separable", {"rank": 2}),
    ("projected", {"features": 5, "basis": "dct"}),
    ("product-of-sums", {"factors": 2, "terms": 4, "residual": True, "link": ["identity", "tanh"]}),
    ("product-of-sums", {"factors": 2, "terms": 4, "basis": ["diagonal", "srht"]}),
    ("sketched", {"k": 2, "l": 2}),
    ("hashed", {"parameters": 20}),
    ("frequency-hashed", {"parameters": 20}),
    ("diagonal", {}),
    ("random-diagonals", {"terms": 3}),
    ("fastfood", {}),
    ("acdc", {"depth": 2}),
    ("circulant", {"signs": True}),
    ("toeplitz-like", {"rank": 2}),
    ("dct", {}),
    ("random", {}),
]
IDS = [f"{family}-{i}" for i, (family, _) in enumerate(SETTINGS)]
EPS = torch.finfo(torch.float64).eps


def _linear(family: str, settings: dict[str, Any], **more: Any) -> Linear:
    return Linear(12, 9, family, image=(3, 2, 2), **{"dtype": torch.float64, **more}, **settings)


def test_settings_have_every_family() -> None:
    assert {family for family, _ in SETTINGS} == set(FAMILIES)


@pytest.mark.parametrize(("family", "settings"), SETTINGS, ids=IDS)
def test_gradients_are_those_of_finite_differences(family: str, settings: dict[str, Any]) -> None:
    """Catches an action that leaves a parameter or the input out of the graph."""
    torch.manual_seed(0)
    layer = _linear(family, settings)
    names = [name for name, _ in layer.named_parameters()]
    x = torch.randn(3, 12, dtype=torch.float64, requires_grad=True)

    def action(x: torch.Tensor, *parameters: torch.Tensor) -> Any:
        return torch.func.functional_call(layer, dict(zip(names, parameters)), (x,))

    assert torch.autograd.gradcheck(action, (x, *(p.detach().requires_grad_() for p in layer.parameters())))


@pytest.mark.parametrize(("family", "settings"), SETTINGS, ids=IDS)
def test_convolutions_are_those_of_the_dense_kernel(family: str, settings: dict[str, Any]) -> None:
    """Catches patches in another order than the kernel's columns, and a stride or padding on the wrong axis."""
    torch.manual_seed(1)
    layer = Conv2d(3, 9, (2, 2), stride=(2, 1), padding=(1, 0), family=family, dtype=torch.float64, **settings)
    x = torch.randn(2, 3, 7, 5, dtype=torch.float64)
    assert layer.bias is not None
    nn.init.normal_(layer.bias)
    kernel = layer.dense()
    expected = functional.conv2d(x, kernel, layer.bias, (2, 1), (1, 0))
    assert layer(x).shape == expected.shape
    bound = 64 * 12 * EPS * float(torch.linalg.vector_norm(kernel.detach()) * x.abs().max() * math.sqrt(12))
    torch.testing.assert_close(layer(x), expected, rtol=0.0, atol=bound)
    torch.testing.assert_close(layer(x[0]), expected[0], rtol=0.0, atol=bound)


def test_kernels_of_one_pixel_and_dilations() -> None:
    """Catches the path without copies that skips the wrong pixels, and a dilation that is left out."""
    x = torch.randn(2, 4, 6, 5, dtype=torch.float64)
    one = Conv2d(4, 3, 1, stride=2, family="low-rank", rank=2, dtype=torch.float64)
    torch.testing.assert_close(one(x), functional.conv2d(x, one.dense(), one.bias, 2))
    weight = matrix("low-rank", Slot(3, 16, kernel=Image(4, 2, 2)), rank=2, dtype=torch.float64)
    wide = Conv2d.of(weight, None, stride=1, padding=1, dilation=2)
    torch.testing.assert_close(wide(x), functional.conv2d(x, wide.dense(), None, 1, 1, 2))
    with pytest.raises(ValueError, match="3x3 does not fit in images of 2x9"):
        Conv2d(4, 3, 3)(torch.zeros(1, 4, 2, 9))
    with pytest.raises(ValueError, match=r"expected \(N, 4, height, width\)"):
        Conv2d(4, 3, 3)(torch.zeros(1, 5, 9, 9))


@pytest.mark.parametrize(("family", "settings"), SETTINGS, ids=IDS)
def test_vectors_of_any_shape_and_type(family: str, settings: dict[str, Any]) -> None:
    """Catches an action that mixes vectors or fails in single and half precision."""
    layer = _linear(family, settings)
    x = torch.randn(2, 3, 12, dtype=torch.float64)
    one_by_one = torch.stack([layer(v) for v in x.reshape(-1, 12)]).reshape(2, 3, 9)
    torch.testing.assert_close(layer(x), one_by_one)
    assert layer(x[:0]).shape == (0, 3, 9)
    for dtype in (torch.float32, torch.bfloat16):
        low = copy.deepcopy(layer).to(dtype)
        y = low(x.to(dtype))
        assert y.dtype == dtype and bool(y.isfinite().all())
        error = torch.linalg.vector_norm(y.double() - layer(x)) / torch.linalg.vector_norm(layer(x))
        assert error < 64 * torch.finfo(dtype).eps


@pytest.mark.parametrize(("family", "settings"), SETTINGS, ids=IDS)
def test_modules_are_copied_pickled_and_restored(family: str, settings: dict[str, Any]) -> None:
    """Catches fixed numbers that a copy loses or a state dictionary holds."""
    layer = _linear(family, settings, seed=3, layer=5)
    x = torch.randn(2, 12, dtype=torch.float64)
    again = _linear(family, settings, seed=3, layer=5)
    again.load_state_dict(layer.state_dict())
    for other in (again, copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert torch.equal(other(x), layer(x))
    assert len(layer.state_dict()) == len(list(layer.parameters()))


@pytest.mark.parametrize(("family", "settings"), SETTINGS, ids=IDS)
def test_entries_begin_with_variance_one_over_n(family: str, settings: dict[str, Any]) -> None:
    """Mean square norm of W over draws of seed and parameters: catches a factor in the scale of a family.

    E ||W||² is m; the mean over draws has to be within five standard errors, measured.
    """
    del settings
    scaled: dict[str, dict[str, Any]] = {
        "block-diagonal": {"blocks": 4},
        "low-rank": {"rank": 6},
        "separable": {"rank": 3},
        "projected": {"features": 30, "basis": "gaussian"},
        "product-of-sums": {"factors": 2, "terms": 8},
        "sketched": {"k": 3, "l": 2},
        "hashed": {"parameters": 50},
        "frequency-hashed": {"parameters": 60},
        "random-diagonals": {"terms": 6},
        "acdc": {"depth": 2},
        "toeplitz-like": {"rank": 2},
    }
    torch.manual_seed(0)
    m, n = 32, 48
    norms = []
    for seed in range(40):
        layer = Linear(n, m, family, seed=seed, image=(3, 4, 4), dtype=torch.float64, **scaled.get(family, {}))
        norms.append(float(torch.linalg.matrix_norm(layer.dense().detach()) ** 2))
    drawn = torch.tensor(norms, dtype=torch.float64)
    error = float(drawn.std()) / math.sqrt(len(norms))
    assert abs(float(drawn.mean()) - m) <= 5 * error + 1e-9 * m


@pytest.mark.parametrize("initial", ["xavier", "xavier-average", "he", "zero", {"gaussian": 0.3}, {"truncated-normal": 0.3}, {"uniform": 0.2}])
def test_initial_laws_have_their_variance(initial: Any) -> None:
    torch.manual_seed(2)
    layer = Conv2d(8, 50, 5, family="dense", initial=initial)
    n, fan_out = 200, 50 * 25
    truncated = 1 - 2 * 2 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(math.sqrt(2))
    expected = {"xavier": 1 / n, "xavier-average": 2 / (n + fan_out), "he": 2 / n, "zero": 0.0}
    given = {"gaussian": 0.09, "truncated-normal": 0.09 * truncated, "uniform": 0.04 / 3}
    variance = expected[initial] if isinstance(initial, str) else given[next(iter(initial))]
    # the square of an entry has at most a relative deviation of √2
    assert float(layer.dense().square().mean()) == pytest.approx(variance, rel=5 * math.sqrt(2 / 10_000))


def test_unsupported_families_are_named() -> None:
    """Catches a family that is refused without a way out."""
    for family in UNSUPPORTED:
        with pytest.raises(UnsupportedFamily, match=f"{family} is a family that spectra families compares with"):
            Linear(4, 4, family)
    with pytest.raises(UnsupportedFamily, match="'tucker' is no family; there are dense, block-diagonal"):
        Linear(4, 4, "tucker")


@pytest.mark.parametrize(
    ("family", "settings", "message"),
    [
        ("low-rank", {"rank": 10}, "rank = 10 for a weight of 9x12; it can be 1 to 9"),
        ("block-diagonal", {"blocks": 5}, "5 blocks do not divide 9x12"),
        ("block-diagonal", {"blocks": [[9, 11]]}, "the blocks add up to 9x11"),
        ("projected", {"features": 13, "basis": "dct"}, "features = 13"),
        ("projected", {"features": 3, "basis": "fourier"}, "it can be dct, gaussian"),
        ("product-of-sums", {"factors": 1, "terms": 10, "basis": "diagonal"}, "at most 9 independent terms"),
        ("product-of-sums", {"factors": 2, "terms": [1, 2, 3]}, "terms lists 3 values for 2 factors"),
        ("product-of-sums", {"factors": 1, "terms": 2, "link": "cube"}, "it can be identity, exp"),
        ("hashed", {"parameters": 109}, "there can be 1 to 108"),
        ("low-rank", {"rank": 1, "initial": "kaiming"}, "initial = 'kaiming'"),
        ("low-rank", {"rank": 1, "initial": {"gaussian": -1.0}}, "must be a positive number"),
    ],
)
def test_settings_that_do_not_suit_are_refused(family: str, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _linear(family, settings)


def test_no_dense_matrix_is_formed_where_the_product_is_cheaper() -> None:
    """Catches a forward that goes through ``dense``."""

    class Formed(AssertionError):
        pass

    def fail(self: Matrix) -> torch.Tensor:
        raise Formed

    for family, settings in SETTINGS:
        if family in ("hashed", "dense", "random"):
            continue
        layer = _linear(family, settings)
        original = type(layer.matrix).dense
        try:
            type(layer.matrix).dense = fail  # type: ignore[method-assign]
            layer(torch.randn(2, 12, dtype=torch.float64))
        finally:
            type(layer.matrix).dense = original  # type: ignore[method-assign]


@pytest.mark.parametrize("n", [1, 2, 5, 255, 256, 257, 511])
def test_cosine_transforms_are_the_matrix(n: int) -> None:
    """Catches a fast transform that is wrong for odd lengths."""
    x = torch.randn(3, n, dtype=torch.float64)
    c = torch.from_numpy(cosines(n))
    bound = 32 * math.log2(n + 1) * EPS * float(torch.linalg.vector_norm(x, dim=-1).max())
    torch.testing.assert_close(dct(x), x @ c.T, rtol=0.0, atol=bound)
    torch.testing.assert_close(idct(x), x @ c, rtol=0.0, atol=bound)


def test_fast_circulants_are_the_tables() -> None:
    """Catches Fourier transforms that wrap at another order."""
    for m, n in [(600, 500), (500, 601)]:
        families: list[tuple[str, dict[str, Any]]] = [("circulant", {}), ("toeplitz-like", {"rank": 1})]
        for family, settings in families:
            layer = Linear(n, m, family, bias=False, dtype=torch.float64, **settings)
            x = torch.randn(2, n, dtype=torch.float64)
            i, j = torch.arange(m)[:, None], torch.arange(n)
            order = max(m, n)
            if family == "circulant":
                dense = layer.get_parameter("matrix.first")[(i - j) % order]
            else:
                k = torch.arange(order)
                g, h = layer.get_parameter("matrix.generators").unbind(1)
                skew = torch.where(k[:, None] >= j, 1.0, -1.0) * h[(k[:, None] - j) % order]
                dense = g[(i - k) % order] @ skew
            torch.testing.assert_close(layer(x), x @ dense.T, rtol=0.0, atol=1e-11)


def test_hadamard_is_its_own_inverse() -> None:
    x = torch.randn(2, 64, dtype=torch.float64)
    torch.testing.assert_close(hadamard(hadamard(x)), x)
    assert torch.allclose(hadamard(torch.eye(4)) * 2, torch.tensor([[1.0, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]))


@pytest.mark.parametrize(
    ("family", "settings"),
    [
        ("dense", {}),
        ("block-diagonal", {"blocks": 3}),
        ("block-diagonal", {"blocks": [[2, 5], [7, 7]]}),
        ("low-rank", {"rank": 2}),
        ("projected", {"features": 5, "basis": "gaussian"}),
        ("hashed", {"parameters": 20}),
        ("diagonal", {}),
        ("circulant", {"signs": True}),
    ],
)
def test_projections_are_nearest(family: str, settings: dict[str, Any]) -> None:
    """At the nearest matrix the error's gradient is zero, and a member of the family is met: catches a wrong formula."""
    torch.manual_seed(3)
    for shape in [(9, 12), (12, 9)] if family in ("diagonal", "circulant") else [(9, 12)]:
        member = matrix(family, Slot(*shape), dtype=torch.float64, **settings)
        weight = member.dense().detach()
        other = matrix(family, Slot(*shape), dtype=torch.float64, **settings)
        other.project(weight)
        torch.testing.assert_close(other.dense(), weight)
        weight = torch.randn(shape, dtype=torch.float64)
        other.project(weight)
        error = (other.dense() - weight).square().sum() / 2
        error.backward()  # type: ignore[no-untyped-call]
        assert error <= (member.dense() - weight).square().sum() / 2
        for p in other.parameters():
            assert p.grad is not None and float(p.grad.abs().max()) < 1e-12 * 100


def test_projections_that_are_no_formula_are_refused() -> None:
    with pytest.raises(NotImplementedError, match="the acdc matrix that is nearest"):
        Linear.from_weight(torch.zeros(4, 4), "acdc", depth=1)
    with pytest.raises(ValueError, match=r"a weight of \[3, 4\] for a dense matrix of 4x4"):
        matrix("dense", Slot(4, 4)).project(torch.zeros(3, 4))


@pytest.mark.parametrize(
    ("family", "settings"),
    [("diagonal", {}), ("random-diagonals", {"terms": 1}), ("circulant", {}), ("toeplitz-like", {"rank": 1}), ("hashed", {"parameters": 8})],
)
def test_vectors_of_another_length_are_refused(family: str, settings: dict[str, Any]) -> None:
    """Catches inputs that are cut or filled up in silence."""
    layer = Linear(8, 8, family=family, **settings)
    for length in (5, 9):
        with pytest.raises(ValueError, match="expected"):
            layer(torch.ones(2, length))
