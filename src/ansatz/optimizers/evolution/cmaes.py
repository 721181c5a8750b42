"""CMA-ES with restarts: evolution that learns the shape of the landscape."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import NamedTuple

import equinox as eqx
import numpy as np

from ansatz.errors import InputError, suggest
from ansatz.keys import generator
from ansatz.optimizers.evolution.cma import Gaussian, numbers
from ansatz.optimizers.evolution.generations import Log, fold
from ansatz.optimizers.evolution.search import Evolving, Task
from ansatz.optimizers.minimum import Minimum
from ansatz.optimizers.stopping import BUDGET, RUNNING

RESTARTS = ("none", "ipop", "bipop")


class Plan(NamedTuple):
    """One run: population, factor on the first width, most evaluations."""

    count: int
    widening: float
    budget: int


class CMAES(Evolving):
    r"""Covariance matrix adaptation: $\theta_k \sim \mathcal{N}(m, \sigma^2 C)$, all three learned from the ranks.

    Args:
        sigma: first standard deviation, one number or one for each parameter; by default .3 of the bounds' width, or 1.
        population: points in a generation; by default $4 + \lfloor 3 \ln n \rfloor$.
        active: whether bad directions make the covariance smaller.
        separable: whether C is diagonal: time and memory linear in the number of parameters, for many of them.
        restarts: "none"; "ipop": from a new start with twice the population; "bipop": these in turn with small ones.
        most_restarts: how many restarts with a growing population.
        region: lowest and highest parameters from which restarts are drawn; by default the bounds, or a Gaussian
            around the start.

    Raises:
        InputError: if a number is out of range or the restarts are unknown.

    Example:
        >>> import jax
        >>> from ansatz.optimizers import minimize
        >>> bowl = lambda theta: (theta[0] - 1) ** 2 + 100 * (theta[1] + theta[0]) ** 2
        >>> end = minimize(bowl, np.zeros(2), optimizer=CMAES(sigma=0.5), key=jax.random.key(0))
        >>> np.round(end.theta, 4).tolist()
        [1.0, -1.0]

    Source: N. Hansen, arXiv:1604.00772; A. Auger and N. Hansen, CEC (2005) 1769 (IPOP); N. Hansen, GECCO workshop
    (2009) 2389 (BIPOP); G. Jastrebski and D. Arnold, CEC (2006) 2814 (active).
    """

    sigma: float | tuple[float, ...] | None = eqx.field(default=None, static=True)
    population: int | None = eqx.field(default=None, static=True)
    active: bool = eqx.field(default=True, static=True)
    separable: bool = eqx.field(default=False, static=True)
    restarts: str = eqx.field(default="none", static=True)
    most_restarts: int = eqx.field(default=9, static=True)
    region: tuple[float, float] | None = eqx.field(default=None, static=True)

    def __check_init__(self) -> None:
        if self.sigma is not None and not np.all(np.asarray(self.sigma) > 0):
            raise InputError(f"sigma, the first width of the population, must be positive, not {self.sigma}")
        if self.population is not None and (self.population < 4 or self.population != int(self.population)):
            raise InputError(f"CMAES needs a whole population of at least 4, not {self.population}")
        if self.region is not None and not self.region[0] < self.region[1]:
            raise InputError(f"the region of restarts is the wrong way round: {self.region}")
        if self.restarts not in RESTARTS:
            raise InputError(
                f"there are no restarts '{self.restarts}'{suggest(self.restarts, RESTARTS)}; "
                f"there are: {', '.join(RESTARTS)}"
            )

    def size(self, n: int) -> int:
        """The population of the first run."""
        return int(self.population or 4 + 3 * math.log(n))

    def boxed(self) -> bool:
        """It needs none."""
        return False

    def search(self, task: Task) -> Minimum:
        """The best place of all runs."""
        draws = generator(task.drawn("CMAES"))
        widths = self._widths(task)
        log = Log.begun(task)
        plans = self._plans(len(task.start), task.stop.evaluations, draws)
        plan, start = next(plans), task.start
        while True:
            before = log.evaluations
            log.ended(self._run(task, plan, start, widths * plan.widening, log, draws))
            if log.over():
                break
            try:
                plan = plans.send(log.evaluations - before)
            except StopIteration:
                break
            start = self._restart(task, widths, draws)
        return log.minimum()

    def _plans(self, n: int, budget: int, draws: np.random.Generator) -> Generator[Plan, int, None]:
        """The runs: the first, then growing ones, for BIPOP in turn with small ones of the same total cost.

        What is sent back is how many evaluations a run has taken.
        """
        count = self.size(n)
        small, large, doublings = (yield Plan(count, 1.0, budget)), 0, 0
        while self.restarts != "none" and doublings < self.most_restarts:
            if self.restarts == "bipop" and doublings and small < large:
                size = int(count * (2**doublings) ** (draws.uniform() ** 2))
                small += yield Plan(size, 0.01 ** draws.uniform(), max(large // 2, size))
            else:
                doublings += 1
                large += yield Plan(count * 2**doublings, 1.0, budget)

    def _widths(self, task: Task) -> np.ndarray:
        if self.sigma is not None:
            n, given = len(task.start), np.size(self.sigma)
            if given not in (1, n):
                raise InputError(f"sigma must be one number or one for each of {n} parameters, not {given}")
            return np.broadcast_to(np.asarray(self.sigma, float), task.start.shape)
        if task.bounds is not None:
            return 0.3 * (task.bounds[1] - task.bounds[0])
        return np.ones(len(task.start))

    def _restart(self, task: Task, widths: np.ndarray, draws: np.random.Generator) -> np.ndarray:
        if self.region is not None:
            return draws.uniform(*self.region, size=len(task.start))
        if task.bounds is not None:
            return draws.uniform(*task.bounds)
        return task.start + widths * draws.standard_normal(len(task.start))

    def _run(
        self, task: Task, plan: Plan, start: np.ndarray, widths: np.ndarray, log: Log, draws: np.random.Generator
    ) -> int:
        """One run; returns why it ended."""
        own = numbers(len(start), plan.count, active=self.active, separable=self.separable)
        width, spread = task.stop.step or 1e-11, task.stop.decrease or 1e-11
        cloud = Gaussian(start, widths, own, draws, separable=self.separable, width=width, spread=spread)
        last = min(log.evaluations + plan.budget, task.stop.evaluations)
        while log.evaluations < last:
            points = fold(cloud.ask(), task.bounds)
            values = task.many(points)
            log.add(points, values, width=cloud.sigma)
            if log.verdict() != RUNNING:
                return log.verdict()
            cloud.tell(values)
            if cloud.status != RUNNING:
                return cloud.status
        return BUDGET
