"""Weights of a sample by a ratio of densities, what they cost, and whether they do what they should."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.data.statistics import effective_size
from ansatz.errors import InputError
from ansatz.inference.reweighting.ratios import Ratio, labeled, table
from ansatz.keys import generator
from ansatz.training.learners import Learner
from ansatz.typing import Key
from ansatz.validation.classifiers.ranking import roc_auc
from ansatz.validation.interval import ONE_SIGMA, Interval


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
    both = labeled(original, target)
    halves, fitting = jax.random.split(key)
    order = generator(halves).permutation(len(both))
    train, held = both[order[: len(both) // 2]], both[order[len(both) // 2 :]]
    return roc_auc(held.y, learner(train, fitting).score(held.x), held.weight, level=level)
