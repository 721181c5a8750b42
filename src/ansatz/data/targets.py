"""From the values of a target column to class numbers, or to numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ansatz.errors import InputError, suggest

MOST_CLASSES = 20
"""Whole numbers of more different values than this are taken for numbers, not for labels."""


def encode(
    values: Mapping[str, np.ndarray], task: str | None, classes: Sequence[str] | None
) -> tuple[np.ndarray, tuple[str, ...] | None]:
    """The target as class numbers 0..K-1 and the names of the classes, or as numbers and None.

    Text, yes-or-no values and whole numbers of few values are classes; so are two different whole numbers that are
    stored as floats. Other floats are numbers.

    Args:
        values: each target column, shape (events,), nothing missing.
        task: `"classification"` or `"regression"` decides for certain.
        classes: order of the classes, or names for the labels 0, 1, ...

    Raises:
        InputError: if there is only one class, or text where numbers are needed.

    Example:
        >>> encode({"kind": np.array(["b", "s", "b"])}, None, None)
        (array([0, 1, 0]), ('b', 's'))
        >>> encode({"kind": np.array(["b", "s", "b"])}, None, ["s", "b"])
        (array([1, 0, 1]), ('s', 'b'))
        >>> encode({"mass": np.array([91.2, 125.1, 90.8])}, None, None)[1] is None
        True
    """
    numbers = task == "regression" or (task is None and not any(are_labels(column) for column in values.values()))
    if numbers:
        columns = [_as_numbers(name, column) for name, column in values.items()]
        return (columns[0] if len(columns) == 1 else np.stack(columns, axis=1)), None
    if len(values) > 1:
        raise InputError(f"a classification has one target, not {len(values)}: {', '.join(values)}")
    [(name, column)] = values.items()
    return _classified(name, column, classes)


def are_labels(values: np.ndarray) -> bool:
    """Whether the values look like labels of classes."""
    if values.dtype.kind in "OUb":
        return True
    different = np.unique(values)
    if values.dtype.kind in "iu":
        return len(different) <= MOST_CLASSES
    return len(different) == 2 and bool(np.all(different == np.round(different)))


def class_names(values: np.ndarray) -> np.ndarray:
    """The name of each event's class: whole floats lose their point.

    Example:
        >>> class_names(np.array([1.0, 0.0])).tolist()
        ['1', '0']
    """
    whole = values.dtype.kind == "f" and bool(np.all(values == np.round(values)))
    return (values.astype(np.int64) if whole else values).astype(str)


def _as_numbers(name: str, values: np.ndarray) -> np.ndarray:
    if values.dtype.kind in "OU":
        raise InputError(f"the target '{name}' holds text such as '{values[0]}', which no regression can learn")
    return values.astype(np.float64)


def _classified(name: str, values: np.ndarray, order: Sequence[str] | None) -> tuple[np.ndarray, tuple[str, ...]]:
    different, y = np.unique(values.astype(str) if values.dtype.kind == "O" else values, return_inverse=True)
    names = tuple(class_names(different).tolist())
    if len(names) < 2:
        raise InputError(f"the target '{name}' has one class only ('{names[0]}') in {len(values)} rows; two are needed")
    return (y, names) if order is None else _reordered(y, names, [str(one) for one in order])


def _reordered(y: np.ndarray, names: tuple[str, ...], order: list[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    if sorted(names) == sorted(order):
        place = np.array([order.index(name) for name in names])
        return place[y], tuple(order)
    if len(names) == len(order) and names == tuple(str(i) for i in range(len(names))):
        return y, tuple(order)
    strange = next((name for name in order if name not in names), order[0] if order else "")
    raise InputError(f"classes lists '{strange}', but the classes are {', '.join(names[:10])}{suggest(strange, names)}")
