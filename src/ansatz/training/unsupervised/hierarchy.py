"""Hierarchical clustering: the two nearest groups are merged until one is left; with event weights."""

from __future__ import annotations

import numpy as np

from ansatz.embedding.distances import Distance, Euclidean, check, table
from ansatz.training.unsupervised.answering import Nearest, by_weight
from ansatz.training.unsupervised.kmeans import k_means
from ansatz.training.unsupervised.learner import Found, enough
from ansatz.training.unsupervised.rows import Rows

LINKAGES = ("single", "complete", "average", "ward")

DRAWN = 200
"""Most leaves of the dendrogram that is kept for a figure."""


def agglomerate(apart: np.ndarray, weight: np.ndarray, linkage: str) -> np.ndarray:
    r"""The tree of merges, in SciPy's form: (a, b, height, weight inside), shape (rows - 1, 4).

    The height of a merge is the distance of its groups: the least (single), the largest (complete) or the weighted mean
    (average) of all distances between their members; for Ward the root of twice what the weighted sum of squares
    grows by, $\sqrt{2 w_a w_b / (w_a + w_b)}\, |c_a - c_b|$. Groups are found as chains of nearest neighbors.

    Args:
        apart: distances of the rows, shape (rows, rows).
        weight: of each row; only Ward and average look at it, and two copies of a row are one of twice the weight.
        linkage: "single", "complete", "average" or "ward" (for Euclidean distances).

    Source: F. Murtagh and P. Contreras, arXiv:1105.0121; G. Lance and W. Williams, Comput. J. 9 (1967) 373.

    Example:
        >>> apart = np.abs(np.subtract.outer([0.0, 1.0, 9.0], [0.0, 1.0, 9.0]))
        >>> agglomerate(apart, np.ones(3), "single").tolist()
        [[0.0, 1.0, 1.0, 2.0], [2.0, 3.0, 8.0, 3.0]]
    """
    n = len(apart)
    weight = np.asarray(weight, float).copy()
    d = np.asarray(apart, float) ** (2 if linkage == "ward" else 1)
    if linkage == "ward":
        d = d * (2 * np.multiply.outer(weight, weight) / np.add.outer(weight, weight))
    np.fill_diagonal(d, np.inf)
    merges, chain, gone = [], [], np.zeros(n, bool)
    for _ in range(n - 1):
        a, b = _reciprocal(d, chain, gone)
        height = d[a, b]
        merges.append((a, b, height, weight[a] + weight[b]))
        _merge(d, a, b, weight, linkage)
        weight[b] += weight[a]
        gone[a] = True
    tree = _sorted(np.array(merges).reshape(-1, 4), n)
    tree[:, 2] = np.sqrt(np.maximum(tree[:, 2], 0)) if linkage == "ward" else tree[:, 2]
    return tree


def _reciprocal(d: np.ndarray, chain: list[int], gone: np.ndarray) -> tuple[int, int]:
    """Two groups that are each other's nearest, following nearest neighbors from where the chain ended."""
    if not chain:
        chain.append(int(np.flatnonzero(~gone)[0]))
    while True:
        last = chain[-1]
        nearest = int(d[last].argmin())
        if len(chain) > 1 and d[last, chain[-2]] <= d[last, nearest]:
            chain.pop()
            return last, chain.pop()
        chain.append(nearest)


def _merge(d: np.ndarray, a: int, b: int, weight: np.ndarray, linkage: str) -> None:
    """Let slot b be the union of a and b, and take slot a out."""
    wa, wb, height = weight[a], weight[b], d[a, b]
    if linkage == "single":
        row = np.minimum(d[a], d[b])
    elif linkage == "complete":
        row = np.maximum(d[a], d[b])
    elif linkage == "average":
        row = (wa * d[a] + wb * d[b]) / (wa + wb)
    else:
        row = ((wa + weight) * d[a] + (wb + weight) * d[b] - weight * height) / (wa + wb + weight)
    row[[a, b]] = np.inf
    row[np.isinf(d[b])] = np.inf
    d[b], d[:, b] = row, row
    d[a], d[:, a] = np.inf, np.inf


def _sorted(merges: np.ndarray, n: int) -> np.ndarray:
    """Merges by height, groups numbered as SciPy does: rows first, then merges in their order."""
    tree = merges[np.argsort(merges[:, 2], kind="stable")]
    name = np.arange(n)
    parent = np.arange(n)

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for step, (a, b, _, _) in enumerate(tree):
        i, j = root(int(a)), root(int(b))
        tree[step, :2] = sorted((name[i], name[j]))
        parent[i] = j
        name[j] = n + step
    return tree


def cut(tree: np.ndarray, clusters: int) -> np.ndarray:
    """The group of each row when so many groups are left.

    Example:
        >>> cut(np.array([[0.0, 1.0, 1.0, 2.0], [2.0, 3.0, 8.0, 3.0]]), 2).tolist()
        [1, 1, 0]
    """
    n = len(tree) + 1
    group = np.arange(n)
    for step in range(n - clusters):
        group[np.isin(group, tree[step, :2])] = n + step
    return np.unique(group, return_inverse=True)[1]


def hierarchical(rows: Rows, clusters: int, linkage: str, distance: Distance, *, first: int, seed: int) -> Found:
    """Groups from a tree of merges; of a large sample, k-means first makes `first` small groups that are then merged.

    Raises:
        InputError: if there are fewer distinct rows than clusters, or the distance is none.
    """
    enough(rows, clusters)
    check(distance, rows.x)
    if len(rows) <= first:
        points, weight, message = rows.x, rows.weight, ""
    else:
        small = k_means(rows, first, distance, starts=1, seed=seed).model
        points = small.points
        weight = np.bincount(small.answer(rows.x), weights=rows.weight, minlength=len(points))
        message = f"{len(rows)} distinct rows are many: k-means made {len(points)} small groups, which were then merged"
    tree = agglomerate(table(distance, points, points), weight, linkage)
    group = by_weight(cut(tree, clusters), weight)
    details = {"linkage": linkage, "heights": tree[-DRAWN:, 2].tolist(), **_drawn(tree, group, weight)}
    return Found(Nearest(points, group, distance), details, message=message)


def _drawn(tree: np.ndarray, group: np.ndarray, weight: np.ndarray) -> dict[str, object]:
    """The upper part of the tree, with leaves that are whole branches, and the group of each leaf."""
    n = len(tree) + 1
    leaves = min(n, DRAWN)
    branch = cut(tree, leaves)
    first = np.array([int(np.flatnonzero(branch == k)[0]) for k in range(leaves)])
    top = tree[n - leaves :].copy()
    names = {int(i): k for k, i in enumerate(_names_before(tree, n - leaves, first))}
    for step in range(leaves - 1):
        names[2 * n - leaves + step] = leaves + step
    top[:, :2] = [[names[int(a)], names[int(b)]] for a, b in top[:, :2]]
    return {"tree": top.tolist(), "leaf_group": group[first].tolist()}


def _names_before(tree: np.ndarray, steps: int, rows: np.ndarray) -> np.ndarray:
    """The number of the group of some rows after so many merges."""
    name = np.arange(len(tree) + 1)
    for step in range(steps):
        name[np.isin(name, tree[step, :2])] = len(tree) + 1 + step
    return name[rows]


def is_euclidean(distance: Distance) -> bool:
    """Whether Ward's linkage has its meaning with this distance."""
    return isinstance(distance, Euclidean)
