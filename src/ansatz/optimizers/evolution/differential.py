"""Differential evolution: mutants from the differences of the population's members."""

from __future__ import annotations

import equinox as eqx
import numpy as np

from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.optimizers.evolution.generations import Log
from ansatz.optimizers.evolution.search import Box, Evolving, Task
from ansatz.optimizers.minimum import Minimum
from ansatz.optimizers.stopping import BUDGET, DECREASE, STEP


class DifferentialEvolution(Evolving):
    r"""JADE: $v_i = \theta_i + F_i (\theta_\mathrm{good} - \theta_i + \theta_a - \theta_b)$, crossed with $\theta_i$.

    The child replaces its parent if it is no worse. The factors $F_i$ and crossover rates are drawn around means that
    follow those of the successful children; "good" is one of the best tenth, b may be a parent that has been replaced.
    Needs bounds; a child beyond a bound is put half-way between its parent and the bound.

    Args:
        population: members; by default ten for each parameter, at least 20 and at most 200.
        adaptation: rate at which the means follow.

    Raises:
        InputError: if a number is out of range.

    Source: R. Storn and K. Price, J. Global Optim. 11 (1997) 341; J. Zhang and A. Sanderson, IEEE Trans. Evol. Comput.
    13 (2009) 945.
    """

    population: int | None = eqx.field(default=None, static=True)
    adaptation: float = eqx.field(default=0.1, static=True)

    def __check_init__(self) -> None:
        if self.population is not None and self.population < 5:
            raise InputError(f"differential evolution needs at least 5 members, not {self.population}")
        if not 0 < self.adaptation <= 1:
            raise InputError(f"adaptation must be in (0, 1], not {self.adaptation}")

    def size(self, n: int) -> int:
        """The population."""
        return self.population or int(np.clip(10 * n, 20, 200))

    def boxed(self) -> bool:
        """It draws its first population inside bounds."""
        return True

    def search(self, task: Task) -> Minimum:
        """The best member of all generations."""
        low, high = task.boxed("DifferentialEvolution")
        draws = generator(task.drawn("DifferentialEvolution"))
        log = Log.begun(task)
        count = self.size(len(low))
        task.first(count, "DifferentialEvolution")
        points = np.concatenate([task.start[None], draws.uniform(low, high, (count - 1, len(low)))])
        values = _finite(task.many(points))
        log.add(points, values)
        replaced, factor, rate = points[:0], 0.5, 0.5
        while (reason := _reason(task, log, points, values)) is None:
            factors = np.clip(factor + 0.1 * draws.standard_cauchy(count), 1e-3, 1.0)
            rates = np.clip(rate + 0.1 * draws.standard_normal(count), 0.0, 1.0)
            children = _children(points, values, replaced, factors, rates, (low, high), draws)
            born = _finite(task.many(children))
            log.add(children, born)
            better = born <= values
            won = born < values
            if won.any():
                factor += self.adaptation * ((factors[won] ** 2).sum() / factors[won].sum() - factor)
                rate += self.adaptation * (rates[won].mean() - rate)
            replaced = draws.permutation(np.concatenate([replaced, points[won]]))[:count]
            points, values = np.where(better[:, None], children, points), np.where(better, born, values)
        log.ended(reason)
        return log.minimum()


def _children(
    points: np.ndarray,
    values: np.ndarray,
    replaced: np.ndarray,
    factors: np.ndarray,
    rates: np.ndarray,
    box: Box,
    draws: np.random.Generator,
) -> np.ndarray:
    count, n = points.shape
    order = np.argsort(values)
    good = points[order[draws.integers(max(2, count // 10), size=count)]]
    every = np.concatenate([points, replaced])
    own = np.arange(count)
    a = (own + draws.integers(1, count, size=count)) % count
    b = draws.integers(len(every) - 2, size=count)
    first, second = np.minimum(own, a), np.maximum(own, a)
    b = b + (b >= first)
    b = b + (b >= second)
    mutants = points + factors[:, None] * (good - points + points[a] - every[b])
    low, high = box
    mutants = np.where(mutants < low, (low + points) / 2, mutants)
    mutants = np.where(mutants > high, (high + points) / 2, mutants)
    crossed = draws.uniform(size=(count, n)) < rates[:, None]
    crossed[own, draws.integers(n, size=count)] = True
    return np.where(crossed, mutants, points)


def _finite(values: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(values), np.inf, values)


def _reason(task: Task, log: Log, points: np.ndarray, values: np.ndarray) -> int | None:
    """Why the evolution is over, or None."""
    if log.verdict():
        return log.verdict()
    if log.evaluations + len(values) > task.stop.evaluations:
        return BUDGET
    if np.ptp(points, axis=0).max() < (task.stop.step or 1e-11):
        return STEP
    return DECREASE if np.ptp(values) < (task.stop.decrease or 1e-14 * abs(log.value)) else None
