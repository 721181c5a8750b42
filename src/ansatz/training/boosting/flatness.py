r"""The flatness of a score over observers as a loss, and its gradient.

$$L = \sum_c s_c \int |F_c(s) - F(s)|^p\, ds$$

$F$ is the cumulative distribution of the score in a class, $F_c$ that of the events of the class in cell $c$ of the
observers, and $s_c$ the share of the cell. It is zero if every cut has the same efficiency in all cells. Raising the
score of event $i$ of cell $c$ changes it by $-p\,w_i\,|F_c - F|^{p-1} \mathrm{sign}(F_c - F)$ at its score; weights sum
to one in the class. (That is exact for p = 2; for other powers the paper leaves out how F itself moves, and so do we.)

Source: A. Rogozhnikov et al., JINST 10 (2015) T03002, arXiv:1410.4140.
"""

from __future__ import annotations

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Flatness:
    """The events of one class in cells; several partitions into cells are averaged, so that their edges blur.

    Attributes:
        rows: numbers of the events of the class.
        weight: their weights, summing to one.
        cells: cell of each of them in each partition, shape (partitions, events).
        power: p.
    """

    rows: np.ndarray
    weight: np.ndarray
    cells: np.ndarray
    power: float = 2.0

    def push(self, score: np.ndarray) -> np.ndarray:
        """Minus the derivative by the score of each event, shape (all events,); zero outside the class."""
        own = score[self.rows]
        order = np.argsort(own, kind="stable")
        ranked, weight = own[order], self.weight[order]
        whole = _middle(np.cumsum(weight), weight, np.append(True, ranked[1:] != ranked[:-1]))
        total = np.zeros(len(own))
        for cell in self.cells:
            total += self._pull(cell[order], ranked, weight, whole)
        found = np.zeros(len(score))
        found[self.rows[order]] = self.power * weight * total / len(self.cells)
        return found

    def _pull(self, cell: np.ndarray, ranked: np.ndarray, weight: np.ndarray, whole: np.ndarray) -> np.ndarray:
        """The signed power of F_c - F of events in the order of their scores."""
        inside = np.argsort(cell, kind="stable")
        sorted_cell, score, w = cell[inside], ranked[inside], weight[inside]
        sums = np.bincount(cell, weight)
        before = (np.cumsum(sums) - sums)[sorted_cell]
        new = np.append(True, (score[1:] != score[:-1]) | (sorted_cell[1:] != sorted_cell[:-1]))
        part = (_middle(np.cumsum(w), w, new) - before) / np.where(sums > 0, sums, np.inf)[sorted_cell]
        gap = np.empty(len(cell))
        gap[inside] = np.where(sums[sorted_cell] > 0, part - whole[inside], 0.0)
        return np.sign(gap) * np.abs(gap) ** (self.power - 1)


def _middle(passed: np.ndarray, weight: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Half way through the weight of each group of equal scores; `first` marks where groups begin."""
    starts = np.flatnonzero(first)
    group = np.cumsum(first) - 1
    ends = np.append(starts[1:], len(weight)) - 1
    return ((passed[starts] - weight[starts] + passed[ends]) / 2)[group]


def partitions(observers: np.ndarray, weight: np.ndarray, *, bins: int, count: int = 2) -> np.ndarray:
    """Cells of about equal content along each observer, shape (count, events); each partition is shifted by a part.

    Args:
        observers: shape (events, observers).
        weight: event weights.
        bins: along each observer.
        count: partitions.

    Example:
        >>> partitions(np.arange(4.0)[:, None], np.ones(4), bins=2, count=1).tolist()
        [[0, 0, 1, 1]]
    """
    ranks = np.stack([_rank(column, np.abs(weight)) for column in observers.T])
    found = []
    for shift in np.arange(count) / count:
        number = np.zeros(len(observers), np.int64)
        for rank in ranks:
            number = number * (bins + 1) + np.floor(rank * (bins - (count > 1)) + shift).astype(np.int64)
        cell = np.unique(number, return_inverse=True)[1].ravel()
        found.append(cell.astype(np.int16 if cell.max(initial=0) < 2**15 else np.int64))
    return np.stack(found)


def _rank(column: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The share of the weight below each value, from 0 to below 1; equal values share a rank."""
    _, place = np.unique(column, return_inverse=True)
    sums = np.bincount(place.ravel(), weight)
    below = np.cumsum(sums) - sums / 2
    return (below / sums.sum())[place.ravel()] * (1 - 1e-12)
