"""Significances: closed forms against likelihoods that are maximized, and against published numbers."""

import jax
import numpy as np
import pytest
from scipy.optimize import minimize_scalar
from scipy.special import xlogy
from scipy.stats import poisson

from ansatz.errors import InputError
from ansatz.inference import SIGNIFICANCES, ams, asimov, discovery, p_value, scan_cuts, sigmas, significance_named


def profiled(s, b, error):
    """Asimov significance of n = s + b with an auxiliary count m = tau b, from a likelihood maximized over b."""
    tau = b / error**2
    n, m = s + b, tau * b

    def lost(below):
        return -(xlogy(n, below) - below + xlogy(m, tau * below) - tau * below)

    best = -(xlogy(n, s + b) - (s + b) + xlogy(m, m) - m)
    found = minimize_scalar(lost, bounds=(0.2 * b, 5 * (s + b)), method="bounded", options={"xatol": 1e-12})
    return np.sqrt(2 * (found.fun - best))


@pytest.mark.parametrize(("s", "b", "error"), [(8.2, 4.66, 1.0), (10.0, 100.0, 5.0), (50.0, 20.0, 10.0)])
def test_asimov_with_an_uncertain_background_is_the_profiled_likelihood(s, b, error):
    assert asimov(s, b, error=error) == pytest.approx(profiled(s, b, error), rel=1e-6)


def test_without_an_error_it_is_the_limit_of_a_small_one():
    s, b = np.array([1.0, 8.2, 30.0]), np.array([2.0, 4.66, 400.0])
    np.testing.assert_allclose(asimov(s, b), asimov(s, b, error=1e-3 * b), rtol=1e-3)


def test_it_is_the_median_of_discoveries():
    """The median over pseudo-experiments, whose error is 1.25 sigma / sqrt(n)."""
    counts = poisson.rvs(48.0, size=4000, random_state=0)
    median = np.median(discovery(counts, 30.0))
    assert abs(median - asimov(18.0, 30.0)) < 0.1 + 4 * 1.25 / np.sqrt(4000)


def test_small_signals_have_one_significance():
    values = [function(1.0, 1e6) for function in SIGNIFICANCES.values()]
    np.testing.assert_allclose(values, 1e-3, rtol=1e-4)


def test_edges():
    assert asimov(1.0, 0.0) == np.inf
    assert asimov(0.0, 0.0) == 0.0
    assert asimov(1.0, -3.0) == 0.0
    assert ams(1.0, 0.0) < 1.0
    assert sigmas(p_value(5, 0.3)) == pytest.approx(4.17, abs=0.01)


def test_an_unknown_significance_is_named():
    with pytest.raises(InputError, match="no significance 'asimof'; did you mean 'asimov'"):
        significance_named("asimof")


@pytest.fixture(scope="module")
def scored():
    rng = np.random.default_rng(3)
    y = rng.integers(0, 2, 4000)
    return rng.normal(y, 1.0), y, np.where(y == 1, 0.01, 1.0) * rng.uniform(0.5, 1.5, 4000)


def test_every_point_of_a_scan_is_the_sum_over_the_cut(scored):
    score, y, weight = scored
    scan = scan_cuts(*scored, replicas=20, key=jax.random.key(0))
    for i in (0, scan.best, len(scan.cut) - 1):
        kept = score >= scan.cut[i]
        assert scan.signal[i] == pytest.approx(weight[kept & (y == 1)].sum())
        assert scan.background[i] == pytest.approx(weight[kept & (y == 0)].sum())
        assert scan.value[i] == pytest.approx(asimov(scan.signal[i], scan.background[i]))
    assert scan.value[scan.best] == scan.value.max()


def test_the_band_is_the_spread_of_samples(scored):
    scan = scan_cuts(*scored, cuts=np.array([1.0]), replicas=400, key=jax.random.key(0))
    values = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        y = rng.integers(0, 2, 4000)
        weight = np.where(y == 1, 0.01, 1.0) * rng.uniform(0.5, 1.5, 4000)
        score = rng.normal(y, 1.0)
        values.append(float(asimov(*(weight[(score >= 1.0) & (y == k)].sum() for k in (1, 0)))))
    ratio = (scan.high[0] - scan.low[0]) / 2 / np.std(values)
    assert abs(ratio - 1) < 4 * np.hypot(1 / np.sqrt(2 * 200), 1 / np.sqrt(400))


def test_too_few_background_events_are_left_alone(scored):
    scan = scan_cuts(*scored, fewest=50, replicas=5, key=jax.random.key(0))
    score, y, _ = scored
    assert np.sum(score[y == 0] >= scan.cut[-1]) >= 50


def test_bad_scans(scored):
    score, y, weight = scored
    with pytest.raises(InputError, match=r"needs signal \(1\) and background \(0\); the classes are \[1\]"):
        scan_cuts(score, np.ones(4000), weight, key=jax.random.key(0))
    with pytest.raises(InputError, match="known to 'asimov' only"):
        scan_cuts(score, y, weight, significance="ams", relative_error=0.1, key=jax.random.key(0))
