"""Histograms of expected events by process, with their statistical errors, and of what was observed."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Protocol

import numpy as np

from ansatz.data import Dataset
from ansatz.studies.significance.expected import Expected

BINS = 25
MOST_COLUMNS = 12


class Judged(Protocol):
    """Rows that a model is judged on, and their scores."""

    judged: np.ndarray
    judged_score: np.ndarray
    link: str


@dataclasses.dataclass(frozen=True, eq=False)
class Stack:
    """One histogram.

    Attributes:
        edges: of the bins.
        count: expected events, shape (processes, bins).
        variance: of the sums of weights, shape (processes, bins).
        observed: events that were seen, shape (bins,), or None.
    """

    edges: np.ndarray
    count: np.ndarray
    variance: np.ndarray
    observed: np.ndarray | None = None

    def beside(self, values: np.ndarray | None) -> Stack:
        """The same with observed events."""
        if values is None:
            return self
        inside = np.clip(values[np.isfinite(values)], self.edges[0], np.nextafter(self.edges[-1], -np.inf))
        return dataclasses.replace(self, observed=np.histogram(inside, self.edges)[0])


@dataclasses.dataclass(frozen=True, eq=False)
class Stacked:
    """The histograms of a run: of the score of every model, and of columns before and after a cut."""

    scores: Mapping[str, Stack]
    columns: Mapping[str, tuple[Stack, Stack]]

    def arrays(self) -> dict[str, np.ndarray]:
        """All of them by name."""
        found = {}
        for name, stack in self.scores.items():
            found |= _named(f"score/{name}", stack)
        for name, (before, after) in self.columns.items():
            found |= _named(f"before/{name}", before) | _named(f"after/{name}", after)
        return found


def _named(prefix: str, stack: Stack) -> dict[str, np.ndarray]:
    found = {f"{prefix}/{field.name}": getattr(stack, field.name) for field in dataclasses.fields(stack)}
    return {name: values for name, values in found.items() if values is not None}


def stacked(values: np.ndarray, weight: np.ndarray, process: np.ndarray, edges: np.ndarray, processes: int) -> Stack:
    """A histogram by process; what lies outside goes to the first and last bin.

    Example:
        >>> found = stacked(np.array([0.1, 0.9, 5.0]), np.ones(3), np.array([0, 1, 1]), np.array([0.0, 0.5, 1.0]), 2)
        >>> found.count.tolist()
        [[1.0, 0.0], [0.0, 2.0]]
    """
    bins = len(edges) - 1
    known = np.isfinite(values)
    place = np.clip(np.searchsorted(edges, values[known], side="right") - 1, 0, bins - 1) + bins * process[known]
    sums = [
        np.bincount(place, w, bins * processes).reshape(processes, bins) for w in (weight[known], weight[known] ** 2)
    ]
    return Stack(edges, *sums)


def score_stack(shown: np.ndarray, scored: Judged, events: Expected) -> Stack:
    """The histogram of a score, as figures show it."""
    edges = np.linspace(0, 1, BINS + 1) if scored.link == "probability" else _edges(shown)
    return stacked(shown, events.of(scored.judged), events.process[scored.judged], edges, len(events.names))


@dataclasses.dataclass(frozen=True, eq=False)
class Seen:
    """Observed events, and which of them pass the cut."""

    data: Dataset
    passed: np.ndarray

    def column(self, name: str, *, cut: bool) -> np.ndarray:
        """Values of a column, of all or of those that pass."""
        values = np.asarray(self.data.column(name), float)
        return values[self.passed] if cut else values


def column_stacks(
    data: Dataset, rows: np.ndarray, passed: np.ndarray, events: Expected, mass: str | None, seen: Seen | None
) -> dict[str, tuple[Stack, Stack]]:
    """Histograms of columns before and after a cut, the mass first."""
    if data.x.ndim != 2:
        return {}
    names = list(dict.fromkeys([*([mass] if mass else []), *data.columns]))[:MOST_COLUMNS]
    weight, process, found = events.of(rows), events.process[rows], {}
    for name in names:
        values = np.asarray(data.column(name), float)[rows]
        edges = _edges(values)
        parts = [(values[some], weight[some], process[some]) for some in (slice(None), passed)]
        drawn = [stacked(*part, edges, len(events.names)) for part in parts]
        data_points = [None if seen is None else seen.column(name, cut=cut) for cut in (False, True)]
        found[name] = tuple(one.beside(points) for one, points in zip(drawn, data_points, strict=True))
    return found


def _edges(values: np.ndarray) -> np.ndarray:
    """Equal bins over all but the far tails; whole numbers of few values get one each."""
    known = values[np.isfinite(values)]
    if not len(known):
        return np.array([0.0, 1.0])
    low, high = np.quantile(known, [0.002, 0.998])
    if high - low < BINS and np.array_equal(known, np.round(known)):
        return np.arange(np.floor(low), np.ceil(high) + 2) - 0.5
    return np.linspace(low, high, BINS + 1) if high > low else np.array([low - 0.5, low + 0.5])
