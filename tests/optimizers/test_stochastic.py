"""Descent in batches: the formula by hand, gradient descent as the limit, and how far it wanders."""

import jax
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.optimizers import Recipe, descend_in_batches, expected_spread, line_loss, minimize, wandering_ends
from ansatz.problems import landscape, regression_bowl, residuals_of


@pytest.fixture(scope="module")
def line():
    rng = np.random.default_rng(2)
    x = rng.normal(size=40)
    return (x - x.mean()) / x.std(), 1 + 2 * x + rng.normal(size=40)


def test_all_rows_at_once_is_gradient_descent_at_its_exact_rate(line):
    rule = Recipe("sgd", learning_rate=0.1)
    way = descend_in_batches(line_loss, line, np.zeros(2), optimizer=rule, epochs=30, key=jax.random.key(0))
    best = np.array(regression_bowl(*line).minima[0].theta)
    away = way.path - best
    assert np.allclose(away[1:], 0.8 * away[:-1], atol=1e-10)  # standardized: both curvatures are 2
    assert way.rows_seen[-1] == 30 * 40


def test_one_epoch_of_single_rows_is_the_lms_rule(line):
    """Widrow and Hoff's least mean squares: theta goes along the error of one row times the row."""
    x, y = line
    rule = Recipe("sgd", learning_rate=0.01)
    way = descend_in_batches(
        line_loss, line, np.zeros(2), optimizer=rule, fraction=1 / 40, epochs=1, key=jax.random.key(1)
    )
    left = list(range(40))
    theta = np.zeros(2)
    for place in way.path[1:]:
        moves = {i: theta - 0.02 * (theta[0] + theta[1] * x[i] - y[i]) * np.array([1, x[i]]) for i in left}
        taken = min(moves, key=lambda i: np.abs(moves[i] - place).max())
        assert np.allclose(moves[taken], place, atol=1e-12)
        left.remove(taken)
        theta = place
    assert not left


@pytest.mark.parametrize("batch", [1, 10])
def test_constant_steps_wander_as_far_as_the_equation_says(line, batch):
    walkers = 1500
    ends = wandering_ends(*line, learning_rate=0.1, batch=batch, steps=60, walkers=walkers, key=jax.random.key(3))
    expected = expected_spread(*line, learning_rate=0.1, batch=batch)
    variance = np.diag(expected)
    squares = ends**2
    error = squares.std(axis=0) / walkers**0.5
    assert (np.abs(squares.mean(axis=0) - variance) < 4 * error).all()
    assert (error < 0.12 * variance).all()


def test_small_steps_wander_in_proportion_to_rate_over_batch(line):
    one = expected_spread(*line, learning_rate=1e-4, batch=1)
    other = expected_spread(*line, learning_rate=2e-4, batch=4)
    share = (36 / (4 * 39)) / (39 / 39)
    assert np.allclose(other, 2 * share * one, rtol=1e-2, atol=1e-8)


def test_steps_that_do_not_settle_are_named(line):
    with pytest.raises(InputError, match="do not settle"):
        expected_spread(*line, learning_rate=0.9, batch=1)
    with pytest.raises(InputError, match="fraction"):
        descend_in_batches(line_loss, line, np.zeros(2), optimizer=Recipe("sgd"), fraction=0.0, key=jax.random.key(0))
    ragged = (line[0], np.zeros(3))
    with pytest.raises(InputError, match=r"same number of rows, not \[3, 40\]"):
        descend_in_batches(line_loss, ragged, np.zeros(2), optimizer=Recipe("sgd"), key=jax.random.key(0))


@pytest.mark.parametrize("name", ["bowl", "rosenbrock", "beale", "himmelblau", "booth"])
def test_residuals_square_to_their_landscape(name):
    scene = landscape(name)
    r = residuals_of(scene)
    for theta in np.random.default_rng(0).uniform(-2, 2, (5, 2)):
        assert np.isclose(float(np.sum(np.asarray(r(theta)) ** 2)), float(scene(theta)), rtol=1e-4)


def test_the_line_found_by_batches_is_the_one_that_minimize_finds(line):
    rule = Recipe("sgd", learning_rate=0.2, schedule="exponential")
    way = descend_in_batches(
        line_loss, line, np.zeros(2), optimizer=rule, fraction=0.25, epochs=200, key=jax.random.key(4)
    )
    found = minimize(regression_bowl(*line), np.zeros(2)).theta
    assert np.abs(way.path[-1] - found).max() < 0.01
