r"""The landscapes that are sums of squares, as residuals $r(\theta)$ with $f = \sum_i r_i^2$.

Gauss-Newton and Levenberg-Marquardt need to see them.
"""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp
from jaxtyping import Array

from ansatz.problems.landscapes import Bowl, Landscape, Vector, beale, booth, himmelblau, rosenbrock


def _rosenbrock(theta: Vector) -> Array:
    return jnp.concatenate([10 * (theta[1:] - theta[:-1] ** 2), 1 - theta[:-1]])


def _beale(theta: Vector) -> Array:
    x, y = theta
    return jnp.array([1.5 - x + x * y, 2.25 - x + x * y**2, 2.625 - x + x * y**3])


def _himmelblau(theta: Vector) -> Array:
    x, y = theta
    return jnp.array([x**2 + y - 11, x + y**2 - 7])


def _booth(theta: Vector) -> Array:
    x, y = theta
    return jnp.array([x + 2 * y - 7, 2 * x + y - 5])


RESIDUALS: dict[Callable, Callable[[Vector], Array]] = {
    rosenbrock: _rosenbrock,
    beale: _beale,
    himmelblau: _himmelblau,
    booth: _booth,
}
"""The residuals of a formula."""


def residuals_of(landscape: Landscape) -> Callable[[Vector], Array] | None:
    r"""The residuals of a landscape that is a sum of squares, or None.

    Example:
        >>> from ansatz.problems import landscape
        >>> residuals_of(landscape("booth"))(jnp.array([1.0, 3.0])).tolist()
        [0.0, 0.0]
        >>> residuals_of(landscape("ackley")) is None
        True
    """
    formula = landscape.formula
    if isinstance(formula, Bowl):
        root = jnp.linalg.cholesky(formula.matrix).T / jnp.sqrt(2.0)
        return lambda theta: root @ (theta - formula.center)
    return RESIDUALS.get(formula)
