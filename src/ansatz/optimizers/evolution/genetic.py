"""The genetic algorithm: mutation, crossover, selection, elitism."""

from __future__ import annotations

from collections.abc import Sequence

import equinox as eqx
import numpy as np

from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.optimizers.evolution.generations import Log
from ansatz.optimizers.evolution.search import Evolving, Task
from ansatz.optimizers.minimum import Minimum
from ansatz.optimizers.stopping import BUDGET


class GeneticAlgorithm(Evolving):
    r"""Mutants of the fittest, $\theta_i \leftarrow \theta_i\,(1 + \eta^{(t)} \xi) + \sigma^{(t)} \xi'$, and crossover.

    Each generation: parents are chosen by tournament; pairs exchange all parameters from a random one on (crossover at
    one point); each parameter is mutated with some probability, with $\xi$ uniform in [-1, 1] and $\xi'$ normal; the
    elite goes on unchanged. The multiplicative rate $\eta^{(t)}$ follows the schedule; the additive one falls with it
    and lets parameters change their sign.

    Args:
        population: members.
        rates: $\eta^{(t)}$ in equal parts of the budget: each generation takes the value of its part.
        additive: $\sigma^{(t)} / \eta^{(t)}$; zero for purely multiplicative mutations.
        probability: of mutation, for each parameter; by default one parameter on average and at least a fifth of them.
        crossover: probability that a pair of parents exchanges parameters.
        tournament: members that compete to become a parent.
        elite: best members that go on unchanged.
        spread: standard deviation of the first population around the start.
        keep_population: whether `details["population"]` keeps every generation, shape (generations, members,
            parameters).

    Raises:
        InputError: if a number is out of range.

    Source: J. Holland, Adaptation in Natural and Artificial Systems (1975); R. Abdul Khalek et al. (NNPDF),
    arXiv:1410.8849, section 3.3 (multiplicative mutations whose rates fall with the generations).
    """

    population: int = eqx.field(default=60, static=True)
    rates: tuple[float, ...] = eqx.field(default=(1.0, 0.3, 0.1, 0.03, 0.01, 0.003), static=True)
    additive: float = eqx.field(default=1.0, static=True)
    probability: float | None = eqx.field(default=None, static=True)
    crossover: float = eqx.field(default=0.7, static=True)
    tournament: int = eqx.field(default=3, static=True)
    elite: int = eqx.field(default=2, static=True)
    spread: float = eqx.field(default=1.0, static=True)
    keep_population: bool = eqx.field(default=False, static=True)

    def __check_init__(self) -> None:
        if self.population < 2 or not 0 <= self.elite < self.population:
            raise InputError(
                "a genetic algorithm needs at least two members and fewer in the elite, not "
                f"{self.population} with an elite of {self.elite}"
            )
        if not self.rates or min(self.rates) < 0:
            raise InputError(f"the mutation rates must not be negative, but are {_listed(self.rates)}")
        for name in ("crossover", "probability"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise InputError(f"{name} is a probability, not {value}")
        if self.tournament < 1:
            raise InputError(f"a tournament needs at least one member, not {self.tournament}")

    def size(self, n: int) -> int:
        """The population without its elite, which is not evaluated again."""
        return self.population - self.elite

    def boxed(self) -> bool:
        """It needs none."""
        return False

    def search(self, task: Task) -> Minimum:
        """The best member of all generations."""
        draws = generator(task.drawn("GeneticAlgorithm"))
        task.first(self.population, "GeneticAlgorithm")
        log = Log.begun(task)
        points = task.start + self.spread * draws.standard_normal((self.population, len(task.start)))
        points[0] = task.start
        points = _inside(points, task)
        values = task.many(points)
        self._write(log, points, values, self.rates[0])
        while not log.over() and log.evaluations + self.population - self.elite <= task.stop.evaluations:
            part = int(len(self.rates) * log.evaluations / task.stop.evaluations)
            rate = self.rates[min(part, len(self.rates) - 1)]
            order = np.argsort(values)
            elite, kept = points[order[: self.elite]], values[order[: self.elite]]
            children = _inside(self._mutants(self._crossed(points, values, draws), rate, draws), task)
            born = task.many(children)
            points, values = np.concatenate([elite, children]), np.concatenate([kept, born])
            self._write(log, points, values, rate, evaluated=len(born))
        log.ended(log.verdict() or BUDGET)
        return log.minimum()

    def _write(
        self, log: Log, points: np.ndarray, values: np.ndarray, rate: float, *, evaluated: int | None = None
    ) -> None:
        kept = {"population": points} if self.keep_population else {}
        log.add(points, values, evaluated=evaluated, rate=rate, **kept)

    def _crossed(self, points: np.ndarray, values: np.ndarray, draws: np.random.Generator) -> np.ndarray:
        """Children that have not yet mutated: pairs of winners that may have exchanged their ends."""
        children = self.population - self.elite
        pairs = -(-children // 2)
        rivals = draws.integers(len(points), size=(2 * pairs, self.tournament))
        ranks = np.argsort(np.argsort(values))
        winners = points[rivals[np.arange(2 * pairs), np.argmin(ranks[rivals], axis=1)]]
        one, other = winners[:pairs], winners[pairs:]
        n = points.shape[1]
        cut = draws.integers(1, max(n, 2), size=(pairs, 1))
        swapped = (np.arange(n) >= cut) & (draws.uniform(size=(pairs, 1)) < self.crossover)
        return np.concatenate([np.where(swapped, other, one), np.where(swapped, one, other)])[:children]

    def _mutants(self, children: np.ndarray, rate: float, draws: np.random.Generator) -> np.ndarray:
        n = children.shape[1]
        probability = max(1 / n, 0.2) if self.probability is None else self.probability
        factor = 1 + rate * draws.uniform(-1, 1, children.shape)
        moved = children * factor + self.additive * rate * draws.standard_normal(children.shape)
        return np.where(draws.uniform(size=children.shape) < probability, moved, children)


def _inside(points: np.ndarray, task: Task) -> np.ndarray:
    return points if task.bounds is None else np.clip(points, *task.bounds)


def _listed(rates: Sequence[float]) -> str:
    return ", ".join(f"{rate:g}" for rate in rates) or "missing"
