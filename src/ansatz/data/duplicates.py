"""Rows that occur twice: in one sample, and, which spoils a test, in training and test."""

from __future__ import annotations

import numpy as np

from ansatz.data.dataset import Dataset

PIECE = 2**18


def duplicates(data: Dataset) -> dict[str, int]:
    """How many events have exactly the features of an earlier one, and how many of these another target.

    Missing values are equal to each other, and 0 to -0. The events that agree in a 64-bit hash are compared in full.

    Returns:
        `"rows"`: events whose features occurred before; `"conflicting"`: those of them whose target differs.

    Example:
        >>> x = np.array([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0], [1.0, 2.0]])
        >>> duplicates(Dataset(x, y=np.array([0, 1, 0, 1]), classes=("b", "s")))
        {'rows': 2, 'conflicting': 1}
    """
    keys = row_keys(data.x)
    order = np.argsort(keys, kind="stable")
    later = np.flatnonzero(keys[order][1:] == keys[order][:-1]) + 1
    earlier, later = order[later - 1], order[later]
    same = _equal(data.x[earlier], data.x[later])
    earlier, later = earlier[same], later[same]
    conflict = 0 if data.y is None else int((~_equal(data.y[earlier], data.y[later])).sum())
    return {"rows": len(later), "conflicting": conflict}


def duplicates_across(train: Dataset, test: Dataset) -> int:
    """How many events of `test` have exactly the features of an event of `train`.

    Features are compared by a 64-bit hash: with ten million rows the chance of a single false alarm is about 1e-5.

    Example:
        >>> train, test = Dataset(np.array([[1.0], [2.0]])), Dataset(np.array([[2.0], [3.0], [2.0]]))
        >>> duplicates_across(train, test)
        2
    """
    return int(np.isin(row_keys(test.x), row_keys(train.x)).sum())


def row_keys(x: np.ndarray) -> np.ndarray:
    """A 64-bit hash of each event's features, shape (events,), by the finalizer of SplitMix64 (Steele et al. 2014)."""
    flat = x.reshape(len(x), int(np.prod(x.shape[1:])))
    keys = np.zeros(len(x), np.uint64)
    for start in range(0, len(x), PIECE):
        rows = slice(start, start + PIECE)
        for column in flat[rows].T:
            keys[rows] = _mixed(keys[rows] + np.uint64(0x9E3779B97F4A7C15) ^ _bits(column))
    return keys


def _bits(column: np.ndarray) -> np.ndarray:
    values = column.astype(np.float64) + 0.0
    values[np.isnan(values)] = np.nan
    return values.view(np.uint64)


def _mixed(key: np.ndarray) -> np.ndarray:
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))


def _equal(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Which rows agree in everything."""
    agree = (a == b) | ((a != a) & (b != b))
    return agree.all(axis=tuple(range(1, agree.ndim)))
