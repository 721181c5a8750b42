import jax
import numpy as np
import pytest
from scipy import stats

from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.validation import Answers, overtraining, two_sample_test


@pytest.mark.parametrize("digits", [0, 8])
def test_distance_is_that_of_scipy(digits):
    rng = generator(jax.random.key(digits))
    a, b = np.round(rng.normal(size=70), digits), np.round(rng.normal(0.3, 1.2, 90), digits)
    found = two_sample_test(a, b, permutations=50, key=jax.random.key(0))
    assert found.ks == pytest.approx(stats.ks_2samp(a, b).statistic)


def test_p_value_is_that_of_scipy():
    """Unit weights: the permutation p-value is the exact one up to sqrt(p (1 - p) / permutations)."""
    rng = generator(jax.random.key(1))
    a, b = rng.normal(size=40), rng.normal(0.4, 1, 50)
    known = stats.ks_2samp(a, b, method="exact").pvalue
    found = two_sample_test(a, b, permutations=4000, key=jax.random.key(0))
    assert abs(found.p_value - known) < 4 * np.sqrt(known * (1 - known) / 4000)


def test_p_value_is_uniform_for_signed_weights():
    """300 pairs of like samples with 20 % of weight -1: p <= 0.2 in a fifth of them."""
    p = []
    for key in jax.random.split(jax.random.key(2), 300):
        rng = generator(key)
        values = rng.normal(size=(2, 80))
        weight = np.where(rng.random((2, 80)) < 0.2, -1.0, 1.0)
        p.append(two_sample_test(*values, *weight, permutations=99, key=jax.random.fold_in(key, 1)).p_value)
    assert abs(np.mean(np.array(p) <= 0.2) - 0.2) < 4 * np.sqrt(0.2 * 0.8 / 300)


def test_weights_have_no_scale_and_count_as_events():
    rng = generator(jax.random.key(3))
    a, b, weight = rng.normal(size=60), rng.normal(size=40), rng.integers(1, 4, 60).astype(float)
    first = two_sample_test(a, b, weight, key=jax.random.key(0))
    assert two_sample_test(a, b, 7 * weight, key=jax.random.key(0)) == first
    assert two_sample_test(a, b, 7 * weight, np.full(40, 3.0), key=jax.random.key(0)).ks == pytest.approx(first.ks)
    repeated = np.repeat(a, weight.astype(int))
    assert two_sample_test(repeated, b, permutations=1, key=jax.random.key(0)).ks == pytest.approx(first.ks)


def answers(key, n, memory):
    """Scores that know the class of each event a little, and more if the model has memorized them."""
    rng = generator(key)
    y = np.arange(n) % 2
    return Answers.classified(y, score=(1 + memory) * (y - 0.5) + rng.normal(size=n))


def test_memory_shows_in_each_class():
    train, test = answers(jax.random.key(4), 1000, memory=2.0), answers(jax.random.key(5), 1000, memory=0.0)
    found = overtraining(train, test, classes=("background", "signal"), key=jax.random.key(0))
    assert set(found) == {"background", "signal"}
    assert all(test.p_value < 0.01 for test in found.values())
    assert found["signal"].to_dict()["rows"] == [500, 500]


def test_no_memory_shows_nothing():
    train, test = answers(jax.random.key(6), 1000, memory=0.0), answers(jax.random.key(7), 1000, memory=0.0)
    found = overtraining(train, test, key=jax.random.key(0))
    assert all(test.p_value > 0.005 for test in found.values())


def test_rows_looked_at_are_told():
    train, test = answers(jax.random.key(8), 1000, memory=0.0), answers(jax.random.key(9), 200, memory=0.0)
    found = overtraining(train, test, rows=300, permutations=10, key=jax.random.key(0))
    assert found["1"].rows == (300, 100)


def test_regression_compares_residuals():
    rng = generator(jax.random.key(10))
    y = rng.normal(size=400)
    seen, fresh = (Answers.predicted(y, y + s * rng.normal(size=400)) for s in (0.1, 0.5))
    assert overtraining(seen, fresh, key=jax.random.key(0))["residual"].p_value < 0.01


def test_values_that_are_not_finite_are_refused():
    with pytest.raises(InputError, match="not finite"):
        two_sample_test(np.array([1.0, np.nan]), np.array([1.0]), key=jax.random.key(0))
