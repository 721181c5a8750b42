"""What a method without a target is trained on: distinct rows that weigh as much as all their copies."""

from __future__ import annotations

import dataclasses

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.data.duplicates import row_keys
from ansatz.embedding.scaling import medians, moments
from ansatz.errors import InputError
from ansatz.training.classical.sample import pick, table_of


@dataclasses.dataclass(frozen=True, eq=False)
class Rows:
    """Distinct training rows.

    Rows that are equal are one row here, with the sum of their weights, so that a weight of two and two copies are the
    same thing to every method.

    Attributes:
        x: features, float64, shape (rows, columns).
        weight: event weights whose sum is one, shape (rows,).
        names: name of each column.
        count: number of events that they stand for.
        effective: effective number of events, (sum w)^2 / sum w^2.
        even: whether all events weighed the same.
    """

    x: np.ndarray
    weight: np.ndarray
    names: tuple[str, ...]
    count: int
    effective: float
    even: bool

    def __len__(self) -> int:
        return len(self.x)

    def some(self, most: int | None, rng: np.random.Generator) -> Rows:
        """At most so many of the rows, drawn at random with the weights they have."""
        if most is None or len(self) <= most:
            return self
        chosen = np.sort(rng.choice(len(self), most, replace=False))
        weight = self.weight[chosen]
        return dataclasses.replace(self, x=self.x[chosen], weight=weight / weight.sum())


@dataclasses.dataclass(frozen=True, eq=False)
class Preparation:
    """What is done to the columns before a method sees them, fitted on training rows.

    Attributes:
        width: number of columns that are shown.
        picked: the columns that are looked at; None for all.
        fill: what stands in for a missing value, shape (columns,).
        shift: what is subtracted, shape (columns,).
        scale: what is divided by, shape (columns,).
    """

    width: int
    picked: tuple[int, ...] | None
    fill: np.ndarray
    shift: np.ndarray
    scale: np.ndarray

    def apply(self, x: np.ndarray) -> np.ndarray:
        """The columns as the method sees them, shape (events, columns).

        Raises:
            InputError: if there are other columns than in training, or a value is infinite.
        """
        flat, _ = table_of(x, ())
        if flat.shape[1] != self.width:
            raise InputError(f"the model was fitted on {self.width} columns, but the events have {flat.shape[1]}")
        flat = flat if self.picked is None else flat[:, list(self.picked)]
        if np.isinf(flat).any():
            bad = np.isinf(flat).any(axis=1)
            raise InputError(f"{bad.sum()} events have an infinite feature (first: number {bad.argmax()}); mend them")
        return (np.where(np.isnan(flat), self.fill, flat) - self.shift) / self.scale


def prepared(
    data: Dataset, columns: tuple[str, ...] | None, *, scale: bool, negative: bool = False, merge: bool = True
) -> tuple[Preparation, Rows]:
    """How the columns are prepared, and the rows that are learned from.

    Args:
        data: the training rows.
        columns: names of the columns that are looked at; None for all.
        scale: whether columns are standardized (weighted mean 0 and variance 1).
        negative: whether negative event weights are allowed.
        merge: whether equal rows become one; a method without weights has to see every copy.

    Raises:
        InputError: if there is nothing to learn from: no rows, columns that do not vary, weights that are negative or
            sum to nothing, values that are infinite.
    """
    flat, names = table_of(data.x, data.columns, data.name)
    picked = None if columns is None else tuple(pick(names, columns))
    names = names if picked is None else tuple(names[i] for i in picked)
    x = flat if picked is None else flat[:, list(picked)]
    weight = checked_weight(data, negative=negative)
    kept = weight != 0
    x, weight = (x, weight) if kept.all() else (x[kept], weight[kept])
    _check_values(x, names, data.name)
    fill = medians(x) if np.isnan(x).any() else np.zeros(x.shape[1])
    shift, size = moments(x, weight) if scale else (np.zeros(x.shape[1]), np.ones(x.shape[1]))
    preparation = Preparation(flat.shape[1], picked, fill, shift, size)
    ready = (np.where(np.isnan(x), fill, x) - shift) / size
    return preparation, _merged(ready, weight, names) if merge else _as_they_are(ready, weight, names)


def checked_weight(data: Dataset, *, negative: bool) -> np.ndarray:
    """The event weights, if they can be used.

    Raises:
        InputError: if they are not finite, negative where that means nothing, or sum to nothing positive.
    """
    if len(data) == 0:
        raise InputError(f"'{data.name}' has no events")
    weight = np.asarray(data.weight, float)
    if not np.isfinite(weight).all():
        raise InputError(f"{(~np.isfinite(weight)).sum()} event weights of '{data.name}' are NaN or infinite")
    if not negative and (weight < 0).any():
        raise InputError(
            f"this method cannot take negative event weights, which {(weight < 0).sum()} of {len(weight)} events have;"
            " use 'pca', which can"
        )
    if not weight.sum() > 0:
        raise InputError(f"the event weights of '{data.name}' sum to {weight.sum():g}; they must be positive")
    return weight


def remarks(names: tuple[str, ...], x: np.ndarray, most: int = 8) -> list[str]:
    """Columns that say nothing, or the same as another one, in words.

    Example:
        >>> remarks(("a", "b", "c"), np.array([[1.0, 5.0, 1.0], [2.0, 5.0, 2.0]]))
        ["column 'b' is constant and says nothing", "column 'c' is a copy of 'a' and counts twice in every distance"]
    """
    found, seen = [], {}
    for name, column in zip(names, x.T, strict=True):
        key = column.tobytes()
        if np.ptp(column) == 0:
            found.append(f"column '{name}' is constant and says nothing")
        elif key in seen:
            found.append(f"column '{name}' is a copy of '{seen[key]}' and counts twice in every distance")
        seen.setdefault(key, name)
    return found if len(found) <= most else [*found[:most], f"and {len(found) - most} more of that kind"]


def _check_values(x: np.ndarray, names: tuple[str, ...], title: str) -> None:
    if np.isinf(x).any():
        column = int(np.isinf(x).any(axis=0).argmax())
        raise InputError(f"column '{names[column]}' of '{title}' is infinite somewhere; drop or mend those events")
    low, high = np.nanmin(x, axis=0, initial=np.inf), np.nanmax(x, axis=0, initial=-np.inf)
    if not (high > low).any():
        columns = f"column '{names[0]}'" if len(names) == 1 else f"every one of the {len(names)} columns"
        raise InputError(f"{columns} of '{title}' is constant, so all {len(x)} events are the same: choose others")


def _as_they_are(x: np.ndarray, weight: np.ndarray, names: tuple[str, ...]) -> Rows:
    return Rows(x, weight / weight.sum(), names, len(x), _effective(weight), bool((weight == weight[0]).all()))


def _effective(weight: np.ndarray) -> float:
    return float(weight.sum() ** 2 / (weight**2).sum())


def _merged(x: np.ndarray, weight: np.ndarray, names: tuple[str, ...]) -> Rows:
    even = bool((weight == weight[0]).all())
    _, first, place = np.unique(row_keys(x), return_index=True, return_inverse=True)
    total = np.bincount(place.ravel(), weights=weight)
    order = np.lexsort(x[first].T[::-1])
    kept = order[total[order] != 0]
    return Rows(x[first[kept]], total[kept] / weight.sum(), names, len(x), _effective(weight), even)
