"""How uniform the efficiency of a cut on a score is over observers, such as a mass or a plane of masses."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from ansatz.errors import InputError
from ansatz.validation.interval import Interval

EFFICIENCIES = (0.1, 0.2, 0.3, 0.4, 0.5)
"""Efficiencies of the whole sample at which those of the cells are compared; published figures use these."""


def cells(observers: np.ndarray, *, bins: int = 10) -> np.ndarray:
    """The cell of each event on a grid of equal steps over the range of each observer, shape (events,).

    Args:
        observers: shape (events,) or (events, observers).
        bins: along each observer.

    Raises:
        InputError: if there are fewer than two bins.

    Example:
        >>> cells(np.array([0.0, 0.4, 0.6, 1.0]), bins=2).tolist()
        [0, 0, 1, 1]
    """
    if bins < 2:
        raise InputError(f"uniformity needs two or more bins, not {bins}")
    columns = np.asarray(observers, float)
    columns = columns[:, None] if columns.ndim == 1 else columns
    number = np.zeros(len(columns), int)
    for column in columns.T:
        edges = np.linspace(column.min(), column.max(), bins + 1)[1:-1]
        number = number * bins + np.searchsorted(edges, column)
    return np.unique(number, return_inverse=True)[1]


def sde(
    score: np.ndarray,
    cell: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    efficiencies: Sequence[float] = EFFICIENCIES,
) -> float:
    r"""Standard deviation of efficiency, \( \sqrt{\langle \sum_c w_c (\varepsilon_c - \bar\varepsilon)^2 \rangle} \).

    The mean is over cuts that keep the given parts of the whole sample; \( w_c \) is the share of cell c. Zero for a
    score that knows nothing of the cells, apart from the fluctuations of few events in each.

    Args:
        score: shape (events,), of one class.
        cell: of each event, shape (events,).
        weight: event weights.
        efficiencies: of the whole sample.

    Raises:
        InputError: if the weights do not sum to something positive.

    Example:
        >>> score, cell = np.tile(np.arange(100.0), 2), np.repeat([0, 1], 100)
        >>> round(sde(score, cell), 9), round(sde(score + 1000 * cell, cell), 3)
        (0.0, 0.332)

    Source: A. Rogozhnikov et al., JINST 10 (2015) T03002, arXiv:1410.4140.
    """
    w, share = _shares(cell, weight)
    total = 0.0
    for efficiency in efficiencies:
        cut = _cut(score, w, efficiency)
        passed = np.bincount(cell, w * (score > cut)) / share
        mean = np.sum(share * passed)
        total += np.sum(share * (passed - mean) ** 2)
    return float(np.sqrt(total / len(efficiencies)))


def theil(
    score: np.ndarray,
    cell: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    efficiencies: Sequence[float] = EFFICIENCIES,
) -> float:
    r"""Theil's index of the efficiencies.

    \( \langle \sum_c w_c \, r_c \ln r_c \rangle \) with \( r_c = \varepsilon_c / \bar\varepsilon \),
    over the cuts of `sde`.

    Raises:
        InputError: if the weights do not sum to something positive.
    """
    w, share = _shares(cell, weight)
    total = 0.0
    for efficiency in efficiencies:
        passed = np.maximum(np.bincount(cell, w * (score > _cut(score, w, efficiency))) / share, 0.0)
        whole = np.sum(share * passed)
        ratio = passed / whole if whole > 0 else np.ones(len(passed))
        total += np.sum(share * ratio * np.log(np.where(ratio > 0, ratio, 1.0)))
    return float(total / len(efficiencies))


def cvm(score: np.ndarray, cell: np.ndarray, weight: np.ndarray | None = None) -> float:
    r"""Cramer-von Mises: \( \sum_c w_c \int (F_c(s) - F(s))^2 dF(s) \), over all cuts at once.

    Raises:
        InputError: if the weights do not sum to something positive.

    Example:
        >>> score, cell = np.tile(np.arange(100.0), 2), np.repeat([0, 1], 100)
        >>> round(cvm(score, cell), 9), round(cvm(score + 1000 * cell, cell), 3)
        (0.0, 0.083)
    """
    w, share = _shares(cell, weight)
    order = np.lexsort((cell, score))
    values, cell, w = score[order], cell[order], w[order]
    last = np.append(np.flatnonzero(np.diff(values)), len(values) - 1)
    group = np.searchsorted(last, np.arange(len(values)))
    steps, whole = np.bincount(group, w), np.cumsum(w)[last]
    total = 0.0
    for c, part in enumerate(share):
        inside = np.cumsum(np.where(cell == c, w, 0.0))[last] / part
        total += part * np.sum(steps * (inside - whole) ** 2)
    return float(total)


def _cut(score: np.ndarray, weight: np.ndarray, efficiency: float) -> float:
    """The score that this part of the weight lies above."""
    order = np.argsort(score, kind="stable")
    below = np.cumsum(weight[order])
    return float(score[order[min(int(np.searchsorted(below, 1 - efficiency - 1e-12)), len(order) - 1)]])


def _shares(cell: np.ndarray, weight: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Weights that sum to one, and the share of each cell; cells whose weights sum to nothing are refused."""
    w = np.ones(len(cell)) if weight is None else np.asarray(weight, float)
    if not w.sum() > 0:
        raise InputError(f"the weights sum to {w.sum():g}; uniformity needs a positive sum")
    w = w / w.sum()
    share = np.bincount(cell, w)
    if np.any(share <= 0):
        raise InputError("the weights of a cell sum to nothing; take fewer bins")
    return w, share


@dataclasses.dataclass(frozen=True, eq=False)
class Uniformity:
    """How uniform a score is over observers, within one class.

    Attributes:
        sde: standard deviation of efficiency, with its interval over bootstrap replicas.
        theil: Theil's index.
        cvm: Cramer-von Mises.
        expected: the SDE of a score that knows nothing of the observers, from shuffled scores: what few events give.
    """

    sde: Interval
    theil: float
    cvm: float
    expected: float


def uniformity(
    score: np.ndarray,
    observers: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    bins: int = 10,
    replicas: int = 50,
    rng: np.random.Generator,
) -> Uniformity:
    """All measures of uniformity of a score within one class.

    Args:
        score: shape (events,).
        observers: shape (events,) or (events, observers).
        weight: event weights.
        bins: along each observer.
        replicas: bootstrap replicas of the interval.
        rng: of the bootstrap and of the shuffling.

    Raises:
        InputError: if bins are too few, or weights of a cell sum to nothing.
    """
    cell = cells(observers, bins=bins)
    w = np.ones(len(score)) if weight is None else np.asarray(weight, float)
    value = sde(score, cell, w)
    shuffled = np.sqrt(np.mean([sde(rng.permutation(score), cell, w) ** 2 for _ in range(5)]))
    drawn = [rng.integers(0, len(score), len(score)) for _ in range(replicas)]
    found = np.array([_again(score, cell, w, rows) for rows in drawn])
    spread = float(np.nanstd(found))
    interval = Interval(value, max(value - spread, 0.0), value + spread, method="bootstrap")
    return Uniformity(interval, theil(score, cell, w), cvm(score, cell, w), float(shuffled))


def _again(score: np.ndarray, cell: np.ndarray, w: np.ndarray, rows: np.ndarray) -> float:
    """The SDE of a replica, in the cells that it holds."""
    kept = np.unique(cell[rows], return_inverse=True)[1]
    try:
        return sde(score[rows], kept, w[rows])
    except InputError:
        return np.nan
