"""Groups as dense regions: DBSCAN with shares of the weight, and HDBSCAN."""

from __future__ import annotations

import numpy as np

from ansatz.embedding.distances import Distance, Euclidean, check, table
from ansatz.errors import InputError
from ansatz.training.unsupervised.answering import Nearest, by_weight
from ansatz.training.unsupervised.learner import Found
from ansatz.training.unsupervised.rows import Rows


def dbscan(rows: Rows, radius: float | None, share: float, distance: Distance) -> Found:
    """Dense regions: a row is a core if at least `share` of the weight lies within `radius` of it.

    Cores within reach of each other are one group; other rows belong to the group of the nearest core within reach, or
    are noise. Shares instead of counts make the scale of the weights, and copies merged into weights, change nothing.

    Args:
        rows: what is grouped.
        radius: how far a row reaches; None for the distance at which nine in ten rows are cores.
        share: part of the total weight that makes a row a core.
        distance: what near means.

    Source: M. Ester et al., KDD (1996) 226.
    """
    check(distance, rows.x)
    apart = table(distance, rows.x, rows.x)
    radius = _usual_radius(apart, rows.weight, share) if radius is None else radius
    near = apart <= radius
    core = near @ rows.weight >= share * (1 - 1e-12)
    if not core.any():
        raise InputError(
            f"no row has {share:g} of the weight within {radius:g}; give a larger radius or a smaller share"
        )
    group = by_weight(_connected(near[np.ix_(core, core)]), rows.weight[core])
    details = {
        "radius": float(radius),
        "share": share,
        "cores": float(core @ rows.weight),
        "found": int(group.max()) + 1,
    }
    return Found(Nearest(rows.x[core], group, distance, float(radius)), details)


def _usual_radius(apart: np.ndarray, weight: np.ndarray, share: float) -> float:
    order = np.argsort(apart, axis=1)
    passed = np.cumsum(weight[order], axis=1) >= share * (1 - 1e-12)
    reach = np.take_along_axis(apart, order, axis=1)[np.arange(len(apart)), passed.argmax(axis=1)]
    ranked = np.argsort(reach)
    return float(reach[ranked][np.searchsorted(np.cumsum(weight[ranked]), 0.9)])


def _connected(near: np.ndarray) -> np.ndarray:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    return connected_components(csr_array(near), directed=False)[1]


def hdbscan(rows: Rows, smallest: int, distance: Distance) -> Found:
    """Dense regions of any density: scikit-learn's HDBSCAN; a new event goes where its nearest training row went.

    Source: R. Campello, D. Moulavi and J. Sander, PAKDD (2013) 160.
    """
    from sklearn.cluster import HDBSCAN

    check(distance, rows.x)
    if smallest > len(rows):
        raise InputError(f"a group of at least {smallest} was asked for, but there are only {len(rows)} distinct rows")
    plain = isinstance(distance, Euclidean)
    method = HDBSCAN(min_cluster_size=smallest, metric="euclidean" if plain else "precomputed", copy=True)
    label = method.fit(rows.x if plain else table(distance, rows.x, rows.x)).labels_
    group = by_weight(label, rows.weight)
    message = "" if (group >= 0).any() else "no region was dense enough to be a group; ask for smaller groups"
    return Found(Nearest(rows.x, group, distance), {"found": int(group.max()) + 1}, message=message)
