r"""How the variance of a forest is shared out among its columns, exactly.

A sum of regression trees on the unit cube is a sum over boxes: $f(x) = \sum_l v_l 1[x \in B_l]$. With $o_i(l, m)$ the
overlap of the sides of two boxes along column i, and $w_i(l)$ the length of a side, the mean square of what is left
after averaging over all columns outside of a set U is

$$ \langle f_U^2 \rangle = \sum_{l m} v_l v_m \prod_{i \in U} o_i(l, m) \prod_{i \notin U} w_i(l) w_i(m) , $$

so every share of a variance decomposition is a sum over pairs of leaves; nothing is sampled. It is taken of the sum of
all trees, not of each: what single trees add by chance would count as interaction.

Source: F. Hutter, H. Hoos and K. Leyton-Brown, ICML 32 (2014) 754 (functional ANOVA of a forest); I. M. Sobol, Math.
Comput. Simul. 55 (2001) 271 (main and total effects).
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Shares:
    """Shares of the variance of a forest over the unit cube.

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
    """A forest as boxes of the unit cube, those of several trees on top of each other.

    Attributes:
        low: lower ends, shape (leaves, columns).
        high: upper ends.
        value: what a box adds inside, shape (leaves,).
    """

    low: np.ndarray
    high: np.ndarray
    value: np.ndarray


def variance_shares(trees: Sequence[Any], *, scale: float | None = None) -> Shares:
    """The shares of a sum of scikit-learn trees that were fitted to points of the unit cube.

    Args:
        trees: fitted regression trees: those of a random forest, or of boosting.
        scale: factor on each tree, the learning rate of boosting; one over their number (their mean) if left out.

    Example:
        >>> from sklearn.ensemble import RandomForestRegressor
        >>> x = np.random.default_rng(0).random((800, 3))
        >>> y = 2 * (x[:, 0] > 0.5) + 1 * (x[:, 1] > 0.5)
        >>> forest = RandomForestRegressor(10, max_depth=3, max_features=1.0, random_state=0).fit(x, y)
        >>> variance_shares(forest.estimators_).main.round(1).tolist()
        [0.8, 0.2, 0.0]
    """
    parts = [boxes_of(tree.tree_) for tree in trees]
    low, high, value = (np.concatenate([getattr(part, name) for part in parts]) for name in ("low", "high", "value"))
    return _shares(Boxes(low, high, value * (1 / len(parts) if scale is None else scale)))


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


def _shares(boxes: Boxes) -> Shares:
    """The shares of a sum over boxes; zeros if it is the same everywhere."""
    sides = boxes.high - boxes.low
    columns = range(sides.shape[1])
    volume = sides.prod(axis=1)
    value = boxes.value - boxes.value @ volume / volume.sum()
    overlap = [_overlap(boxes.low[:, i], boxes.high[:, i]) for i in columns]

    def left(kept: frozenset[int]) -> float:
        scaled = value * np.prod(sides[:, [i for i in columns if i not in kept]], axis=1)
        return float(scaled @ np.prod([overlap[i] for i in kept], axis=0) @ scaled)

    whole = left(frozenset(columns))
    main, total, pair = np.zeros(len(columns)), np.zeros(len(columns)), np.zeros((len(columns), len(columns)))
    if whole <= 1e-14 * float(np.max(np.abs(boxes.value), initial=0.0)) ** 2:
        return Shares(main, total, pair)
    for i in columns:
        main[i], total[i] = left(frozenset({i})), whole - left(frozenset(columns) - {i})
    for i, j in itertools.combinations(columns, 2):
        pair[i, j] = pair[j, i] = left(frozenset({i, j})) - main[i] - main[j]
    return Shares(np.maximum(main, 0.0) / whole, np.maximum(total, 0.0) / whole, pair / whole)


def _overlap(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Length that the sides of each two boxes share, shape (leaves, leaves)."""
    return np.maximum(np.minimum.outer(high, high) - np.maximum.outer(low, low), 0.0)
