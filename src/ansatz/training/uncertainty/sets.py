"""Conformal sets: as many classes as it takes to hold the true one with the probability asked for."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np

from ansatz.data import Dataset
from ansatz.data.duplicates import row_keys
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.training.learners import Learner
from ansatz.training.result import Fit, Predictor
from ansatz.training.uncertainty.calibrated import check_classes
from ansatz.training.uncertainty.quantile import conformal_quantile
from ansatz.training.uncertainty.rows import set_aside
from ansatz.training.uncertainty.wrapping import classification_inside, signs_inside
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True, eq=False)
class AdaptiveSets:
    r"""All classes whose score $\sum_{p_j > p_k} p_j + u\, p_k$ is not above the conformal quantile.

    u is a number between 0 and 1 that the features of an event decide, uniform over events.

    Attributes:
        score: scores of the true classes of events kept aside, shape (events,).
        weight: their weights.
        salt: what else decides u.
        empty: whether a set may be empty; if not, it has the most probable class.
        method: how it was made, for people.
    """

    score: np.ndarray
    weight: np.ndarray
    salt: int
    empty: bool
    method: str

    def contains(self, predictor: Predictor, x: np.ndarray, level: float) -> np.ndarray:
        """Whether each class is in the set, shape (events, classes)."""
        p = predictor.response(x).mean(axis=0)
        chosen = sums_above(p, chance(x, self.salt)) <= conformal_quantile(self.score, self.weight, level)
        return chosen if self.empty else chosen | (np.arange(p.shape[1]) == p.argmax(axis=1)[:, None])


@dataclasses.dataclass(frozen=True)
class ConformalSets:
    """Keeps events aside and learns from them how much probability a set of classes must collect.

    For events drawn as those of the sample, the set holds the true class with at least the probability asked for; with
    weights as for `SplitConformal`. A doubtful event gets a larger set. Where the best class alone is right more often
    than asked, sets that are never empty hold the truth more often than asked; `empty` lets them meet it.

    Attributes:
        learner: a classifier with probabilities, fitted to the other events.
        fraction: of the events kept aside.
        empty: whether a set may be empty, for an event that looks like none of the others.

    Example:
        >>> from ansatz.training.classical import naive_bayes
        >>> rng = np.random.default_rng(0)
        >>> y = rng.integers(3, size=600)
        >>> data = Dataset(rng.normal(size=(600, 2)) + y[:, None], y=y, classes=("a", "b", "c"))
        >>> fit = ConformalSets(naive_bayes())(data, jax.random.key(0))
        >>> bool(0.85 < fit.predict_set(data.x, level=0.9)[np.arange(600), y].mean() < 0.95)
        True

    Source: Y. Romano, M. Sesia and E. Candes, arXiv:2006.02544.
    """

    learner: Learner
    fraction: float = 0.25
    empty: bool = False

    tasks = property(classification_inside)
    negative_weights = property(signs_inside)

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The fit with its sets.

        Raises:
            InputError: if the target is no class, there are too few events, or the classifier only ranks.
        """
        check_classes(data, "conformal-sets")
        split_key, fit_key, salt_key = jax.random.split(key, 3)
        train, fresh = set_aside(data, self.fraction, key=split_key)
        fit = self.learner(train, fit_key)
        p = fit.probability(fresh.x)
        if p is None:
            raise InputError("'conformal-sets' needs a classifier with probabilities; calibrate it first ('platt')")
        salt = int(generator(salt_key).integers(2**62))
        score = sums_above(p, chance(fresh.x, salt))[np.arange(len(fresh)), fresh.y]
        method = f"adaptive conformal sets ({len(fresh)} events kept aside)"
        return dataclasses.replace(fit, sets=AdaptiveSets(score, fresh.weight, salt, self.empty, method))


def sums_above(p: np.ndarray, u: np.ndarray) -> np.ndarray:
    """The probability of all likelier classes, and the share u of one's own, for each class.

    Example:
        >>> sums_above(np.array([[0.5, 0.3, 0.2]]), np.array([1.0])).round(6).tolist()
        [[0.5, 0.8, 1.0]]
    """
    order = np.argsort(-p, axis=1, kind="stable")
    sorted_p = np.take_along_axis(p, order, axis=1)
    score = np.cumsum(sorted_p, axis=1) - (1 - u[:, None]) * sorted_p
    return np.take_along_axis(score, np.argsort(order, axis=1), axis=1)


def chance(x: np.ndarray, salt: int) -> np.ndarray:
    """A number in [0, 1) for each event that looks random but is decided by its features, shape (events,)."""
    flat = np.asarray(x, float).reshape(len(x), -1)
    salted = np.column_stack([np.full(len(flat), salt % 2**50, float), flat])
    return (row_keys(salted) >> np.uint64(11)).astype(float) / 2**53
