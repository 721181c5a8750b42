"""Rows kept aside, so that what is learned from them is learned from fresh events."""

from __future__ import annotations

import numpy as np

from ansatz.data import Dataset
from ansatz.data.duplicates import row_keys
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.typing import Key


def set_aside(data: Dataset, fraction: float, *, key: Key) -> tuple[Dataset, Dataset]:
    """Rows to learn from, and a fraction of them kept aside; of classes the same fraction of each.

    Which part a row falls in is decided by its features and target, so equal rows stay together: no copy of a training
    row is judged, and a row of weight 2 goes where two equal rows go.

    Raises:
        InputError: if the fraction is not between 0 and 1, or a part would lack rows, a class or positive weight.

    Example:
        >>> import jax
        >>> data = Dataset(np.arange(8.0)[:, None], y=np.arange(8.0))
        >>> [len(part) for part in set_aside(data, 0.25, key=jax.random.key(0))]
        [6, 2]
    """
    if not 0 < fraction < 1:
        raise InputError(f"the fraction of rows kept aside lies between 0 and 1, not {fraction}")
    aside = np.zeros(len(data), bool)
    for rows in _strata(data):
        place, count = _places(data[rows], key)
        aside[rows] = place < round(fraction * count)
    parts = data[~aside], data[aside]
    _usable(data, parts)
    return parts


def fold_numbers(data: Dataset, k: int | None, *, key: Key) -> np.ndarray:
    """A fold 0..k-1 for each row, shape (events,), equal rows in one fold; k None: each different row its own.

    Raises:
        InputError: if there are fewer than two folds, or more folds than different rows, or one would lack weight.
    """
    place, count = _places(data, key)
    k = count if k is None else k
    if not 2 <= k <= count:
        raise InputError(f"folds = {k}: expected at least 2 and at most the {count} different rows of '{data.name}'")
    number = place % k
    for one in range(k):
        _usable(data, (data[number != one],))
    return number


def _strata(data: Dataset) -> list[np.ndarray]:
    if data.task != "classification":
        return [np.arange(len(data))]
    return [np.flatnonzero(data.y == one) for one in np.unique(data.y)]


def _places(data: Dataset, key: Key) -> tuple[np.ndarray, int]:
    """The place of each row's content in a random order of the different contents, and how many there are."""
    table = np.column_stack([data.x.reshape(len(data), -1), data.y.reshape(len(data), -1)])
    content, number = np.unique(row_keys(table), return_inverse=True)
    return generator(key).permutation(len(content))[number], len(content)


def _usable(data: Dataset, parts: tuple[Dataset, ...]) -> None:
    for part in parts:
        if len(part) == 0 or not part.weight.sum() > 0:
            raise InputError(f"'{data.name}' has too few events ({len(data)}) to keep some of them aside")
        if data.task == "classification" and len(np.unique(part.y)) < len(np.unique(data.y)):
            raise InputError(f"'{data.name}' has too few events of a class to keep some of them aside")
