"""Generative risks held to sums over all states."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.models.energy import rbm, recoded
from ansatz.models.energy.enumeration import all_states
from ansatz.risk import ChainLikelihood, ContrastiveDivergence, NegativeLogLikelihood, PseudoLikelihood

STATES = np.asarray(all_states(5, "spin"))


@pytest.fixture(scope="module")
def machine():
    made = rbm(5, 3, units="spin", scale=2.0, key=jax.random.key(0))
    return eqx.tree_at(lambda m: m.visible, made, jnp.array([0.3, -0.2, 0.1, 0.0, 0.4]))


@pytest.fixture(scope="module")
def law(machine):
    """The exact probability of each state."""
    p = np.exp(np.asarray(jax.vmap(machine.log_prob)(jnp.asarray(STATES)), float))
    return p / p.sum()


def batch(weight):
    return Dataset(STATES, weight=weight).batch()


def flat(gradient):
    return np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(gradient)])


@eqx.filter_jit
def gradient(risk, machine, events, key):
    return eqx.filter_grad(lambda m: risk(m, events, key))(machine)


SOME = np.random.default_rng(0).uniform(0, 1, 32)
"""Weights of each state that have nothing to do with the machine."""


def test_the_likelihood_pulls_by_the_difference_of_two_means(machine, law):
    """For the biases: mean of the units in the data minus their mean in the model."""
    found = gradient(NegativeLogLikelihood(), machine, batch(SOME), None)
    assert np.asarray(found.visible) == pytest.approx(law @ STATES - SOME @ STATES / SOME.sum(), abs=2e-5)


@pytest.mark.parametrize("risk", [NegativeLogLikelihood(), PseudoLikelihood()])
def test_the_law_of_the_data_is_a_minimum(risk, machine, law):
    assert np.abs(flat(gradient(risk, machine, batch(law), None))).max() < 2e-6


@pytest.mark.parametrize("risk", [NegativeLogLikelihood(), PseudoLikelihood()])
def test_both_encodings_have_one_value(risk, machine):
    other = Dataset((STATES + 1) / 2, weight=SOME).batch()
    assert float(risk(recoded(machine), other, None)) == pytest.approx(
        float(risk(machine, batch(SOME), None)), abs=2e-5
    )


def test_the_pseudo_likelihood_is_that_of_each_unit_given_the_others(machine, law):
    total = 0.0
    for state, weight in zip(STATES, SOME / SOME.sum(), strict=True):
        for unit in range(5):
            flipped = state.copy()
            flipped[unit] *= -1
            here, there = (law[np.all(STATES == s, axis=1)][0] for s in (state, flipped))
            total -= weight * np.log(here / (here + there))
    assert float(PseudoLikelihood()(machine, batch(SOME), None)) == pytest.approx(total, abs=1e-4)


@eqx.filter_jit
def gradients(risk, machine, events, keys):
    """One gradient a key, shape (keys, parameters)."""
    one = jax.vmap(lambda key: eqx.filter_grad(lambda m: risk(m, events, key))(machine))(keys)
    return jnp.concatenate([leaf.reshape(len(keys), -1) for leaf in jax.tree.leaves(one)], axis=1)


def averaged(steps, machine, events, key, count=400):
    """Mean gradient of CD-k and its standard error."""
    found = np.asarray(gradients(ContrastiveDivergence(steps), machine, events, jax.random.split(key, count)))
    return found.mean(axis=0), found.std(axis=0) / np.sqrt(count)


def test_contrastive_divergence_rests_where_the_data_are_the_models_own(machine, law):
    """The mean over 400 keys of each component of the gradient is zero within 4.5 standard errors."""
    mean, error = averaged(1, machine, batch(law), jax.random.key(1))
    assert np.all(np.abs(mean) < 4.5 * error)


def test_contrastive_divergence_takes_a_weight_for_copies(machine):
    """Rows twice, or once with twice the weight: the same mean gradient within 4.5 standard errors."""
    counts = np.array([1 + (i % 2) for i in range(32)])
    weighted, copied = Dataset(STATES, weight=7.0 * counts), Dataset(np.repeat(STATES, counts, axis=0))
    one, one_error = averaged(1, machine, weighted.batch(), jax.random.key(2))
    two, two_error = averaged(1, machine, copied.batch(), jax.random.key(3))
    assert np.all(np.abs(one - two) < 4.5 * np.hypot(one_error, two_error))


def test_more_steps_come_closer_to_the_likelihood(machine):
    """The bias of CD-k falls: 30 steps are nearer to the exact gradient than one."""
    exact = flat(gradient(NegativeLogLikelihood(), machine, batch(SOME), None))
    one, many = (averaged(steps, machine, batch(SOME), jax.random.key(4 + steps), 100)[0] for steps in (1, 30))
    assert np.linalg.norm(many - exact) < 0.5 * np.linalg.norm(one - exact)


@pytest.fixture(scope="module")
def chains(machine, law):
    """Independent states of the machine, with their free energies."""
    rows = np.random.default_rng(5).choice(32, 20_000, p=law)
    states = jnp.asarray(STATES[rows])
    return ChainLikelihood(states, jax.vmap(machine.free_energy)(states))


def test_chains_give_the_gradient_of_the_likelihood(machine, chains):
    """Every component within 4.5 standard errors, which are at most 1/sqrt(chains) for spins."""
    exact = flat(gradient(NegativeLogLikelihood(), machine, batch(SOME), None))
    found = flat(gradient(chains, machine, batch(SOME), None))
    assert np.all(np.abs(found - exact) < 4.5 / np.sqrt(20_000))


def test_chains_give_the_partition_function_of_a_model_further_on(machine, chains):
    """Within 4 standard errors from the effective number of chains."""
    moved = jax.tree.map(lambda p: 1.15 * p + 0.05, machine)
    exact = float(moved.log_z() - machine.log_z())
    effective = float(chains.effective(moved))
    assert 0.5 < effective < 1
    assert abs(float(chains.log_ratio(moved)) - exact) < 4 * np.sqrt((1 / effective - 1) / 20_000)


@pytest.mark.parametrize("risk", [NegativeLogLikelihood(), PseudoLikelihood(), ContrastiveDivergence(3)])
def test_the_scale_of_weights_means_nothing(risk, machine):
    one, seven = (float(risk(machine, batch(factor * SOME), jax.random.key(0))) for factor in (1.0, 7.0))
    assert one == pytest.approx(seven, rel=1e-5)


def test_it_takes_a_step():
    with pytest.raises(InputError, match="at least one step, not 0"):
        ContrastiveDivergence(0)
