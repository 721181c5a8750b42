"""Weighted votes of nearest neighbours, which scikit-learn's do not cast."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.neighbors import NearestNeighbors


class Votes(BaseEstimator):
    r"""$\sum_j w_j y_j / \sum_j w_j$ over the nearest points $j$; for classes, $y_j$ is one-hot.

    Args:
        neighbors: how many distinct points are asked.
        by_distance: whether a vote is divided by the distance.
        classify: whether targets are class numbers.
    """

    def __init__(self, neighbors: int = 25, *, by_distance: bool = False, classify: bool = True) -> None:
        self.neighbors = neighbors
        self.by_distance = by_distance
        self.classify = classify

    def fit(self, x: np.ndarray, y: np.ndarray, sample_weight: np.ndarray) -> Votes:
        """Gather the distinct points, with the weight and the weighted targets at each."""
        self.classes_ = np.unique(y) if self.classify else np.zeros(0, int)
        target = (y[:, None] == self.classes_).astype(float) if self.classify else y.reshape(len(y), -1)
        self.points_, place = np.unique(x, axis=0, return_inverse=True)
        columns = np.column_stack([np.ones(len(y)), target]) * sample_weight[:, None]
        sums = [np.bincount(place.ravel(), column, len(self.points_)) for column in columns.T]
        self.sums_ = np.stack(sums, axis=1)
        self.flat_ = y.ndim == 1
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Weighted means of the neighbours' targets."""
        means = self.predict_proba(x)
        return means[:, 0] if self.flat_ else means

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        """Each class's share of the neighbours' weight."""
        index = NearestNeighbors(n_neighbors=min(self.neighbors, len(self.points_))).fit(self.points_)
        distance, nearest = index.kneighbors(x)
        sums = self.sums_[nearest]
        if self.by_distance:
            sums = sums / np.maximum(distance, 1e-12)[:, :, None]
        total = sums.sum(axis=1)
        return total[:, 1:] / total[:, :1]
