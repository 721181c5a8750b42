"""Many starts: all minima of the landscapes, grids, random restarts, basin hopping."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.optimizers import BasinHopping, GridSearch, RandomRestarts, Stop, find_minima, find_stationary, minimize
from ansatz.problems import landscape

KEY = jax.random.key(0)


NAMES = ("himmelblau", "styblinski-tang", "three-hump-camel", "double-well", "beale", "monkey-saddle")


class Menu(eqx.Module):
    """One of several landscapes, chosen by an array: all of them share one compiled program."""

    number: jax.Array

    def __call__(self, theta):
        return jax.lax.switch(self.number, [landscape(name).formula for name in NAMES], theta)


def chosen(name):
    return Menu(jnp.asarray(NAMES.index(name), jnp.int32))


def matched(found, known):
    """Largest distance of a known point to the found one of its kind; all must be there, and no other."""
    assert len(found) == len(known)
    worst = 0.0
    for point in known:
        near = min(found, key=lambda f: np.abs(f.theta - point.theta).max())
        assert near.kind == point.kind
        worst = max(worst, np.abs(near.theta - point.theta).max(), abs(near.value - point.value))
    return worst


@pytest.mark.parametrize("name", ["himmelblau", "styblinski-tang", "three-hump-camel", "double-well"])
def test_all_minima_are_found(name):
    f = landscape(name)
    assert matched(find_minima(chosen(name), f.bounds, starts=150, key=KEY), f.minima) < 1e-10


@pytest.mark.parametrize("name", ["himmelblau", "styblinski-tang", "three-hump-camel", "double-well", "beale"])
def test_all_stationary_points_are_found_and_named(name):
    f = landscape(name)
    found = find_stationary(chosen(name), f.bounds, starts=150, key=KEY)
    assert matched(found, f.stationary) < 1e-10
    assert sum(point.found for point in found) > 75


def test_a_monkey_saddle_is_degenerate():
    f = landscape("monkey-saddle")
    (point,) = find_stationary(chosen("monkey-saddle"), f.bounds, starts=150, key=KEY)
    assert point.kind == "degenerate"
    np.testing.assert_allclose(point.theta, 0, atol=1e-5)


def test_a_grid_holds_the_lowest_of_its_points():
    f = landscape("rastrigin")
    end = minimize(f.formula, np.ones(2), optimizer=GridSearch(points=9, batch=20), bounds=(-4, 4))
    assert end.theta.tolist() == [0.0, 0.0]
    assert end.evaluations[-1] == 1 + 9**2


def test_a_grid_stays_within_the_budget():
    f = landscape("rastrigin")
    end = minimize(f.formula, np.ones(2), optimizer=GridSearch(), bounds=(-4, 4), stop=Stop(evaluations=1_000))
    assert end.evaluations[-1] == 1 + 31**2


def test_random_restarts_end_in_the_lowest_minimum():
    f = landscape("styblinski-tang")
    end = minimize(f.formula, np.array([2.0, 2.0]), optimizer=RandomRestarts(), bounds=f.bounds, key=KEY)
    np.testing.assert_allclose(end.theta, f.minima[0].theta, atol=1e-7)


def test_basin_hopping_leaves_the_first_basin():
    f = landscape("styblinski-tang")
    stop = Stop(target=f.minima[0].value + 1e-8)
    end = minimize(
        f.formula, np.array([2.7, 2.7]), optimizer=BasinHopping(jump=0.3), stop=stop, bounds=(-5, 5), key=KEY
    )
    assert end.stopped == "target"
    np.testing.assert_allclose(end.theta, f.minima[0].theta, atol=1e-4)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: find_minima(lambda t: t[0] ** 2, (np.ones(1), np.zeros(1)), key=KEY), "wrong way round"),
        (lambda: find_minima(lambda t: np.sum(np.asarray(t)), (np.zeros(1), np.ones(1)), key=KEY), "need a gradient"),
        (lambda: GridSearch(points=1), "at least 2 points"),
        (
            lambda: minimize(lambda t: (t**2).sum(), np.ones(8), optimizer=GridSearch(points=10), bounds=(-2, 2)),
            "curse of dimensionality",
        ),
        (lambda: RandomRestarts(starts=0), "at least one start"),
        (lambda: BasinHopping(temperature=0.0), "temperature must be positive"),
        (
            lambda: minimize(lambda t: float(t[0]), np.ones(1), optimizer=BasinHopping(), key=KEY),
            "BasinHopping needs a gradient",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(call, message):
    with pytest.raises(InputError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
