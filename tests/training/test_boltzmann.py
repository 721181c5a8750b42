"""Boltzmann machines that learn: exact laws recovered, weights as copies, and what is refused."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.models import GaussianMixture
from ansatz.models.energy import annealed_log_z, rbm
from ansatz.models.energy.enumeration import all_states
from ansatz.training import load_fit, save_fit
from ansatz.training.density import Boltzmann, Density, Stacked, boltzmann, two_valued
from ansatz.training.density.boltzmann import moment_pulls

STATES = np.asarray(all_states(6, "spin"))
EVENTS = 4000


@pytest.fixture(scope="module")
def law():
    """The exact probability of each state of six spins."""
    made = rbm(6, 2, units="spin", scale=2.5, key=jax.random.key(5))
    p = np.exp(np.asarray(jax.vmap(made.log_prob)(jnp.asarray(STATES)), float))
    return p / p.sum()


@pytest.fixture(scope="module")
def events(law):
    rows = np.random.default_rng(0).choice(len(STATES), EVENTS, p=law)
    return Dataset(STATES[rows].reshape(-1, 2, 3))


def divergence(fit, law):
    return float(law @ (np.log(law) - fit.predict(STATES)))


SHORT = {"hidden": 3, "blocks": 40, "steps": 5, "chains": 500, "learning_rate": 0.05}


@pytest.mark.parametrize("method", ["exact", "persistent", pytest.param("tempering", marks=pytest.mark.slow)])
def test_it_learns_the_law(method, law, events):
    """As near as so many events allow: 2 n KL of the best fit follows chi2 of at most 27 parameters (4 sigma)."""
    fit = boltzmann(method=method, **SHORT)(events, jax.random.key(1))
    parameters = 6 * 3 + 6 + 3
    assert divergence(fit, law) < 2 * (parameters + 4 * np.sqrt(2 * parameters)) / (2 * EVENTS)
    assert np.exp(fit.predict(STATES)).sum() == pytest.approx(1, abs=1e-4)
    assert fit.converged
    assert not fit.message


@pytest.mark.slow
def test_a_stack_of_machines_learns_the_law(law, events, tmp_path):
    """Layer by layer it comes nearer to the law than independent spins do, by a factor of five; it sums to one."""
    fit = Stacked((4, 3), boltzmann(**{**SHORT, "method": "exact"}))(events, jax.random.key(1))
    p = np.exp(fit.predict(STATES))
    up = (np.asarray(events.x).reshape(EVENTS, -1) > 0).mean(axis=0)
    alone = np.prod(np.where(STATES > 0, up, 1 - up), axis=1)
    assert p.sum() == pytest.approx(1, abs=1e-4)
    assert divergence(fit, law) < 0.2 * float(law @ np.log(law / alone))
    np.testing.assert_allclose(load_fit(save_fit(fit, tmp_path / "stack")).predict(STATES), np.log(p), rtol=1e-6)
    with pytest.raises(InputError, match="layers: expected numbers of hidden units"):
        Stacked(())(events, jax.random.key(0))


def test_contrastive_divergence_is_told_from_a_maximum_of_the_likelihood(events):
    """After two blocks nothing has been learned, and the moments say so."""
    fit = boltzmann(method="contrastive", hidden=3, blocks=2, steps=1, sweeps=1)(events, jax.random.key(1))
    assert not fit.converged
    assert "moments of the machine differ" in fit.message


@pytest.mark.parametrize("method", ["exact", "persistent"])
def test_weights_are_copies_and_their_scale_means_nothing(method, law, events):
    rows = two_valued(events)
    counts = np.round(rows.weight * EVENTS).astype(int)
    learner = boltzmann(method=method, hidden=3, blocks=3, chains=50)
    samples = Dataset(rows.x, weight=7.0 * counts), Dataset(np.repeat(rows.x, counts, axis=0)), events
    one, two, three = (learner(sample, jax.random.key(2)).predict(STATES) for sample in samples)
    assert np.allclose(one, two, atol=1e-5)
    assert np.allclose(one, three, atol=1e-5)


def test_one_key_gives_one_fit(events):
    learner = boltzmann(hidden=3, blocks=3, chains=50)
    one, two = (learner(events, jax.random.key(2)).predict(STATES) for _ in range(2))
    assert np.array_equal(one, two)


def test_moments_of_the_law_itself_are_those_of_its_states(law):
    """The pulls of a machine that the states were drawn from have a mean square near one (five standard errors)."""
    made = rbm(6, 2, units="spin", scale=2.5, key=jax.random.key(5))
    rows = np.random.default_rng(3).choice(len(STATES), EVENTS, p=law)
    pulls = moment_pulls(made, two_valued(Dataset(STATES[rows])), key=jax.random.key(0))
    assert np.mean(pulls**2) < 1 + 5 * np.sqrt(2 / 6)


def test_it_is_watched(events):
    seen = Boltzmann(hidden=2, blocks=5, chains=20, watch=lambda machine: float(machine.weight.size), every=2)
    watched = seen(events, jax.random.key(0)).history["watched"]
    assert np.isfinite(watched).tolist() == [True, False, True, False, True]
    assert watched[0] == 12


def test_it_comes_back_from_disk(events, tmp_path):
    fit = boltzmann(hidden=2, blocks=2, chains=20)(events, jax.random.key(0))
    again = load_fit(save_fit(fit, tmp_path / "machine"))
    assert np.array_equal(again.predict(STATES), fit.predict(STATES))
    assert np.isin(again.predictor.sample(5, key=jax.random.key(1)), (-1, 1)).all()


def test_a_density_is_one_of_the_columns_as_they_came():
    """A normal distribution of mean 10 and deviation 2, and its samples (4 standard errors)."""
    normal = GaussianMixture(jnp.zeros(1), jnp.zeros((1, 1)), jnp.ones((1, 1, 1)))
    density = Density(normal, np.array([10.0]), np.array([2.0]))
    x = np.array([[8.0], [11.0]])
    exact = -0.5 * ((x[:, 0] - 10) / 2) ** 2 - np.log(2 * np.sqrt(2 * np.pi))
    assert density.response(x)[0] == pytest.approx(exact, abs=1e-5)
    drawn = density.sample(2000, key=jax.random.key(0))
    assert abs(drawn.mean() - 10) < 4 * 2 / np.sqrt(2000)


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (np.array([[0, 1], [0, 2]]), "row 1 of 'data' holds 2"),
        (np.array([[-1, 1], [0, 1]]), "row 1 of 'data' holds 0"),
        (np.array([[0.0, np.nan]]), "holds nan"),
        (np.zeros((0, 2)), "has no events"),
    ],
)
def test_other_values_are_refused(x, said):
    with pytest.raises(InputError, match=said):
        boltzmann(blocks=1)(Dataset(x), jax.random.key(0))


def test_negative_weights_are_refused():
    with pytest.raises(InputError, match="1 of 2 are negative"):
        boltzmann(blocks=1)(Dataset(np.eye(2), weight=np.array([-1.0, 2.0])), jax.random.key(0))


def test_what_cannot_be_summed_up_says_what_to_do():
    with pytest.raises(InputError, match="method = 'tempering'"):
        boltzmann(method="exact", hidden=25)(Dataset(np.ones((4, 30))), jax.random.key(0))


def test_events_of_another_width_are_refused(events):
    fit = boltzmann(hidden=2, blocks=1, chains=20)(events, jax.random.key(0))
    with pytest.raises(InputError, match="fitted on 6 columns, but the events have 5"):
        fit.predict(np.ones((2, 5)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_four_by_four_ising_states_are_learned_to_a_few_hundredths_of_a_nat(seed):
    """20,000 states at T = 2.269, 16 hidden units: at most .03 nats from the exact law; ln Z by annealing is exact."""
    from ansatz.studies.analyses.lattice.boltzmann import Divergence

    exact = Divergence(4, 2.269)
    rows = np.random.default_rng(seed).choice(len(exact.law), 20_000, p=exact.law)
    fit = boltzmann(hidden=16)(Dataset(np.asarray(exact.states)[rows]), jax.random.key(seed))
    machine = fit.model.machine
    annealed = annealed_log_z(machine, runs=400, steps=1000, key=jax.random.key(seed))
    print(
        f"KL {exact(machine):.4f} nats, ln Z {annealed.value:.4f} ± {annealed.error:.4f}, exact {machine.log_z():.4f}"
    )
    assert exact(machine) < 0.03
    assert abs(annealed.value - float(machine.log_z())) < 4 * annealed.error
