"""The finite source: events with weights, names and units.

`Dataset` lives on the host, in NumPy, and keeps what a physicist needs to know of a column. `Batch` is what a
compiled program sees of it: arrays only, so that two samples with other names share one compilation.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from ansatz.keys import generator
from ansatz.typing import Key


@runtime_checkable
class Source(Protocol):
    """Where events come from: a file, a simulator, a box of collocation points."""

    def draw(self, key: Key, n: int) -> Dataset:
        """`n` independent events."""
        ...


class Batch(NamedTuple):
    """The arrays of some events; `weight` is scaled so that an expectation is `mean(weight * value)`.

    Attributes:
        x: features, shape (events, ...).
        y: targets, shape (events,) or (events, outputs); zeros where there is no target.
        weight: event weights of either sign, shape (events,), mean one over real rows. Padding rows weigh nothing.
        observers: columns that a risk may look at though no model is trained on them, each of shape (events,).
    """

    x: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    observers: Mapping[str, np.ndarray] = {}


@dataclasses.dataclass(frozen=True, eq=False)
class Dataset:
    """A finite sample of events.

    Attributes:
        x: features, shape (events, columns) for tables, (events, ...) for fields and images.
        y: target, shape (events,) or (events, outputs), or None. Class labels are the integers 0..K-1 whose names
            are `classes`.
        weight: event weights of either sign, shape (events,), as they were given (ones if none were).
        columns: name of each feature; empty if `x` is not a table.
        target: name of each target column.
        classes: name of each class, or None if the target is a number (regression) or there is none.
        observers: columns carried along but never trained on, such as an invariant mass or a run number.
        units: unit of a column, feature, target or observer, as a Pint string; columns without one are left out.
        row: number of each event in the source it was read from, so that a result can be traced back.
        name: what figures and messages call this sample.

    Raises:
        ValueError: if the lengths or the names do not fit together.

    Example:
        >>> import numpy as np
        >>> data = Dataset(np.array([[25.0, 0.1], [40.0, -1.2]]), y=np.array([0, 1]), columns=("pt", "eta"),
        ...                classes=("background", "signal"), units={"pt": "GeV"})
        >>> len(data), data.task, data.column("pt").tolist()
        (2, 'classification', [25.0, 40.0])
        >>> data[np.array([1])].column("eta").tolist()
        [-1.2]
    """

    x: np.ndarray
    y: np.ndarray | None = None
    weight: np.ndarray | None = None
    columns: tuple[str, ...] = ()
    target: tuple[str, ...] = ("y",)
    classes: tuple[str, ...] | None = None
    observers: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    units: Mapping[str, str] = dataclasses.field(default_factory=dict)
    row: np.ndarray | None = None
    name: str = "data"

    def __post_init__(self) -> None:
        x = np.asarray(self.x)
        n = len(x)
        fill = {
            "x": x,
            "y": None if self.y is None else np.asarray(self.y),
            "weight": np.ones(n) if self.weight is None else np.asarray(self.weight, dtype=float),
            "row": np.arange(n) if self.row is None else np.asarray(self.row),
            "observers": {name: np.asarray(values) for name, values in self.observers.items()},
            "columns": tuple(self.columns) or (tuple(f"x{i}" for i in range(x.shape[1])) if x.ndim == 2 else ()),
            "target": (self.target,) if isinstance(self.target, str) else tuple(self.target),
            "classes": None if self.classes is None else tuple(str(c) for c in self.classes),
        }
        for field, value in fill.items():
            object.__setattr__(self, field, value)
        self._check()

    def _check(self) -> None:
        n = len(self.x)
        lengths = {"y": self.y, "weight": self.weight, "row": self.row, **self.observers}
        for field, values in lengths.items():
            if values is not None and len(values) != n:
                raise ValueError(f"{field} has {len(values)} entries but x has {n} events; give one for each event")
        if self.x.ndim == 2 and len(self.columns) != self.x.shape[1]:
            raise ValueError(f"columns names {len(self.columns)} features but x has {self.x.shape[1]}")
        if len(set(self.columns)) != len(self.columns):
            twice = sorted({c for c in self.columns if self.columns.count(c) > 1})
            raise ValueError(f"column names must differ; given twice: {', '.join(twice)}")

    def __len__(self) -> int:
        return len(self.x)

    def __getitem__(self, rows: np.ndarray | slice) -> Dataset:
        """The chosen events (indices, mask or slice): a dataset again."""
        return dataclasses.replace(
            self,
            x=self.x[rows],
            y=None if self.y is None else self.y[rows],
            weight=self.weight[rows],
            observers={name: values[rows] for name, values in self.observers.items()},
            row=self.row[rows],
        )

    def replace(self, **changes: object) -> Dataset:
        """This dataset with some fields changed."""
        return dataclasses.replace(self, **changes)

    def draw(self, key: Key, n: int) -> Dataset:
        """`n` events drawn uniformly with replacement: the empirical distribution as a source."""
        return self[generator(key).integers(len(self), size=n)]

    @property
    def task(self) -> str:
        """`"classification"`, `"regression"`, or `"none"` where there is no target."""
        if self.y is None:
            return "none"
        return "regression" if self.classes is None else "classification"

    @property
    def outputs(self) -> int:
        """Number of target columns of a regression, or of classes."""
        if self.classes is not None:
            return len(self.classes)
        return 1 if self.y is None or self.y.ndim == 1 else self.y.shape[1]

    @property
    def weighted(self) -> bool:
        """Whether any two weights differ."""
        return bool(len(self) and np.any(self.weight != self.weight[0]))

    def column(self, name: str) -> np.ndarray:
        """The values of a feature or an observer, shape (events,).

        Raises:
            KeyError: if there is no such column.
        """
        if name in self.columns:
            return self.x[:, self.columns.index(name)]
        if name in self.observers:
            return self.observers[name]
        raise KeyError(f"there is no column '{name}'; there are: {', '.join((*self.columns, *self.observers))}")

    def batch(self, observers: Sequence[str] = ()) -> Batch:
        """All events as arrays for a risk: weights scaled to mean one, floats as they are.

        Raises:
            ValueError: if the weights do not sum to something positive.
        """
        weight = unit_mean(self.weight)
        y = np.zeros(len(self)) if self.y is None else self.y
        return Batch(self.x, y, weight, {name: self.column(name) for name in observers})


def unit_mean(weight: np.ndarray) -> np.ndarray:
    """Weights scaled to mean one, so that their scale changes nothing.

    Raises:
        ValueError: if the weights do not sum to something positive.

    Example:
        >>> unit_mean(np.array([7.0, 14.0, 21.0])).tolist()
        [0.5, 1.0, 1.5]
    """
    mean = float(np.mean(weight)) if len(weight) else 0.0
    if not np.isfinite(mean) or mean <= 0:
        total = float(np.sum(weight))
        raise ValueError(
            f"the event weights sum to {total:g}; a sample needs a positive finite sum to train or judge on"
        )
    return np.asarray(weight, dtype=float) / mean


def concatenate(samples: Sequence[Dataset], name: str = "data") -> Dataset:
    """Several samples of the same columns as one.

    Raises:
        ValueError: if the columns, targets or classes differ.
    """
    first = samples[0]
    for other in samples[1:]:
        if (other.columns, other.target, other.classes) != (first.columns, first.target, first.classes):
            raise ValueError(f"samples '{first.name}' and '{other.name}' differ in columns, target or classes")
    shared = [o for o in first.observers if all(o in s.observers for s in samples)]
    return dataclasses.replace(
        first,
        x=np.concatenate([s.x for s in samples]),
        y=None if first.y is None else np.concatenate([s.y for s in samples]),
        weight=np.concatenate([s.weight for s in samples]),
        observers={o: np.concatenate([s.observers[o] for s in samples]) for o in shared},
        row=np.concatenate([s.row for s in samples]),
        name=name,
    )
