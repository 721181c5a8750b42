r"""How the variance of a forest is shared out among its columns, exactly.

A regression tree on the unit cube is constant in boxes: $f(x) = \sum_l v_l 1[x \in B_l]$. With $o_i(l, m)$ the overlap
of the sides of two boxes along column i, and $w_i(l)$ the length of a side, the mean square of what is left after
averaging over all columns outside of a set U is

$$ \langle f_U^2 \rangle = \sum_{l m} v_l v_m \prod_{i \in U} o_i(l, m) \prod_{i \notin U} w_i(l) w_i(m) , $$

so every share of a variance decomposition is a sum over pairs of leaves; nothing is sampled.

Source: F. Hutter, H. Hoos and K. Leyton-Brown, ICML 32 (2014) 754 (functional ANOVA of a forest); I. M. Sobol, Math.
Comput. Simul. 55 (2001) 271 (main and total effects).
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Shares:
    """Shares of the variance, averaged over trees.

    Attributes:
        main: of each column by itself, shape (columns,).
        total: of each column with all that it takes part in, shape (columns,); at least `main`.
        pair: of each two columns beyond what each does by itself, shape (columns, columns), symmetric.
    """

    main: np.ndarray
    total: np.ndarray
    pair: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Boxes:
    """A tree as boxes of the unit cube.

    Attributes:
        low: lower ends, shape (leaves, columns).
        high: upper ends.
        value: what the tree answers inside, shape (leaves,).
    """

    low: np.ndarray
    high: np.ndarray
    value: np.ndarray


def variance_shares(forest: Any) -> Shares:
    """The shares of a scikit-learn forest that was fitted to points of the unit cube.

    Example:
        >>> from sklearn.ensemble import RandomForestRegressor
        >>> x = np.random.default_rng(0).random((800, 3))
        >>> y = 2 * (x[:, 0] > 0.5) + 1 * (x[:, 1] > 0.5)
        >>> forest = RandomForestRegressor(10, max_depth=3, max_features=1.0, random_state=0).fit(x, y)
        >>> variance_shares(forest).main.round(1).tolist()
        [0.8, 0.2, 0.0]
    """
    shares = [_of_tree(boxes_of(tree.tree_)) for tree in forest.estimators_]
    known = [share for share in shares if share is not None]
    if not known:
        columns = forest.n_features_in_
        return Shares(np.zeros(columns), np.zeros(columns), np.zeros((columns, columns)))
    return Shares(*(np.mean([getattr(share, f) for share in known], axis=0) for f in ("main", "total", "pair")))


def boxes_of(tree: Any) -> Boxes:
    """The leaves of a fitted tree as boxes."""
    columns = tree.n_features
    low, high = np.zeros((tree.node_count, columns)), np.ones((tree.node_count, columns))
    for node in range(tree.node_count):
        left, right, column, cut = (
            tree.children_left[node],
            tree.children_right[node],
            tree.feature[node],
            tree.threshold[node],
        )
        if left < 0:
            continue
        for child in (left, right):
            low[child], high[child] = low[node], high[node]
        high[left, column] = low[right, column] = cut
    leaves = tree.children_left < 0
    return Boxes(low[leaves], high[leaves], tree.value[leaves, 0, 0])


def _of_tree(boxes: Boxes) -> Shares | None:
    """The shares of one tree; None if it answers the same everywhere."""
    sides = boxes.high - boxes.low
    columns = range(sides.shape[1])
    value = boxes.value - boxes.value @ sides.prod(axis=1)
    overlap = [_overlap(boxes.low[:, i], boxes.high[:, i]) for i in columns]
    product = [np.outer(sides[:, i], sides[:, i]) for i in columns]

    def left(kept: frozenset[int]) -> float:
        factors = [overlap[i] if i in kept else product[i] for i in columns]
        return float(value @ np.prod(factors, axis=0) @ value)

    whole = left(frozenset(columns))
    if whole <= 1e-14 * float(np.max(np.abs(boxes.value), initial=0.0)) ** 2:
        return None
    main = np.array([left(frozenset({i})) for i in columns])
    total = np.array([whole - left(frozenset(columns) - {i}) for i in columns])
    pair = np.zeros((len(columns), len(columns)))
    for i, j in itertools.combinations(columns, 2):
        pair[i, j] = pair[j, i] = left(frozenset({i, j})) - main[i] - main[j]
    return Shares(main / whole, total / whole, pair / whole)


def _overlap(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Length that the sides of each two boxes share, shape (leaves, leaves)."""
    return np.maximum(np.minimum.outer(high, high) - np.maximum.outer(low, low), 0.0)
