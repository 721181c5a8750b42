"""Distances to neighbors: how far one has to go, and coordinates carried over from neighbors."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.spatial.distance import cdist


def reach(apart: np.ndarray, weight: np.ndarray, share: float) -> np.ndarray:
    """For each row, the distance within which it finds a share of the total weight, shape (rows,).

    Example:
        >>> apart = np.abs(np.subtract.outer([0.0, 1.0, 5.0], [0.0, 1.0, 5.0]))
        >>> reach(apart, np.ones(3), 0.6).tolist()
        [1.0, 1.0, 4.0]
    """
    order = np.argsort(apart, axis=1)
    passed = np.cumsum(weight[order], axis=1) >= share * weight.sum() * (1 - 1e-12)
    return np.take_along_axis(apart, order, axis=1)[np.arange(len(apart)), passed.argmax(axis=1)]


def typical_reach(apart: np.ndarray, weight: np.ndarray, share: float) -> float:
    """The weighted median of `reach`, or the least distance that is not zero if that is zero."""
    far = reach(apart, weight, share)
    order = np.argsort(far)
    found = float(far[order][np.searchsorted(np.cumsum(weight[order]), weight.sum() / 2)])
    return found if found > 0 else float(apart[apart > 0].min(initial=np.inf))


@dataclasses.dataclass(frozen=True, eq=False)
class Carried:
    r"""Coordinates of new points from those of their nearest training rows: $z(x) = \sum_j u_j z_j / \sum_j u_j$.

    $u_j = 1 / d(x, x_j)^2$ over the `count` nearest rows, so that a training row keeps its own coordinates. For methods
    that place training rows only, such as t-SNE.

    Attributes:
        points: training rows, shape (rows, columns).
        coordinates: z, shape (rows, components).
        count: number of neighbors that are asked.

    Source: D. Shepard, Proc. ACM Nat. Conf. (1968) 517.

    Example:
        >>> Carried(np.array([[0.0], [1.0]]), np.array([[5.0], [7.0]])).transform(np.array([[0.0], [0.5]])).tolist()
        [[5.0], [6.0]]
    """

    points: np.ndarray
    coordinates: np.ndarray
    count: int = 8

    def transform(self, x: np.ndarray) -> np.ndarray:
        """Coordinates, shape (events, components)."""
        size = max(1, 8_000_000 // max(len(self.points), 1))
        return np.concatenate([self._few(x[i : i + size]) for i in range(0, max(len(x), 1), size)])

    def _few(self, x: np.ndarray) -> np.ndarray:
        apart = cdist(x, self.points)
        count = min(self.count, len(self.points))
        near = np.argpartition(apart, count - 1, axis=1)[:, :count]
        far = np.take_along_axis(apart, near, axis=1)
        same = far <= 1e-12 * np.maximum(far.max(axis=1, keepdims=True), 1e-300)
        u = np.where(same.any(axis=1, keepdims=True), same.astype(float), 1.0 / np.where(same, 1.0, far) ** 2)
        return np.einsum("nk,nkc->nc", u / u.sum(axis=1, keepdims=True), self.coordinates[near])
