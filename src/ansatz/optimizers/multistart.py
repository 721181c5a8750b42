"""Many starts: the grid, random restarts, basin hopping."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.optimizers import descent
from ansatz.optimizers.curvature.quasi_newton import BFGS
from ansatz.optimizers.descent import Rule, Walk
from ansatz.optimizers.evolution.generations import Log
from ansatz.optimizers.evolution.search import Search, Task
from ansatz.optimizers.minimum import Minimum
from ansatz.optimizers.stopping import BUDGET, DONE, TARGET, Stop


class GridSearch(Search):
    """The function on a regular grid that paves the bounds: $p^n$ points for n parameters.

    Args:
        points: p, points along each direction, the bounds among them; by default as many as the budget allows.
        batch: points in one call.

    Raises:
        InputError: if there are fewer than two points along a direction, or more in all than the budget allows.

    Example:
        >>> from ansatz.optimizers import minimize
        >>> grid = GridSearch(points=5)
        >>> minimize(lambda t: jnp.sum((t - 1) ** 2), np.zeros(2), optimizer=grid, bounds=(-2, 2)).theta.tolist()
        [1.0, 1.0]
    """

    points: int | None = eqx.field(default=None, static=True)
    batch: int = eqx.field(default=4096, static=True)

    def __check_init__(self) -> None:
        if self.points is not None and self.points < 2:
            raise InputError(f"a grid needs at least 2 points along each direction, not {self.points}")

    def search(self, task: Task) -> Minimum:
        """The lowest point of the grid."""
        low, high = task.boxed("GridSearch")
        n, budget = len(low), task.stop.evaluations - 1
        points = self.points or int(np.floor(budget ** (1 / n) * (1 + 1e-12)))
        if points < 2 or points**n > budget:
            raise InputError(
                f"a grid of {max(points, 2)} points along each of {n} directions has {max(points, 2) ** n:,} points, "
                f"but the budget is {task.stop.evaluations:,} evaluations; the curse of dimensionality"
            )
        log = Log.begun(task)
        for first in range(0, points**n, self.batch):
            numbers = np.arange(first, min(first + self.batch, points**n))
            digits = np.stack(np.unravel_index(numbers, (points,) * n), axis=1)
            places = low + (high - low) * digits / (points - 1)
            log.add(places, task.many(places))
            if log.value <= task.stop.target:
                break
        log.ended(DONE)
        return log.minimum()


class RandomRestarts(Search):
    """A descent from each of many random places inside the bounds, side by side.

    Args:
        starts: how many, the given start among them.
        rule: how each descends: `BFGS`, `LBFGS`, `Newton` ...

    Raises:
        InputError: if there is not one start.

    Example:
        >>> from ansatz.optimizers import minimize
        >>> wells = lambda t: (t[0] ** 2 - 1) ** 2 + 0.1 * t[0]
        >>> restarts = RandomRestarts(starts=8)
        >>> end = minimize(wells, np.ones(1), optimizer=restarts, bounds=(-2, 2), key=jax.random.key(0))
        >>> end.theta.round(3).tolist()
        [-1.012]
    """

    starts: int = eqx.field(default=20, static=True)
    rule: Rule = BFGS()

    def __check_init__(self) -> None:
        if self.starts < 1:
            raise InputError(f"there must be at least one start, not {self.starts}")

    def search(self, task: Task) -> Minimum:
        """The lowest end of all descents; the record has one row for each of them, in the order of their starts."""
        low, high = task.boxed("RandomRestarts")
        draws = generator(task.drawn("RandomRestarts"))
        _need_gradient(task, "RandomRestarts")
        task.first(self.starts, "RandomRestarts")
        log = Log.begun(task)
        others = draws.uniform(low, high, (self.starts - 1, len(low)))
        starts = np.concatenate([task.start[None], others])
        each = max(task.stop.evaluations // self.starts, 1)
        walks = _descents(task, self.rule, starts, Stop(task.stop.gradient, evaluations=each, target=task.stop.target))
        for theta, value, calls in zip(walks.best_theta, walks.best_value, walks.place.evaluations, strict=True):
            log.add(theta[None], value[None], evaluated=int(calls))
        log.ended(DONE)
        return log.minimum()


class BasinHopping(Search):
    r"""Descend, jump, descend: a new end is kept with probability $\min(1, e^{-\Delta f / T})$.

    Args:
        hops: how many jumps.
        jump: standard deviation of a jump, in fractions of the bounds' width, or in units of the parameters without
            bounds. It grows and shrinks so that half of the jumps are kept.
        temperature: T, in units of the function.
        rule: how each descends.

    Raises:
        InputError: if a number is not positive.

    Source: D. Wales and J. Doye, J. Phys. Chem. A 101 (1997) 5111, arXiv:cond-mat/9803344.
    """

    hops: int = eqx.field(default=100, static=True)
    jump: float = eqx.field(default=0.1, static=True)
    temperature: float = eqx.field(default=1.0, static=True)
    rule: Rule = BFGS()

    def __check_init__(self) -> None:
        for name in ("hops", "jump", "temperature"):
            if not getattr(self, name) > 0:
                raise InputError(f"{name} must be positive, not {getattr(self, name)}")

    def search(self, task: Task) -> Minimum:
        """The lowest end; the record has one row for each descent."""
        draws = generator(task.drawn("BasinHopping"))
        _need_gradient(task, "BasinHopping")
        log = Log.begun(task)
        widths = self.jump * (np.ones(len(task.start)) if task.bounds is None else task.bounds[1] - task.bounds[0])
        here, value, reason = task.start, np.inf, DONE
        for hop in range(self.hops + 1):
            left = task.stop.evaluations - log.evaluations
            if left < 1:
                reason = BUDGET
                break
            start = here if hop == 0 else _jumped(here, widths, task, draws)
            limits = Stop(task.stop.gradient, evaluations=left, target=task.stop.target)
            end = jax.tree.map(lambda leaf: leaf[0], _descents(task, self.rule, start[None], limits))
            log.add(end.best_theta[None], end.best_value[None], evaluated=int(end.place.evaluations))
            if log.value <= task.stop.target:
                reason = TARGET
                break
            kept = draws.uniform() < np.exp(min((value - end.best_value) / self.temperature, 0.0))
            new = np.linalg.norm((end.best_theta - here) / widths) > 1e-3
            widths = widths * (1.05 if kept and not new else 1.0 if kept else 0.95)
            here, value = (end.best_theta, end.best_value) if kept else (here, value)
        log.ended(reason)
        return log.minimum()


def _jumped(here: np.ndarray, widths: np.ndarray, task: Task, draws: np.random.Generator) -> np.ndarray:
    start = here + widths * draws.standard_normal(len(here))
    return start if task.bounds is None else np.clip(start, *task.bounds)


def _descents(task: Task, rule: Rule, starts: np.ndarray, stop: Stop) -> Walk:
    """The ends of descents from many starts; an end outside the bounds counts as infinitely high."""
    walks = descent.run_many(task.function, rule, jnp.asarray(starts), stop.limits())
    ends = Walk(*(jax.tree.map(np.asarray, part) for part in walks))
    if task.bounds is None:
        return ends
    outside = ((ends.best_theta < task.bounds[0]) | (ends.best_theta > task.bounds[1])).any(axis=1)
    return ends._replace(best_value=np.where(outside, np.inf, ends.best_value))


def _need_gradient(task: Task, name: str) -> None:
    if not task.smooth:
        raise InputError(
            f"{name} needs a gradient, but JAX cannot differentiate this function; write it with jax.numpy, or take "
            "an optimizer without gradients such as CMAES"
        )
