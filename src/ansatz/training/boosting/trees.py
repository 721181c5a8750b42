"""Histogram trees in NumPy, for boosting with sums that other packages' trees do not know.

Columns are cut into bins at weighted quantiles once; a tree of all nodes of a level at a time is then grown from sums
of two numbers for each event in the bins (gradient and curvature in boosting, the two samples' weights in reweighting).
Measured on 50,000 events of 3 columns: 7 ms of CPU for a tree of depth 4.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

Gain = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""What a node with sums a and b is worth; a cut is taken where its two sides are worth most above the whole."""


@dataclasses.dataclass(frozen=True, eq=False)
class Binned:
    """Columns as bin numbers.

    Attributes:
        number: shape (columns, events): how many edges lie below the value; the last bin holds missing values too.
        edges: rising edges of each column.
    """

    number: np.ndarray
    edges: tuple[np.ndarray, ...]

    @property
    def bins(self) -> int:
        """Bins of the column that has most."""
        return max(len(edges) for edges in self.edges) + 1


@dataclasses.dataclass(frozen=True, eq=False)
class TreeSum:
    """A sum of trees of one depth, each written as a heap: the children of node i are 2 i + 1 and 2 i + 2.

    Attributes:
        column: the column that each inner node looks at, shape (trees, 2^depth - 1).
        cut: events with `x <= cut` go left, others (and missing values) right; infinite where all go left; same shape.
        value: what each leaf adds, shape (trees, 2^depth).
        start: what is added to the sum.

    Example:
        >>> stump = TreeSum(np.array([[0]]), np.array([[1.5]]), np.array([[-1.0, 2.0]]), start=0.5)
        >>> stump(np.array([[1.0], [2.0], [np.nan]])).tolist()
        [-0.5, 2.5, 2.5]
    """

    column: np.ndarray
    cut: np.ndarray
    value: np.ndarray
    start: float = 0.0

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """The sum for each event, shape (events,)."""
        total = np.full(len(x), self.start)
        columns = np.asfortranarray(x, dtype=float).ravel(order="F")
        rows = np.arange(len(x))
        for column, cut, value in zip(self.column, self.cut, self.value, strict=True):
            node = np.zeros(len(x), np.int64)
            while len(node) and node[0] < len(cut):
                edge = cut[node]
                right = ~(columns[column[node] * len(x) + rows] <= edge) & (edge < np.inf)
                node = 2 * node + 1 + right
            total += value[node - len(cut)]
        return total

    @property
    def importance(self) -> np.ndarray:
        """How many cuts are made in each column, shape (columns,)."""
        return np.bincount(self.column[np.isfinite(self.cut)].ravel())


class Grown(NamedTuple):
    """One tree: column and cut of each inner node, and the leaf that every event is in."""

    column: np.ndarray
    cut: np.ndarray
    leaf: np.ndarray


def binned(x: np.ndarray, weight: np.ndarray, *, bins: int = 64) -> Binned:
    """Columns cut at weighted quantiles.

    Example:
        >>> found = binned(np.array([[1.0], [2.0], [3.0], [4.0]]), np.ones(4), bins=2)
        >>> found.number.tolist(), found.edges[0].tolist()
        ([[0, 0, 1, 1]], [2.5])
    """
    edges = tuple(quantile_edges(column, np.abs(weight), bins) for column in x.T)
    number = [np.searchsorted(e, column, side="left") for e, column in zip(edges, x.T, strict=True)]
    return Binned(np.stack(number).astype(np.int64), edges)


def quantile_edges(column: np.ndarray, weight: np.ndarray, bins: int) -> np.ndarray:
    """Edges between bins of equal weight, half way between neighboring values; missing values play no part."""
    known = ~np.isnan(column)
    values, place = np.unique(column[known], return_inverse=True)
    if len(values) < 2:
        return np.zeros(0)
    passed = np.cumsum(np.bincount(place, weight[known]))
    wanted = np.arange(1, bins) / bins * passed[-1]
    at = np.unique(np.minimum(np.searchsorted(passed, wanted * (1 - 1e-12)), len(values) - 2))
    return values[at] + (values[at + 1] - values[at]) / 2


def grow(sample: Binned, a: np.ndarray, b: np.ndarray, *, depth: int, smallest: float, gain: Gain) -> Grown:
    """A tree that makes the gains of its leaves large, one level after the other.

    Args:
        sample: the columns.
        a: first number of each event.
        b: second number of each event; every leaf keeps a sum of at least `smallest` of it.
        depth: levels of cuts.
        smallest: least sum of `b` in a leaf.
        gain: what a node is worth.
    """
    nodes = 2**depth - 1
    column, cut = np.zeros(nodes, np.int64), np.full(nodes, np.inf)
    place = np.zeros(len(a), np.int64)
    for level in range(depth):
        best, where = _best(sample, a, b, place, 2**level, smallest, gain)
        first = 2**level - 1
        column[first : 2 * first + 1] = best
        edge = np.full(2**level, sample.bins, np.int64)
        for node in np.flatnonzero(where >= 0):
            cut[first + node], edge[node] = sample.edges[best[node]][where[node]], where[node]
        place = 2 * place + _beyond(sample, best, edge, place)
    return Grown(column, cut, place)


def _beyond(sample: Binned, column: np.ndarray, edge: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Whether each event lies beyond the cut of its node."""
    used = np.unique(column)
    if len(used) == 1:
        return sample.number[used[0]] > edge[place]
    flat, n = sample.number.ravel(), sample.number.shape[1]
    return flat[column[place] * n + np.arange(n)] > edge[place]


def _best(
    sample: Binned, a: np.ndarray, b: np.ndarray, place: np.ndarray, nodes: int, smallest: float, gain: Gain
) -> tuple[np.ndarray, np.ndarray]:
    """Column and edge of the best cut of every node; edge -1 where none is worth it."""
    bins = sample.bins
    gains = np.full((nodes, len(sample.number), max(bins - 1, 1)), -np.inf)
    offset = place * bins
    for j, number in enumerate(sample.number):
        index, count = offset + number, len(sample.edges[j])
        left = [np.bincount(index, v, nodes * bins).reshape(nodes, bins).cumsum(axis=1) for v in (a, b)]
        low_a, low_b = (sums[:, :count] for sums in left)
        all_a, all_b = (sums[:, -1:] for sums in left)
        allowed = (low_b >= smallest) & (all_b - low_b >= smallest)
        worth = gain(low_a, low_b) + gain(all_a - low_a, all_b - low_b) - gain(all_a, all_b)
        gains[:, j, :count] = np.where(allowed, worth, -np.inf)
    flat = gains.reshape(nodes, -1)
    best = flat.argmax(axis=1)
    column, edge = np.divmod(best, gains.shape[2])
    return column, np.where(flat[np.arange(nodes), best] > 1e-12, edge, -1)


def together(trees: list[Grown], values: list[np.ndarray], start: float) -> TreeSum:
    """Trees and the values of their leaves as one sum."""
    return TreeSum(
        np.stack([tree.column for tree in trees]), np.stack([tree.cut for tree in trees]), np.stack(values), start
    )
