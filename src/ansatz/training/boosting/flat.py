"""Gradient boosting with a flatness loss: as good a score as can be had whose efficiency does not follow the mass."""

from __future__ import annotations

import dataclasses
import time
from typing import Any, ClassVar, Literal

import numpy as np
from scipy.special import expit

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError, suggest
from ansatz.training.boosting.flatness import Flatness, partitions
from ansatz.training.boosting.trees import Grown, TreeSum, binned, grow, together
from ansatz.training.classical.options import at_least, choice, within
from ansatz.training.classical.sample import Sample, class_sums, sample_of, table_of
from ansatz.training.result import Fit
from ansatz.typing import Key

CLASSES = {"background": (0,), "signal": (1,), "both": (0, 1)}
FLOOR = 0.05
"""Least curvature of an event, in units of its weight: where a class is sure, the push to be flat is not."""
RIDGE = 1e-5
"""Curvature, in units of the whole weight, that is added to that of each leaf."""


@dataclasses.dataclass(frozen=True, eq=False)
class Boosted:
    """A sum of trees that is the log odds of class 1.

    Attributes:
        model: the trees.
        width: number of columns.
        link: `"probability"`.
    """

    model: TreeSum
    width: int
    link: str = "probability"

    def response(self, x: np.ndarray) -> np.ndarray:
        """Class probabilities, shape (1, events, 2).

        Raises:
            InputError: if there are not as many columns as in training.
        """
        table, _ = table_of(np.asarray(x), ())
        if table.shape[1] != self.width:
            raise InputError(f"the model was fitted on {self.width} columns, but the events have {table.shape[1]}")
        signal = expit(self.model(table))
        return np.stack([1 - signal, signal], axis=1)[None]


@dataclasses.dataclass(frozen=True)
class FlatBoosting:
    """See `flat_boosting`, which checks the numbers."""

    protected: tuple[str, ...]
    flat: str = "background"
    strength: float = 3.0
    power: float = 2.0
    bins: int = 10
    trees: int = 150
    learning_rate: float = 0.1
    depth: int = 4
    smallest_leaf: float = 0.0005

    tasks: ClassVar[frozenset[str]] = frozenset({"classification"})
    negative_weights: ClassVar[bool] = True

    def check(self, data: Dataset) -> None:
        """Complain if it cannot be trained on `data`.

        Raises:
            InputError: not two classes, no usable rows, a protected column that is missing or not finite.
        """
        self._prepared(data)

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The fitted trees; nothing in them is random."""
        began = time.perf_counter()
        sample, observers = self._prepared(data)
        model = self._boost(sample, self._flatness(sample, observers))
        details: dict[str, Any] = {"importance": _importance(model, sample.names)}
        return Fit(
            Boosted(model, len(sample.names)),
            task=data.task,
            classes=data.classes,
            columns=data.columns,
            stopped="epochs",
            seconds=time.perf_counter() - began,
            details=details,
        )

    def _prepared(self, data: Dataset) -> tuple[Sample, np.ndarray]:
        """The events that weigh something, and their protected columns."""
        if data.task != "classification" or data.outputs != 2:
            raise InputError(f"'flat-boosting' tells two classes apart, but '{data.name}' has {data.outputs}")
        names = (*data.columns, *data.observers)
        for name in self.protected:
            if name not in names:
                raise InputError(f"there is no column '{name}' to be flat over{suggest(name, names)}")
        kept = data[np.asarray(data.weight, float) != 0]
        sample = sample_of(kept)
        class_sums(sample, data.classes or (), data.name)
        observers = np.stack([np.asarray(kept.column(name), float) for name in self.protected], axis=1)
        if not np.isfinite(observers).all():
            raise InputError(f"a column to be flat over is NaN or infinite somewhere: {', '.join(self.protected)}")
        return sample, observers

    def _flatness(self, sample: Sample, observers: np.ndarray) -> list[tuple[float, Flatness]]:
        """The share of the weight and the flatness of each class that shall be flat."""
        found = []
        for label in CLASSES[self.flat]:
            rows = np.flatnonzero(sample.y == label)
            weight, share = sample.weight[rows], float(sample.weight[rows].sum())
            cells = partitions(observers[rows], weight, bins=self.bins)
            found.append((share, Flatness(rows, weight / share, cells, self.power)))
        return found

    def _boost(self, sample: Sample, flatness: list[tuple[float, Flatness]]) -> TreeSum:
        """Newton steps on the log odds, one tree after the other."""
        w, y, table = sample.weight, sample.y, binned(sample.x, sample.weight)
        ridge = RIDGE + (10 / sample.effective if sample.negative else 0.0)
        smallest = (self.smallest_leaf if not sample.negative else max(self.smallest_leaf, 10 / sample.effective)) / 10
        start = float(np.log(w[y == 1].sum() / w[y == 0].sum()))
        score, trees, values = np.full(len(y), start), [], []
        for _ in range(self.trees):
            p = expit(score)
            push = sum(share * flat.push(score) for share, flat in flatness)
            gradient, curvature = w * (y - p) + self.strength * push, w * (p * (1 - p) + FLOOR)
            tree = grow(
                table,
                gradient,
                curvature,
                depth=self.depth,
                smallest=smallest,
                gain=lambda g, h: g * g / (np.maximum(h, 0) + ridge),
            )
            value = self.learning_rate * _steps(tree, gradient, curvature, ridge)
            score = score + value[tree.leaf]
            trees.append(tree)
            values.append(value)
        return together(trees, values, start)


def _steps(tree: Grown, gradient: np.ndarray, curvature: np.ndarray, ridge: float) -> np.ndarray:
    leaves = len(tree.cut) + 1
    total = np.bincount(tree.leaf, gradient, leaves)
    return total / (np.maximum(np.bincount(tree.leaf, curvature, leaves), 0) + ridge)


def _importance(model: TreeSum, names: tuple[str, ...]) -> dict[str, float]:
    """The share of all cuts that is made in each column."""
    counts = model.importance
    return dict(
        zip(names, (np.pad(counts, (0, len(names) - len(counts))) / max(counts.sum(), 1)).tolist(), strict=True)
    )


def flat_boosting(
    *,
    protected: list[str],
    flat: Literal["background", "signal", "both"] = "background",
    strength: float = 3.0,
    power: float = 2.0,
    bins: int = 10,
    trees: int = 150,
    learning_rate: float = 0.1,
    depth: int = 4,
    smallest_leaf: float = 0.0005,
) -> FlatBoosting:
    r"""Boosted trees whose score keeps the same efficiency over protected columns, such as a mass; weights of any sign.

    The log-loss is made small together with the flatness loss, strength times

    $$\sum_c s_c \int |F_c(s) - F(s)|^p\, ds$$

    for each class that shall be flat; $F_c$ is the cumulative distribution of the score in cell $c$ of the protected
    columns, which holds the share $s_c$, and $F$ that of the whole class. Protected columns are features or, as a rule,
    observers, which the trees do not see.

    Args:
        protected: columns that the efficiency shall not follow.
        flat: the class that shall be flat: the background, so that a cut makes no bump in it; the signal, so that its
            efficiency is the same everywhere (as an amplitude analysis needs); or both.
        strength: weight of the flatness loss; 0 for plain boosting.
        power: p of the flatness loss; nearer to 1, small differences count more.
        bins: cells along each protected column, of equal content.
        trees: how many.
        learning_rate: how much each tree counts.
        depth: cuts in a row in each tree.
        smallest_leaf: least share of the total weight in a leaf (less where a class is sure).

    Raises:
        InputError: if a number is out of range.

    Source: A. Rogozhnikov et al., JINST 10 (2015) T03002, arXiv:1410.4140.

    Example:
        >>> import jax
        >>> rng = np.random.default_rng(0)
        >>> mass, y = rng.uniform(size=2000), np.arange(2000) % 2
        >>> x = np.stack([y + rng.normal(size=2000), mass + 0.5 * y], axis=1)
        >>> data = Dataset(x, y=y, classes=("b", "s"), observers={"mass": mass})
        >>> plain, flat = (flat_boosting(protected=["mass"], strength=s)(data, jax.random.key(0)) for s in (0.0, 9.0))
        >>> follows = [abs(np.corrcoef(mass[y == 0], fit.score(x[y == 0]))[0, 1]) for fit in (plain, flat)]
        >>> bool(follows[0] > 0.6 > 0.3 > follows[1])
        True
    """
    if isinstance(protected, str) or not protected:
        raise InputError("protected must be a list of one or more columns")
    choice("flat", flat, CLASSES)
    at_least(0, {"strength": strength})
    at_least(1, {"trees": trees, "power": power})
    at_least(2, {"bins": bins})
    within(1, 10, {"depth": depth})
    within(1e-6, 1, {"learning_rate": learning_rate})
    within(0, 0.5, {"smallest_leaf": smallest_leaf})
    return FlatBoosting(tuple(protected), flat, strength, power, bins, trees, learning_rate, depth, smallest_leaf)
