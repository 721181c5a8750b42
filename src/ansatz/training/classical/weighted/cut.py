"""A cut on one column, as scikit-learn would have it."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin


class Cut(ClassifierMixin, BaseEstimator):
    """Class 1 is above the cut (`sign` 1) or below it (-1) in the one column that separates best.

    Args:
        cut: where to cut; None for the best balanced accuracy.
        sign: 1 or -1; 0 for the better one.
    """

    def __init__(self, cut: float | None = None, sign: int = 0) -> None:
        self.cut = cut
        self.sign = sign

    def fit(self, x: np.ndarray, y: np.ndarray, sample_weight: np.ndarray) -> Cut:
        """Find column, side and cut."""
        self.classes_ = np.unique(y)
        signal = y == self.classes_[-1]
        self.auc_ = np.array([weighted_auc(column, signal, sample_weight) for column in x.T])
        quality = np.abs(self.auc_ - 0.5) if self.sign == 0 else self.sign * self.auc_
        self.column_ = int(np.argmax(quality))
        self.sign_ = self.sign or (1 if self.auc_[self.column_] >= 0.5 else -1)
        area = float(self.auc_[self.column_])
        self.signed_auc_ = area if self.sign_ > 0 else 1 - area
        score = self.sign_ * x[:, self.column_]
        best = best_cut(score, signal, sample_weight) if self.cut is None else self.sign_ * self.cut
        self.cut_ = float(self.sign_ * best)
        self.balanced_accuracy_ = balanced_accuracy(score > best, signal, sample_weight)
        return self

    def decision_function(self, x: np.ndarray) -> np.ndarray:
        """Distance from the cut, positive on the side of class 1."""
        return self.sign_ * (x[:, self.column_] - self.cut_)


def weighted_auc(score: np.ndarray, signal: np.ndarray, weight: np.ndarray) -> float:
    """Area under the ROC curve by the weighted Mann-Whitney sum, exact for ties and for weights of either sign.

    Example:
        >>> weighted_auc(np.array([1.0, 2.0, 2.0, 3.0]), np.array([False, False, True, True]), np.ones(4))
        0.875
    """
    _, place = np.unique(score, return_inverse=True)
    above, below = (np.bincount(place, np.where(part, weight, 0.0)) for part in (signal, ~signal))
    beaten = np.cumsum(below) - below / 2
    return float((above * beaten).sum() / (above.sum() * below.sum()))


def best_cut(score: np.ndarray, signal: np.ndarray, weight: np.ndarray) -> float:
    """The cut of the best balanced accuracy, half way between two neighbouring scores or below the first.

    Example:
        >>> best_cut(np.array([1.0, 2.0, 4.0]), np.array([False, False, True]), np.ones(3))
        3.0
    """
    places, place = np.unique(score, return_inverse=True)
    above, below = (np.bincount(place, np.where(part, weight, 0.0)) for part in (signal, ~signal))
    lost, rejected = (np.cumsum(part) - part for part in (above, below))
    best = int(np.argmax(rejected / below.sum() - lost / above.sum()))
    return float(places[best - 1] + (places[best] - places[best - 1]) / 2) if best else float(places[0] - 1)


def balanced_accuracy(accepted: np.ndarray, signal: np.ndarray, weight: np.ndarray) -> float:
    """(Efficiency of class 1 + rejection of class 0) / 2."""
    efficiency = weight[signal & accepted].sum() / weight[signal].sum()
    rejection = weight[~signal & ~accepted].sum() / weight[~signal].sum()
    return float((efficiency + rejection) / 2)
