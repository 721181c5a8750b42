"""The analysis `confusion`: a transition is found by learning wrong labels on purpose, all of them in one fit."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator, named
from ansatz.problems.lattice import IsingStates, references
from ansatz.problems.lattice.coarse import coarse_grained
from ansatz.problems.lattice.drawing import spaced
from ansatz.problems.lattice.exact import EnergyPosterior, critical_temperature
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.analyses.lattice.states import Drawn, drawn_states, energies, sampling_beliefs
from ansatz.studies.analyses.populations.experiments import learner_of
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.training import Descent, Fit, Population, fit, hold_out
from ansatz.typing import Key
from ansatz.validation import Interval, normal

REACHES = (2, 3, 4)
"""How many cuts on each side of the peak a parabola is laid through."""

MOST = 200_000
"""Most states of either kind at all temperatures together; more would not fit into memory."""

REPLICAS = 200
"""Bootstrap samples of the fresh states."""

LEARNER: dict[str, object] = {
    "kind": "mlp",
    "width": 16,
    "depth": 1,
    "epochs": 40,
    "batch_size": 128,
    "learning_rate": 5e-3,
    "patience": 6,
}
"""What learns if a study does not say."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Confusion:
    """Labels say "colder than T'" for every T' between two temperatures of the sample, right or wrong as that may be.

    A network that learns them is right always at the ends, where one class is empty, and again where the cut is where
    the states do change: the accuracy against T' is a W whose middle peak is the transition. All cuts are members of
    one population that share the states and have targets of their own. The states are averaged over blocks first,
    which keeps the order parameter and makes the fit of all cuts take seconds.

    The peak is the vertex of a parabola through the cuts next to the largest accuracy; the error joins a bootstrap of
    the fresh states with the spread over how many cuts are taken. The peak of a finite lattice is not the transition of
    the infinite one; the exact limit of every cut, whose peak is found alike, shows how large that shift is.

    Attributes:
        size: side of the lattice, even, from 4 to 40.
        low: lowest temperature, in units of the coupling.
        high: highest temperature.
        points: number of temperatures.
        states: states to learn from, at each temperature.
        fresh: states of other Markov chains to judge on, at each temperature.
        cells: blocks along each axis over which states are averaged; the size itself for the spins as they are.
        learner: a table as one of `[models]`, of a network.

    Raises:
        InputError: if a number is out of range, or the learner is no network.

    Source: E. van Nieuwenburg, Y.-H. Liu and S. Huber, Nature Phys. 13 (2017) 435, arXiv:1610.02048.
    """

    size: int = 40
    low: float = 1.0
    high: float = 3.5
    points: int = 41
    states: int = 100
    fresh: int = 200
    cells: int = 8
    learner: dict[str, object] = dataclasses.field(default_factory=lambda: dict(LEARNER))

    needs: ClassVar[str] = "nothing"
    citations: ClassVar[tuple[str, ...]] = (references.CONFUSION, references.ONSAGER, references.KAUFMAN)

    def __post_init__(self) -> None:
        if self.size % 2 or not 4 <= self.size <= 40:
            raise InputError(f"size: the exact limit is for even sides from 4 to 40, not {self.size}")
        if not 0 < self.low < self.high or self.points < 2 * max(REACHES) + 3:
            raise InputError(f"low, high and points: {2 * max(REACHES) + 3} rising temperatures or more are needed")
        if min(self.states, self.fresh) < 2 or self.points * max(self.states, self.fresh) > MOST:
            most = MOST // self.points
            raise InputError(
                f"states and fresh are at least 2, and at most {most} at each of {self.points} temperatures"
            )
        coarse_grained(np.zeros((1, self.size, self.size)), self.cells)
        self._network()

    @property
    def problem(self) -> IsingStates:
        """Where the states come from."""
        return IsingStates(size=self.size, temperatures=spaced(self.low, self.high, self.points), label="temperature")

    @property
    def cuts(self) -> np.ndarray:
        """The temperatures T', between those of the sample."""
        grid = np.array(self.problem.grid)
        return (grid[1:] + grid[:-1]) / 2

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """Simulate, fit all cuts at once, find the peak."""
        bench.announce(f"simulating {self.points} temperatures of a {self.size} x {self.size} lattice")
        drawn = drawn_states(self.problem, self.states, self.fresh, key=named(key, "states"))
        bench.announce(f"fitting {len(self.cuts)} cuts as one population")
        found = self._fitted(drawn.train, named(key, "fit"))
        right = self._right(found, drawn.fresh)
        return _findings(self, drawn, found, right, named(key, "bootstrap"))

    def _network(self) -> Descent:
        learner = learner_of(self.learner, "learner")
        if not isinstance(learner, Descent):
            raise InputError("learner.kind: all cuts are fitted as one population, so it must be a network, as 'mlp'")
        members = learner.population
        if (members.members if isinstance(members, Population) else members) != 1:
            raise InputError("learner.population: the cuts are the members; leave it out")
        return learner

    def _fitted(self, train: Dataset, key: Key) -> Fit:
        """One population, a member for each cut."""
        learner = self._network()
        data = self._labelled(train)
        kept, judged = hold_out(data, learner.validation or 0.2, key=named(key, "split"))
        targets = [(part.observers["temperature"] < self.cuts[:, None]).astype(float) for part in (kept, judged)]
        return fit(
            learner.model(kept),
            learner.risk(kept),
            kept,
            optimizer=learner.optimizer,
            epochs=learner.epochs,
            batch_size=learner.batch_size,
            validation=judged,
            patience=learner.patience,
            population=Population(len(self.cuts), target=targets[0], validation_target=targets[1]),
            head="sigmoid",
            key=named(key, "networks"),
        )

    def _labelled(self, data: Dataset) -> Dataset:
        """Coarse states with two classes; the label of one cut stands for those of all."""
        x = coarse_grained(data.x, self.cells).reshape(len(data), -1)
        cold = data.observers["temperature"] < self.cuts[len(self.cuts) // 2]
        columns = tuple(f"cell_{row}_{column}" for row in range(self.cells) for column in range(self.cells))
        return data.replace(x=x, y=cold.astype(int), classes=("warmer", "colder"), columns=columns, target=("cut",))

    def _right(self, found: Fit, fresh: Dataset) -> np.ndarray:
        """Whether each member is right about each fresh state, shape (cuts, states)."""
        said = found.members(self._labelled(fresh).x)[..., 1] > 0.5
        return said == (fresh.observers["temperature"] < self.cuts[:, None])


def peak(cuts: np.ndarray, accuracy: np.ndarray, reach: int) -> float:
    """The vertex of the parabola through the cuts around the middle peak; NaN if it is no peak.

    The middle peak is the largest accuracy between the two dips, those being the lowest to the left and to the right.

    Example:
        >>> t = np.linspace(1.0, 3.0, 21)
        >>> w = np.maximum(1 - (t - 2.04) ** 2, 1.2 - 8 * np.minimum(t - 1.0, 3.0 - t))
        >>> round(peak(t, w, 2), 3)
        2.04
    """
    top = middle_peak(accuracy)
    if top is None:
        return float("nan")
    rows = slice(max(top - reach, 0), top + reach + 1)
    x = cuts[rows] - cuts[top]
    a, b, _ = np.polyfit(x, accuracy[rows], 2)
    return float(np.clip(cuts[top] - b / (2 * a), cuts[0], cuts[-1])) if a < 0 else float("nan")


def middle_peak(accuracy: np.ndarray) -> int | None:
    """The cut that stands highest above the lower of the dips on its two sides, or None if nothing stands up."""
    inner = np.arange(1, len(accuracy) - 1)
    left, right = np.minimum.accumulate(accuracy), np.minimum.accumulate(accuracy[::-1])[::-1]
    height = accuracy[inner] - np.maximum(left[inner - 1], right[inner + 1])
    return int(inner[height.argmax()]) if height.max() > 0 else None


def _transition(spec: Confusion, right: np.ndarray, key: Key) -> Interval | None:
    """The temperature of the peak, or None if there is none."""
    rng, rows = generator(key), right.shape[1]
    values = _peaks(spec.cuts, right.mean(axis=1))
    if np.isnan(values).all():
        return None
    draws = rng.multinomial(rows, np.full(rows, 1 / rows), size=REPLICAS)
    again = np.array([_peaks(spec.cuts, accuracy) for accuracy in draws @ right.T / rows])
    spread = np.mean([_deviation(column) for column in again.T])
    error = float(np.hypot(spread, _deviation(values)))
    return normal(float(np.nanmean(values)), error, method="bootstrap and spread over parabolas")


def _peaks(cuts: np.ndarray, accuracy: np.ndarray) -> np.ndarray:
    return np.array([peak(cuts, accuracy, reach) for reach in REACHES])


def _deviation(values: np.ndarray) -> float:
    """Standard deviation of those that are numbers."""
    known = values[~np.isnan(values)]
    return float(known.std(ddof=1)) if len(known) > 1 else 0.0


def _limits(spec: Confusion) -> np.ndarray:
    exact = EnergyPosterior(spec.size, spec.problem.grid)
    return np.array([exact.limit(cut) for cut in spec.cuts])


def _findings(spec: Confusion, drawn: Drawn, found: Fit, right: np.ndarray, key: Key) -> Findings:
    accuracy, limits = right.mean(axis=1), _limits(spec)
    error = np.sqrt(np.maximum(accuracy * (1 - accuracy), 1 / right.shape[1]) / right.shape[1])
    where, top = _transition(spec, right, key), middle_peak(accuracy)
    beliefs = (
        *sampling_beliefs([drawn.chains]),
        _shape(accuracy, error, top),
        _possible(accuracy, limits, right.shape[1]),
    )
    arrays = {
        **energies([drawn.chains]),
        "cut": spec.cuts,
        "accuracy": accuracy,
        "error": error,
        "limit": limits,
        "epochs": np.asarray(found.best_epoch) + 1,
    }
    record = {
        "size": spec.size,
        "critical": critical_temperature(),
        "found": None if where is None else where.to_dict(),
    }
    return Findings(_headline(spec, where), _numbers(spec, where, limits, len(drawn.train)), beliefs, arrays, record)


def _headline(spec: Confusion, where: Interval | None) -> str:
    fitted = f"one fit of {len(spec.cuts)} cuts"
    if where is None:
        return f"Confusion finds no transition between T = {spec.low:g} and {spec.high:g}, from {fitted}."
    return f"Confusion finds the transition at T = {where} (exact: {critical_temperature():.6f}), from {fitted}."


def _numbers(spec: Confusion, where: Interval | None, limits: np.ndarray, states: int) -> tuple[Number, ...]:
    tc, own = critical_temperature(), _peaks(spec.cuts, limits)
    exact = "no peak" if np.isnan(own).all() else float(np.nanmean(own))
    off = "" if where is None else f"{where.value / tc - 1:+.2%}; "
    return (
        Number("transition temperature", "no peak" if where is None else where, tc, "J",
               f"{off}exact: 2 / ln(1 + sqrt 2)"),
        Number("the same from the exact limit", exact, tc, "J", "Bayes' decision for every cut, peak found alike"),
        Number("cuts fitted at once", len(spec.cuts), note=f"{states} states to learn from"),
    )  # fmt: skip


def _shape(accuracy: np.ndarray, error: np.ndarray, top: int | None) -> Belief:
    """Whether there is a W: a peak that stands above both dips."""
    name = "Shape of the curve"
    if top is None:
        return Belief(name, RED, "no peak between two dips", "There is no W, and so no transition to be found.")
    dips = [int(accuracy[:top].argmin()), top + 1 + int(accuracy[top + 1 :].argmin())]
    height = min((accuracy[top] - accuracy[dip]) / np.hypot(error[top], error[dip]) for dip in dips)
    mark = GREEN if height > 5 else AMBER if height > 2 else RED
    sentence = {
        GREEN: "The curve is a W: the states change at one temperature more than at others.",
        AMBER: "The middle peak hardly stands out; take more states.",
        RED: "The middle peak is noise.",
    }[mark]
    value = f"peak {accuracy[top]:.3f} between dips {accuracy[dips[0]]:.3f} and {accuracy[dips[1]]:.3f}"
    return Belief(name, mark, f"{value}, {height:.0f} standard errors", sentence)


def _possible(accuracy: np.ndarray, limits: np.ndarray, states: int) -> Belief:
    """The excess in standard errors that it would have if the limit were reached."""
    excess = float(np.max((accuracy - limits) / np.sqrt(np.maximum(limits * (1 - limits), 1 / states) / states)))
    mark = GREEN if excess < 4 else RED
    sentence = "No cut is learned better than the exact limit allows." if mark == GREEN else (
        "A cut is learned better than is possible: fresh states were learned from, or energies are wrong."
    )  # fmt: skip
    return Belief("Below the exact limit", mark, f"largest excess {max(excess, 0.0):.1f} standard errors", sentence)
