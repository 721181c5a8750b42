"""Landscapes: what is said of their stationary points is true."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.problems import LANDSCAPES, bowl, landscape, regression_bowl

SMOOTH = sorted(set(LANDSCAPES) - {"ackley"})


def kind(eigenvalues):
    if (np.abs(eigenvalues) < 1e-9).any():
        return "degenerate"
    return {0: "minimum", len(eigenvalues): "maximum"}.get(int((eigenvalues < 0).sum()), "saddle")


@pytest.mark.parametrize("name", SMOOTH)
def test_stationary_points_are_what_they_are_called(name):
    with jax.enable_x64(True):
        f = landscape(name)
        points = jnp.array([p.theta for p in f.stationary])
        values, gradients, hessians = jax.jit(
            jax.vmap(lambda theta: (f(theta), jax.grad(f)(theta), jax.hessian(f)(theta)))
        )(points)
    scale = 1 + np.abs(hessians).max(axis=(1, 2))
    np.testing.assert_allclose(values, [p.value for p in f.stationary], atol=1e-12, rtol=1e-13)
    assert (np.abs(gradients).max(axis=1) < 4e-14 * scale).all()
    assert [kind(e) for e in np.linalg.eigvalsh(hessians)] == [p.kind for p in f.stationary]


def test_the_stationary_points_of_himmelblau_are_the_roots_of_its_resultant():
    """Sylvester's determinant eliminates y from the two polynomials of the gradient and leaves one of x."""
    x = np.polynomial.Polynomial([0, 1])
    found = sorted(p.theta[0] for p in landscape("himmelblau").stationary)
    # From df/dx: 2 y^2 + 4 x y + (4 x^3 - 42 x - 14) = 0, from df/dy: 4 y^3 + (4 x - 26) y + (2 x^2 - 22) = 0.
    a, b, c = 2 + 0 * x, 4 * x, 4 * x**3 - 42 * x - 14
    d, e, f = 4 + 0 * x, 4 * x - 26, 2 * x**2 - 22
    zero = 0 * x
    first = [[zero] * i + [a, b, c] + [zero] * (2 - i) for i in range(3)]
    second = [[zero] * i + [d, zero, e, f] + [zero] * (1 - i) for i in range(2)]
    rows = first + second
    roots = determinant(rows).roots()
    real = sorted(root.real for root in roots if abs(root.imag) < 1e-6)
    np.testing.assert_allclose(found, real, atol=1e-8)


def determinant(rows):
    """Of a matrix of polynomials, along its first row."""
    if len(rows) == 1:
        return rows[0][0]
    minors = [[row[:j] + row[j + 1 :] for row in rows[1:]] for j in range(len(rows))]
    return sum((-1) ** j * rows[0][j] * determinant(minor) for j, minor in enumerate(minors))


def test_the_minimum_of_ackley_is_lower_than_all_around_it():
    with jax.enable_x64(True):
        f = landscape("ackley")
        around = 1e-3 * np.random.default_rng(0).normal(size=(50, 2))
        assert float(f(jnp.zeros(2))) == pytest.approx(0, abs=1e-15)
        assert (jax.vmap(f)(jnp.asarray(around)) > 1e-4).all()


@pytest.mark.parametrize("condition", [1.0, 30.0, 1e6])
def test_a_bowl_has_the_condition_number_that_was_asked_for(condition):
    with jax.enable_x64(True):
        matrix = np.asarray(bowl(condition, dimension=4, angle=0.4, largest=3.0).formula.matrix)
    curvatures = np.linalg.eigvalsh(matrix)
    assert curvatures[-1] == pytest.approx(3.0)
    assert curvatures[-1] / curvatures[0] == pytest.approx(condition, rel=1e-6)


def test_the_regression_bowl_is_the_empirical_risk():
    rng = np.random.default_rng(1)
    x, y, theta = rng.normal(size=20), rng.normal(size=20), np.array([0.3, -0.7])
    with jax.enable_x64(True):
        f = regression_bowl(x, y)
        best = np.array(f.minima[0].theta)
        risk = [np.mean((t[0] + t[1] * x - y) ** 2) for t in (theta, best)]
        assert float(f(jnp.asarray(theta))) == pytest.approx(risk[0] - risk[1])


def test_what_is_wrong_is_said_in_one_line():
    with pytest.raises(InputError, match="did you mean 'himmelblau'"):
        landscape("himelblau")
    with pytest.raises(InputError, match="at least 1"):
        bowl(0.5)
    with pytest.raises(InputError, match="two different values"):
        regression_bowl(np.ones(3), np.ones(3))
