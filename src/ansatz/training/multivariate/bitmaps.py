"""Which events lie in a box, by bits: ten times faster for a search that asks thousands of boxes."""

from __future__ import annotations

import numpy as np

LARGEST = 2**28
"""Bytes that the bits may take."""


class Bitmaps:
    """For each column and each place where a wall may stand, which events lie below it: one bit for each event.

    Args:
        code: bin number of each event in each column, shape (columns, events).
        weights: weights whose sums are wanted, shape (sums, events).

    Example:
        >>> found = Bitmaps(np.array([[0, 1, 2, 2]]), np.array([[1.0, 2.0, 4.0, 8.0]]))
        >>> found.sums(np.array([[1], [2]])).tolist(), found.sums(np.array([[0], [1]])).tolist()
        ([14.0], [3.0])
    """

    def __init__(self, code: np.ndarray, weights: np.ndarray) -> None:
        self.weights = weights
        self.first, self.last = code.min(axis=1, initial=2**31), code.max(axis=1, initial=0)
        places = [np.arange(low, high + 1) for low, high in zip(self.first, self.last, strict=True)]
        self.below = [np.packbits(row[None] <= at[:, None], axis=1) for row, at in zip(code, places, strict=True)]

    def sums(self, box: np.ndarray) -> np.ndarray:
        """Sums of the weights of events with `box[0] <= code <= box[1]` in every column."""
        held = None
        for low, high, first, last, below in zip(*box, self.first, self.last, self.below, strict=True):
            if low > last or high < first:
                return np.zeros(len(self.weights))
            for wall, inside in ((high, True), (low - 1, False)):
                if first <= wall < last:
                    row = below[wall - first]
                    row = row if inside else ~row
                    held = row if held is None else held & row
        if held is None:
            return self.weights.sum(axis=1)
        rows = np.flatnonzero(np.unpackbits(held, count=self.weights.shape[1]))
        return self.weights[:, rows].sum(axis=1)


def fits(code: np.ndarray) -> bool:
    """Whether the bits of so many events take little enough memory."""
    return code.size // 8 * (int(code.max(initial=0)) + 1) <= LARGEST
