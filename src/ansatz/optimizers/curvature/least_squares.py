r"""Sums of squares and other composite functions: the curvature from the first derivatives of the model."""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from ansatz.optimizers.curvature.linesearch import search
from ansatz.optimizers.descent import Objective, Place, Rule, evaluate, place_at
from ansatz.optimizers.objective import Composite, LeastSquares
from ansatz.optimizers.stopping import PRECISION, RUNNING, STUCK


class Linear(NamedTuple):
    """The residuals and their Jacobian, the damping and how fast it rises, the scale of each parameter."""

    residuals: Array
    jacobian: Array
    damping: Array
    rise: Array
    scale: Array
    idle: Array


class GaussNewton(Rule):
    r"""$\theta \leftarrow \theta - t\, J^+ r$ with the residuals r of a `LeastSquares` and their Jacobian J.

    The step length t comes from a line search.

    Source: J. Nocedal and S. Wright, Numerical Optimization (2006), chapter 10.
    """

    def begin(self, function: LeastSquares, theta: Array) -> tuple[Place, Linear]:
        """The start."""
        return _linearized(function, theta, jnp.asarray(0))

    def step(self, function: LeastSquares, place: Place, memory: Linear) -> tuple[Place, Linear]:
        """One linear least-squares problem and one line search."""
        scale = _columns(memory.jacobian)
        direction = -jnp.linalg.lstsq(memory.jacobian / scale[None, :], memory.residuals)[0] / scale
        new = search(function, place, direction, jnp.asarray(1.0))
        again, memory = _linearized(function, new.theta, new.evaluations)
        return again._replace(evaluations=new.evaluations, status=new.status, idle=new.idle), memory


class LevenbergMarquardt(Rule):
    r"""Gauss-Newton with damping: $(J^T J + \lambda D^2)\, p = -J^T r$ for a `LeastSquares`.

    D holds the largest norms of the columns of J so far, so that the units of the parameters do not matter; the
    damping falls with success and rises with failure. Solved by QR, so that nothing is squared.

    Args:
        damping: the first $\lambda$.

    Source: K. Levenberg (1944); D. Marquardt (1963); J. Moré, Lect. Notes Math. 630 (1978) 105; H. Nielsen,
    IMM-REP-1999-05 (the damping).
    """

    damping: Array

    def __init__(self, damping: float = 1e-3) -> None:
        self.damping = jnp.asarray(damping, float)

    def begin(self, function: LeastSquares, theta: Array) -> tuple[Place, Linear]:
        """The start."""
        place, memory = _linearized(function, theta, jnp.asarray(0))
        return place, memory._replace(damping=self.damping.astype(theta.dtype))

    def step(self, function: LeastSquares, place: Place, memory: Linear) -> tuple[Place, Linear]:
        """One trial; it is gone if it lowers the sum of squares."""
        step, promised = _damped_step(memory)
        new, seen = _linearized(function, place.theta + step, place.evaluations)
        rounding = 8 * jnp.finfo(step.dtype).eps * place.value
        kept = (place.value - new.value + rounding) / (promised + rounding)
        good = jnp.isfinite(new.value) & jnp.isfinite(new.gradient).all() & (kept > 1e-4)
        idle = jnp.where(promised <= rounding, memory.idle + 1, 0)
        ease = jnp.maximum(1 / 3, 1 - (2 * jnp.clip(kept, 0, 1) - 1) ** 3)
        place_after = jax.tree.map(lambda a, b: jnp.where(good, a, b), new, place)
        after = jax.tree.map(lambda a, b: jnp.where(good, a, b), seen, memory)._replace(
            damping=jnp.where(good, memory.damping * ease, memory.damping * memory.rise),
            rise=jnp.where(good, 2.0, 2 * memory.rise),
            scale=jnp.maximum(memory.scale, jnp.where(good, seen.scale, 0.0)),
            idle=idle,
        )
        still = jnp.linalg.norm(step) <= 2 * jnp.finfo(step.dtype).eps * jnp.linalg.norm(place.theta)
        lost = jnp.where(idle > 0, PRECISION, STUCK)
        status = jnp.where((idle > IDLE) | (still & (idle > 0)), PRECISION, jnp.where(still & ~good, lost, RUNNING))
        return place_after._replace(evaluations=new.evaluations, status=status), after


IDLE = 6
"""Steps whose promise drowns in rounding, after which Levenberg-Marquardt stops; they still polish the parameters."""


def _linearized(function: LeastSquares, theta: Array, evaluations: Array) -> tuple[Place, Linear]:
    residuals = function.residuals(theta).ravel()
    jacobian = jax.jacfwd(lambda t: function.residuals(t).ravel())(theta)
    place = place_at(theta, jnp.sum(residuals**2), 2 * jacobian.T @ residuals, evaluations + 1)
    two = jnp.asarray(2.0, theta.dtype)
    return place, Linear(residuals, jacobian, two, two, _columns(jacobian), jnp.asarray(0))


def _columns(jacobian: Array) -> Array:
    norms = jnp.linalg.norm(jacobian, axis=0)
    return jnp.where(norms > 0, norms, 1.0)


def _damped_step(memory: Linear) -> tuple[Array, Array]:
    """The damped step and the decrease of the sum of squares that it promises."""
    scaled = memory.jacobian / memory.scale[None, :]
    n = scaled.shape[1]
    wall = jnp.sqrt(memory.damping) * jnp.eye(n, dtype=scaled.dtype)
    q, r = jnp.linalg.qr(jnp.concatenate([scaled, wall]))
    target = jnp.concatenate([memory.residuals, jnp.zeros(n, scaled.dtype)])
    inner = -jax.scipy.linalg.solve_triangular(r, q.T @ target)
    promised = jnp.sum((scaled @ inner) ** 2) + 2 * memory.damping * jnp.sum(inner**2)
    return inner / memory.scale, promised


class Trust(NamedTuple):
    """The damping, and the last direction, from which conjugate gradients start again."""

    damping: Array
    direction: Array


class NaturalGradient(Rule):
    r"""$\theta \leftarrow \theta - (F + \lambda)^{-1} \nabla f$ with the Fisher information F, never built as a matrix.

    $F = J^T H_\mathrm{outer} J$ of a `Composite` (a `LeastSquares` is one): the Gauss-Newton matrix. Products with it
    cost one derivative forward and one backward; conjugate gradients solve for the step, so a network of many
    parameters fits. The damping $\lambda$ follows the success of the parabola.

    Args:
        damping: the first $\lambda$, as a fraction of the mean curvature along the gradient.
        products: most products with F in one step.

    Source: S. Amari, Neural Computation 10 (1998) 251; J. Martens, Proc. ICML 27 (2010) 735, arXiv:1412.1193.
    """

    damping: Array
    products: Array

    def __init__(self, damping: float = 1e-2, *, products: int = 50) -> None:
        self.damping, self.products = jnp.asarray(damping, float), jnp.asarray(products)

    def begin(self, function: Composite | LeastSquares, theta: Array) -> tuple[Place, Trust]:
        """The start."""
        place = evaluate(function, theta, jnp.asarray(0))
        _, product = fisher(function, theta)
        g = place.gradient
        mean = jnp.dot(g, product(g)) / jnp.maximum(jnp.dot(g, g), jnp.finfo(g.dtype).tiny)
        return place, Trust(self.damping.astype(g.dtype) * jnp.where(mean > 0, mean, 1.0), jnp.zeros_like(g))

    def step(self, function: Composite | LeastSquares, place: Place, memory: Trust) -> tuple[Place, Trust]:
        """One system solved by conjugate gradients; gone if it lowers the function."""
        _, product = fisher(function, place.theta)
        direction = _solved(
            lambda v: product(v) + memory.damping * v, -place.gradient, 0.5 * memory.direction, self.products
        )
        promised = -(jnp.dot(place.gradient, direction) + 0.5 * jnp.dot(direction, product(direction)))
        new = evaluate(function, place.theta + direction, place.evaluations)
        rounding = 8 * jnp.finfo(direction.dtype).eps * jnp.abs(place.value)
        kept = (place.value - new.value + rounding) / (promised + rounding)
        good = jnp.isfinite(new.value) & (kept > 1e-4)
        end = (promised <= rounding) & ~(jnp.linalg.norm(new.gradient) < jnp.linalg.norm(place.gradient))
        factor = jnp.where(kept > 0.75, 1 / 3, jnp.where((kept > 0.25) & good, 1.0, 4.0))
        gone = jax.tree.map(lambda a, b: jnp.where(good, a, b), new, place)
        status = jnp.where(end, PRECISION, RUNNING)
        after = Trust(memory.damping * factor, jnp.where(good, direction, jnp.zeros_like(direction)))
        return gone._replace(evaluations=new.evaluations, status=status), after


def fisher(function: Composite | LeastSquares, theta: Array) -> tuple[Array, eqx.Partial]:
    r"""The outputs at theta and the product $v \mapsto J^T H_\mathrm{outer} J v$."""
    inner, outer = _parts(function)
    outputs, push = jax.linearize(inner, theta)
    pull = jax.linear_transpose(push, theta)

    def product(v: Array) -> Array:
        bent = jax.jvp(jax.grad(outer), (outputs,), (push(v),))[1]
        return pull(bent)[0]

    return outputs, product


def _parts(function: Composite | LeastSquares) -> tuple[Objective, Objective]:
    if isinstance(function, LeastSquares):
        return function.residuals, lambda residuals: jnp.sum(residuals**2)
    return function.inner, function.outer


def _solved(product: Objective, target: Array, guess: Array, most: Array) -> Array:
    """Conjugate gradients until the residual has fallen a thousandfold."""
    residual = target - product(guess)
    goal = 1e-6 * jnp.dot(target, target)

    def body(carry: tuple[Array, ...]) -> tuple[Array, ...]:
        x, r, p, rr, count = carry
        ap = product(p)
        alpha = rr / jnp.dot(p, ap)
        x, r = x + alpha * p, r - alpha * ap
        new = jnp.dot(r, r)
        return x, r, r + new / rr * p, new, count + 1

    start = (guess, residual, residual, jnp.dot(residual, residual), jnp.asarray(0))
    return jax.lax.while_loop(lambda c: (c[3] > goal) & (c[4] < most), body, start)[0]
