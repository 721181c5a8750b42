"""States of generative models are judged as they deserve: real ones pass, wrong ones and copies fail."""

import jax
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.problems.lattice import (
    Ising,
    IsingStates,
    check_generated,
    memorization,
    simulate,
    square,
    state_test,
)

T = 2.269


@pytest.fixture(scope="module")
def samples():
    """Independent 4 x 4 states near the transition: generated, real, training."""
    data = IsingStates(size=4, temperatures=(T,), label="none", chains=2400, spacing=10).draw(jax.random.key(0), 2400)
    return np.split(data.x, 3)


def test_real_states_have_no_fault(samples):
    generated, real, train = samples
    report = check_generated(generated, T, real=real, train=train, key=jax.random.key(1))
    assert report.faults == ()
    assert [c.name for c in report.checks] == ["energy", "specific heat", "|m|", "susceptibility", "Binder cumulant"]
    assert all(abs(c.pull) < 4 for c in report.checks)
    assert report.effective == report.states == 800
    assert report.energy_p_value > 1e-4


def test_every_check_is_beside_its_exact_value(samples):
    report = check_generated(samples[0], T, key=jax.random.key(1))
    assert report.check("energy").expected.value == pytest.approx(-1.56577, abs=1e-5)
    assert report.check("|m|").expected.value == pytest.approx(0.8439, abs=1e-4)
    assert report.two_sample is None
    assert report.memorization is None


def test_copies_of_the_training_states_are_found(samples):
    generated, real, train = samples
    few = train[:150]
    copied = few[np.random.default_rng(0).integers(150, size=800)]
    report = check_generated(copied, T, real=real, train=few, key=jax.random.key(1))
    assert report.memorization.copies == 1
    assert any("copied" in fault for fault in report.faults)
    assert abs(memorization(generated, train, real).z) < 4


def test_states_of_another_temperature_are_found():
    both = IsingStates(size=8, temperatures=(2.3, 2.6), label="temperature", chains=500, spacing=20)
    data = both.draw(jax.random.key(2), 1000)
    hot, real = data.x[data.y == 2.6], data.x[data.y == 2.3]
    faults = check_generated(hot, 2.3, real=real, key=jax.random.key(4)).faults
    assert faults[0].startswith("the energy is too large")
    assert any("chi2 test" in fault for fault in faults)
    assert any("two-sample" in fault for fault in faults)


def test_independent_spins_of_the_right_magnetization_are_found(samples):
    """Every spin has the right mean, but they know nothing of each other."""
    share = np.mean(samples[1] > 0)
    wrong = np.where(np.random.default_rng(1).random((800, 4, 4)) < share, 1, -1)
    assert state_test(wrong, samples[1], key=jax.random.key(5)).p_value < 0.01


def test_chains_are_judged_with_their_autocorrelation():
    """Slow chains have fewer effective states, larger errors, and still no fault."""
    chains = simulate(Ising(), square(4), [T], chains=40, measurements=60, spacing=1, method="metropolis",
                      key=jax.random.key(6))  # fmt: skip
    report = check_generated(chains.states, T, key=jax.random.key(7))
    assert report.states == 40 * 60
    assert report.effective < 0.5 * report.states
    assert report.faults == ()


def test_p_values_are_uniform_when_nothing_is_wrong():
    """Mean and variance of 40 p-values of the two-sample test, and of the ranks of the memorization test."""
    rng = np.random.default_rng(8)
    p, z = [], []
    for number in range(40):
        a, b, c = np.where(rng.random((3, 60, 3, 3)) < 0.5, 1, -1)
        p.append(state_test(a, b, permutations=99, key=jax.random.key(number)).p_value)
        z.append(memorization(a, c, b).z)
    assert abs(np.mean(p) - 0.5) < 4 / np.sqrt(12 * 40)
    assert abs(np.mean(z)) < 4 / np.sqrt(40)
    assert abs(np.var(z) - 1) < 4 * np.sqrt(2 / 40)


def test_zeros_and_ones_are_spins_too(samples):
    first, second = (check_generated(s, T, key=jax.random.key(1)) for s in (samples[0], samples[0] > 0))
    assert first == second


@pytest.mark.parametrize(
    ("states", "message"),
    [
        (np.ones((20, 4)), "have the shape"),
        (np.ones((20, 4, 5)), "have the shape"),
        (np.full((20, 4, 4), 0.3), "found 0.3"),
        (np.ones((2, 4, 4)), "too few to judge"),
    ],
)
def test_bad_states_are_one_line(states, message):
    with pytest.raises(InputError, match=message):
        check_generated(states, T, key=jax.random.key(0))


def test_samples_of_two_lattices_are_refused(samples):
    with pytest.raises(InputError, match="one number of sites, not 16, 25"):
        state_test(samples[0], np.ones((9, 5, 5)), key=jax.random.key(0))
