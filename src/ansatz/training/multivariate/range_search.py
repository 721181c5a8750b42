"""Densities from the training events around an event."""

from __future__ import annotations

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin

from ansatz.training.multivariate.nearest import in_ball, in_cube

BLOCK = 20_000
"""Events that are answered at once."""


class RangeSearch(ClassifierMixin, BaseEstimator):
    r"""$p(k \mid x) = \sum_{j \in V_k} w_j K(d_j / d) / \sum_{j \in V} w_j K(d_j / d)$, V the box around x.

    The box is a cube in standardized columns that grows until it holds a given number of distinct events; K is 1
    (`"box"`), falls linearly to the walls (`"teepee"`) or as a Gaussian of half the width (`"gauss"`).

    Args:
        events: in the box.
        kernel: "box", "teepee" or "gauss".
    """

    def __init__(self, events: int = 100, kernel: str = "teepee") -> None:
        self.events = events
        self.kernel = kernel

    def fit(self, x: np.ndarray, y: np.ndarray, sample_weight: np.ndarray) -> RangeSearch:
        """Gather the distinct events, with the weight of each class at each."""
        self.classes_ = np.unique(y)
        self.points_, self.sums_ = gathered(x, y, sample_weight, self.classes_)
        self.share_ = self.sums_.sum(axis=0)
        return self

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        """Class probabilities, shape (events, classes); those of the whole sample where weights cancel."""
        parts = [self._shares(x[i : i + BLOCK]) for i in range(0, len(x), BLOCK)]
        return np.concatenate(parts or [np.zeros((0, len(self.classes_)))])

    def _shares(self, x: np.ndarray) -> np.ndarray:
        count = min(self.events, len(self.points_))
        distance, nearest = in_cube(self.points_, x, count)
        reach = distance / np.maximum(distance[:, -1:], 1e-300)
        kernels = {"box": np.ones_like, "teepee": lambda r: 1 - r, "gauss": lambda r: np.exp(-2 * r**2)}
        factor = kernels[self.kernel](reach)
        factor = np.where(factor.sum(axis=1, keepdims=True) > 0, factor, 1.0)
        sums = np.einsum("nj,njk->nk", factor, self.sums_[nearest])
        return shares(sums, self.share_)


class NeighborDensity(ClassifierMixin, BaseEstimator):
    r"""$p_k(x) = \sum_{j \le n} w_j / (W_k V(d_{kn}))$: the nearest n events of each class, in the ball that they fill.

    Args:
        neighbors: n, distinct events of each class.
    """

    def __init__(self, neighbors: int = 30) -> None:
        self.neighbors = neighbors

    def fit(self, x: np.ndarray, y: np.ndarray, sample_weight: np.ndarray) -> NeighborDensity:
        """Gather the distinct events of each class with their weights."""
        self.classes_ = np.unique(y)
        own = [gathered(x[y == k], y[y == k], sample_weight[y == k], np.array([k])) for k in self.classes_]
        self.points_ = [points for points, _ in own]
        self.weights_ = [sums[:, 0] for _, sums in own]
        self.share_ = np.array([sums.sum() for _, sums in own])
        return self

    def predict_proba(self, x: np.ndarray) -> np.ndarray:
        """Class probabilities, shape (events, classes)."""
        pairs = zip(self.points_, self.weights_, strict=True)
        logs, sums = zip(*(self._density(points, weights, x) for points, weights in pairs), strict=True)
        volume = np.stack(logs, axis=1)
        return shares(np.stack(sums, axis=1) * np.exp(volume.min(axis=1, keepdims=True) - volume), self.share_)

    def _density(self, points: np.ndarray, weights: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log volume of the ball and the weight in it, that of the event on its surface counted half."""
        count = min(self.neighbors, len(points))
        distance, nearest = in_ball(points, x, count)
        inside = weights[nearest]
        return points.shape[1] * np.log(np.maximum(distance[:, -1], 1e-12)), inside.sum(axis=1) - inside[:, -1] / 2


def gathered(x: np.ndarray, y: np.ndarray, weight: np.ndarray, classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct points, and the weight of each class at each, shape (points, classes)."""
    points, place = np.unique(x, axis=0, return_inverse=True)
    sums = [np.bincount(place.ravel(), np.where(y == k, weight, 0.0), len(points)) for k in classes]
    return points, np.stack(sums, axis=1)


def shares(sums: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
    """Sums as parts of one; where they cancel, the parts of the whole sample.

    Example:
        >>> shares(np.array([[1.0, 3.0], [-2.0, 1.0], [-1.0, 0.5]]), np.array([2.0, 2.0])).tolist()
        [[0.25, 0.75], [0.0, 1.0], [0.0, 1.0]]
    """
    positive = np.maximum(sums, 0.0)
    total = positive.sum(axis=1, keepdims=True)
    whole = np.maximum(otherwise, 0) / np.maximum(otherwise, 0).sum()
    return np.where(total > 0, positive / np.where(total > 0, total, 1.0), whole)
