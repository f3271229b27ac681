"""Plans on models: probes, refits and measurements, where the truth is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch import nn

import spectra_weights as sw

from spectra_weights.torch import capture
from spectra_weights.torch.plan import Choice, PlanError, evaluate, factor, probe, read_plan, refit
from spectra_weights.torch.plan.choice import Fitted
from spectra_weights.torch.plan.fits import low_rank
from spectra_weights.torch.plan.layers import in_order, read, replaced
from spectra_weights.torch.plan.moments import read_moments


def moment(generator: torch.Generator, n: int, vectors: int = 200) -> torch.Tensor:
    x = torch.randn(vectors, n, generator=generator, dtype=torch.float64) * torch.linspace(2, 0.1, n, dtype=torch.float64)
    mixed = x @ torch.randn(n, n, generator=generator, dtype=torch.float64)
    return mixed.mT @ mixed / vectors


def squared(outputs: torch.Tensor, originals: torch.Tensor) -> torch.Tensor:
    return (outputs - originals).double().square().sum(1).mean()


@pytest.mark.parametrize("shape", [(6, 10), (10, 6), (7, 7)])
def test_errors_of_all_ranks_are_those_of_the_fits(shape: tuple[int, int]) -> None:
    """Would catch a curve that belongs to another fit, on the moments of the fit and on others, with gradients and without."""
    generator = torch.Generator().manual_seed(1)
    m, n = shape
    w = torch.randn(m, n, generator=generator, dtype=torch.float64)
    c, held_out, g = moment(generator, n), moment(generator, n), moment(generator, m)
    plain = low_rank(w, c, held_out=held_out)
    kfac = low_rank(w, c, gradients=g, held_out=held_out)
    for rank in range(min(m, n) + 1):
        d = w - plain.dense(rank)
        expected = torch.trace(d @ held_out @ d.mT) / torch.trace(w @ held_out @ w.mT)
        assert abs(float(expected - plain.errors[rank])) < 1e-10
        d = w - kfac.dense(rank)
        loss = 0.5 * torch.trace(g @ d @ held_out @ d.mT)
        assert abs(float(loss - kfac.errors[rank])) < 1e-9 * float(kfac.errors[0])


def test_low_rank_is_best_among_perturbed_fits() -> None:
    """Would catch a fit that is not the minimum: no nearby matrix of the same rank loses less."""
    generator = torch.Generator().manual_seed(2)
    w, c, g = torch.randn(8, 9, generator=generator, dtype=torch.float64), moment(generator, 9), moment(generator, 8)
    for gradients in (None, g):
        fit = low_rank(w, c, gradients=gradients)
        metric = torch.eye(8, dtype=torch.float64) if gradients is None else gradients

        def lost(a: torch.Tensor, b: torch.Tensor) -> float:
            d = w - a @ b
            return float(torch.trace(metric @ d @ c @ d.mT))

        a, b = fit.left[:, :3], fit.right[:3]
        least = lost(a, b)
        for _ in range(50):
            da = 0.05 * torch.randn(a.shape, generator=generator, dtype=torch.float64) * a.norm() / a.numel() ** 0.5
            db = 0.05 * torch.randn(b.shape, generator=generator, dtype=torch.float64) * b.norm() / b.numel() ** 0.5
            # The ridges move the minimum by their share.
            assert lost(a + da, b + db) > least * (1 - 1e-3)


def test_other_families_are_the_nearest_ones() -> None:
    """Would catch another fit than the program's: columns are a regression on those kept, planted terms come back."""
    generator = torch.Generator().manual_seed(3)
    x = torch.randn(100, 6, generator=generator, dtype=torch.float64)
    x[:, 5] = x[:, 0] + 0.1 * x[:, 5]
    w = torch.randn(4, 6, generator=generator, dtype=torch.float64)
    fit = Choice("columns", 0, 3).fit(w, x.mT @ x / 100)
    kept = fit.abs().amax(0).nonzero()[:, 0]
    regressed = torch.linalg.lstsq(x[:, kept], x @ w.mT).solution.mT
    assert len(kept) == 3 and torch.allclose(fit[:, kept], regressed, atol=1e-4)
    planted = torch.kron(torch.randn(2, 3, generator=generator, dtype=torch.float64), torch.randn(2, 2, generator=generator, dtype=torch.float64))
    fit = Choice("kronecker", 0, 1, blocks=(2, 3)).fit(planted, moment(generator, 6))
    assert torch.allclose(fit, planted, atol=1e-6)
    flat = torch.randn(4, 1, generator=generator, dtype=torch.float64).expand(4, 6).contiguous()
    assert torch.allclose(Choice("dct", 0, 1, grid=(1, 2, 3)).fit(flat, moment(generator, 6)), flat, atol=1e-6)
    with pytest.raises(sw.Error, match="4 x 6 has no kronecker of size 1"):
        Choice("kronecker", 0, 1, blocks=(3, 2)).fit(planted, moment(generator, 6))


def test_weights_come_back_to_the_bit() -> None:
    """Would catch a model that is left compressed, also by a failing run."""
    model = nn.Sequential(nn.Linear(5, 4), nn.Conv2d(1, 2, 3))
    before = [p.clone() for p in model.parameters()]
    with pytest.raises(ZeroDivisionError), replaced(model, {"0": torch.zeros(4, 5), "1": torch.ones(2, 9)}):
        assert float(model[0].weight.detach().abs().max()) == 0.0
        raise ZeroDivisionError
    assert all(torch.equal(p, q) for p, q in zip(before, model.parameters()))


def test_alpha_turns_an_error_into_the_loss(tmp_path: Path) -> None:
    """Would catch a wrong alpha: of one linear layer under squared loss it is the mean energy of the outputs."""
    torch.manual_seed(4)
    model = nn.Linear(12, 8, bias=False).double()
    whole = nn.Sequential(model)
    x = torch.randn(300, 12, dtype=torch.float64)
    moments = capture(whole, [x], path=tmp_path / "m.safetensors")
    for choice, rank in [(None, 1), (Choice("low-rank", 0, 5), 5), (Choice("dense", 0), 7)]:
        choices = {"0": choice} if choice else None
        path = probe(whole, [x[:150], x[150:]], squared, moments=moments, choices=choices, path=tmp_path / "alpha.json")
        document = json.loads(path.read_text())
        assert document["alpha"]["0"] == pytest.approx(float(whole(x).detach().square().sum(1).mean()), rel=1e-4)
        assert document["probes"]["0"]["rank"] == rank


def test_sums_of_errors_predict_where_they_add_up(tmp_path: Path) -> None:
    """Would catch predictions that belong to other allocations: layers in parallel on their own inputs add their losses exactly."""

    class Parallel(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = nn.ModuleList(nn.Linear(10, 10, bias=False).double() for _ in range(4))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.cat([layer(part) for layer, part in zip(self.layers, x.split(10, 1))], 1)

    torch.manual_seed(5)
    model = Parallel()
    with torch.no_grad():
        for i, layer in enumerate(model.layers):
            layer.weight.mul_(3.0**i)
    x = torch.randn(400, 40, dtype=torch.float64)
    moments = capture(model, [x], path=tmp_path / "m.safetensors")
    names = [f"layers.{i}" for i in range(4)]
    alpha = json.loads(probe(model, [x], squared, moments=moments, path=tmp_path / "a.json").read_text())["alpha"]
    uniform = {name: Choice("low-rank", 60, 3) for name in names}
    planned = {name: Choice("low-rank", 20 * rank, rank) for name, rank in zip(names, (1, 1, 3, 7))}
    found = evaluate(model, [x], squared, planned, uniform, moments=moments, alpha=alpha, draws=12)
    assert found.correlation > 0.99 and found.better == "plan" and "warning" not in str(found)
    assert found.predicted == pytest.approx(found.measured, rel=1e-3)
    # Weighted the wrong way round, the errors predict nothing, and that is said.
    wrong = {name: 1 / value**2 for name, value in alpha.items()}
    found = evaluate(model, [x], squared, uniform, planned, moments=moments, alpha=wrong, draws=12)
    assert found.correlation < 0.8 and found.better == "uniform" and "warning" in str(found)


def test_gradients_and_alpha_weigh_relative_errors(tmp_path: Path) -> None:
    """Would catch weights alpha times errors that have the units of the loss already, and a file that is not read."""
    torch.manual_seed(12)
    model = nn.Sequential(nn.Linear(12, 12), nn.Linear(12, 12))
    x = torch.randn(200, 12)
    moments = capture(model, [x], path=tmp_path / "m.safetensors", gradients=True, loss=lambda y, _: y.square().sum())
    alpha = probe(model, [x], squared, moments=moments, path=tmp_path / "a.json")
    document = json.loads(alpha.read_text())
    choices = {name: Choice("low-rank", 0, 4) for name in ("0", "1")}
    found = evaluate(model, [x], squared, choices, choices, moments=moments, alpha=alpha, draws=5)
    # At the ranks of the probe the prediction is the loss that was measured there.
    layer = Fitted.of(model, "0", read_moments(moments), read_moments(moments))
    entry = document["probes"]["0"]
    assert document["alpha"]["0"] * layer.error(entry["rank"]) / layer.error(0) == pytest.approx(entry["loss"])
    assert all(0.2 < p / m < 5 for p, m in zip(found.predicted, found.measured))
    with pytest.raises(PlanError, match="1: has no alpha"):
        evaluate(model, [x], squared, choices, choices, moments=moments, alpha={"0": 1.0})


def test_a_refit_makes_up_for_the_layers_before() -> None:
    """Would catch a refit to the wrong inputs or outputs: a dense layer after a cut one becomes the regression."""
    torch.manual_seed(6)
    model = nn.Sequential(nn.Linear(20, 15), nn.Tanh(), nn.Linear(15, 6, bias=False)).double()
    x = torch.randn(500, 20, dtype=torch.float64)
    choices = {"0": Choice("low-rank", 0, 4), "2": Choice("dense", 0)}
    compressed = refit(model, [x[:200], x[200:]], choices, pull=1e-9)
    hidden = compressed[1](compressed[0](x))
    regressed = torch.linalg.lstsq(hidden, model(x)).solution.mT
    assert torch.allclose(compressed[2].weight, regressed, atol=1e-5)
    cut = refit(model, [x], {"0": choices["0"]})
    assert squared(compressed(x), model(x)) < squared(cut(x), model(x))
    assert torch.linalg.matrix_rank(compressed[0].weight) == 4
    # With nothing cut nothing changes.
    same = refit(model, [x], {"0": Choice("dense", 0), "2": Choice("dense", 0)})
    assert torch.allclose(same[0].weight, model[0].weight, atol=1e-10) and torch.allclose(same[2].weight, model[2].weight, atol=1e-10)


def test_factors_are_the_layer() -> None:
    """Would catch factors of another layer, of a convolution's other dimensions, and a layer that is not of its rank."""
    torch.manual_seed(8)
    model = nn.Sequential(nn.Conv2d(2, 6, 3, padding=1, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(96, 10))
    x = torch.randn(9, 2, 8, 8)
    choices = {"0": Choice("low-rank", 0, 3), "3": Choice("low-rank", 0, 4)}
    with pytest.raises(PlanError, match="0: its weight is not of rank 3"):
        factor(model, choices)
    compressed = refit(model, [x], choices)
    before = compressed(x)
    factor(compressed, choices)
    assert sum(p.numel() for p in compressed.parameters()) == 3 * (6 + 18) + 6 + 4 * (10 + 96) + 10
    assert torch.allclose(compressed(x), before, atol=1e-5)
    loss = compressed(x).square().sum()
    loss.backward()
    assert all(p.grad is not None and bool(p.grad.abs().sum() > 0) for p in compressed.parameters())


def test_layers_are_taken_in_the_order_of_calls() -> None:
    """Would catch the order of registration, and layers of one input that are taken one by one."""

    class Attention(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.last = nn.Linear(4, 4)
            self.query, self.key = nn.Linear(4, 4), nn.Linear(4, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.last(self.key(x) * self.query(x))

    model = Attention()
    model.unused = nn.Linear(4, 4)
    with pytest.raises(PlanError, match="unused: no batch reaches the layer"):
        refit(model, [torch.ones(2, 4)], {"unused": Choice("dense", 0), "key": Choice("low-rank", 0, 2)})
    assert in_order(model, ["last", "query", "key"], lambda: model(torch.ones(2, 4))) == [["key", "query"], ["last"]]


def test_convolutions_are_refitted_on_patches() -> None:
    """Would catch patches in another order than the kernel's columns: a refit of an uncut convolution leaves it as it is."""
    torch.manual_seed(7)
    model = nn.Sequential(nn.Conv2d(2, 3, 3), nn.ReLU(), nn.Conv2d(3, 4, 2)).double()
    x = torch.randn(20, 2, 8, 8, dtype=torch.float64)
    whole = {"0": Choice("low-rank", 0, 3), "2": Choice("low-rank", 0, 4)}
    same = refit(model, [x], whole)
    assert torch.allclose(same(x), model(x), atol=1e-9)
    assert read(same[0]).shape == (3, 18)


def test_what_does_not_fit_is_said(tmp_path: Path) -> None:
    """Would catch a wrong plan, moments or loss that is taken as they are."""
    model = nn.Sequential(nn.Linear(5, 4), nn.ReLU(), nn.Linear(4, 3))
    x = torch.randn(30, 5)
    moments = capture(model, [x], path=tmp_path / "m.safetensors")
    with pytest.raises(PlanError, match="no batch"):
        probe(model, [], squared, moments=moments, path=tmp_path / "a.json")
    with pytest.raises(PlanError, match="has no moments"):
        probe(model, [x], squared, moments=moments, layers=["1"], path=tmp_path / "a.json")
    with pytest.raises(PlanError, match="should be 0 for equal outputs"):
        probe(model, [x], lambda a, b: squared(a, b) - 100, moments=moments, path=tmp_path / "a.json")
    with pytest.raises(PlanError, match="no such module"):
        refit(model, [x], {"nope": Choice("dense", 0)})
    with pytest.raises(PlanError, match="a ReLU is no linear layer"):
        refit(model, [x], {"1": Choice("dense", 0)})
    with pytest.raises(PlanError, match="no plan of spectra plan"):
        read_plan({"budgets": []})
    other = nn.Sequential(nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 3))
    with pytest.raises(PlanError, match="has 6 inputs, but the moments are of 5"):
        evaluate(other, [torch.randn(3, 6)], squared, {"0": Choice("dense", 0)}, {}, moments=moments)
    assert not (tmp_path / "a.json").exists()


class Words(nn.Module):
    """A table of words whose weight is the head's as well, another one, and a layer that is used under two names."""

    def __init__(self, tied: bool) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(40, 12), nn.Embedding(8, 12)
        self.first = nn.Linear(12, 12)
        self.second = self.first
        self.head = nn.Linear(12, 40, bias=False)
        if tied:
            self.head.weight = self.words.weight

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        x = self.words(ids) + self.places(torch.arange(ids.shape[1]).expand_as(ids))
        logits: torch.Tensor = self.head(self.second(self.first(x).tanh()))
        return logits


@pytest.mark.parametrize("tied", [False, True])
def test_tables_and_tied_weights_are_planned(tied: bool, tmp_path: Path) -> None:
    """Would catch files of capture and probe that a plan refuses, and choices that measures and refits do not know."""
    torch.manual_seed(9)
    model = Words(tied)
    batches = [torch.randint(0, 40, (6, 8)) for _ in range(8)]
    moments = capture(model, batches, path=tmp_path / "m.safetensors")
    alpha = probe(model, batches[:2], squared, moments=moments, path=tmp_path / "a.json")
    names = json.loads(alpha.read_text())["alpha"]
    assert ("words" in names, "head" in names) == (not tied, not tied) and "places" in names
    plan = sw.plan(model, "50%", moments=moments, alpha=alpha)
    assert plan.layers["words.weight"].status == ("skipped" if tied else "analyzed")
    budget = read_plan(plan)[0]
    choices = {**budget.choices, "places": Choice("low-rank", 0, 3), "first": Choice("low-rank", 0, 5)}
    before = [p.clone() for p in model.parameters()]
    found = evaluate(model, batches[2:4], squared, choices, budget.uniform, moments=moments, draws=3)
    assert found.plan > 0 and len(found.measured) == 3
    small = refit(model, batches, choices)
    assert all(torch.equal(p, q) for p, q in zip(before, model.parameters()))
    assert torch.linalg.matrix_rank(small.places.weight, rtol=1e-5) == 3
    outputs = small(batches[0])
    factor(small, choices)
    assert small.second is small.first and type(small.first).__name__ == "Factors"
    assert torch.allclose(small(batches[0]), outputs, atol=1e-5)


def test_tables_are_fitted_by_how_often_rows_are_used() -> None:
    """Would catch a table that is fitted as if all rows were used alike, and an error that belongs to another measure."""
    generator = torch.Generator().manual_seed(10)
    table = torch.randn(30, 6, generator=generator, dtype=torch.float64)
    counts = torch.zeros(30, dtype=torch.float64)
    counts[:3] = 1.0
    fit = low_rank(table.mT, counts)
    assert float(fit.errors[3]) < 1e-12
    assert torch.allclose(fit.dense(3)[:, :3], table.mT[:, :3], atol=1e-9)
    weights = torch.rand(30, generator=generator, dtype=torch.float64)
    plain, full = low_rank(table.mT, weights), low_rank(table.mT, torch.diag(weights))
    assert torch.allclose(plain.errors, full.errors, atol=1e-6)


def test_the_units_of_a_plan_do_not_change_what_is_drawn(tmp_path: Path) -> None:
    """Would catch random allocations at four times the cost where a plan counts bytes."""
    torch.manual_seed(11)
    model = nn.Sequential(nn.Linear(30, 30), nn.ReLU(), nn.Linear(30, 30))
    x = torch.randn(60, 30)
    moments = capture(model, [x], path=tmp_path / "m.safetensors")
    drawn = []
    for unit in (1, 4):
        choices = {name: Choice("low-rank", 60 * 8 * unit, 8) for name in ("0", "2")}
        drawn.append(evaluate(model, [x], squared, choices, choices, moments=moments, draws=4).measured)
    assert drawn[0] == drawn[1]


def test_a_loss_that_is_no_number_is_said(tmp_path: Path) -> None:
    """Would catch PyTorch's words for a loss without a mean."""
    model = nn.Sequential(nn.Linear(5, 4))
    x = torch.randn(9, 5)
    moments = capture(model, [x], path=tmp_path / "m.safetensors")
    with pytest.raises(PlanError, match=r"a Tensor of shape \(9, 4\), but should be one number"):
        probe(model, [x], lambda a, b: (a - b).square(), moments=moments, path=tmp_path / "a.json")
    with pytest.raises(PlanError, match="the loss is a NoneType"):
        probe(model, [x], lambda a, b: None, moments=moments, path=tmp_path / "a.json")  # type: ignore[arg-type,return-value]
