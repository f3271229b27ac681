"""Laws of random-matrix theory against closed forms, integrals and one another."""

from __future__ import annotations

import math

import numpy as np
import pytest
import spectra_weights as sw
from spectra_weights.laws import MarchenkoPastur, TracyWidom

NODES, WEIGHTS = np.polynomial.legendre.leggauss(200)


def integral(function, low, high):
    """Integrates a function with square roots at both ends by substitution of an angle."""
    angle = (NODES + 1) * math.pi / 2
    x = (low + high) / 2 - (high - low) / 2 * np.cos(angle)
    return float(np.sum(WEIGHTS * function(x) * np.sin(angle)) * math.pi / 2 * (high - low) / 2)


@pytest.mark.parametrize("ratio", [0.1, 0.5, 0.9, 1.7, 5.0])
@pytest.mark.parametrize("variance", [1.0, 0.3])
def test_marchenko_pasturs_functions_are_consistent(ratio, variance):
    """Catches a density, a distribution, quantiles or moments that are of different laws."""
    law = MarchenkoPastur(ratio, variance)
    low, high = variance * (1 - math.sqrt(ratio)) ** 2, variance * (1 + math.sqrt(ratio)) ** 2
    x = np.linspace(low, high, 9)[1:-1]
    closed = np.sqrt((high - x) * (x - low)) / (2 * math.pi * variance * ratio * x)
    np.testing.assert_allclose(law.pdf(x), closed, rtol=1e-12)
    mass = min(1.0, 1 / ratio)
    assert integral(law.pdf, low, high) == pytest.approx(mass, rel=1e-10)
    assert integral(lambda x: x * law.pdf(x), low, high) == pytest.approx(law.mean(), rel=1e-10)
    second = integral(lambda x: x * x * law.pdf(x), low, high)
    assert second - law.mean() ** 2 == pytest.approx(law.var(), rel=1e-9)
    for at in x:
        below = (1 - mass) + integral(law.pdf, low, at)
        assert law.cdf(at) == pytest.approx(below, abs=2e-4)
    np.testing.assert_allclose(law.cdf(x) + law.sf(x), 1.0, atol=1e-14)
    np.testing.assert_allclose(law.ppf(law.cdf(x)), x, rtol=1e-10)
    assert law.support() == (pytest.approx(0.0 if ratio > 1 else low), pytest.approx(high))
    assert law.atom() == pytest.approx(1 - mass)


def test_marchenko_pasturs_values_are_eigenvalues():
    """Catches a law of another matrix: the eigenvalues of one large matrix lie by its distribution."""
    m, n = 300, 600
    x = np.random.default_rng(0).standard_normal((m, n))
    eigenvalues = np.sort(sw.svdvals(x) ** 2 / n)
    distance = np.abs(MarchenkoPastur(m / n).cdf(eigenvalues) - (np.arange(m) + 0.5) / m).max()
    # Eigenvalues are rigid: of order log(m)/m off.
    assert distance < 5 * math.log(m) / m


def test_tracy_widoms_numbers_are_the_published_ones():
    """Catches the law of another order: quantiles as in Bejan's tables (2005), moments by integrals of the density."""
    law = TracyWidom()
    for p, quantile in [(0.5, -1.2686), (0.9, 0.4501), (0.95, 0.9793), (0.99, 2.0234)]:
        assert law.ppf(p) == pytest.approx(quantile, abs=6e-5)
    s = np.linspace(-9.5, 12.0, 4001)
    density = law.pdf(s)
    assert np.trapezoid(density, s) == pytest.approx(1.0, abs=1e-7)
    assert np.trapezoid(s * density, s) == pytest.approx(law.mean(), abs=1e-6)
    assert np.trapezoid((s - law.mean()) ** 2 * density, s) == pytest.approx(law.var(), abs=1e-6)
    slope = (law.cdf(s[2:]) - law.cdf(s[:-2])) / (s[2:] - s[:-2])
    np.testing.assert_allclose(slope, density[1:-1], atol=2e-6)


def test_small_chances_have_their_quantiles():
    """Catches quantiles through 1 - p, which is 1 for chances that tests of many layers reach, and a density of NaN at its pole."""
    for law in (TracyWidom(), MarchenkoPastur(0.3, 2.0), MarchenkoPastur(2.0)):
        for p in (0.4, 0.3, 1e-3, 1e-12):
            assert law.sf(law.isf(p)) == pytest.approx(p, rel=1e-3)
        assert law.isf(0.0) == law.support()[1] and math.isnan(law.isf(-0.1)) and math.isnan(law.isf(math.nan))
    law = TracyWidom()
    for p in (1e-20, 1e-60):
        assert law.sf(law.isf(p)) == pytest.approx(p, rel=1e-9)
    assert MarchenkoPastur(1.0).pdf(0.0) == math.inf and MarchenkoPastur(0.5).pdf(0.0) == 0.0


def test_shapes_and_numbers_are_kept(torch):
    law = MarchenkoPastur(0.5)
    x = np.array([[0.5, 1.0], [1.5, 9.0]])
    assert law.cdf(x).shape == (2, 2)
    np.testing.assert_array_equal(law.cdf(x.T), law.cdf(x).T)
    assert isinstance(law.cdf(1.0), float) and law.cdf(np.float64(1.0)) == law.cdf(1.0)
    np.testing.assert_array_equal(law.cdf(torch.from_numpy(x)).numpy(), law.cdf(x))
    assert math.isnan(law.ppf(1.5)) and math.isnan(law.cdf(math.nan))
    with pytest.raises(TypeError, match="64 bits"):
        law.pdf(x.astype("f4"))
    with pytest.raises(sw.Error, match="positive and finite"):
        MarchenkoPastur(-1.0)


def test_draws_have_a_seed_and_the_law():
    for law in (MarchenkoPastur(0.3, 2.0), MarchenkoPastur(2.0), TracyWidom()):
        drawn = law.rvs(4000, seed=1)
        np.testing.assert_array_equal(drawn, law.rvs(4000, seed=1))
        error = law.std() / math.sqrt(4000)
        assert drawn.mean() == pytest.approx(law.mean(), abs=5 * error)
        assert law.rvs((2, 3), seed=1).shape == (2, 3)
        assert isinstance(law.rvs(seed=1), float)
