r"""Risks seen from inside: as a sum of squares, or as a convex function of what the model answers.

Optimizers that use the curvature of the model alone (Gauss-Newton, Levenberg-Marquardt, the natural gradient) want
more than a number: the residuals r with $R = \sum_i r_i^2$, or outputs z and a function with $R = \mathrm{outer}(z)$.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from ansatz.data import Batch
from ansatz.errors import InputError
from ansatz.models import evaluate
from ansatz.risk.algebra import Risk, Scaled, Sum
from ansatz.risk.constraints import MomentumSumRule, Positivity, SumRule
from ansatz.risk.expected import Expected
from ansatz.risk.functional import Chi2, Whitened
from ansatz.risk.losses import squared_error
from ansatz.risk.regularizers import L1, L2, Smoothness, penalized
from ansatz.typing import Points, Scalar


def unsquared(risk: Risk) -> tuple[str, ...]:
    """Names of the terms of a risk that are no sums of squares.

    Example:
        >>> unsquared(Expected(squared_error) + 0.1 * L2() + 0.2 * L1())
        ('l1',)
    """
    if isinstance(risk, Sum):
        return tuple(name for part in risk.parts for name in unsquared(part))
    if isinstance(risk, Scaled):
        return unsquared(risk.risk)
    squares = isinstance(risk, L2 | Smoothness | Chi2 | Whitened | SumRule | MomentumSumRule | Positivity)
    return () if squares or (isinstance(risk, Expected) and risk.loss is squared_error) else risk.names()


def residuals(risk: Risk, model: PyTree, batch: Batch) -> Array:
    r"""The residuals whose squares sum to the risk, one vector; event weights must not be negative.

    Raises:
        InputError: if a term is no sum of squares.

    Example:
        >>> import numpy as np
        >>> from ansatz.data import Dataset
        >>> from ansatz.models import Linear
        >>> batch = Dataset(np.array([[0.0], [1.0]]), y=np.array([0.0, 3.0])).batch()
        >>> off = residuals(Expected(squared_error) + 0.25 * L2(), Linear(jnp.array([1.0]), jnp.array(0.0)), batch)
        >>> [round(float(r), 3) for r in off]
        [0.0, -1.414, 0.5]
    """
    if isinstance(risk, Sum):
        return jnp.concatenate([residuals(part, model, batch) for part in risk.parts])
    if isinstance(risk, Scaled):
        return jnp.sqrt(risk.strength) * residuals(risk.risk, model, batch)
    if unsquared(risk):
        raise InputError(f"the term '{risk.names()[0]}' of the risk is no sum of squares")
    return _of_term(risk, model, batch)


def _of_term(risk: Risk, model: PyTree, batch: Batch) -> Array:
    if isinstance(risk, Expected):
        answers, targets = _in_units(risk, model, batch)
        off = (answers - targets).reshape(len(targets), -1)
        return jax.vmap(jnp.multiply)(jnp.sqrt(batch.weight / off.size), off).ravel()
    if isinstance(risk, L2):
        return jnp.concatenate([weight.ravel() for weight in penalized(model)])
    if isinstance(risk, Smoothness):
        return risk.slopes(model, batch)
    if isinstance(risk, Chi2 | Whitened):
        white = risk.settle(batch) if isinstance(risk, Chi2) else risk
        return white.residuals(model, batch, None) / jnp.sqrt(white.points)
    if isinstance(risk, MomentumSumRule):
        return _of_term(risk.rule, model, batch)
    if isinstance(risk, SumRule):
        return (risk.integral(model) - risk.value)[None] / risk.tolerance
    below = risk.below(model).ravel()
    return below / jnp.sqrt(below.size)


class Composed(NamedTuple):
    """A risk as `outer(inner(model))`: what the model answers, and a convex function of it."""

    inner: Callable[[PyTree], PyTree]
    outer: Callable[[PyTree], Scalar]


def composed(risk: Risk, batch: Batch) -> Composed:
    r"""A risk as a function of what the model answers, so that the curvature of the loss is known exactly.

    Raises:
        InputError: if a term is neither an expected loss nor a penalty nor a sum of squares.

    Example:
        >>> import numpy as np
        >>> from ansatz.data import Dataset
        >>> from ansatz.models import Linear
        >>> batch = Dataset(np.array([[0.0], [1.0]]), y=np.array([0.0, 3.0])).batch()
        >>> inner, outer = composed(Expected(squared_error), batch)
        >>> round(outer(inner(Linear(jnp.array([1.0]), jnp.array(0.0)))).item(), 4)
        2.0
    """
    if isinstance(risk, Sum):
        parts = [composed(part, batch) for part in risk.parts]
        return Composed(
            lambda model: tuple(part.inner(model) for part in parts),
            lambda outputs: sum((part.outer(z) for part, z in zip(parts, outputs, strict=True)), start=jnp.zeros(())),
        )
    if isinstance(risk, Scaled):
        inside = composed(risk.risk, batch)
        return Composed(inside.inner, lambda outputs: risk.strength * inside.outer(outputs))
    if isinstance(risk, L1):
        return Composed(penalized, lambda weights: sum((jnp.sum(jnp.abs(w)) for w in weights), start=jnp.zeros(())))
    if isinstance(risk, Expected) and unsquared(risk):
        return Composed(
            lambda model: _in_units(risk, model, batch)[0], lambda answers: _mean_loss(risk, answers, batch)
        )
    return Composed(lambda model: residuals(risk, model, batch), lambda off: jnp.sum(off**2))


def _in_units(risk: Expected, model: PyTree, batch: Batch) -> tuple[Points, Points]:
    """Answers and targets in the units of the loss."""
    answers, targets = evaluate(model, jnp.asarray(batch.x), None), jnp.asarray(batch.y)
    if risk.unit is None:
        return answers, targets
    return jax.vmap(lambda z: z / risk.unit)(answers), jax.vmap(lambda y: y / risk.unit)(targets)


def _mean_loss(risk: Expected, answers: Points, batch: Batch) -> Scalar:
    targets = jnp.asarray(batch.y)
    targets = targets if risk.unit is None else jax.vmap(lambda y: y / risk.unit)(targets)
    return jnp.mean(batch.weight * jax.vmap(risk.loss)(answers, targets))
