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
        theta = theta - 0.1 * rule(CURVATURE * theta, memory, t, theta)
        path.append(theta)
    return np.array(path)


def average(m, name, value, beta):
    """The moving average of that name, and the same without its bias towards zero."""
    m[name] = beta * m.get(name, 0) + (1 - beta) * value
    m[f"{name} count"] = m.get(f"{name} count", 0) + 1
    return m[name] / (1 - beta ** m[f"{name} count"])


def sgd(g, m, t, theta):
    return g


def momentum(g, m, t, theta):
    m["v"] = 0.9 * m.get("v", 0) + g
    return m["v"]


def nesterov(g, m, t, theta):
    return g + 0.9 * momentum(g, m, t, theta)


def adagrad(g, m, t, theta):
    m["s"] = m.get("s", 0) + g**2
    return g / (np.sqrt(m["s"]) + 1e-8)


def adadelta(g, m, t, theta):
    average(m, "g", g**2, 0.9)
    step = np.sqrt(m.get("x", 0) + 1e-6) / np.sqrt(m["g"] + 1e-6) * g
    average(m, "x", step**2, 0.9)
    return step


def rmsprop(g, m, t, theta):
    average(m, "s", g**2, 0.9)
    return g / (np.sqrt(m["s"]) + 1e-8)


def adam(g, m, t, theta):
    return average(m, "m", g, 0.9) / (np.sqrt(average(m, "v", g**2, 0.999)) + 1e-8)


def adamw(g, m, t, theta):
    return adam(g, m, t, theta) + 1e-4 * theta


def nadam(g, m, t, theta):
    average(m, "m", g, 0.9)
    ahead = 0.9 * m["m"] / (1 - 0.9 ** (t + 1)) + 0.1 * g / (1 - 0.9**t)
    return ahead / (np.sqrt(average(m, "v", g**2, 0.999)) + 1e-8)


def adamax(g, m, t, theta):
    m["u"] = np.maximum(0.999 * m.get("u", 0), np.abs(g) + 1e-8)
    return average(m, "m", g, 0.9) / m["u"]


def amsgrad(g, m, t, theta):
    m["top"] = np.maximum(m.get("top", 0), average(m, "v", g**2, 0.999))
    return average(m, "m", g, 0.9) / (np.sqrt(m["top"]) + 1e-8)


def adabelief(g, m, t, theta):
    mean = average(m, "m", g, 0.9)
    return mean / (np.sqrt(average(m, "s", (g - m["m"]) ** 2, 0.999)) + 1e-16)


def radam(g, m, t, theta):
    mean, square = average(m, "m", g, 0.9), average(m, "v", g**2, 0.999)
    most = 2 / (1 - 0.999) - 1
    rho = most - 2 * t * 0.999**t / (1 - 0.999**t)
    if rho < 5:
        return mean
    r = np.sqrt((rho - 4) * (rho - 2) * most / ((most - 4) * (most - 2) * rho))
    return r * mean / (np.sqrt(square) + 1e-8)


def yogi(g, m, t, theta):
    m.setdefault("m", np.full(2, 1e-6))
    v = m.setdefault("v", np.full(2, 1e-6))
    m["v"] = v - 0.001 * np.sign(v - g**2) * g**2
    return average(m, "m", g, 0.9) / (np.sqrt(m["v"] / (1 - 0.999**t)) + 1e-3)


def novograd(g, m, t, theta):
    norm = g @ g
    m["v"] = 0.25 * m["v"] + 0.75 * norm if t > 1 else norm
    m["m"] = 0.9 * m.get("m", 0) + g / (np.sqrt(m["v"]) + 1e-8)
    return m["m"]


def lion(g, m, t, theta):
    step = np.sign(0.9 * m.get("m", 0) + 0.1 * g)
    average(m, "m", g, 0.99)
    return step


def lamb(g, m, t, theta):
    step = average(m, "m", g, 0.9) / (np.sqrt(average(m, "v", g**2, 0.999)) + 1e-6)
    return step * np.linalg.norm(theta) / np.linalg.norm(step)


def sign(g, m, t, theta):
    return np.sign(g)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_is_its_formula_written_out_by_hand(name):
    """50 steps with a learning rate of .1, by the lecture's formulae and those of the papers."""
    with jax.enable_x64(True):
        recipe = Recipe(name, learning_rate=0.1)
    np.testing.assert_allclose(walk(recipe), by_hand(globals()[name]), rtol=1e-6, atol=1e-9)


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
        (lambda: Recipe("adam", warmup=2.0), "warmup is a fraction"),
        (lambda: Recipe("adam", clip=0.0), "clip, the largest norm"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(make, message):
    with pytest.raises(InputError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)
