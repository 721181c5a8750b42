"""What a classical method is trained on: a finite table with weights, checked and brought into one form."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError, suggest


@dataclasses.dataclass(frozen=True, eq=False)
class Sample:
    """Training rows as a classical method sees them.

    Attributes:
        x: features, float64, shape (rows, columns); NaN where a value is missing.
        y: class numbers (integers) or values (float64), shape (rows,) or (rows, outputs).
        weight: event weights of either sign whose sum is one; no row weighs nothing.
        names: name of each column.
    """

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, rows: np.ndarray) -> Sample:
        weight = self.weight[rows]
        return Sample(self.x[rows], self.y[rows], weight / weight.sum(), self.names)

    @property
    def negative(self) -> bool:
        """Whether some event has a negative weight."""
        return bool((self.weight < 0).any())

    @property
    def effective(self) -> float:
        """Effective number of events, (sum w)^2 / sum w^2, where sum w is one."""
        return float(1 / (self.weight**2).sum())


def sample_of(data: Dataset, columns: Sequence[str] | None = None) -> Sample:
    """The rows of `data` that weigh something, as numbers.

    Fields and images are flattened to one column a pixel.

    Raises:
        InputError: if the sample is empty, or features, targets or weights are not numbers or not finite
            (a feature may be NaN, which stands for a missing value).

    Example:
        >>> import numpy as np
        >>> data = Dataset(np.eye(2), y=np.array([1.0, 2.0]), weight=np.array([3.0, 1.0]), columns=("pt", "eta"))
        >>> sample = sample_of(data, columns=["eta"])
        >>> sample.x.ravel().tolist(), sample.weight.tolist(), round(sample.effective, 2)
        ([0.0, 1.0], [0.75, 0.25], 1.6)
    """
    x, names = table_of(data.x, data.columns, data.name)
    picked = pick(names, columns)
    x, names = (x, names) if columns is None else (x[:, picked], tuple(names[i] for i in picked))
    y, weight = _target(data), np.asarray(data.weight, dtype=float)
    _finite(weight, "weight", data)
    _no_infinity(x, names, data)
    kept = weight != 0
    if not kept.any():
        raise InputError(f"'{data.name}' has no events with a weight to train on; look at its cuts and weights")
    total = weight.sum()
    if total <= 0:
        raise InputError(f"the event weights of '{data.name}' sum to {total:g}; training needs a positive sum")
    if kept.all():
        return Sample(x, y, weight / total, names)
    return Sample(x[kept], y[kept], weight[kept] / total, names)


def table_of(x: np.ndarray, columns: Sequence[str], name: str = "data") -> tuple[np.ndarray, tuple[str, ...]]:
    """Features as a float64 table of shape (events, columns), and the names of its columns.

    Raises:
        InputError: if they are not numbers.
    """
    try:
        flat = np.asarray(x, dtype=float).reshape(len(x), int(np.prod(np.shape(x)[1:])))
    except (TypeError, ValueError) as error:
        raise InputError(f"the features of '{name}' must be numbers, but some are text or objects") from error
    return flat, tuple(columns) if len(columns) == flat.shape[1] else tuple(f"x{i}" for i in range(flat.shape[1]))


def pick(names: Sequence[str], columns: Sequence[str] | None) -> list[int]:
    """The positions of `columns` among `names`; all of them if none are chosen.

    Raises:
        InputError: if there is no such column, with the nearest name.
    """
    for column in columns or ():
        if column not in names:
            raise InputError(f"there is no column '{column}' among {_few(names)}{suggest(column, names)}")
    return list(range(len(names))) if columns is None else [list(names).index(c) for c in columns]


def class_sums(sample: Sample, classes: Sequence[str], name: str) -> np.ndarray:
    """Total weight of every class.

    Raises:
        InputError: if only one class is present, or the weights of a class sum to zero or less.
    """
    present = np.unique(sample.y)
    if len(present) and (present[0] < 0 or present[-1] >= len(classes)):
        raise InputError(f"class numbers of '{name}' must be 0 to {len(classes) - 1}, but {present[-1]} is among them")
    if len(present) < 2:
        raise InputError(f"all {len(sample)} events of '{name}' are '{classes[present[0]]}'; give at least two classes")
    sums = np.bincount(sample.y, weights=sample.weight, minlength=len(classes))
    for label in present:
        if sums[label] <= 0:
            raise InputError(
                f"the weights of class '{classes[label]}' in '{name}' sum to zero or less; add events of it"
            )
    return sums


def _target(data: Dataset) -> np.ndarray:
    if data.y is None:
        raise InputError(f"'{data.name}' has no target; name the column to be learned")
    try:
        y = np.asarray(data.y, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(f"the target of '{data.name}' must be numbers (class numbers for classes)") from error
    _finite(y, "target", data)
    if data.task == "classification":
        return y.reshape(-1).astype(int)
    return y[:, 0] if y.ndim == 2 and y.shape[1] == 1 else y


def _finite(values: np.ndarray, what: str, data: Dataset) -> None:
    bad = ~np.isfinite(values).reshape(len(values), int(np.prod(values.shape[1:]))).all(axis=1)
    if bad.any():
        raise InputError(
            f"the {what} of '{data.name}' is NaN or infinite in {bad.sum()} of {len(bad)} events"
            f" (first: row {data.row[bad.argmax()]}); drop or mend them"
        )


def _no_infinity(x: np.ndarray, names: Sequence[str], data: Dataset) -> None:
    bad = np.isinf(x)
    if bad.any():
        column = int(bad.any(axis=0).argmax())
        row = data.row[bad[:, column].argmax()]
        raise InputError(f"column '{names[column]}' of '{data.name}' is infinite (first: row {row}); drop or mend it")


def _few(names: Sequence[str], most: int = 12) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
