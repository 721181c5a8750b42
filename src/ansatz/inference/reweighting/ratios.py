"""Ratios of densities of two samples, from histograms and from classifiers."""

from __future__ import annotations

import dataclasses
from typing import Protocol

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.training.boosting.trees import binned
from ansatz.training.learners import Learner
from ansatz.training.result import Fit
from ansatz.typing import Key


class Ratio(Protocol):
    """What was learned: the logarithm of p_target(x) / p_original(x)."""

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Shape (events,)."""
        ...


class Reweighter(Protocol):
    """A way to a ratio of densities."""

    def __call__(self, original: Dataset, target: Dataset, key: Key) -> Ratio:
        """The logarithm of the ratio."""
        ...


@dataclasses.dataclass(frozen=True, eq=False)
class BinnedRatio:
    """The log ratio of two histograms.

    Attributes:
        edges: of each column.
        log_ratio: of each cell, shape (cells,).
    """

    edges: tuple[np.ndarray, ...]
    log_ratio: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Shape (events,)."""
        return self.log_ratio[_cell(np.asarray(x, float), self.edges)]


@dataclasses.dataclass(frozen=True)
class Bins:
    """Ratios of histograms in cells of equal content of the target, for one to three columns.

    Attributes:
        bins: along each column.
        neighbors: how many bins the histograms are smoothed over, to either side, by a Gaussian of this width.

    Raises:
        InputError: when called, if there would be more cells than a tenth of the events.

    Example:
        >>> import jax
        >>> x = np.random.default_rng(0).normal(size=(4000, 1))
        >>> ratio = Bins()(Dataset(x[:2000]), Dataset(x[2000:] + 0.5), jax.random.key(0))
        >>> low, high = ratio(np.array([[-1.0], [1.0]]))
        >>> bool(low < -0.3 < 0.2 < high)
        True
    """

    bins: int = 20
    neighbors: float = 1.0

    def __call__(self, original: Dataset, target: Dataset, key: Key) -> BinnedRatio:
        """The ratio in each cell; one where neither sample has anything."""
        from scipy.ndimage import gaussian_filter

        x, y = table(original), table(target)
        if self.bins ** x.shape[1] > len(x) / 10:
            raise InputError(
                f"{self.bins} bins along {x.shape[1]} columns are more cells than a tenth of the {len(x)} events; "
                "take fewer bins or columns, or boosted trees"
            )
        edges = binned(y, target.weight, bins=self.bins).edges
        shape = tuple(len(e) + 1 for e in edges)
        counts = [
            gaussian_filter(np.bincount(_cell(v, edges), w, int(np.prod(shape))).reshape(shape), self.neighbors)
            for v, w in ((x, unit(original)), (y, unit(target)))
        ]
        floor = 0.5 / len(x)
        ratio = np.log(np.maximum(counts[1], 0) + floor) - np.log(np.maximum(counts[0], 0) + floor)
        return BinnedRatio(edges, ratio.ravel())


@dataclasses.dataclass(frozen=True, eq=False)
class ClassifierRatio:
    """The log odds of a classifier that tells target from original.

    Attributes:
        fit: the classifier.
    """

    fit: Fit

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Shape (events,)."""
        p = np.clip(self.fit.probability(x)[:, 1], 1e-6, 1 - 1e-6)
        return np.log(p) - np.log1p(-p)


@dataclasses.dataclass(frozen=True)
class Classifier:
    r"""$p_t(x) / p_o(x) = p(t|x) / p(o|x)$ by any classifier with probabilities, trained on classes of equal weight.

    Attributes:
        learner: the classifier.

    Raises:
        InputError: when called, if it only ranks.

    Source: K. Cranmer, J. Pavez and G. Louppe, arXiv:1506.02169; A. Andreassen and B. Nachman, arXiv:1907.08209.
    """

    learner: Learner

    def __call__(self, original: Dataset, target: Dataset, key: Key) -> ClassifierRatio:
        """The log odds."""
        fit = self.learner(labeled(original, target), key)
        if fit.predictor.link != "probability":
            raise InputError("a classifier that reweights needs probabilities; take a network, trees, or logistic")
        return ClassifierRatio(fit)


def table(data: Dataset) -> np.ndarray:
    """Features as numbers.

    Raises:
        InputError: if they are no table, some are missing, or there are none.
    """
    x = np.asarray(data.x, float)
    if x.ndim != 2 or not len(x):
        raise InputError(f"reweighting needs a table with events, not features of shape {x.shape}")
    if not np.isfinite(x).all():
        raise InputError(f"'{data.name}' has features that are missing or infinite; cut or mend them")
    return x


def labeled(original: Dataset, target: Dataset) -> Dataset:
    """Both samples as two classes of equal weight."""
    return Dataset(
        np.concatenate([table(original), table(target)]),
        y=np.repeat([0, 1], [len(original), len(target)]),
        weight=np.concatenate([unit(original), unit(target)]),
        columns=original.columns,
        classes=("original", "target"),
    )


def unit(data: Dataset) -> np.ndarray:
    """The weights of a sample, with sum one.

    Raises:
        InputError: if they do not sum to something positive.
    """
    total = data.weight.sum()
    if not total > 0:
        raise InputError(f"the event weights of '{data.name}' sum to {total:g}; reweighting needs a positive sum")
    return data.weight / total


def _cell(x: np.ndarray, edges: tuple[np.ndarray, ...]) -> np.ndarray:
    number = np.zeros(len(x), np.int64)
    for column, edge in zip(x.T, edges, strict=True):
        number = number * (len(edge) + 1) + np.searchsorted(edge, column)
    return number
