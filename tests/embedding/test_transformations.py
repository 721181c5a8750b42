"""Transformations of variables give the distributions that they promise, with event weights."""

import numpy as np
import pytest
from scipy.stats import kstest, norm

from ansatz.embedding import transformations
from ansatz.errors import InputError

RNG = np.random.default_rng(0)
N = 4000
X = RNG.multivariate_normal([1, -2, 0], [[4, 1, 0], [1, 2, -0.5], [0, -0.5, 1]], N) ** 3
WEIGHT = RNG.integers(1, 4, N).astype(float)


@pytest.mark.parametrize("name", ["decorrelated", "principal"])
def test_the_weighted_covariance_becomes_unity(name):
    z = transformations((name,), X, WEIGHT).transform(X)
    np.testing.assert_allclose(np.average(z, axis=0, weights=WEIGHT), 0, atol=1e-9)
    np.testing.assert_allclose(np.cov(z.T, aweights=WEIGHT, ddof=0), np.eye(3), atol=1e-9)


def test_decorrelated_columns_stay_with_the_old_ones():
    """Their covariance with the old ones is the symmetric root of the covariance of those."""
    z = transformations(("decorrelated",), X, WEIGHT).transform(X)
    cross = np.cov(X.T, z.T, aweights=WEIGHT)[:3, 3:]
    assert (np.corrcoef(X.T, z.T)[:3, 3:].argmax(axis=1) == np.arange(3)).all()
    np.testing.assert_allclose(cross, cross.T, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("name", "law"), [("uniform", "uniform"), ("gaussian", norm.cdf)])
def test_fresh_events_follow_the_law(name, law):
    steps = transformations((name,), X[:3000], np.ones(3000))
    for column in steps.transform(X[3000:]).T:
        assert kstest(column, law).pvalue > 1e-3


def test_a_chain_is_fitted_step_by_step():
    z = transformations(("gaussian", "decorrelated"), X, WEIGHT).transform(X)
    np.testing.assert_allclose(np.cov(z.T, aweights=WEIGHT, ddof=0), np.eye(3), atol=1e-9)


@pytest.mark.parametrize("name", ["decorrelated", "principal", "uniform", "gaussian"])
def test_neither_scale_nor_copies_of_weights_matter(name):
    copies = np.repeat(np.arange(N), WEIGHT.astype(int))
    z = transformations((name,), X, WEIGHT).transform(X[:50])
    np.testing.assert_allclose(transformations((name,), X, 7 * WEIGHT).transform(X[:50]), z, atol=1e-9)
    np.testing.assert_allclose(
        transformations((name,), X[copies], np.ones(len(copies))).transform(X[:50]), z, atol=2e-3
    )


@pytest.mark.parametrize("name", ["decorrelated", "principal", "uniform", "gaussian"])
def test_a_column_that_does_not_vary_and_a_missing_value_stay_finite(name):
    x = np.column_stack([X[:100], np.ones(100)])
    x[3, 0] = np.nan
    assert np.isfinite(transformations((name,), x, np.ones(100)).transform(x)).all()


def test_unknown_names_are_refused():
    with pytest.raises(InputError, match="did you mean 'decorrelated'"):
        transformations(("decorelated",), X, WEIGHT)
