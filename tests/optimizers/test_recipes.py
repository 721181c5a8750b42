"""Update rules against the lecture's formulae written out by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from ansatz.errors import InputError
from ansatz.optimizers import RULES, SCHEDULES, Custom, Recipe

CURVATURE = np.array([1.0, 4.0])
START = np.array([1.0, -2.0])
STEPS = 50


def walk(recipe):
    """The path of a recipe down the quadratic bowl, in float64."""
    with jax.enable_x64(True):
        rule = recipe.build(jnp.asarray(STEPS))

        def step(carry, _):
            theta, memory = carry
            update, memory = rule.update(jnp.asarray(CURVATURE) * theta, memory, theta)
            return (theta + update, memory), theta + update

        theta = jnp.asarray(START)
        return np.asarray(jax.lax.scan(step, (theta, rule.init(theta)), length=STEPS)[1])


def by_hand(rule):
    theta, memory, path = START.copy(), {}, []
    for t in range(1, STEPS + 1):
        theta = theta - rule(CURVATURE * theta, memory, t)
        path.append(theta)
    return np.array(path)


def sgd(g, m, t):
    return 0.1 * g


def momentum(g, m, t):
    m["v"] = 0.9 * m.get("v", 0) + g
    return 0.1 * m["v"]


def nesterov(g, m, t):
    m["v"] = 0.9 * m.get("v", 0) + g
    return 0.1 * (g + 0.9 * m["v"])


def rmsprop(g, m, t):
    m["s"] = 0.9 * m.get("s", 0) + 0.1 * g**2
    return 0.1 * g / (np.sqrt(m["s"]) + 1e-8)


def adam(g, m, t):
    m["m"] = 0.9 * m.get("m", 0) + 0.1 * g
    m["v"] = 0.999 * m.get("v", 0) + 0.001 * g**2
    return 0.1 * (m["m"] / (1 - 0.9**t)) / (np.sqrt(m["v"] / (1 - 0.999**t)) + 1e-8)


@pytest.mark.parametrize("rule", [sgd, momentum, nesterov, rmsprop, adam])
def test_a_rule_is_the_formula_of_the_lecture(rule):
    with jax.enable_x64(True):
        recipe = Recipe(rule.__name__, learning_rate=0.1)
    np.testing.assert_allclose(walk(recipe), by_hand(rule), rtol=1e-6, atol=1e-9)


def test_decoupled_weight_decay_shrinks_parameters():
    with jax.enable_x64(True):
        recipe = Recipe("sgd", learning_rate=0.1, weight_decay=0.5)
    np.testing.assert_allclose(walk(recipe)[-1], START * (1 - 0.1 * (CURVATURE + 0.5)) ** STEPS, rtol=1e-9)


@pytest.mark.parametrize("name", RULES)
def test_every_rule_goes_downhill(name):
    path = walk(Recipe(name, learning_rate=0.03))
    assert (CURVATURE * path[-1] ** 2).sum() < (CURVATURE * START**2).sum()


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_start_at_one_and_never_rise(name):
    factor = np.asarray(SCHEDULES[name](jnp.linspace(0, 1, 50)))
    assert factor[0] == pytest.approx(1.0)
    assert (np.diff(factor) <= 1e-6).all()
    assert (factor >= -1e-6).all()


def test_warm_up_starts_small():
    path = walk(Recipe("sgd", learning_rate=0.1, warmup=0.5))
    assert np.abs(path[0] - START).max() < 0.05 * np.abs(0.1 * CURVATURE * START).max()


def test_clipping_bounds_the_step():
    path = walk(Recipe("sgd", learning_rate=0.1, clip=1.0))
    assert np.linalg.norm(path[0] - START) == pytest.approx(0.1)


def test_any_optax_transformation_is_a_recipe():
    np.testing.assert_allclose(walk(Custom(optax.sgd(0.1))), by_hand(sgd), rtol=1e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Recipe("adm"), "did you mean 'adam'"),
        (lambda: Recipe("adam", schedule="cosin"), "did you mean 'cosine'"),
        (lambda: Recipe("adam", learning_rate=-1.0), "learning_rate must be positive"),
        (lambda: Recipe("adam", momentum=1.0), "momentum must be in"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(make, message):
    with pytest.raises(InputError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)
