"""Rectangular cuts: for each signal efficiency the box that lets least background through."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from ansatz.training.boosting.trees import binned
from ansatz.training.multivariate.bitmaps import Bitmaps, fits


class Events(NamedTuple):
    """Bin number of each event in each column, shape (columns, events), and its parts of signal and background."""

    code: np.ndarray
    signal: np.ndarray
    background: np.ndarray


class Boxes(ClassifierMixin, BaseEstimator):
    r"""A box $l_j < x_j \le h_j$ for each of several signal efficiencies, each inside the one before.

    The score of an event says in how tight a box it still lies. Walls stand on a grid of quantiles. From one efficiency
    to the next they move inward: the wall that removes most background for the signal that it costs goes first
    (`"grid"`), or a genetic algorithm moves all walls at once and takes the box with least background of those that
    keep enough signal (`"genetic"`).

    Args:
        search: "grid" or "genetic".
        steps: boxes, with equal steps in the signal efficiency.
        grid: places along each column where walls may stand.
        generations: of the genetic algorithm.
        seed: of the genetic algorithm.
    """

    def __init__(
        self, search: str = "grid", steps: int = 20, grid: int = 64, generations: int = 30, seed: int = 0
    ) -> None:
        self.search = search
        self.steps = steps
        self.grid = grid
        self.generations = generations
        self.seed = seed

    def fit(self, x: np.ndarray, y: np.ndarray, sample_weight: np.ndarray) -> Boxes:
        """Find the boxes, from the loosest to the tightest."""
        self.classes_ = np.unique(y)
        table, own = binned(x, sample_weight, bins=self.grid), y == self.classes_[1]
        parts = [np.where(k, sample_weight, 0.0) / sample_weight[k].sum() for k in (own, ~own)]
        events = Events(table.number, *parts)
        boxes = self._boxes(events, np.array([len(edges) for edges in table.edges]))
        self.walls_ = np.stack([_walls(box, table.edges) for box in boxes])
        kept = np.array([_kept(events, box) for box in boxes])
        self.efficiency_, self.background_ = np.minimum.accumulate(np.clip(kept[:, 0], 0, 1)), kept[:, 1]
        best = max(int(np.argmax(kept[:, 0] - kept[:, 1])), 1)
        self.threshold_ = float(self.efficiency_[best - 1] + self.efficiency_[best]) / 2
        return self

    def decision_function(self, x: np.ndarray) -> np.ndarray:
        """How much tighter than the box of the best balanced accuracy the tightest box is that holds the event."""
        tightest = np.zeros(len(x), int)
        for number, (low, high) in enumerate(self.walls_):
            tightest[((x > low) & (x <= high)).all(axis=1)] = number
        return self.threshold_ - self.efficiency_[tightest]

    def _boxes(self, events: Events, last: np.ndarray) -> list[np.ndarray]:
        """First and last bin of each column, shape (2, columns), of every box."""
        boxes = [np.stack([np.zeros_like(last), last])]
        improve = {"grid": _peeled, "genetic": self._evolved}[self.search]
        for target in np.arange(1, self.steps)[::-1] / self.steps:
            held = _held(events.code, boxes[-1])
            inside = Events(events.code[:, held], events.signal[held], events.background[held])
            boxes.append(improve(inside, boxes[-1], float(target)))
        return boxes

    def _evolved(self, events: Events, box: np.ndarray, target: float) -> np.ndarray:
        """The box of least background with enough signal that a genetic algorithm finds inside `box`."""
        import jax

        from ansatz.optimizers import BlackBox, GeneticAlgorithm, Stop, minimize

        def at(place: np.ndarray) -> np.ndarray:
            low, high = np.sort(np.clip(place, 0, 1).reshape(2, -1), axis=0)
            return np.rint(box[0] + np.stack([low, high]) * (box[1] - box[0])).astype(int)

        kept = _counter(events)

        def cost(place: np.ndarray) -> float:
            signal, background = kept(at(np.asarray(place)))
            return background + 10 * max(target - signal, 0.0)

        start = np.repeat([0.0, 1.0], box.shape[1])
        budget = Stop(evaluations=40 * self.generations)
        search = GeneticAlgorithm(population=40, rates=(0.3, 0.1, 0.03), spread=0.2)
        key = jax.random.key(self.seed)
        found = minimize(BlackBox(cost), start, optimizer=search, bounds=(0.0, 1.0), stop=budget, key=key, path=False)
        return at(np.asarray(found.theta))


def _peeled(events: Events, box: np.ndarray, target: float) -> np.ndarray:
    """Walls move inward, the one first that removes most background for the signal that it costs."""
    box, rest = box.copy(), events
    while True:
        spare = rest.signal.sum() - target
        found = [move for j in range(box.shape[1]) for move in _moves(rest, box, j, spare)]
        if not found:
            return box
        _, side, column, wall = max(found)
        box[side, column] = wall
        held = _held(rest.code, box)
        rest = Events(rest.code[:, held], rest.signal[held], rest.background[held])


def _moves(events: Events, box: np.ndarray, column: int, spare: float) -> list[tuple[float, int, int, int]]:
    """The best move of either wall of a column: what it is worth, side, column, new place."""
    low, high = box[:, column]
    sums = [np.bincount(events.code[column] - low, w, high - low + 1) for w in (events.signal, events.background)]
    found = []
    for side in (0, 1):
        signal, background = (np.cumsum(s if side == 0 else s[::-1])[:-1] for s in sums)
        allowed = (signal <= spare + 1e-12) & (background > 1e-12)
        if allowed.any():
            worth = np.where(allowed, background / np.maximum(signal, 1e-4), -np.inf)
            best = int(np.argmax(worth))
            found.append((float(worth[best]), side, column, int(low + best + 1 if side == 0 else high - best - 1)))
    return found


def _held(code: np.ndarray, box: np.ndarray) -> np.ndarray:
    return ((code >= box[0][:, None]) & (code <= box[1][:, None])).all(axis=0)


def _kept(events: Events, box: np.ndarray) -> tuple[float, float]:
    """Parts of signal and background inside a box."""
    held = _held(events.code, box)
    return float(events.signal[held].sum()), float(events.background[held].sum())


def _counter(events: Events) -> Callable[[np.ndarray], tuple[float, float]]:
    """The same for one box after another."""
    if not fits(events.code):
        return lambda box: _kept(events, box)
    bits = Bitmaps(events.code, np.stack([events.signal, events.background]))
    return lambda box: tuple(bits.sums(box).tolist())


def _walls(box: np.ndarray, edges: tuple[np.ndarray, ...]) -> np.ndarray:
    """A box of bins in the columns' own values, shape (2, columns)."""
    low = [-np.inf if first == 0 else edge[first - 1] for first, edge in zip(box[0], edges, strict=True)]
    high = [np.inf if last == len(edge) else edge[last] for last, edge in zip(box[1], edges, strict=True)]
    return np.array([low, high])
