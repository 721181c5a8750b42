"""One call for every minimizer: rates, reasons to stop, the record, bad input."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from ansatz.errors import InputError
from ansatz.optimizers import (
    BFGS,
    LBFGS,
    GaussNewton,
    LevenbergMarquardt,
    NaturalGradient,
    Newton,
    Recipe,
    Stop,
    descent,
    minimize,
)
from ansatz.problems import bowl
from compiling import compilations

START = np.array([1.0, -2.0])
CURVATURES = np.array([0.25, 4.0])


@pytest.fixture(scope="module")
def ellipse():
    with jax.enable_x64(True):
        return bowl(condition=16.0, largest=4.0).formula


def descent_at(rate, ellipse, **limits):
    with jax.enable_x64(True):
        return minimize(ellipse, START, optimizer=Recipe("sgd", learning_rate=rate), stop=Stop(**limits))


@pytest.mark.parametrize("rate", [0.01, 0.2, 0.49, 0.7])
def test_gradient_descent_on_a_bowl_has_the_exact_rate(rate, ellipse):
    """Each mode shrinks, or beyond 2 / lambda_max grows, by the factor 1 - eta lambda in each step."""
    path = descent_at(rate, ellipse, evaluations=41).path
    factors = (1 - rate * CURVATURES) ** np.arange(41)[:, None]
    np.testing.assert_allclose(path, START * factors, rtol=1e-10, atol=1e-300)


def test_gradient_descent_diverges_above_two_over_the_largest_curvature(ellipse):
    limit = 2 / CURVATURES.max()
    below, above = (descent_at(f * limit, ellipse, evaluations=20_000) for f in (0.99, 1.01))
    assert below.stopped == "gradient"
    assert below.converged
    assert above.values[-1] > 1e100
    assert not above.converged


def test_what_overflows_has_diverged_and_keeps_the_best_place(ellipse):
    end = descent_at(10.0, ellipse, evaluations=5_000)
    assert (end.stopped, end.converged) == ("diverged", False)
    assert np.isfinite(end.values).all()
    np.testing.assert_array_equal(end.theta, START)
    assert "smaller learning rate" in end.message


@pytest.mark.parametrize("optimizer", [Newton("none"), Newton("line"), Newton("trust")], ids=lambda o: o.safeguard)
def test_newton_lands_on_the_minimum_of_a_bowl_in_one_step(optimizer, ellipse):
    end = minimize(ellipse, START, optimizer=optimizer)
    assert len(end.values) == 2
    np.testing.assert_allclose(end.theta, 0, atol=1e-14)


def test_the_record_belongs_together(ellipse):
    end = minimize(ellipse, START, optimizer=BFGS())
    value = 0.5 * (CURVATURES * end.path**2).sum(axis=1)
    np.testing.assert_allclose(end.values, value, rtol=1e-12)
    np.testing.assert_allclose(end.gradient_norms, np.linalg.norm(CURVATURES * end.path, axis=1), rtol=1e-12)
    assert (np.diff(end.evaluations) > 0).all()
    assert (end.path[0] == START).all()
    assert (end.path[-1] == end.theta).all()
    assert end.value == end.values[-1]


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"gradient": 1e-3}, "gradient"),
        ({"gradient": 0, "step": 1e-3}, "step"),
        ({"gradient": 0, "decrease": 0.2}, "decrease"),
        ({"target": 1e-3}, "target"),
        ({"evaluations": 7}, "budget"),
    ],
)
def test_it_stops_for_the_first_reason_that_holds(limits, reason, ellipse):
    end = descent_at(0.2, ellipse, **limits)
    assert end.stopped == reason
    before = end.values[:-1]
    if reason == "gradient":
        assert end.gradient_norms[-1] <= 1e-3 < end.gradient_norms[-2]
    if reason == "target":
        assert end.value <= 1e-3 < before.min()
    if reason == "budget":
        assert end.evaluations[-1] == 7


def test_a_long_walk_is_recorded_whole(ellipse):
    end = descent_at(1e-3, ellipse, evaluations=3 * descent.ROWS + 5)
    assert len(end.path) == len(end.values) == 3 * descent.ROWS + 5


def test_like_work_compiles_once(ellipse):
    with jax.enable_x64(True):
        other = bowl(condition=3.0, angle=0.3).formula

    def work(function, start, rate, budget):
        with jax.enable_x64(True):
            recipe = Recipe("sgd", learning_rate=rate)
        minimize(function, start, optimizer=recipe, stop=Stop(evaluations=budget, gradient=rate))

    work(ellipse, START, 0.1, 100)
    assert compilations(lambda: work(lambda theta: ellipse(2 * theta), START, 0.1, 100)) > 0
    assert compilations(lambda: work(other, START + 1, 0.2, 300)) == 0


def test_parameters_may_be_a_tree():
    def f(theta):
        return jnp.sum((theta["a"] - 1) ** 2) + (theta["b"] + 2) ** 2

    end = minimize(f, {"a": np.zeros((2, 2)), "b": 0.0})
    np.testing.assert_allclose(end.theta["a"], np.ones((2, 2)), atol=1e-8)
    assert float(end.theta["b"]) == pytest.approx(-2)


def test_a_list_of_numbers_is_an_array():
    end = minimize(lambda theta: jnp.sum((theta - 1) ** 2), [3.0, 2])
    np.testing.assert_allclose(end.theta, [1, 1], atol=1e-8)


def test_an_optax_transformation_is_an_optimizer(ellipse):
    end = minimize(ellipse, START, optimizer=optax.sgd(0.1), stop=Stop(evaluations=3))
    np.testing.assert_allclose(end.path[1], START * (1 - 0.1 * CURVATURES), rtol=1e-7)


def test_the_path_may_be_left_out(ellipse):
    end = minimize(ellipse, START, path=False)
    assert end.path.size == 0
    np.testing.assert_allclose(end.theta, 0, atol=1e-8)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: minimize(lambda t: jnp.log(t[0]), np.array([-1.0])), "the function is nan at the start"),
        (lambda: minimize(lambda t: t**2, START), r"one real number, not an array of shape \(2,\)"),
        (lambda: minimize(lambda t: (t[0], t[1]), START), "one real number, not a tuple"),
        (lambda: minimize(lambda t: np.sum(np.asarray(t)), START), "BFGS needs a gradient"),
        (lambda: minimize(jnp.sum, START, optimizer=Recipe("adam"), bounds=(0, 1)), "knows no bounds"),
        (lambda: minimize(jnp.sum, START, bounds=(2, [3, 1])), "parameter 1 are the wrong way round: 2 is not below 1"),
        (lambda: minimize(jnp.sum, START, bounds=(np.zeros(3), 1)), "built like the start"),
        (lambda: minimize(jnp.sum, START, stop=Stop(evaluations=0)), "at least one evaluation, not 0"),
        (lambda: Stop(step=-1.0), "'step' must not be negative"),
        (lambda: Stop(evaluations="many"), "'evaluations' of a Stop must be a number, not 'many'"),
        (lambda: minimize(jnp.sum, START, stop=100), "stop must be a Stop"),
        (lambda: minimize(3.0, START), "a function of the parameters is wanted, not 3.0"),
        (lambda: minimize(lambda t: None, START), "one real number, not a NoneType"),
        (lambda: minimize(lambda t: "low", START), "one real number, not a str"),
        (lambda: minimize(lambda t: 1j * t[0], START), "not one of type complex128"),
        (lambda: minimize(jnp.linalg.norm, np.zeros(2)), "its gradient is not finite there"),
        (lambda: minimize(jnp.sum, START, optimizer=Newton), "not the class Newton"),
        (lambda: minimize(jnp.sum, START, bounds=3), "bounds must be two"),
        (lambda: minimize(jnp.sum, START, bounds=[(-9, 9), (-9, 9)]), "all the lowest first"),
        (lambda: minimize(jnp.sum, START, bounds=(0, np.inf)), "fit its logarithm instead"),
        (lambda: minimize(jnp.sum, START, bounds=("a", 1)), "bounds must be numbers"),
        (lambda: minimize(jnp.sum, START, optimizer=LevenbergMarquardt()), "needs a sum of squares"),
        (lambda: minimize(jnp.sum, START, optimizer=GaussNewton()), "needs a sum of squares"),
        (lambda: minimize(jnp.sum, START, optimizer=NaturalGradient()), "needs a model inside a loss"),
        (lambda: minimize(jnp.sum, np.array([np.nan])), "the start must be finite"),
        (lambda: minimize(jnp.sum, np.array([])), "the start is empty"),
        (lambda: minimize(jnp.sum, np.array(["a"])), "real numbers"),
        (lambda: minimize(jnp.sum, START, optimizer="adam"), "not 'adam'"),
        (lambda: Newton("thrust"), "did you mean 'trust'"),
        (lambda: LBFGS(0), "at least one step"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(call, message):
    with pytest.raises(InputError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
