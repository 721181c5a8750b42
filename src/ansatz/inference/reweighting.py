"""Reweighting: weights that make one sample look like another, by bins, by boosted trees, by a classifier."""

from __future__ import annotations

import dataclasses
from typing import Protocol

import jax
import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.data.statistics import effective_size
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.training.boosting.trees import Binned, Grown, TreeSum, binned, grow, together
from ansatz.training.learners import Learner
from ansatz.training.result import Fit
from ansatz.typing import Key
from ansatz.validation.interval import ONE_SIGMA, Interval
from ansatz.validation.ranking import roc_auc


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
            for v, w in ((x, _unit(original)), (y, _unit(target)))
        ]
        floor = 0.5 / len(x)
        ratio = np.log(np.maximum(counts[1], 0) + floor) - np.log(np.maximum(counts[0], 0) + floor)
        return BinnedRatio(edges, ratio.ravel())


@dataclasses.dataclass(frozen=True)
class BoostedTrees:
    r"""Boosted trees that split where the samples differ most, $(W_t - W_o)^2 / (W_t + W_o)$ summed over the sides.

    Each tree multiplies the weights in its leaves by $(W_t / W_o)^\eta$, and the next sees what is left. The defaults
    are for ten thousand events and more; of a thousand they learn the fluctuations, which the closure test shows: give
    fewer trees, or larger leaves.

    Attributes:
        trees: how many.
        learning_rate: $\eta$.
        depth: cuts in a row.
        smallest_leaf: least share of the weight of both samples in a leaf.
        regularization: share of the weight that is added to both sums of a leaf.
        part: of the events that each tree is grown on, drawn at random.

    Source: A. Rogozhnikov, J. Phys. Conf. Ser. 762 (2016) 012036, arXiv:1608.05806.
    """

    trees: int = 100
    learning_rate: float = 0.08
    depth: int = 3
    smallest_leaf: float = 0.01
    regularization: float = 5e-4
    part: float = 1.0

    def __call__(self, original: Dataset, target: Dataset, key: Key) -> TreeSum:
        """The sum of trees."""
        x, y = table(original), table(target)
        first, w = len(x), np.concatenate([_unit(original), _unit(target)])
        sample, rng = binned(np.concatenate([x, y]), w), generator(key)
        score, trees, values = np.zeros(len(w)), [], []
        for _ in range(self.trees):
            moved = w[:first] * np.exp(score[:first])
            now = np.concatenate([moved / moved.sum(), w[first:]])
            seen = rng.random(len(w)) < self.part
            tree, value = self._tree(sample, now * seen / max(float(now[seen].sum()) / 2, 1e-12), first)
            score = score + value[tree.leaf]
            trees.append(tree)
            values.append(value)
        return together(trees, values, 0.0)

    def _tree(self, sample: Binned, weight: np.ndarray, first: int) -> tuple[Grown, np.ndarray]:
        """One tree, and the logarithm by which it multiplies the weights in each leaf."""
        difference = np.where(np.arange(len(weight)) < first, -weight, weight)
        tree = grow(
            sample,
            difference,
            weight,
            depth=self.depth,
            smallest=2 * self.smallest_leaf,
            gain=lambda d, s: d * d / np.maximum(s, 1e-12),
        )
        leaves = 2**self.depth
        sums = np.bincount(tree.leaf, weight, leaves), np.bincount(tree.leaf, difference, leaves)
        above, below = (np.maximum(sums[0] + sign * sums[1], 0) / 2 + self.regularization for sign in (1, -1))
        return tree, self.learning_rate * np.log(above / below)


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
        fit = self.learner(_labeled(original, target), key)
        if fit.predictor.link != "probability":
            raise InputError("a classifier that reweights needs probabilities; take a network, trees, or logistic")
        return ClassifierRatio(fit)


@dataclasses.dataclass(frozen=True, eq=False)
class Reweighted:
    """New weights of the original sample.

    Attributes:
        weight: shape (events,), with the sum of the target's weights.
        factor: new weight over old, before the sum is matched and after clipping.
        effective: effective number of events, (sum w)^2 / sum w^2, with the new weights.
        kept: the same over that with the old weights.
        clipped: part of the events whose factor was cut down.
    """

    weight: np.ndarray
    factor: np.ndarray
    effective: float
    kept: float
    clipped: float


def reweight(ratio: Ratio, original: Dataset, *, total: float = 1.0, clip: float | None = None) -> Reweighted:
    """Weights of a sample by a ratio.

    Args:
        ratio: the log ratio of densities.
        original: the sample.
        total: the sum of the new weights.
        clip: largest factor, in units of the mean; None for no limit.

    Raises:
        InputError: if the factors are not finite.

    Example:
        >>> found = reweight(lambda x: np.log(x[:, 0]), Dataset(np.array([[1.0], [3.0]])), total=8.0)
        >>> found.weight.round(6).tolist(), round(found.effective, 3)
        ([2.0, 6.0], 1.6)
    """
    log = ratio(table(original))
    if not np.isfinite(log).all():
        raise InputError("the ratio of densities is not finite for some events; take fewer columns or more events")
    factor = np.exp(log - log.max())
    factor = factor / np.average(factor, weights=np.abs(original.weight))
    cut = np.zeros(len(factor), bool) if clip is None else factor > clip
    factor = np.where(cut, clip or 0.0, factor)
    weight = original.weight * factor
    weight = weight * (total / weight.sum())
    effective = float(effective_size(weight))
    return Reweighted(weight, factor, effective, effective / float(effective_size(original.weight)), float(cut.mean()))


def overlap(ratio: Ratio, original: Dataset, target: Dataset, *, largest: float = 20.0) -> float:
    """The part of the target that lies where the original has next to nothing: a ratio above `largest`.

    No weights can make up for events that are not there; more than a few per cent are a warning.

    Example:
        >>> uniform = Dataset(np.linspace(0, 1, 101)[:, None])
        >>> overlap(lambda x: np.where(x[:, 0] > 0.75, 9.0, 0.0), uniform, uniform)
        0.24...
    """
    log = ratio(table(target))
    mean = np.log(np.average(np.exp(np.minimum(ratio(table(original)), 50)), weights=np.abs(original.weight)))
    weight = np.abs(target.weight)
    return float(weight[log - min(mean, 0.0) > np.log(largest)].sum() / weight.sum())


def closure(original: Dataset, target: Dataset, learner: Learner, key: Key, *, level: float = ONE_SIGMA) -> Interval:
    """The closure test: the area under the ROC curve of a fresh classifier between the samples; one half is perfect.

    It learns on half of the events and is judged on the others, with the weights of both samples.

    Args:
        original: the sample with its new weights.
        target: what it should look like.
        learner: the classifier.
        key: decides the halves, and the fit.
        level: of the interval.

    Example:
        >>> import jax
        >>> from ansatz.training.classical import logistic
        >>> x = np.random.default_rng(0).normal(size=(4000, 1))
        >>> same = closure(Dataset(x[:2000]), Dataset(x[2000:]), logistic(), jax.random.key(0))
        >>> abs(same.value - 0.5) < 4 * same.error
        True
    """
    both = _labeled(original, target)
    halves, fitting = jax.random.split(key)
    order = generator(halves).permutation(len(both))
    train, held = both[order[: len(both) // 2]], both[order[len(both) // 2 :]]
    return roc_auc(held.y, learner(train, fitting).score(held.x), held.weight, level=level)


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


def _labeled(original: Dataset, target: Dataset) -> Dataset:
    """Both samples as two classes of equal weight."""
    return Dataset(
        np.concatenate([table(original), table(target)]),
        y=np.repeat([0, 1], [len(original), len(target)]),
        weight=np.concatenate([_unit(original), _unit(target)]),
        columns=original.columns,
        classes=("original", "target"),
    )


def _unit(data: Dataset) -> np.ndarray:
    total = data.weight.sum()
    if not total > 0:
        raise InputError(f"the event weights of '{data.name}' sum to {total:g}; reweighting needs a positive sum")
    return data.weight / total


def _cell(x: np.ndarray, edges: tuple[np.ndarray, ...]) -> np.ndarray:
    number = np.zeros(len(x), np.int64)
    for column, edge in zip(x.T, edges, strict=True):
        number = number * (len(edge) + 1) + np.searchsorted(edge, column)
    return number
