"""The gluon problem: its truth, its tables, its errors, and what an extraction makes of it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate

from ansatz.errors import InputError
from ansatz.models import Linear
from ansatz.optimizers import Recipe
from ansatz.problems import Gluon, read_bcdms, read_gluon, read_hera, scaling_violation_table
from ansatz.risk import MomentumSumRule, checked_covariance, errors_of
from ansatz.training import Extraction
from ansatz.validation import chi2_test

GRID = np.geomspace(1e-3, 0.7, 50)[:, None]


def density(z):
    return Gluon().density(np.array([[z]]))[0]


def test_the_gluons_carry_the_momentum_asked_for():
    found = integrate.quad(lambda t: density(np.exp(t)) * np.exp(t), -40, 0)[0]
    assert found == pytest.approx(Gluon().momentum, rel=1e-6)


@pytest.mark.parametrize("place", range(3))
def test_the_table_is_the_integral(place):
    limits = np.array([0.01, 0.3, 0.7])
    operator, nodes = scaling_violation_table(limits)
    x = limits[place]
    exact = integrate.quad(lambda z: 0.5 * ((x / z) ** 2 + (1 - x / z) ** 2) * density(z) / z, x, 1, epsrel=1e-10)[0]
    assert operator[place] @ Gluon().density(nodes) == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize("observable", ["density", "scaling-violation"])
def test_pseudo_data_scatter_about_the_truth_as_their_covariance_says(observable):
    problem = Gluon(observable=observable)
    tests = []
    for key in jax.random.split(jax.random.key(0), 60):
        data = problem.draw(key, 30)
        truth = problem.truth(data.x)
        tests.append(chi2_test(truth, data.y, errors_of(data).covariance(truth)))
    mean = np.mean([test.chi2 / test.points for test in tests])
    assert abs(mean - 1) < 4 * np.sqrt(2 / (30 * 60))
    assert not any(test.rescaled for test in tests)


def test_a_line_uses_up_as_many_measurements_as_it_has_parameters():
    """Slope and offset: 2, within 4 standard errors sqrt(2 p / members)."""
    data = Gluon().draw(jax.random.key(5), 30)
    learner = Extraction(
        model=lambda data: lambda key: Linear(jnp.zeros(1), jnp.array(0.0)),
        members=100,
        rounds=1,
        epochs=400,
        optimizer=Recipe("adam", learning_rate=0.1, schedule="cosine"),
    )
    found = learner(data.replace(x=np.log(data.x) + 3.5), jax.random.key(6)).details["parameters"]
    assert abs(found - 2) < 4 * np.sqrt(2 * 2 / 100)


def test_chi2_per_point_is_one_within_its_scatter():
    data = Gluon().draw(jax.random.key(100), 60)
    fitted = Extraction(members=3, epochs=300, rounds=1)(data, jax.random.key(0))
    assert abs(fitted.details["chi2"] / len(data) - 1) < 2 * np.sqrt(2 / len(data))


def test_the_function_comes_back_from_its_convolution():
    """Measurements without noise (a closure test of level 0): the density within 6 % where three decades see it."""
    problem = Gluon(observable="scaling-violation")
    data = problem.draw(jax.random.key(0), 60)
    learner = Extraction(observable=lambda data: problem.measured(data.x), members=4, epochs=1000, rounds=1)
    fitted = learner(data.replace(y=problem.truth(data.x)), jax.random.key(1))
    x = GRID[10:40]
    np.testing.assert_allclose(fitted.predict(x), problem.density(x), rtol=0.06)
    assert np.max(np.abs(problem.truth(x) / problem.density(x) - 1)) > 0.5
    assert fitted.details["chi2"] < 0.1 * len(data)


def test_the_momentum_sum_rule_is_kept():
    problem, law = Gluon(observable="scaling-violation"), 10 * MomentumSumRule(0.42)
    learner = Extraction(observable=lambda data: problem.measured(data.x), law=law, members=2, epochs=500, rounds=1)
    fitted = learner(problem.draw(jax.random.key(1), 60), jax.random.key(2))
    rule = MomentumSumRule(0.42).rule
    momenta = fitted.members(np.asarray(rule.nodes, float)) @ np.asarray(rule.weights, float)
    assert np.max(np.abs(momenta - 0.42)) < 1e-3


def test_a_parton_density_wants_momentum_fractions():
    data = Gluon().draw(jax.random.key(0), 20)
    with pytest.raises(InputError, match="between 0 and 1"):
        Extraction(members=2)(data.replace(x=3 * data.x), jax.random.key(0))


def test_data_without_errors_are_refused():
    data = Gluon().draw(jax.random.key(0), 20)
    with pytest.raises(InputError, match="no column 'error'"):
        Extraction(members=2)(data.replace(observers={}), jax.random.key(0))


def test_parameters_out_of_range_are_refused():
    with pytest.raises(InputError, match="smallest < largest"):
        Gluon(smallest=0.9)
    with pytest.raises(InputError, match="observable is"):
        Gluon(observable="cross-section")


def test_the_files_of_the_user_are_read(shared):
    hera = read_hera(shared / "hep" / "hera_NCep_920.dat")
    bcdms = read_bcdms(shared / "hep" / "bcdms_f2p_R0.csv")
    assert (len(hera), errors_of(hera).multiplicative.shape[1], len(bcdms)) == (377, 169, 177)
    for data in (hera, bcdms):
        checked_covariance(errors_of(data).covariance(data.y), len(data))


def test_a_perfect_model_shows_chi2_of_one_on_the_pseudo_data_and_scaling_is_named(shared):
    data = read_gluon(shared / "hep" / "rojo_gluon_NNPDF31_nlo_pch_as_0118_xmin1e-3.dat")
    error = data.observers["error"]
    values = data.y + error * np.asarray(jax.random.normal(jax.random.key(3), len(data)))
    assert abs(chi2_test(data.y, values, error).per_point.value - 1) < 4 * np.sqrt(2 / len(data))
    test_rows = np.arange(len(data)) % 5 == 0
    scaled = values[test_rows] / values[test_rows].mean() * 2 * values.mean()
    assert chi2_test(data.y[test_rows], scaled, error[test_rows]).rescaled


def test_a_file_that_is_something_else_is_told(tmp_path):
    path = tmp_path / "table.dat"
    path.write_text("a b c\n1 2 three\n")
    for read in (read_gluon, read_hera, read_bcdms):
        with pytest.raises(InputError, match="table.dat"):
            read(path)
        with pytest.raises(InputError, match="there is no file"):
            read(tmp_path / "nothing.dat")


def test_the_preprocessing_holds_at_both_ends():
    from ansatz.models import Endpoints, Linear

    shape = Endpoints(Linear(jnp.zeros(2), jnp.array(2.0)), jnp.array(-0.5), jnp.array(1.0))
    assert shape(jnp.array([1.0])).item() == 0
    assert np.isfinite(jax.grad(lambda x: shape(x))(jnp.array([0.0]))).all()
