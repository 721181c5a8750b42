"""The projective likelihood: classes as products of one-dimensional densities."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin

FLOOR = 1e-4
"""Share of a class that is spread evenly over the bins of a column, so that no density is zero."""


class ProjectiveLikelihood(ClassifierMixin, BaseEstimator):
    r"""$p(x, k) = \pi_k \prod_j p_{kj}(x_j)$, each density a smoothed histogram.

    The bins of a column hold equal parts of all events, so that widths cancel in every ratio; the log density is linear
    between the middles of bins.

    Args:
        bins: in each column; fewer where there are fewer values.
        smoothing: width in bins of the Gaussian that smooths the histograms; 0 for none.
    """

    def __init__(self, bins: int = 40, smoothing: float = 1.0) -> None:
        self.bins = bins
        self.smoothing = smoothing

    def fit(self, x: np.ndarray, y: np.ndarray, sample_weight: np.ndarray) -> ProjectiveLikelihood:
        """The histograms of every class in every column."""
        self.classes_ = np.unique(y)
        sums = np.array([sample_weight[y == k].sum() for k in self.classes_])
        self.share_ = sums / sums.sum()
        self.middle_, self.log_density_ = [], []
        for column in x.T:
            edges = _edges(column, np.abs(sample_weight), self.bins)
            place = np.searchsorted(edges, column)
            self.middle_.append(_middles(column, place, np.abs(sample_weight), len(edges) + 1))
            self.log_density_.append(np.stack([self._log(place, y == k, sample_weight) for k in self.classes_]))
        return self

    def _log(self, place: np.ndarray, own: np.ndarray, weight: np.ndarray) -> np.ndarray:
        bins = int(place.max()) + 1
        content = np.bincount(place[own], weight[own], bins) / weight[own].sum()
        if self.smoothing:
            content = gaussian_filter1d(content, self.smoothing, mode="nearest")
        content = np.maximum(content, 0.0) + FLOOR / bins
        return np.log(content / content.sum() * bins)

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        """Class probabilities, shape (events, classes)."""
        joint = np.log(self.share_) + sum(
            np.stack([np.interp(column, middle, one) for one in logs], axis=1)
            for column, middle, logs in zip(x.T, self.middle_, self.log_density_, strict=True)
        )
        return softmax(joint, axis=1)


def _edges(column: np.ndarray, weight: np.ndarray, bins: int) -> np.ndarray:
    """Edges between bins of equal weight; equal values are never parted."""
    values, place = np.unique(column, return_inverse=True)
    if len(values) <= bins:
        return (values[:-1] + values[1:]) / 2
    passed = np.cumsum(np.bincount(place, weight))
    at = np.unique(np.searchsorted(passed, np.arange(1, bins) / bins * passed[-1] * (1 - 1e-12)))
    at = at[at < len(values) - 1]
    return (values[at] + values[at + 1]) / 2


def _middles(column: np.ndarray, place: np.ndarray, weight: np.ndarray, bins: int) -> np.ndarray:
    return np.bincount(place, weight * column, bins) / np.bincount(place, weight, bins)
