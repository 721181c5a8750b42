"""All stationary points of a function of a few parameters: many starts, clusters of ends, signs of the curvatures."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PyTree

from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.optimizers import descent
from ansatz.optimizers.curvature.least_squares import LevenbergMarquardt
from ansatz.optimizers.curvature.newton import Newton
from ansatz.optimizers.objective import LeastSquares, traceable
from ansatz.optimizers.stopping import Stop
from ansatz.typing import Key, Scalar


@dataclasses.dataclass(frozen=True, eq=False)
class Stationary:
    """A place where the gradient vanishes.

    Attributes:
        theta: the place.
        value: the function there.
        kind: "minimum", "maximum", "saddle", or "degenerate" if a curvature vanishes.
        curvatures: the eigenvalues of the Hessian, rising.
        found: how many starts ended there.
    """

    theta: np.ndarray
    value: float
    kind: str
    curvatures: np.ndarray
    found: int


class Gradient(eqx.Module):
    """The gradient of a function, as residuals."""

    function: Callable[[Array], Scalar]

    def __call__(self, theta: Array) -> Array:
        """The gradient at one point."""
        return jax.grad(self.function)(theta)


def find_minima(
    function: Callable[[PyTree], Scalar], bounds: tuple[np.ndarray, np.ndarray], *, starts: int = 200, key: Key
) -> list[Stationary]:
    r"""All minima inside a box, the lowest first: descents by trust-region Newton from random places.

    Args:
        function: of a vector of parameters.
        bounds: lowest and highest parameters, shape (parameters,) each.
        starts: how many descents; a minimum whose basin is a fraction p of the box is missed with probability
            $(1 - p)^\mathrm{starts}$.
        key: decides the starts.

    Raises:
        InputError: if the bounds are the wrong way round, or the function cannot be differentiated.

    Example:
        >>> wells = lambda t: (t[0] ** 2 - 1) ** 2
        >>> ends = find_minima(wells, (np.array([-2.0]), np.array([2.0])), starts=20, key=jax.random.key(0))
        >>> sorted(end.theta.round(6).tolist() for end in ends)
        [[-1.0], [1.0]]
    """
    with jax.enable_x64(True):
        places = _starts(function, bounds, starts, key)
        limits = Stop(gradient=1e-11, evaluations=500).limits()
        walks = descent.run_many(function, Newton("trust"), jnp.asarray(places), limits)
        found = _clustered(function, np.asarray(walks.place.theta), bounds, places)
    return [point for point in found if point.kind == "minimum"]


def find_stationary(
    function: Callable[[PyTree], Scalar], bounds: tuple[np.ndarray, np.ndarray], *, starts: int = 200, key: Key
) -> list[Stationary]:
    r"""All stationary points inside a box, saddles and maxima too, the lowest first.

    Minimizes $\|\nabla f\|^2$ by Levenberg-Marquardt from random places and keeps the ends where it vanishes.

    Args:
        function: of a vector of parameters.
        bounds: lowest and highest parameters, shape (parameters,) each.
        starts: how many.
        key: decides the starts.

    Raises:
        InputError: if the bounds are the wrong way round, or the function cannot be differentiated.

    Example:
        >>> wells = lambda t: (t[0] ** 2 - 1) ** 2 + t[1] ** 2
        >>> box = (np.array([-2.0, -2.0]), np.array([2.0, 2.0]))
        >>> [point.kind for point in find_stationary(wells, box, starts=30, key=jax.random.key(0))]
        ['minimum', 'minimum', 'saddle']
    """
    with jax.enable_x64(True):
        places = _starts(function, bounds, starts, key)
        limits = Stop(gradient=0, evaluations=300, target=1e-28).limits()
        gradient = LeastSquares(Gradient(function))
        walks = descent.run_many(gradient, LevenbergMarquardt(), jnp.asarray(places), limits)
        return _clustered(function, np.asarray(walks.place.theta), bounds, places)


def _starts(
    function: Callable[[PyTree], Scalar], bounds: tuple[np.ndarray, np.ndarray], starts: int, key: Key
) -> np.ndarray:
    low, high = (np.atleast_1d(np.asarray(edge, float)) for edge in bounds)
    if low.shape != high.shape or not (low < high).all():
        raise InputError(f"the bounds are the wrong way round or of different length: {low} and {high}")
    if starts < 1:
        raise InputError(f"there must be at least one start, not {starts}")
    if not traceable(function, low):
        raise InputError("stationary points need a gradient, but JAX cannot differentiate this function")
    return generator(key).uniform(low, high, (starts, len(low)))


def _clustered(
    function: Callable, ends: np.ndarray, bounds: tuple[np.ndarray, np.ndarray], places: np.ndarray
) -> list[Stationary]:
    """One stationary point for each cluster of ends inside the box, the lowest first."""
    low, high = (np.atleast_1d(np.asarray(edge, float)) for edge in bounds)
    edge = 1e-9 * (high - low)
    seen = _seen(function, jnp.asarray(np.concatenate([places, ends])))
    usual = np.median(np.abs(np.linalg.eigvalsh(seen[2][: len(places)])).max(axis=1))
    inside = ((ends >= low - edge) & (ends <= high + edge)).all(axis=1)
    ends = ends[inside]
    values, gradients, hessians = (np.asarray(part)[len(places) :][inside] for part in seen)
    slopes = np.abs(gradients).max(axis=1, initial=0.0)
    points: list[Stationary] = []
    for i in np.argsort(slopes)[: int((slopes <= 1e-9 * usual * np.max(high - low)).sum())]:
        near = [k for k, p in enumerate(points) if np.linalg.norm((p.theta - ends[i]) / (high - low)) < NEAR]
        if near:
            points[near[0]] = dataclasses.replace(points[near[0]], found=points[near[0]].found + 1)
        else:
            curvatures = np.linalg.eigvalsh(hessians[i])
            points.append(Stationary(ends[i], float(values[i]), _kind(curvatures, 1e-6 * usual), curvatures, 1))
    return sorted(points, key=lambda point: (round(point.value, 9), tuple(point.theta)))


NEAR = 1e-4
"""Ends nearer than this fraction of the box are one point."""


@eqx.filter_jit
def _seen(function: Callable, points: Array) -> tuple[Array, Array, Array]:
    def one(theta: Array) -> tuple[Array, Array, Array]:
        return function(theta), jax.grad(function)(theta), jax.hessian(function)(theta)

    return jax.vmap(one)(points)


def _kind(curvatures: np.ndarray, flat: float) -> str:
    if (np.abs(curvatures) <= flat).any():
        return "degenerate"
    negative = int((curvatures < 0).sum())
    return {0: "minimum", len(curvatures): "maximum"}.get(negative, "saddle")
