"""The analysis `evolution`: genetic algorithm, CMA-ES and differential evolution on a landscape with many minima."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from ansatz.citations import entries
from ansatz.errors import InputError
from ansatz.keys import generator, named
from ansatz.optimizers import BFGS, CMAES, BlackBox, DifferentialEvolution, GeneticAlgorithm, Stop, minimize
from ansatz.optimizers.minimum import Minimum
from ansatz.problems import Landscape
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.analyses.landscapes.terrain import (
    Minima,
    check_names,
    flat_series,
    judged,
    map_of,
    minima_of,
    scene_of,
)
from ansatz.studies.belief import AMBER, Belief
from ansatz.typing import Key
from ansatz.validation import Interval
from ansatz.validation.interval import wilson

METHODS: dict[str, Callable[[float], object]] = {
    "genetic algorithm": lambda width: GeneticAlgorithm(population=60, spread=0.25 * width),
    "CMA-ES": lambda width: CMAES(sigma=0.25 * width),
    "CMA-ES, restarts": lambda width: CMAES(sigma=0.25 * width, restarts="bipop"),
    "differential evolution": lambda width: DifferentialEvolution(),
    "gradient (BFGS)": lambda width: BFGS(),
}
"""The methods by name: of the width of the box."""

GRADIENT = "gradient (BFGS)"


class Recorder:
    """A landscape that remembers each batch of points it was asked about."""

    def __init__(self, scene: Landscape) -> None:
        self.batches: list[np.ndarray] = []
        self.many = jax.jit(jax.vmap(scene))

    def __call__(self, points: np.ndarray) -> np.ndarray:
        """The values at points of shape (points, 2)."""
        self.batches.append(np.array(points))
        with jax.enable_x64(True):
            return np.asarray(self.many(jnp.asarray(points)))


@dataclasses.dataclass(frozen=True, kw_only=True)
class Evolution:
    r"""Lets populations loose on a landscape from many starts: how often and how fast do they find its lowest minimum?

    Every run starts somewhere else in the box and has the same budget. It has found the minimum when its best value is
    within `target` of the known one. A descent along the gradient from the same starts shows what is gained: it ends in
    the minimum in whose basin it starts.

    Attributes:
        landscape: a name of `ansatz.problems.LANDSCAPES` with two parameters and a known minimum.
        methods: some of "genetic algorithm", "CMA-ES", "CMA-ES, restarts", "differential evolution", "gradient (BFGS)".
        runs: starts of each method.
        evaluations: budget of each run.
        target: how near the lowest value must be.
        generations: how many generations of the first run are kept, to be drawn.

    Raises:
        InputError: if a name is unknown, the landscape has no known minimum, or a number is out of range.

    Source: J. Holland, Adaptation in Natural and Artificial Systems (1975); N. Hansen, arXiv:1604.00772; R. Storn and
    K. Price, J. Global Optim. 11 (1997) 341.
    """

    landscape: str = "rastrigin"
    methods: tuple[str, ...] = tuple(METHODS)
    runs: int = 30
    evaluations: int = 6000
    target: float = 1e-4
    generations: int = 40
    needs: ClassVar[str] = "nothing"
    citations: ClassVar[tuple[str, ...]] = tuple(entries("genetic-algorithm", "cma-es", "differential-evolution"))

    def __post_init__(self) -> None:
        check_names("method", self.methods, list(METHODS))
        if not self.methods or self.runs < 2 or self.evaluations < 100 or not self.target > 0 or self.generations < 2:
            raise InputError("a method, 2 runs, 100 evaluations, a positive target and 2 generations are the least")

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """Runs them all."""
        scene = scene_of(self.landscape)
        known = minima_of(scene, self.landscape)
        starts = generator(named(key, "starts")).uniform(*scene.bounds, (self.runs, 2))
        grid = np.unique(np.geomspace(1, self.evaluations, 120).astype(int))
        found, arrays = {}, map_of(scene)
        for name in self.methods:
            bench.announce(name)
            ends, members = self._runs(name, scene, known, starts, named(key, name))
            found[name] = ends
            arrays[f"best/{name}"] = np.array([_best_by(end, grid) - known.lowest for end in ends])
            arrays |= flat_series(f"population/{name}", {f"{k:03d}": dots for k, dots in enumerate(members)})
        arrays["grid"] = grid
        rates = {name: self._rate(ends, known) for name, ends in found.items()}
        record = {
            "name": self.landscape,
            "methods": list(found),
            "evolving": [name for name in found if name != GRADIENT],
            "target": self.target,
            "rates": {name: rate.to_dict() for name, rate in rates.items()},
        }
        numbers = tuple(self._numbers(found, rates, known))
        beliefs = tuple(self._beliefs(found, rates, known))
        return Findings(self._headline(rates), numbers, beliefs, arrays, record)

    def _runs(
        self, name: str, scene: Landscape, known: Minima, starts: np.ndarray, key: Key
    ) -> tuple[list[Minimum], list[np.ndarray]]:
        """The end of each run, and the generations of the first."""
        width = float(np.max(scene.bounds[1] - scene.bounds[0]))
        method, recorder, ends, members = METHODS[name](width), Recorder(scene), [], []
        stop = Stop(evaluations=self.evaluations, target=known.lowest + 0.1 * self.target)
        for number, start in enumerate(starts):
            if name == GRADIENT:
                ends.append(minimize(scene, start, optimizer=method, stop=stop))
                continue
            recorder.batches.clear()
            box = BlackBox(recorder, batched=True)
            own = named(key, f"run {number}")
            ends.append(minimize(box, start, optimizer=method, bounds=scene.bounds, stop=stop, key=own))
            if not number:
                members = [batch for batch in recorder.batches if len(batch) > 1][: self.generations]
        return ends, members

    def _found(self, end: Minimum, known: Minima) -> bool:
        return end.value <= known.lowest + self.target

    def _rate(self, ends: list[Minimum], known: Minima) -> Interval:
        return wilson(float(np.mean([self._found(end, known) for end in ends])), len(ends))

    def _numbers(self, found: dict[str, list[Minimum]], rates: dict[str, Interval], known: Minima) -> Iterator[Number]:
        for name, ends in found.items():
            counts = [_first(end, known.lowest + self.target) for end in ends if self._found(end, known)]
            cost = f"median of {int(np.median(counts)):,} evaluations" if counts else "never"
            yield Number(f"finds the minimum, {name}", rates[name], note=cost)
        best = min(min(end.value for end in ends) for ends in found.values())
        yield Number("lowest value found", best, known.lowest, note="the analytic minimum is known")

    def _beliefs(self, found: dict[str, list[Minimum]], rates: dict[str, Interval], known: Minima) -> Iterator[Belief]:
        best = max(rates, key=lambda name: rates[name].value)
        good = rates[best].value >= 0.9
        yield judged(
            "Known minimum found", f"{best}: {rates[best].value:.0%} of {self.runs} runs", good=good,
            why="At least one method finds the lowest minimum from nearly everywhere.",
            why_not="No method finds the lowest minimum from nearly everywhere; give more evaluations.",
            bad=AMBER if rates[best].value >= 0.5 else "red",
        )  # fmt: skip
        low = min(min(end.value for end in ends) for ends in found.values()) - known.lowest
        yield judged(
            "Nothing below the minimum", f"lowest value is {low:+.1e} above it", good=low > -1e-9,
            why="No place is lower than the analytic minimum.",
            why_not="A place is lower than the analytic minimum, so that is wrong.",
        )  # fmt: skip
        if GRADIENT in rates and len(rates) > 1:
            others = max(rate.value for name, rate in rates.items() if name != GRADIENT)
            yield judged(
                "Evolution against descent", f"{others:.0%} against {rates[GRADIENT].value:.0%}",
                good=others > rates[GRADIENT].value, bad=AMBER,
                why="The population finds what a descent from one place does not.",
                why_not="A descent along the gradient finds the minimum as often: this landscape needs no evolution.",
            )  # fmt: skip

    def _headline(self, rates: dict[str, Interval]) -> str:
        best = max(rates, key=lambda name: rates[name].value)
        text = f"{best[0].upper()}{best[1:]} finds the lowest minimum of {self.landscape} in {rates[best].value:.0%}"
        text += f" of {self.runs} runs of at most {self.evaluations:,} evaluations"
        return f"{text}, a gradient descent in {rates[GRADIENT].value:.0%}." if GRADIENT in rates else f"{text}."


def _best_by(end: Minimum, grid: np.ndarray) -> np.ndarray:
    """The best value seen by each number of evaluations."""
    best = np.fmin.accumulate(end.values)
    place = np.searchsorted(end.evaluations, grid, side="right") - 1
    return best[np.maximum(place, 0)]


def _first(end: Minimum, value: float) -> int:
    """Evaluations until the value was first reached."""
    return int(end.evaluations[(end.values <= value).argmax()])
