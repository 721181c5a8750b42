"""Working points and shapes of a score: sums over a cut, likelihoods of histograms, and intervals that cover."""

import jax
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.inference import (
    Channel,
    Template,
    asimov,
    fit_templates,
    formula_named,
    goodness,
    poisson_counts,
    replicated_sums,
    shape_edges,
    shape_significance,
    working_point,
    workspace,
)


def scored(seed, n=4000):
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1], n // 2)
    return rng.normal(y, 1.0), y, np.where(y == 1, 0.02, 1.0) * rng.choice([-1.0, 1.0], n, p=[0.1, 0.9]) / 0.8


def test_fast_variates_are_poisson():
    from scipy.stats import poisson

    counts = poisson_counts(np.random.default_rng(0), 400_000)
    for k in range(5):
        p = poisson.pmf(k, 1.0)
        assert abs(np.mean(counts == k) - p) < 4 * np.sqrt(p * (1 - p) / 400_000) + 1e-4


def test_replicas_have_the_variance_of_weighted_sums():
    _, y, weight = scored(0)
    sums = replicated_sums(y, weight, 2, replicas=400, rng=np.random.default_rng(1))
    for k in (0, 1):
        ratio = sums[:, k].var() / np.sum(weight[y == k] ** 2)
        assert abs(ratio - 1) < 4 * np.sqrt(2 / 400)


def test_a_working_point_is_what_passes():
    score, y, weight = scored(0)
    found = working_point(score, y, weight, 1.0, relative_error=0.1, key=jax.random.key(0))
    s, b = (weight[(score >= 1) & (y == k)].sum() for k in (1, 0))
    assert found.signal.value == pytest.approx(s)
    assert found.background.value == pytest.approx(b)
    assert found.significances["asimov"].value == pytest.approx(asimov(s, b))
    assert found.significances["asimov with error"].value == pytest.approx(asimov(s, b, error=0.1 * b))
    assert found.significances["s/sqrt(b)"].value == pytest.approx(s / np.sqrt(b))
    assert found.left == np.sum((score >= 1) & (y == 0))


def test_intervals_of_a_working_point_cover():
    """Coverage of 68 % over 100 samples, within 4 binomial standard deviations."""
    truth = asimov(0.02 * 2000 * 0.5, 2000 * 0.158655)
    inside = 0
    for seed in range(100):
        found = working_point(*scored(seed), 1.0, replicas=100, key=jax.random.key(seed)).significances["asimov"]
        inside += found.low <= truth <= found.high
    assert abs(inside / 100 - 0.6827) < 4 * np.sqrt(0.6827 * 0.3173 / 100)


def test_the_shape_is_the_likelihood_of_the_histogram_and_never_less_than_one_cut():
    score, y, weight = scored(0)
    edges = shape_edges(score, y, weight, bins=8, fewest=30)
    found = shape_significance(score, y, weight, edges, key=jax.random.key(0))
    b, s = (np.histogram(score[y == k], edges, weights=weight[y == k])[0] for k in (0, 1))
    assert found.value == pytest.approx(fit_templates(b + s, b, s).expected, rel=1e-6)
    for cut in edges[1:-1]:
        assert found.value >= asimov(*(weight[(score >= cut) & (y == k)].sum() for k in (1, 0))) - 1e-9
    assert found.low < found.value < found.high * 1.05


def test_every_bin_of_a_shape_holds_enough_background():
    score, y, weight = scored(2)
    for fewest in (10, 100, 1500):
        edges = shape_edges(score, y, weight, bins=12, fewest=fewest)
        assert np.histogram(score[y == 0], edges)[0].min() >= min(fewest, 2000)
        assert np.histogram(score[y == 0], edges, weights=weight[y == 0])[0].min() > 0
    with pytest.raises(InputError, match="needs signal and background"):
        shape_edges(score, np.zeros(4000), weight)


def test_an_error_of_the_background_lowers_the_shape():
    score, y, weight = scored(0)
    edges = shape_edges(score, y, weight, bins=6)
    plain, blurred = (
        shape_significance(score, y, weight, edges, relative_error=e, replicas=20, key=jax.random.key(0)).value
        for e in (0.0, 0.2)
    )
    assert blurred < plain


def test_an_error_is_known_to_one_formula():
    with pytest.raises(InputError, match="known to 'asimov' only"):
        formula_named("ams", 0.1)


def test_goodness_is_chi2_of_the_counts():
    """Over pseudo-experiments of many events its mean is the degrees of freedom, within 4 standard errors."""
    b, s = np.array([400.0, 300.0, 250.0, 200.0]), np.array([5.0, 10.0, 20.0, 40.0])
    rng, values = np.random.default_rng(0), []
    for _ in range(60):
        n = rng.poisson(b + s)
        channel = Channel("c", n, (Template("s", s, signal=True), Template("b", b)))
        values.append(goodness(workspace([channel]))[0])
    assert abs(np.mean(values) - 3) < 4 * np.sqrt(6 / 60)
