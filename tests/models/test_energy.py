"""Boltzmann machines, their chains and partition functions, and Hopfield's network, held to exact answers."""

import itertools

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.models.energy import (
    RBM,
    DeepBelief,
    Hopfield,
    TranslatedRBM,
    advance,
    annealed_log_z,
    exchange_rates,
    mean_field_overlap,
    rbm,
    recoded,
    start,
    translated,
)
from ansatz.models.energy.enumeration import all_states
from ansatz.problems.lattice import Ising, square
from ansatz.problems.lattice.exact import enumerate_states
from ansatz.problems.lattice.exact.enumeration import all_states as all_ising_states

VISIBLE, HIDDEN = 6, 4


def machine(units="spin", scale=2.0, number=0):
    """One with strong couplings and biases."""
    one, two, three = jax.random.split(jax.random.key(number), 3)
    made = rbm(VISIBLE, HIDDEN, units=units, scale=scale, key=one)
    biases = 0.3 * jax.random.normal(two, (VISIBLE,)), 0.3 * jax.random.normal(three, (HIDDEN,))
    return eqx.tree_at(lambda m: (m.visible, m.hidden), made, biases)


def by_hand(made):
    """Boltzmann weights of all pairs of states in plain NumPy, shape (visible states, hidden states)."""
    values = (-1, 1) if made.units == "spin" else (0, 1)
    w, a, b = (np.asarray(part, float) for part in (made.weight, made.visible, made.hidden))
    v, h = (np.array(list(itertools.product(values, repeat=n))) for n in w.shape)
    return np.exp((v @ a)[:, None] + (h @ b)[None] + v @ w @ h.T)


@pytest.mark.parametrize("units", ["spin", "binary"])
def test_probabilities_are_sums_over_hidden_states(units):
    made = machine(units)
    weights = by_hand(made)
    states = all_states(VISIBLE, units)
    assert float(made.log_z()) == pytest.approx(np.log(weights.sum()), abs=1e-5)
    expected = weights.sum(axis=1) / weights.sum()
    assert np.asarray(jnp.exp(jax.vmap(made.log_prob)(states))) == pytest.approx(expected, rel=2e-5)
    assert -made.energy(states[5], all_states(HIDDEN, units)[3]) == pytest.approx(np.log(weights[5, 3]), abs=1e-5)


@pytest.mark.parametrize("units", ["spin", "binary"])
def test_both_encodings_are_one_distribution(units):
    made = machine(units)
    other = recoded(made)
    here, there = (all_states(VISIBLE, m.units) for m in (made, other))
    assert jax.vmap(other.log_prob)(there) == pytest.approx(np.asarray(jax.vmap(made.log_prob)(here)), abs=2e-5)
    again = recoded(other)
    assert again.units == units
    assert np.asarray(again.weight) == pytest.approx(np.asarray(made.weight), abs=1e-6)


def test_the_partition_function_is_the_same_over_either_layer():
    made = machine()
    turned = RBM(made.weight.T, made.hidden, made.visible, made.units)
    assert float(made.log_z()) == pytest.approx(float(turned.log_z()), abs=1e-5)


def test_blocks_of_states_add_up():
    """More units than one block: independent units are known in closed form."""
    field = jnp.linspace(-1, 1, 16)
    made = RBM(jnp.zeros((16, 17)), field, jnp.zeros(17), "spin")
    expected = float(jnp.sum(jnp.log(2 * jnp.cosh(field)))) + 17 * np.log(2)
    assert float(made.log_z()) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("rungs", [1, 6])
def test_chains_reach_the_distribution(rungs):
    """Means of all visible units after 40 sweeps, each within 4 standard errors of the exact ones."""
    made = machine(scale=1.0)
    states = start(made, 2000, rungs, key=jax.random.key(1))
    states = np.asarray(advance(made, states, sweeps=40, key=jax.random.key(2)))[:, -1]
    every = all_states(VISIBLE, "spin")
    exact = np.exp(np.asarray(jax.vmap(made.log_prob)(every))) @ np.asarray(every)
    error = states.std(axis=0) / np.sqrt(len(states))
    assert np.all(np.abs(states.mean(axis=0) - exact) < 4 * error)


@pytest.mark.slow
def test_tempering_crosses_what_gibbs_sampling_does_not():
    """Two modes with a high barrier, all chains in one of them: exchanges bring half of them to the other (4 sigma)."""
    made = RBM(1.5 * jnp.ones((8, 4)), jnp.zeros(8), jnp.zeros(4), "spin")
    plain = advance(made, jnp.ones((400, 1, 8)), sweeps=250, key=jax.random.key(0))[:, -1]
    crossed = advance(made, jnp.ones((400, 10, 8)), sweeps=250, key=jax.random.key(1))[:, -1]
    down = [float(jnp.mean(states.mean(axis=1) < 0)) for states in (plain, crossed)]
    assert down[0] < 0.02
    assert abs(down[1] - 0.5) < 4 * 0.5 / np.sqrt(400)


@pytest.mark.slow
def test_exchanges_happen():
    made = machine()
    rates = exchange_rates(made, start(made, 50, 5, key=jax.random.key(0)), sweeps=20, key=jax.random.key(1))
    assert np.all((rates > 0.1) & (rates <= 1))


@pytest.mark.parametrize("number", range(3))
def test_annealing_finds_the_partition_function(number):
    made = machine(scale=3.0, number=number)
    found = annealed_log_z(made, runs=300, steps=300, key=jax.random.key(number))
    assert abs(found.value - float(made.log_z())) < 4 * found.error
    assert found.error < 0.1
    assert found.effective > 50


def test_errors_of_annealing_are_right():
    """Pulls over 40 estimates have a mean square of one, within 4 of its standard errors."""
    made = machine(scale=2.0)
    exact = float(made.log_z())
    found = [annealed_log_z(made, runs=50, steps=30, key=key) for key in jax.random.split(jax.random.key(4), 40)]
    pulls = np.array([(one.value - exact) / one.error for one in found])
    assert abs(np.mean(pulls**2) - 1) < 4 * np.sqrt(2 / 40)


def test_large_machines_say_how_to_go_on():
    with pytest.raises(InputError, match="annealed_log_z"):
        rbm(30, 25, key=jax.random.key(0)).log_z()
    with pytest.raises(InputError, match="did you mean 'spin'"):
        rbm(3, 2, units="spins", key=jax.random.key(0))


def test_a_unit_for_each_bond_is_the_ising_model():
    """cosh 2w = e^(2J): two filters of 2 x 2 spins make the exact law of a torus of 3 x 3 spins, to rounding."""
    coupling = 0.5 * np.arccosh(np.exp(2 / 2.5))
    filters = coupling * jnp.array([[1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0]])
    machine = TranslatedRBM(filters, jnp.zeros(()), jnp.zeros(2), (3, 3), (2, 2), "spin").whole()
    exact = enumerate_states(Ising(), square(3)).probability(2.5)
    every = all_ising_states(Ising(), square(3)).reshape(-1, 9)
    found = jax.vmap(machine.free_energy)(jnp.asarray(every, float))
    law = np.exp(-np.asarray(found, float))
    assert law / law.sum() == pytest.approx(exact, rel=1e-3)


@pytest.mark.parametrize("even", [False, True])
def test_a_translated_machine_gives_all_translations_one_probability(even):
    """And an even one a state and its mirror image, whatever its fields are set to."""
    made = translated((2, 3), 12, units="spin", scale=3.0, even=even, key=jax.random.key(1))
    made = eqx.tree_at(lambda m: (m.visible, m.hidden), made, (jnp.asarray(0.3), jnp.array([0.5, -0.2])))
    states = np.asarray(all_states(6, "spin")).reshape(-1, 2, 3)
    moved = np.roll(states, (1, 2), (1, 2)) * (-1 if even else 1)
    one, two = (jax.vmap(made.free_energy)(jnp.asarray(x.reshape(-1, 6))) for x in (states, moved))
    assert np.asarray(one) == pytest.approx(np.asarray(two), abs=1e-5)
    with pytest.raises(InputError, match="cannot be as many at each of 6 sites"):
        translated((2, 3), 10, key=jax.random.key(0))
    with pytest.raises(InputError, match="window of 3 x 3 sites does not fit into a lattice of 2 x 3"):
        translated((2, 3), 12, window=(3, 3), key=jax.random.key(0))
    with pytest.raises(InputError, match="even for spins"):
        translated((2, 3), 12, even=True, key=jax.random.key(0))


def test_a_belief_network_whose_top_is_the_transposed_bottom_is_that_machine():
    """p(v) of the stack (W, W^T) is that of W alone, for the upper machine has W's own law of the hidden units."""
    made = machine()
    turned = RBM(made.weight.T, made.hidden, made.visible, made.units)
    stack = DeepBelief((made, turned))
    states = all_states(VISIBLE, "spin")
    assert jax.vmap(stack.log_prob)(states) == pytest.approx(np.asarray(jax.vmap(made.log_prob)(states)), abs=2e-5)


def test_layers_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="4 hidden spin units"):
        DeepBelief((machine(), machine()))


@eqx.filter_jit
def recalled(net, begin, keys):
    return jax.vmap(lambda state, key: net.recall(state, key=key))(begin, keys)


def patterns(count, spins, seed=0):
    """Random patterns."""
    return np.random.default_rng(seed).choice([-1.0, 1.0], size=(count, spins))


def test_a_projection_remembers_what_hebb_cannot():
    """Half as many patterns as spins, the triple of Hebb's capacity: each is a fixed point of the projection only."""
    xi = patterns(50, 100)
    stable = [np.mean([bool(net.stable(jnp.asarray(p, jnp.float32))) for p in xi]) for net in
              (Hopfield.projection(xi), Hopfield.hebb(xi))]  # fmt: skip
    assert stable[0] == 1
    assert stable[1] < 0.2


def test_weights_of_patterns_are_copies():
    xi = patterns(3, 20)
    copied = Hopfield.hebb(np.concatenate([xi, xi[:1]]))
    weighted = Hopfield.hebb(xi, np.array([14.0, 7.0, 7.0]))
    assert np.asarray(weighted.couplings) * 4 / 3 == pytest.approx(np.asarray(copied.couplings), abs=1e-6)


def test_recall_never_raises_the_energy():
    net = Hopfield.hebb(patterns(8, 60))
    begin = jnp.asarray(patterns(20, 60, seed=1), jnp.float32)
    ends = recalled(net, begin, jax.random.split(jax.random.key(0), 20))
    assert np.all(jax.vmap(net.energy)(ends) < jax.vmap(net.energy)(begin))
    assert all(bool(net.stable(end)) for end in ends)


def overlaps(load, spins=500, tried=30):
    """Overlap of the end with the pattern from which recall began."""
    xi = patterns(round(load * spins), spins, seed=7)
    net = Hopfield.hebb(xi)
    keys = jax.random.split(jax.random.key(0), tried)
    begin = jnp.asarray(xi[:tried], jnp.float32)
    ends = recalled(net, begin, keys)
    return np.asarray((ends * begin).mean(axis=1))


def test_hebbs_capacity():
    """Below .138 N patterns are recalled as mean-field theory says (within 4 sigma); above it they are lost."""
    below, above = overlaps(0.10), overlaps(0.20)
    error = below.std(ddof=1) / np.sqrt(len(below))
    assert abs(below.mean() - mean_field_overlap(0.10)) < 4 * error
    assert above.mean() + 4 * above.std(ddof=1) / np.sqrt(len(above)) < 0.8
    assert mean_field_overlap(0.137) > 0.96
    assert mean_field_overlap(0.14) == 0


def test_bad_patterns_are_refused():
    with pytest.raises(InputError, match="pattern 1 has other values"):
        Hopfield.hebb(np.array([[1, -1], [0, 1]]))
