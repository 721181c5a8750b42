"""`minimize`: one call for every minimizer."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import PyTree

from ansatz.errors import InputError
from ansatz.optimizers import descent
from ansatz.optimizers.curvature.least_squares import GaussNewton, LevenbergMarquardt, NaturalGradient
from ansatz.optimizers.curvature.quasi_newton import BFGS
from ansatz.optimizers.descent import FirstOrder, Row, Rule, Walk
from ansatz.optimizers.evolution.search import Search, Task, box
from ansatz.optimizers.minimum import Minimum, explained
from ansatz.optimizers.objective import Composite, LeastSquares, Shape, flatten, of_vector, traceable
from ansatz.optimizers.recipes import Custom, Recipe
from ansatz.optimizers.stopping import CONVERGED, DIVERGED, PRECISION, RUNNING, STUCK, Stop
from ansatz.typing import Key, Scalar

Optimizer = Rule | Recipe | Custom | optax.GradientTransformation | Search


def minimize(
    function: Callable[[PyTree], Scalar],
    theta0: PyTree,
    *,
    optimizer: Optimizer | None = None,
    bounds: tuple[PyTree, PyTree] | None = None,
    stop: Stop | None = None,
    path: bool = True,
    key: Key | None = None,
) -> Minimum:
    r"""Looks for a minimum of a function: $\hat\theta = \arg\min_\theta f(\theta)$.

    Works in float64. The loop is one compiled program for each function and optimizer; another start, budget,
    tolerance, learning rate or data (arrays of an Equinox module) compiles nothing again.

    Args:
        function: of parameters built like `theta0`, giving one real number; for Gauss-Newton and
            Levenberg-Marquardt a `LeastSquares`, for the natural gradient that or a `Composite`. Optimizers that
            need no gradient also take NumPy functions, see `BlackBox`.
        theta0: where to start: an array or a tree of arrays.
        optimizer: a `Recipe` or any Optax transformation (first order); `BFGS` (if none is given), `LBFGS`, `Newton`,
            `GaussNewton`, `LevenbergMarquardt`, `NaturalGradient`; `CMAES`, `DifferentialEvolution`,
            `GeneticAlgorithm`, `GridSearch`, `RandomRestarts`, `BasinHopping`.
        bounds: lowest and highest parameters, each a number or built like `theta0`; not for optimizers that follow a
            gradient.
        stop: tolerances and budget.
        path: whether to keep the place after each step.
        key: decides everything that is random; needed by optimizers that draw.

    Returns:
        A `Minimum` with the path, values, gradient norms and evaluations.

    Raises:
        InputError: if the function or its gradient is not finite at the start, it gives no single number, the bounds
            are the wrong way round, or the optimizer needs what is missing: a gradient, a sum of squares, bounds, a
            key, a larger budget.

    Example:
        >>> bowl = minimize(lambda theta: (theta[0] - 1) ** 2 + 10 * theta[1] ** 2, np.array([3.0, 2.0]))
        >>> np.round(bowl.theta, 6).tolist(), bowl.stopped
        ([1.0, 0.0], 'gradient')
    """
    stop = Stop() if stop is None else stop
    if not isinstance(stop, Stop):
        raise InputError(f"stop must be a Stop, such as Stop(evaluations=1_000), not {stop!r}")
    with jax.enable_x64(True):
        flat, shape = flatten(theta0)
        objective = of_vector(function, shape)
        smooth = traceable(objective, flat)
        method = _method(optimizer, stop)
        limits = box(bounds, theta0, shape)
        if isinstance(method, Search):
            return method.search(Task(objective, smooth, flat, shape, limits, stop, path, key))
        if limits is not None:
            raise InputError(
                f"{_name(optimizer)} follows the gradient and knows no bounds; leave them out or take CMAES or "
                "DifferentialEvolution"
            )
        check(method, optimizer, objective, smooth=smooth)
        return descend(objective, method, flat, shape, stop, path=path)


def descend(
    function: descent.Objective, rule: Rule, start: np.ndarray, shape: Shape, stop: Stop, *, path: bool
) -> Minimum:
    """Follows a rule and writes down each step.

    Raises:
        InputError: if the function or its gradient is not finite at the start.
    """
    limits = stop.limits()
    walk, row = descent.begin(function, rule, jnp.asarray(start), limits)
    if int(walk.status) == DIVERGED:
        raise InputError(f"the function is {float(walk.place.value)} at the start; start where it is finite")
    if not np.isfinite(walk.place.gradient).all():
        raise InputError(
            f"the function is {float(walk.place.value):g} at the start, but its gradient is not finite there; start "
            "elsewhere, or take an optimizer without gradients such as CMAES"
        )
    rows = [jax.tree.map(lambda cell: np.asarray(cell)[None], row._replace(theta=row.theta if path else row.theta[:0]))]
    while int(walk.status) == RUNNING:
        walk, table, count = descent.advance(function, rule, walk, limits, keep_path=path)
        rows.append(jax.tree.map(lambda cells, count=int(count): np.asarray(cells)[:count], table))
    return _concluded(walk, Row(*(np.concatenate(parts) for parts in zip(*rows, strict=True))), shape)


def _concluded(walk: Walk, rows: Row, shape: Shape) -> Minimum:
    code = _believed(walk, rows)
    last = code in CONVERGED
    theta, value = (walk.place.theta, walk.place.value) if last else (walk.best_theta, walk.best_value)
    return Minimum(
        theta=jax.tree.map(np.asarray, shape.build(np.asarray(theta))),
        value=float(value),
        path=rows.theta,
        values=rows.value,
        gradient_norms=rows.gradient_norm,
        evaluations=rows.evaluations,
        **explained(code, float(value), int(rows.evaluations[-1])),
    )


def _believed(walk: Walk, rows: Row) -> int:
    """The reason for the end; where rounding ended it though the gradient is still large, it is `STUCK`."""
    code, place = int(walk.status), walk.place
    fallen = rows.gradient_norm[-1] <= 1e-6 * rows.gradient_norm.max()
    change = float(jnp.max(jnp.abs(place.gradient * place.theta)))
    little = change <= 1e-3 * abs(float(place.value))
    return STUCK if code == PRECISION and not (fallen or little) else code


def _method(optimizer: Optimizer | None, stop: Stop) -> Rule | Search:
    if optimizer is None:
        return BFGS()
    if isinstance(optimizer, Rule | Search):
        return optimizer
    if isinstance(optimizer, Recipe | Custom):
        return FirstOrder(optimizer, jnp.asarray(stop.evaluations))
    if isinstance(optimizer, optax.GradientTransformation):
        return FirstOrder(Custom(optimizer), jnp.asarray(stop.evaluations))
    what = f"the class {optimizer.__name__}" if isinstance(optimizer, type) else repr(optimizer)
    raise InputError(f"an optimizer such as Recipe('adam'), LBFGS() or CMAES() is wanted, not {what}")


def check(rule: Rule, optimizer: Optimizer | None, function: descent.Objective, *, smooth: bool) -> None:
    """Whether a rule can work on a function.

    Raises:
        InputError: if it needs a gradient, a sum of squares or a composite function, and there is none.
    """
    name = _name(optimizer)
    if not smooth:
        raise InputError(
            f"{name} needs a gradient, but JAX cannot differentiate this function; write it with jax.numpy, or take "
            "an optimizer without gradients such as CMAES"
        )
    if isinstance(rule, GaussNewton | LevenbergMarquardt) and not isinstance(function, LeastSquares):
        raise InputError(f"{name} needs a sum of squares; give LeastSquares(residuals) as the function")
    if isinstance(rule, NaturalGradient) and not isinstance(function, LeastSquares | Composite):
        raise InputError(f"{name} needs a model inside a loss; give Composite(loss, model) or LeastSquares(residuals)")


def _name(optimizer: Optimizer | None) -> str:
    if isinstance(optimizer, Recipe):
        return f"Recipe('{optimizer.name}')"
    return "BFGS" if optimizer is None else type(optimizer).__name__
