"""Rows of units with two values, as Boltzmann machines take them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ansatz.data import Dataset
from ansatz.data.duplicates import row_keys
from ansatz.errors import InputError
from ansatz.models.energy import UNITS


class TwoValued(NamedTuple):
    """Distinct states with the weight of all their copies.

    Attributes:
        x: shape (states, units), the values as they were given.
        weight: whose sum is one.
        units: "binary" (0/1) or "spin" (-1/+1).
        events: number of rows they came from.
        effective: effective number of events, (sum w)^2 / sum w^2.
    """

    x: np.ndarray
    weight: np.ndarray
    units: str
    events: int
    effective: float

    def dataset(self) -> Dataset:
        """The states as a sample."""
        return Dataset(self.x.astype(np.float32), weight=self.weight)


def two_valued(data: Dataset) -> TwoValued:
    """The distinct states of a sample; fields and images are flattened.

    A sample is of spins if a value is negative, else of 0 and 1; `ansatz.models.energy.recoded` leads from one to the
    other.

    Raises:
        InputError: if there are no events, a value is neither -1, 0 nor 1, or weights are negative or sum to nothing.

    Example:
        >>> rows = two_valued(Dataset(np.array([[1, -1], [1, 1], [1, -1]]), weight=np.array([1.0, 2.0, 1.0])))
        >>> rows.units, rows.x.tolist(), rows.weight.tolist()
        ('spin', [[1.0, -1.0], [1.0, 1.0]], [0.5, 0.5])
    """
    if not len(data):
        raise InputError(f"sample '{data.name}' has no events")
    x = np.asarray(data.x, float).reshape(len(data), int(np.prod(data.x.shape[1:])))
    units = "spin" if (x < 0).any() else "binary"
    bad = ~np.isin(x, UNITS[units])
    if bad.any():
        row = int(bad.any(axis=1).argmax())
        raise InputError(
            f"a Boltzmann machine takes units with two values, 0 and 1 or -1 and +1, but row {data.row[row]} of "
            f"'{data.name}' holds {x[row][bad[row]][0]:g}; put a threshold on the columns"
        )
    weight = np.asarray(data.weight, float)
    if (weight < 0).any() or not weight.sum() > 0:
        raise InputError(
            f"a Boltzmann machine needs event weights that are not negative and do not sum to zero; "
            f"{(weight < 0).sum()} of {len(weight)} are negative"
        )
    _, first, place = np.unique(row_keys(x), return_index=True, return_inverse=True)
    merged = np.bincount(place.ravel(), weights=weight)
    effective = float(weight.sum() ** 2 / np.sum(weight**2))
    order = np.lexsort(x[first].T[::-1])
    kept = order[merged[order] > 0]
    return TwoValued(x[first[kept]], merged[kept] / weight.sum(), units, len(data), effective)
