"""What initialisations give, in simulations: how often alarms are false."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spectra_weights.monitor.alarms import Alarms
from spectra_weights.monitor.metrics import native_svdvals, of_spectrum, spectral_norm
from spectra_weights.monitor.reference import _upper_gamma, reference


@pytest.mark.parametrize("law", ["normal", "uniform"])
@pytest.mark.parametrize(("m", "n", "draws"), [(8, 8, 4000), (10, 500, 3000), (64, 48, 2000), (100, 120, 1000), (200, 200, 400)])
def test_false_alarms_are_no_more_frequent_than_said(m: int, n: int, draws: int, law: str) -> None:
    """At a rate of 1 %, either alarm of a fresh matrix; within four standard errors. Catches a wrong centre or deviation."""
    rng, rate, svdvals = np.random.default_rng([m, n]), 0.01, native_svdvals()
    counts = {"spike": 0, "low-rank": 0}
    for _ in range(draws):
        w = rng.standard_normal((m, n)) if law == "normal" else rng.uniform(-0.1, 0.1, (m, n))
        alarms = Alarms(rate)
        alarms.check(0, "w", (m, n), of_spectrum((m, n), svdvals(w)))
        for alarm in alarms.raised:
            counts[alarm.kind] += 1
    bound = draws * rate + 4 * math.sqrt(draws * rate)
    assert max(counts.values()) <= bound, counts


def test_probabilities_have_the_size_of_the_law() -> None:
    """Catches bounds so loose that no alarm is ever raised: at 128 x 160 a tenth of draws is below 10 %, or nearly."""
    rng, svdvals = np.random.default_rng(1), native_svdvals()
    expected = reference(128, 160)
    low, spike = [], []
    for _ in range(400):
        values = of_spectrum((128, 160), svdvals(rng.standard_normal((128, 160))))
        low.append(expected.low_rank_probability(values["effective_rank"]))
        spike.append(expected.spike_probability(values["stable_rank"]))
    assert 0.03 < np.mean(np.array(low) < 0.1) < 0.16
    assert 0.03 < np.mean(np.array(spike) < 0.1) < 0.16
    assert 0.3 < np.mean(np.array(low) < 0.5) < 0.7 and 0.3 < np.mean(np.array(spike) < 0.5) < 0.7


def test_learned_directions_and_lost_ones_are_found() -> None:
    """Catches alarms that nothing raises: a direction at 1.3 times the edge, and a spectrum that decays."""
    rng, shape = np.random.default_rng(2), (150, 200)
    w = rng.standard_normal(shape)
    edge = math.sqrt(shape[0]) + math.sqrt(shape[1])
    u, v = rng.standard_normal(shape[0]), rng.standard_normal(shape[1])
    spiked = w + 1.3 * edge * np.outer(u, v) / np.linalg.norm(u) / np.linalg.norm(v)
    decayed = np.exp(-np.arange(shape[0]) / 100)[:, None] * w
    for matrix, kind in [(spiked, "spike"), (decayed, "low-rank")]:
        alarms = Alarms(1e-3)
        for step in (5, 6):
            shares = alarms.check(step, "w", shape, of_spectrum(shape, np.linalg.svd(matrix, compute_uv=False)))
        raised = [alarm for alarm in alarms.raised if alarm.kind == kind]
        assert len(raised) == 1 and raised[0].step == 5 and "w at step 5" in str(raised[0])
        assert min(shares.values()) < 1.0


def test_orthogonal_matrices_raise_no_alarm() -> None:
    """A flat spectrum is no sign of lost directions."""
    q = np.linalg.qr(np.random.default_rng(3).standard_normal((64, 64)))[0]
    values = of_spectrum((64, 64), np.linalg.svd(q, compute_uv=False))
    alarms = Alarms(1e-3)
    shares = alarms.check(0, "w", (64, 64), values)
    assert not alarms.raised and shares["effective_rank_of_initial"] > 1.0
    assert values["flat_share"] == 1.0 and values["effective_rank"] == pytest.approx(64)


def test_medians_are_those_of_draws() -> None:
    rng = np.random.default_rng(4)
    for m, n in [(20, 300), (120, 150)]:
        drawn = [of_spectrum((m, n), np.linalg.svd(rng.standard_normal((m, n)), compute_uv=False)) for _ in range(100)]
        for name, expected in [("stable_rank", reference(m, n).stable_rank), ("effective_rank", reference(m, n).effective_rank)]:
            assert np.median([values[name] for values in drawn]) == pytest.approx(expected, rel=0.02)


def test_the_gamma_function_is_that_of_whole_numbers() -> None:
    """Q(k, x) is a Poisson sum: catches an error of the series or of the fraction."""
    for k in (1, 5, 46):
        for x in (0.3, 4.0, 45.0, 60.0, 120.0):
            expected = sum(math.exp(-x + i * math.log(x) - math.lgamma(i + 1)) for i in range(k))
            assert _upper_gamma(float(k), x) == pytest.approx(expected, rel=1e-10, abs=1e-14)


@pytest.mark.parametrize("shape", [(49, 500), (300, 300), (700, 60), (200, 2000)])
def test_spectral_norms_are_within_their_tolerance(shape: tuple[int, int]) -> None:
    """Noise is the worst case, its largest values being close: catches an iteration that ends too soon."""
    rng, svdvals = np.random.default_rng(5), native_svdvals()
    for _ in range(5):
        w = rng.standard_normal(shape).astype(np.float32)
        exact = np.linalg.svd(w.astype(np.float64), compute_uv=False)[0]
        assert exact * (1 - 1e-3) < spectral_norm(w, svdvals) < exact * (1 + 1e-5)
    rank_one = np.outer(rng.standard_normal(shape[0]), rng.standard_normal(shape[1]))
    assert spectral_norm(rank_one, svdvals) == pytest.approx(np.linalg.norm(rank_one), rel=1e-10)
