r"""Quasi-Newton: the curvature learned from how the gradient changes."""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, PyTree

from ansatz.errors import InputError
from ansatz.optimizers.descent import Objective, Place, Rule, evaluate
from ansatz.optimizers.linesearch import search
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


class LBFGS(Rule):
    r"""Limited-memory BFGS: the last few steps stand for the matrix, for any number of parameters.

    Args:
        memory: how many steps are kept.

    Raises:
        InputError: if `memory` is not positive.

    Source: D. Liu and J. Nocedal, Math. Program. 45 (1989) 503; Optax's recursion with our line search.
    """

    memory: int = eqx.field(static=True, default=10)

    def __check_init__(self) -> None:
        if self.memory < 1:
            raise InputError(f"L-BFGS needs a memory of at least one step, not {self.memory}")

    def begin(self, function: Objective, theta: Array) -> tuple[Place, PyTree]:
        """The start, with nothing known."""
        return evaluate(function, theta, jnp.asarray(0)), self._recursion().init(theta)

    def step(self, function: Objective, place: Place, memory: PyTree) -> tuple[Place, PyTree]:
        """One line search."""
        direction, memory = self._recursion().update(place.gradient, memory, place.theta)
        downhill = jnp.dot(direction, place.gradient) > 0
        direction = -jnp.where(downhill, direction, place.gradient)
        known = (memory.count > 1) & downhill
        new = search(function, place, direction, jnp.where(known, 1.0, first_length(direction)))
        return forget_if_stuck(new, memory, self._recursion().init(place.theta), known=known)

    def _recursion(self) -> optax.GradientTransformation:
        return optax.scale_by_lbfgs(memory_size=self.memory, scale_init_precond=True)


def forget_if_stuck(place: Place, memory: PyTree, fresh: PyTree, *, known: Array) -> tuple[Place, PyTree]:
    """What was learned is forgotten where it led nowhere; the next step is along the gradient."""
    lost = (place.status == STUCK) & known
    kept = jax.tree.map(lambda a, b: jnp.where(lost, a, b), fresh, memory)
    return place._replace(status=jnp.where(lost, RUNNING, place.status)), kept


def first_length(direction: Array) -> Array:
    """A first step of length one at most, while nothing is known of the curvature."""
    return 1 / jnp.maximum(jnp.linalg.norm(direction), 1.0)
