"""What a state tells of its temperature, by brute force; block means."""

import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.problems.lattice import Ising, square
from ansatz.problems.lattice.coarse import coarse_grained
from ansatz.problems.lattice.exact import EnergyPosterior, critical_temperature, enumerate_states

GRID = (1.5, 2.0, 2.4, 3.0)


@pytest.fixture(scope="module")
def exact():
    return EnergyPosterior(4, GRID)


@pytest.fixture(scope="module")
def by_states():
    """P(state | T) of all 65,536 states of 4 x 4 spins, and their energies."""
    every = enumerate_states(Ising(), square(4))
    levels, weight = np.asarray(every.energy), np.asarray(getattr(every, "count", np.ones(len(every.energy))))
    p = np.array([weight * np.exp(-16 * (levels + 2) / t) for t in GRID])
    return p / p.sum(axis=1, keepdims=True), levels


def test_limit_is_the_best_decision_over_all_states(exact, by_states):
    p, _ = by_states
    cold = np.array(GRID) < critical_temperature()
    brute = np.maximum(p[cold].sum(axis=0), p[~cold].sum(axis=0)).sum() / len(GRID)
    assert exact.limit(critical_temperature()) == pytest.approx(brute, rel=1e-10)


def test_probability_of_the_phase_is_that_of_each_state(exact, by_states):
    p, levels = by_states
    brute = p[:2].sum(axis=0) / p.sum(axis=0)
    np.testing.assert_allclose(exact.below(levels, 2.2), brute, atol=1e-10)


def test_the_least_spread_is_a_derivative_of_the_mean_energy(exact, by_states):
    """Cramer and Rao: 1 / Delta T^2 = Var E / T^4."""
    p, levels = by_states
    variance = p @ (16 * levels) ** 2 - (p @ (16 * levels)) ** 2
    np.testing.assert_allclose(exact.spread(), np.array(GRID) ** 2 / np.sqrt(variance), rtol=1e-8)


def test_the_limit_of_the_issue_size():
    """L = 40 on 41 temperatures from 1 to 3.5: .9888."""
    grid = tuple(np.linspace(1.0, 3.5, 41))
    assert EnergyPosterior(40, grid).limit(critical_temperature()) == pytest.approx(0.98880, abs=1e-5)


def test_blocks_keep_the_mean():
    states = np.random.default_rng(0).choice([-1, 1], (5, 12, 12))
    coarse = coarse_grained(states, 4)
    assert coarse.shape == (5, 4, 4)
    np.testing.assert_allclose(coarse.mean(axis=(1, 2)), states.mean(axis=(1, 2)), atol=1e-6)
    assert coarse[2, 1, 3] == pytest.approx(states[2, 3:6, 9:12].mean())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: EnergyPosterior(4, (2.0,)), "two temperatures or more"),
        (lambda: EnergyPosterior(4, (2.0, 1.0)), "rising"),
        (lambda: coarse_grained(np.ones((1, 6, 6)), 4), "not divided by 4"),
        (lambda: coarse_grained(np.ones((1, 6, 6)), 0), "not divided by 0"),
    ],
)
def test_bad_input_is_one_line(make, message):
    with pytest.raises(InputError, match=message):
        make()
