r"""Newton's method: the minimum of the parabola that touches the function."""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from ansatz.errors import InputError, suggest
from ansatz.optimizers.curvature.linesearch import search
from ansatz.optimizers.descent import Objective, Place, Rule, evaluate
from ansatz.optimizers.stopping import PRECISION, RUNNING

SAFEGUARDS = ("none", "line", "trust")


class Spectrum(NamedTuple):
    """Eigenvalues and eigenvectors of the Hessian, and the radius within which the parabola is trusted."""

    values: Array
    vectors: Array
    radius: Array


class Newton(Rule):
    r"""$\theta \leftarrow \theta - H^{-1} \nabla f$ with the Hessian H; for up to a few hundred parameters.

    Args:
        safeguard: "none" is the formula itself, which goes to maxima and saddles too. "line" takes the absolute
            values of the eigenvalues of H and searches along the line. "trust" minimizes the parabola inside a ball
            whose radius follows its success, and leaves saddles along a direction of negative curvature.

    Raises:
        InputError: if there is no such safeguard.

    Source: J. Moré and D. Sorensen, SIAM J. Sci. Stat. Comput. 4 (1983) 553; A. Conn, N. Gould and P. Toint, Trust
    Region Methods (2000).
    """

    safeguard: str = eqx.field(static=True, default="trust")

    def __check_init__(self) -> None:
        if self.safeguard not in SAFEGUARDS:
            raise InputError(
                f"there is no safeguard '{self.safeguard}'{suggest(self.safeguard, SAFEGUARDS)}; "
                f"there are: {', '.join(SAFEGUARDS)}"
            )

    def begin(self, function: Objective, theta: Array) -> tuple[Place, Spectrum]:
        """The start."""
        place = evaluate(function, theta, jnp.asarray(0))
        return self._seen(function, place, jnp.maximum(1.0, jnp.linalg.norm(theta)))

    def step(self, function: Objective, place: Place, memory: Spectrum) -> tuple[Place, Spectrum]:
        """One step."""
        if self.safeguard == "none":
            step = -memory.vectors @ ((memory.vectors.T @ place.gradient) / memory.values)
            return self._seen(function, evaluate(function, place.theta + step, place.evaluations), memory.radius)
        if self.safeguard == "line":
            direction = -memory.vectors @ ((memory.vectors.T @ place.gradient) / _positive(memory.values))
            return self._seen(function, search(function, place, direction, jnp.asarray(1.0)), memory.radius)
        new, radius = _trusted(function, place, memory)
        return self._seen(function, new, radius)

    def _seen(self, function: Objective, place: Place, radius: Array) -> tuple[Place, Spectrum]:
        values, vectors = jnp.linalg.eigh(jax.hessian(function)(place.theta))
        bent = values[0] < -1e-8 * jnp.max(jnp.abs(values))
        return place._replace(saddle=bent & (self.safeguard == "trust")), Spectrum(values, vectors, radius)


def _positive(values: Array) -> Array:
    size = jnp.abs(values)
    return jnp.maximum(size, 1e-10 * jnp.max(size) + jnp.finfo(values.dtype).tiny)


def _trusted(function: Objective, place: Place, memory: Spectrum) -> tuple[Place, Array]:
    """The step inside the ball, gone if it lowers the function, and the next radius."""
    slopes = memory.vectors.T @ place.gradient
    inner = ball_step(slopes, memory.values, memory.radius)
    promised = -(jnp.dot(slopes, inner) + 0.5 * jnp.dot(memory.values, inner**2))
    new = evaluate(function, place.theta + memory.vectors @ inner, place.evaluations)
    rounding = 8 * jnp.finfo(new.value.dtype).eps * jnp.abs(place.value)
    kept = (place.value - new.value + rounding) / (promised + rounding)
    length = jnp.linalg.norm(inner)
    grown = jnp.where(length > 0.9 * memory.radius, 2 * memory.radius, memory.radius)
    radius = jnp.where(kept < 0.25, 0.25 * length, jnp.where(kept > 0.75, grown, memory.radius))
    lower = (kept > 1e-4) & jnp.isfinite(new.value)
    flatter = jnp.linalg.norm(new.gradient) < jnp.linalg.norm(place.gradient)
    end = (promised <= rounding) & ~flatter
    gone = jax.tree.map(lambda a, b: jnp.where(lower & ~end, a, b), new, place)
    status = jnp.where(end, PRECISION, RUNNING)
    return gone._replace(evaluations=new.evaluations, status=status), jnp.where(jnp.isnan(radius), length / 4, radius)


def ball_step(slopes: Array, curvatures: Array, radius: Array) -> Array:
    r"""The lowest point of $g \cdot p + p \cdot \Lambda p / 2$ inside a ball, in the axes of the Hessian.

    $p_i = -g_i / (\lambda_i + \mu)$ with the smallest $\mu \ge \max(0, -\lambda_1)$ that keeps it inside, found by
    halving; what is missing to the edge in the hard case ($g_1 = 0$, $\lambda_1 < 0$) is gone along the first axis.
    """
    floor = jnp.maximum(0.0, -curvatures[0])
    raised = curvatures + floor
    scale = jnp.max(jnp.abs(curvatures)) + jnp.linalg.norm(slopes) / radius

    def step(extra: Array) -> Array:
        below = raised + extra
        return -jnp.where(below > 0, slopes / jnp.where(below > 0, below, 1.0), 0.0)

    def halve(_: int, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        middle = 0.5 * (ends[0] + ends[1])
        outside = jnp.linalg.norm(step(scale * middle**4)) > radius
        return jnp.where(outside, middle, ends[0]), jnp.where(outside, ends[1], middle)

    inside = step(jnp.zeros(()))
    small = (floor == 0) & (curvatures[0] > 0) & (jnp.linalg.norm(inside) <= radius)
    _, root = jax.lax.fori_loop(0, 60, halve, (jnp.zeros(()), jnp.asarray(1.1)))
    edge = step(scale * root**4)
    first = jnp.sqrt(jnp.maximum(radius**2 - jnp.dot(edge[1:], edge[1:]), 0.0))
    hard = edge.at[0].set(jnp.where(curvatures[0] < 0, jnp.where(edge[0] < 0, -first, first), edge[0]))
    return jnp.where(small, inside, hard)
