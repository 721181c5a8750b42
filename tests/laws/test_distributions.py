"""What must be true of every distribution: it sums to one, and its samples are what its density says."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import chi2

import zoo

SAMPLES = 3000


@eqx.filter_jit
def densities(model, points):
    return jax.vmap(model.log_prob)(points)


@eqx.filter_jit
def drawn(model, keys):
    return jax.vmap(model.sample)(keys)


@pytest.fixture(scope="module", params=zoo.DISTRIBUTIONS)
def case(request):
    make, support = zoo.DISTRIBUTIONS[request.param]
    model = make(zoo.key(3))
    points, volume = zoo.support(support)
    log_prob = np.asarray(densities(model, jnp.asarray(points, jnp.float32)), float)
    return model, points, np.exp(log_prob) * volume


def test_it_is_normalized(case):
    _, _, probability = case
    assert probability.sum() == pytest.approx(1, abs=2e-4)


def test_samples_agree_with_the_density(case):
    """A chi2 test of counts in cells; it fails one time in 30,000 by chance (4 sigma)."""
    model, points, probability = case
    samples = np.asarray(drawn(model, jax.random.split(zoo.key(5), SAMPLES)))
    assert samples.shape == (SAMPLES, points.shape[1])
    cell, known = zoo.cells(samples, points), zoo.cells(points, points)
    expected = SAMPLES * np.bincount(known, probability, minlength=known.max() + 1)
    seen = np.bincount(cell, minlength=len(expected))
    large = expected > 10
    seen, expected = (np.append(n[large], n[~large].sum()) for n in (seen, expected))
    statistic = np.sum((seen - expected) ** 2 / np.maximum(expected, 1))
    assert chi2.sf(statistic, len(expected) - 1) > 3e-5


def test_one_key_gives_one_sample(case):
    model, _, _ = case
    one, again = (drawn(model, zoo.key(1)[None]) for _ in range(2))
    assert np.array_equal(one, again)


def test_its_gradient_is_finite(case):
    model, points, _ = case
    value = jnp.asarray(points[len(points) // 2], jnp.float32)
    gradient = eqx.filter_grad(lambda m: m.log_prob(value))(model)
    assert all(np.all(np.isfinite(leaf)) for leaf in jax.tree.leaves(gradient))
