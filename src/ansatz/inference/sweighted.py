"""Training with sWeights: a classifier of species that nobody has labelled, learned from data alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from ansatz.data import Dataset, folds
from ansatz.errors import InputError
from ansatz.inference.splot import SWeights
from ansatz.keys import named
from ansatz.training.result import Fit
from ansatz.typing import Key
from ansatz.validation import Interval, bootstrap
from ansatz.validation.classifiers.ranking import AreaUnderCurve, Ranking

SPECIES = ("background", "signal")


def labelled_by_sweights(data: Dataset, weights: SWeights) -> Dataset:
    """Every event twice: once as signal and once as background, each time with its sWeight.

    A mean over these events is that over the species, so any risk that takes weights of either sign is unbiased.

    Raises:
        InputError: if there is not a weight for each event, or the events have weights of their own.

    Example:
        >>> data = Dataset(np.array([[1.0], [2.0]]))
        >>> pair = labelled_by_sweights(data, SWeights(np.array([[1.2, -0.2], [0.1, 0.9]]), np.zeros(2), np.eye(2)))
        >>> pair.y.tolist(), pair.weight.tolist()
        ([1, 1, 0, 0], [1.2, 0.1, -0.2, 0.9])
    """
    if len(weights.weight) != len(data):
        raise InputError(f"{len(data)} events need as many sWeights, not {len(weights.weight)}")
    if data.weighted:
        raise InputError("sWeights of weighted events are not defined here; leave out data.weight")
    twice = data[np.tile(np.arange(len(data)), 2)]
    y = np.repeat([1, 0], len(data))
    return twice.replace(y=y, classes=SPECIES, weight=np.concatenate([weights.signal, weights.background]))


def scored_by_sweights(
    data: Dataset, weights: SWeights, learner: Callable[[Dataset, Key], Fit], *, parts: int = 5, key: Key
) -> np.ndarray:
    """The score of every event by a classifier that was trained with sWeights on other events, shape (events,).

    Args:
        data: the events; only their features are looked at.
        weights: their sWeights.
        learner: what learns; it must take negative weights.
        parts: number of folds.
        key: random key.

    Raises:
        InputError: as `labelled_by_sweights`.

    Source: M. Borisyak and N. Kazeev, arXiv:1905.11719.
    """
    plain = data.replace(y=None, classes=None)
    score = np.zeros(len(data))
    for number, (train, held) in enumerate(folds(plain, parts, how="random", key=named(key, "folds"))):
        chosen = dataclasses.replace(weights, weight=weights.weight[train])
        fit = learner(labelled_by_sweights(plain[train], chosen), named(key, f"fold {number}"))
        score[held] = fit.score(data.x[held])
    return score


def area_by_sweights(score: np.ndarray, weights: SWeights, *, replicas: int = 200, key: Key) -> Interval:
    """Area under the ROC curve of the species, with its interval by a Poisson bootstrap over events.

    Args:
        score: of each event, larger for signal.
        weights: their sWeights; the error of the fit behind them is not in the interval.
        replicas: of the bootstrap.
        key: random key.
    """
    area = AreaUnderCurve(Ranking.of(np.repeat([True, False], len(score)), np.tile(score, 2)))
    weight = np.concatenate([weights.signal, weights.background])

    def statistic(counts: np.ndarray) -> np.ndarray:
        return area(weight * np.concatenate([counts, counts], axis=-1))

    ones = np.ones(len(score))
    return bootstrap(statistic, ones, replicas=replicas, kind="poisson", ends="percentile", key=key)
