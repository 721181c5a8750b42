"""Optimizers that know the curvature: certified values, saddles, agreement with SciPy and with exact matrices."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.optimize

from ansatz.optimizers import (
    BFGS,
    LBFGS,
    Composite,
    GaussNewton,
    LeastSquares,
    LevenbergMarquardt,
    NaturalGradient,
    Newton,
    Stop,
    minimize,
)
from ansatz.optimizers.curvature.least_squares import fisher
from ansatz.optimizers.curvature.newton import ball_step
from ansatz.problems import landscape
from optimizers import strd

CLASSIC = LeastSquares(lambda t: jnp.array([10 * (t[1] - t[0] ** 2), 1 - t[0]]))
QUICK = ("mgh09", "rat43")


@pytest.mark.parametrize("name", strd.PROBLEMS)
def test_the_typed_tables_reproduce_the_certified_sum_of_squares(name):
    """Lanczos1 has no noise, so that its sum is that of the rounding of 11 figures."""
    problem = strd.PROBLEMS[name]
    found = (strd.residuals(name, np, problem.certified) ** 2).sum()
    assert found == pytest.approx(problem.sum_of_squares, rel=2e-10, abs=1e-20)


def certified_digits(name, optimizer, start):
    problem = strd.PROBLEMS[name]
    squares = LeastSquares(lambda b: strd.residuals(name, jnp, b))
    end = minimize(squares, np.array(problem.starts[start]), optimizer=optimizer, stop=Stop(gradient=0))
    return strd.digits(end.theta, problem.certified)


def digits_of_scipy(name, start):
    problem = strd.PROBLEMS[name]
    x, y = problem.arrays()
    y = np.log(y) if name == "nelson" else y
    try:
        with np.errstate(all="ignore"):
            found = scipy.optimize.curve_fit(
                lambda x, *b: strd.curve(name, np, x, b), x, y, p0=problem.starts[start], maxfev=20_000
            )[0]
    except RuntimeError:
        return 0.0
    return strd.digits(found, problem.certified)


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("name", QUICK)
def test_levenberg_marquardt_has_as_many_certified_digits_as_scipy(name, start):
    digits = certified_digits(name, LevenbergMarquardt(), start)
    assert digits >= digits_of_scipy(name, start)
    assert digits > 6


def test_lbfgs_has_as_many_certified_digits_as_scipy_from_afar():
    digits = certified_digits("rat43", LBFGS(), 0)
    assert digits >= digits_of_scipy("rat43", 0)
    assert digits > 9


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", [LevenbergMarquardt(), LBFGS()], ids=lambda o: type(o).__name__)
@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("name", strd.PROBLEMS)
@pytest.mark.filterwarnings("ignore")
def test_as_many_certified_digits_as_scipy_on_all_of_nists_problems(name, start, optimizer):
    """To a tenth of a digit; the tables have eleven, and both reach them all on Lanczos1."""
    assert round(certified_digits(name, optimizer, start), 1) >= round(digits_of_scipy(name, start), 1)


@pytest.mark.parametrize(
    "optimizer",
    [BFGS(), LBFGS(), Newton("line"), Newton("trust"), GaussNewton(), LevenbergMarquardt(), NaturalGradient()],
    ids=lambda o: type(o).__name__,
)
def test_every_optimizer_follows_the_valley_of_rosenbrock(optimizer):
    end = minimize(CLASSIC, np.array([-1.2, 1.0]), optimizer=optimizer)
    np.testing.assert_allclose(end.theta, 1, atol=1e-6)
    assert end.converged
    assert end.evaluations[-1] < 80


@pytest.mark.parametrize(("optimizer", "method"), [(BFGS(), "BFGS"), (LBFGS(), "L-BFGS-B")], ids=["bfgs", "l-bfgs"])
def test_quasi_newton_needs_about_as_many_evaluations_as_scipy(optimizer, method):
    def valley(t):
        r = np.array([10 * (t[1] - t[0] ** 2), 1 - t[0]])
        return r @ r, 2 * np.array([[-20 * t[0], -1], [10, 0]]) @ r

    ours = theirs = 0
    for start in np.random.default_rng(0).uniform(-2, 2, (12, 2)):
        ours += minimize(CLASSIC, start, optimizer=optimizer, stop=Stop(gradient=1e-7)).evaluations[-1]
        options = {"gtol": 1e-7} | ({"ftol": 0} if method == "L-BFGS-B" else {})
        theirs += scipy.optimize.minimize(valley, start, jac=True, method=method, options=options).nfev
    assert ours < 1.2 * theirs


def test_a_valley_without_end_is_no_minimum():
    """Beyond its saddle Beale's function falls for ever towards .452 as x goes to minus infinity."""
    end = minimize(landscape("beale").formula, np.array([-1.09, 0.49]), stop=Stop(evaluations=20_000))
    assert end.theta[0] < -1e4
    assert not end.converged


def test_trust_region_newton_leaves_a_saddle():
    """At the origin the gradient vanishes, but one curvature is negative."""
    f = landscape("double-well").formula
    end = minimize(f, np.array([0.0, 0.0]), optimizer=Newton("trust"))
    np.testing.assert_allclose(np.abs(end.theta), [1, 0], atol=1e-8)
    assert end.values[0] == 1.0


@pytest.mark.parametrize("seed", range(6))
def test_the_step_in_the_ball_is_the_lowest_point_of_the_ball(seed):
    rng = np.random.default_rng(seed)
    curvatures, slopes, radius = np.sort(rng.normal(size=3)), rng.normal(size=3), rng.uniform(0.1, 3)
    slopes[0] *= seed % 2
    with jax.enable_x64(True):
        step = np.asarray(jax.jit(ball_step)(jnp.asarray(slopes), jnp.asarray(curvatures), jnp.asarray(radius)))
    points = rng.normal(size=(200_000, 3))
    points *= radius * (rng.uniform(size=(200_000, 1)) ** (1 / 3)) / np.linalg.norm(points, axis=1, keepdims=True)

    def parabola(p):
        return p @ slopes + 0.5 * (p**2) @ curvatures

    assert np.linalg.norm(step) <= radius * (1 + 1e-9)
    assert parabola(step) <= parabola(points).min() + 1e-9


def test_the_product_with_the_fisher_information_is_that_of_the_matrix():
    """For a softmax the Fisher information of the logits is diag(p) - p p^T."""
    rng = np.random.default_rng(0)
    design, theta, v = rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=4)
    with jax.enable_x64(True):
        f = Composite(lambda z: jax.nn.logsumexp(z) - z[0], lambda t: jnp.tanh(jnp.asarray(design) @ t))
        outputs = f.inner(theta)
        found = np.asarray(jax.jit(lambda theta, v: fisher(f, theta)[1](v))(jnp.asarray(theta), jnp.asarray(v)))
    p = np.exp(outputs) / np.exp(outputs).sum()
    slope = (1 - np.tanh(design @ theta) ** 2)[:, None] * design
    np.testing.assert_allclose(found, slope.T @ (np.diag(p) - np.outer(p, p)) @ slope @ v, rtol=1e-12)


def test_the_natural_gradient_of_a_logistic_regression_ends_where_newton_does():
    """For a model that is linear in its parameters the Fisher information is the Hessian."""
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(60, 3)), rng.integers(0, 2, 60)
    with jax.enable_x64(True):
        inside, labels = jnp.asarray(x), jnp.asarray(y, float)
        f = Composite(lambda z: jnp.mean(jax.nn.softplus(z) - labels * z), lambda t: inside @ t)
    natural = minimize(f, np.zeros(3), optimizer=NaturalGradient())
    newton = np.zeros(3)
    for _ in range(10):
        p = 1 / (1 + np.exp(-x @ newton))
        newton -= np.linalg.solve(x.T @ (x * (p * (1 - p))[:, None]), x.T @ (p - y))
    np.testing.assert_allclose(natural.theta, newton, atol=1e-7)
    assert len(natural.values) < 20
