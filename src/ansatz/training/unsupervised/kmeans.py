"""k-means with any metric, and k-medoids."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ansatz.embedding.distances import Distance, Euclidean, check, table
from ansatz.training.unsupervised.answering import Nearest, by_weight
from ansatz.training.unsupervised.learner import Found, enough
from ansatz.training.unsupervised.rows import Rows

ITERATIONS = 300


class Centers(NamedTuple):
    """Centers of groups, the weighted mean of squared distances to them, and whether they had stopped moving."""

    points: np.ndarray
    cost: float
    converged: bool


def k_means(rows: Rows, clusters: int, distance: Distance, *, starts: int, seed: int) -> Found:
    r"""Centers that make $\sum_i w_i\, d(x_i, c_{k(i)})^2$ small, the best of several starts.

    With the Euclidean distance this is scikit-learn's; with any other, Lloyd's iteration with the center that belongs
    to the distance.

    Raises:
        InputError: if there are fewer distinct rows than clusters, or the distance is none.

    Source: S. Lloyd, IEEE Trans. Inf. Theory 28 (1982) 129; D. Arthur and S. Vassilvitskii, SODA (2007) 1027 (starts).
    """
    enough(rows, clusters)
    check(distance, rows.x)
    search = _euclidean if isinstance(distance, Euclidean) else _any
    found = search(rows, clusters, distance, starts, seed)
    nearest = Nearest(found.points, np.arange(clusters), distance)
    number = by_weight(nearest.answer(rows.x), rows.weight)
    order = [int(np.flatnonzero(number == k)[0]) for k in range(number.max() + 1)]
    points = found.points[nearest.answer(rows.x[order])]
    message = "" if found.converged else "the centers were still moving when it stopped"
    details = {"cost": found.cost, "centers": points.tolist()}
    return Found(Nearest(points, np.arange(len(points)), distance), details, found.converged, message)


def _euclidean(rows: Rows, clusters: int, distance: Distance, starts: int, seed: int) -> Centers:
    from sklearn.cluster import KMeans

    method = KMeans(clusters, n_init=starts, max_iter=ITERATIONS, random_state=seed)
    method.fit(rows.x, sample_weight=rows.weight * len(rows))
    return Centers(method.cluster_centers_, float(method.inertia_) / len(rows), method.n_iter_ < ITERATIONS)


def _any(rows: Rows, clusters: int, distance: Distance, starts: int, seed: int) -> Centers:
    rng = np.random.default_rng(seed)
    tries = [_lloyd(rows, spread_out(rows, clusters, distance, rng), distance) for _ in range(starts)]
    return min(tries, key=lambda found: found.cost)


def _lloyd(rows: Rows, centers: np.ndarray, distance: Distance) -> Centers:
    before = None
    for _ in range(ITERATIONS):
        apart = table(distance, rows.x, centers)
        nearest = apart.argmin(axis=1)
        cost = float(rows.weight @ apart.min(axis=1) ** 2)
        if before is not None and np.array_equal(before, nearest):
            return Centers(centers, cost, converged=True)
        before = nearest
        centers = np.stack([_center(rows, nearest == k, centers[k], distance) for k in range(len(centers))])
    return Centers(centers, cost, converged=False)


def _center(rows: Rows, inside: np.ndarray, old: np.ndarray, distance: Distance) -> np.ndarray:
    return distance.center(rows.x[inside], rows.weight[inside]) if inside.any() else old


def spread_out(rows: Rows, clusters: int, distance: Distance, rng: np.random.Generator) -> np.ndarray:
    """Rows to start from: each drawn in proportion to its weight and its squared distance to those before."""
    chosen = [int(rng.choice(len(rows), p=rows.weight))]
    near = table(distance, rows.x, rows.x[chosen])[:, 0] ** 2
    for _ in range(clusters - 1):
        chance = rows.weight * near
        total = chance.sum()
        chosen.append(int(rng.choice(len(rows), p=chance / total if total > 0 else rows.weight)))
        near = np.minimum(near, table(distance, rows.x, rows.x[chosen[-1:]])[:, 0] ** 2)
    return rows.x[chosen]


def k_medoids(rows: Rows, clusters: int, distance: Distance, *, starts: int, seed: int) -> Found:
    r"""Rows as centers that make $\sum_i w_i\, d(x_i, m_{k(i)})$ small: swaps of one center, the best one first.

    Raises:
        InputError: if there are fewer distinct rows than clusters, or the distance is none.

    Source: L. Kaufman and P. Rousseeuw, Finding Groups in Data (1990); E. Schubert and P. Rousseeuw, arXiv:1810.05691.
    """
    enough(rows, clusters)
    check(distance, rows.x)
    rng = np.random.default_rng(seed)
    apart = table(distance, rows.x, rows.x)
    tries = [_swapped(apart, rows.weight, _first(rows, clusters, distance, apart, rng)) for _ in range(starts)]
    medoids, cost = min(tries, key=lambda found: found[1])
    group = by_weight(apart[:, medoids].argmin(axis=1), rows.weight)
    points = rows.x[sorted(medoids, key=lambda m: group[m])]
    details = {"cost": cost, "centers": points.tolist()}
    return Found(Nearest(points, np.arange(clusters), distance), details)


def _first(rows: Rows, clusters: int, distance: Distance, apart: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    start = spread_out(rows, clusters, distance, rng)
    found = np.array([int(np.flatnonzero((rows.x == point).all(axis=1))[0]) for point in start])
    free = np.setdiff1d(np.arange(len(rows)), found)
    fresh = np.unique(found)
    return np.concatenate([fresh, rng.choice(free, clusters - len(fresh), replace=False)])


def _swapped(apart: np.ndarray, weight: np.ndarray, medoids: np.ndarray) -> tuple[np.ndarray, float]:
    """Exchange one medoid for one row as long as that lowers the cost."""
    medoids, rows = medoids.copy(), np.arange(len(apart))
    for _ in range(ITERATIONS):
        mine = apart[:, medoids]
        order = np.argsort(mine, axis=1)
        near, first = mine[rows, order[:, 0]], order[:, 0]
        second = mine[rows, order[:, 1]] if len(medoids) > 1 else np.full(len(apart), apart.max())
        change = _changes(apart, weight, near, second, first, len(medoids))
        out, new = np.unravel_index(change.argmin(), change.shape)
        if change[out, new] > -1e-12 * max(float(weight @ near), 1e-300):
            break
        medoids[out] = new
    return medoids, float(weight @ near)


def _changes(
    apart: np.ndarray, weight: np.ndarray, near: np.ndarray, second: np.ndarray, first: np.ndarray, clusters: int
) -> np.ndarray:
    """What the cost changes by when medoid k is exchanged for row j, shape (clusters, rows)."""
    gain = np.minimum(apart - near[:, None], 0.0)
    lost = np.minimum(apart, second[:, None]) - near[:, None] - gain
    owner = (first == np.arange(clusters)[:, None]) * weight
    return weight @ gain + owner @ lost
