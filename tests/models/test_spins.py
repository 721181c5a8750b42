"""A variational auto-encoder of spins, held to sums over all states."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ansatz.models.energy.enumeration import all_states
from ansatz.models.networks.spins import spin_autoencoder

STATES = all_states(4, "spin")


@pytest.fixture(scope="module")
def model():
    """Codes that nearly forget their state, as sampling from them needs, but decide much of the one that is drawn."""
    made = spin_autoencoder(4, 2, width=(8,), key=jax.random.key(0))
    network = made.network
    weaker, stronger = ((0.2, network.encoder), (1.5, network.decoder))
    parts = [jax.tree.map(lambda p, by=by: by * p if eqx.is_array(p) else p, part) for by, part in (weaker, stronger)]
    return eqx.tree_at(lambda m: (m.network.encoder, m.network.decoder), made, parts)


@pytest.fixture(scope="module")
def estimates(model):
    """Estimates of the probability of every state, shape (repeats, states)."""
    keys = jax.random.split(jax.random.key(1), (60, len(STATES)))
    found = jax.jit(jax.vmap(jax.vmap(lambda x, key: model.log_estimate(x, key, draws=200)), (None, 0)))
    return np.exp(np.asarray(found(STATES, keys), float))


def test_estimated_probabilities_sum_to_one(estimates):
    """Importance sampling is unbiased on the scale of p (4 sigma)."""
    total = estimates.sum(axis=1)
    assert abs(total.mean() - 1) < 4 * total.std(ddof=1) / np.sqrt(len(total))
    assert total.std() < 0.2


def test_drawn_states_come_as_often_as_estimated(model, estimates):
    """Chi2 of 20,000 drawn states against the estimates; 15 degrees of freedom, p > 1e-4."""
    drawn = np.asarray(jax.jit(jax.vmap(model.sample))(jax.random.split(jax.random.key(2), 20_000)))
    number = ((drawn > 0) @ (2 ** np.arange(4))).astype(int)
    order = ((np.asarray(STATES) > 0) @ (2 ** np.arange(4))).astype(int)
    seen = np.bincount(number, minlength=16)[order]
    expected = 20_000 * estimates.mean(axis=0) / estimates.mean(axis=0).sum()
    assert np.sum((seen - expected) ** 2 / expected) < 44.3


def test_the_bound_lies_above(model, estimates):
    keys = jax.random.split(jax.random.key(3), (400, len(STATES)))
    terms = jax.jit(jax.vmap(jax.vmap(model.bound), (None, 0)))(STATES, keys)
    bound = np.asarray(sum(terms), float)
    error = bound.std(axis=0, ddof=1) / 20
    assert np.all(bound.mean(axis=0) + 4 * error > -np.log(estimates.mean(axis=0)))
    assert jnp.isfinite(jnp.asarray(model.bound(STATES[0], None))).all()
