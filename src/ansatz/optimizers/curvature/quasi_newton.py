r"""Quasi-Newton: the curvature learned from how the gradient changes."""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from ansatz.errors import InputError
from ansatz.optimizers.curvature.linesearch import search
from ansatz.optimizers.descent import Objective, Place, Rule, evaluate
from ansatz.optimizers.objective import LeastSquares
from ansatz.optimizers.stopping import RUNNING, STUCK


class Curvature(NamedTuple):
    """The inverse of the Hessian as far as it is known, and whether anything is known."""

    inverse: Array
    known: Array


class BFGS(Rule):
    r"""Broyden, Fletcher, Goldfarb, Shanno: a full matrix, for up to a few hundred parameters.

    $H^{-1} \leftarrow (1 - \rho s y^T) H^{-1} (1 - \rho y s^T) + \rho s s^T$ with the step s, the change y of the
    gradient and $\rho = 1/(s \cdot y)$; weak Wolfe line search.

    Source: J. Nocedal and S. Wright, Numerical Optimization (2006), chapter 6.
    """

    def begin(self, function: Objective, theta: Array) -> tuple[Place, Curvature]:
        """The start, with nothing known."""
        return evaluate(function, theta, jnp.asarray(0)), Curvature(jnp.eye(len(theta)), jnp.asarray(False))

    def step(self, function: Objective, place: Place, memory: Curvature) -> tuple[Place, Curvature]:
        """One line search and what it teaches."""
        direction = -memory.inverse @ place.gradient
        length = jnp.where(memory.known, 1.0, first_length(direction))
        new = search(function, place, direction, length)
        learned = learn(memory, new.theta - place.theta, new.gradient - place.gradient)
        fresh = Curvature(jnp.eye(len(direction)), jnp.asarray(False))
        return forget_if_stuck(new, learned, fresh, known=memory.known)


def learn(memory: Curvature, s: Array, y: Array) -> Curvature:
    """The update with one step s and one change y of the gradient; nothing is learned where s y is not positive."""
    sy = jnp.dot(s, y)
    useful = sy > jnp.finfo(s.dtype).eps * jnp.linalg.norm(s) * jnp.linalg.norm(y)
    rho = 1 / jnp.where(useful, sy, 1.0)
    scale = jnp.where(memory.known, 1.0, sy / jnp.where(useful, jnp.dot(y, y), 1.0))
    left = jnp.eye(len(s)) - rho * jnp.outer(s, y)
    inverse = left @ (scale * memory.inverse) @ left.T + rho * jnp.outer(s, s)
    return Curvature(jnp.where(useful, inverse, memory.inverse), memory.known | useful)


class Pairs(NamedTuple):
    """The last steps and changes of the gradient, shape (memory, parameters), newest last; zeros where there is none.

    Attributes:
        steps: s.
        changes: y.
        units: by which each parameter is multiplied before lengths are compared, shape (parameters,).
        known: whether there is any pair.
    """

    steps: Array
    changes: Array
    units: Array
    known: Array


class LBFGS(Rule):
    r"""Limited-memory BFGS: the last few steps stand for the matrix, for any number of parameters.

    Before anything is learned, $H^{-1}$ is a multiple of one. For a `LeastSquares` of up to `MOST_UNITS` parameters it
    is a multiple of $D^{-2}$, with the norms D of the columns of the Jacobian, so that the units of the parameters do
    not matter; as in Levenberg-Marquardt D rises at once, but it falls slowly.

    Args:
        memory: how many steps are kept.

    Raises:
        InputError: if `memory` is not positive.

    Source: D. Liu and J. Nocedal, Math. Program. 45 (1989) 503; J. Moré, Lect. Notes Math. 630 (1978) 105 (D).
    """

    memory: int = eqx.field(static=True, default=10)

    def __check_init__(self) -> None:
        if self.memory < 1:
            raise InputError(f"L-BFGS needs a memory of at least one step, not {self.memory}")

    def begin(self, function: Objective, theta: Array) -> tuple[Place, Pairs]:
        """The start, with nothing known."""
        return evaluate(function, theta, jnp.asarray(0)), self._nothing(units_of(function, theta))

    def step(self, function: Objective, place: Place, memory: Pairs) -> tuple[Place, Pairs]:
        """One line search and what it teaches."""
        units = jnp.maximum(units_of(function, place.theta), FALL * memory.units)
        direction = -multiplied(memory, place.gradient, units)
        downhill = jnp.dot(direction, place.gradient) < 0
        direction = jnp.where(downhill, direction, -place.gradient / units**2)
        known = memory.known & downhill
        length = reach(place.theta, direction) if scaled(function, place.theta) else first_length(direction)
        new = search(function, place, direction, jnp.where(known, 1.0, length))
        learned = _kept(memory, new.theta - place.theta, new.gradient - place.gradient, units)
        return forget_if_stuck(new, learned, self._nothing(units), known=known)

    def _nothing(self, units: Array) -> Pairs:
        empty = jnp.zeros((self.memory, len(units)), units.dtype)
        return Pairs(empty, empty, units, jnp.asarray(False))


FALL, MOST_UNITS = 0.95, 20
"""Factor by which a unit may fall in one step (tried from .5 to 1 on NIST's regression problems: without a fall MGH10,
with a fast one MGH09 is lost from afar); most parameters for which the Jacobian is asked for their units."""


def scaled(function: Objective, theta: Array) -> bool:
    """Whether the parameters have units of their own."""
    return isinstance(function, LeastSquares) and len(theta) <= MOST_UNITS


def units_of(function: Objective, theta: Array) -> Array:
    """The norms of the columns of the Jacobian of a `LeastSquares`; one for any other function."""
    if not scaled(function, theta):
        return jnp.ones_like(theta)
    norms = jnp.linalg.norm(jax.jacfwd(lambda t: function.residuals(t).ravel())(theta), axis=0)
    return jnp.where((norms > 0) & jnp.isfinite(norms), norms, 1.0)


def reach(theta: Array, direction: Array) -> Array:
    """A first step of one at most that changes no parameter by more than half its size, zeros apart."""
    half, change = 0.5 * jnp.abs(theta), jnp.abs(direction)
    return jnp.min(jnp.where((half > 0) & (change > half), half / jnp.where(change > 0, change, 1.0), 1.0))


def _kept(memory: Pairs, s: Array, y: Array, units: Array) -> Pairs:
    """The memory with one pair more, unless s y is not positive."""
    useful = jnp.dot(s, y) > jnp.finfo(s.dtype).eps * jnp.linalg.norm(s * units) * jnp.linalg.norm(y / units)
    steps, changes = (
        jnp.where(useful, jnp.concatenate([rows[1:], row[None]]), rows)
        for rows, row in ((memory.steps, s), (memory.changes, y))
    )
    return Pairs(steps, changes, units, memory.known | useful)


def multiplied(memory: Pairs, gradient: Array, units: Array) -> Array:
    r"""$H^{-1} \nabla f$ by the recursion over the pairs, newest first and back again."""
    s, y = memory.steps, memory.changes
    products = jnp.sum(s * y, axis=1)
    rho = jnp.where(products > 0, 1 / jnp.where(products > 0, products, 1.0), 0.0)

    def newest_first(q: Array, pair: tuple[Array, Array, Array]) -> tuple[Array, Array]:
        share = pair[2] * jnp.dot(pair[0], q)
        return q - share * pair[1], share

    def oldest_first(q: Array, pair: tuple[Array, Array, Array, Array]) -> tuple[Array, None]:
        return q + pair[0] * (pair[3] - pair[2] * jnp.dot(pair[1], q)), None

    q, shares = jax.lax.scan(newest_first, gradient, (s, y, rho), reverse=True)
    squared = jnp.sum((y[-1] / units) ** 2)
    scale = jnp.where(memory.known, products[-1] / jnp.where(squared > 0, squared, 1.0), 1.0)
    return jax.lax.scan(oldest_first, scale * q / units**2, (s, y, rho, shares))[0]


def forget_if_stuck(place: Place, memory: PyTree, fresh: PyTree, *, known: Array) -> tuple[Place, PyTree]:
    """What was learned is forgotten where it led nowhere; the next step is along the gradient."""
    lost = (place.status == STUCK) & known
    kept = jax.tree.map(lambda a, b: jnp.where(lost, a, b), fresh, memory)
    return place._replace(status=jnp.where(lost, RUNNING, place.status)), kept


def first_length(direction: Array) -> Array:
    """A first step of length one at most, while nothing is known of the curvature."""
    return 1 / jnp.maximum(jnp.linalg.norm(direction), 1.0)
