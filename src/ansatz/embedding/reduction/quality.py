"""What an embedding keeps of the neighborhoods: trustworthiness and continuity, row by row."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import cdist

from ansatz.errors import InputError


class Kept(NamedTuple):
    """How well each row's neighborhood is kept, 1 if perfectly, shape (rows,) each.

    Attributes:
        trustworthiness: neighbors in the embedding were neighbors before.
        continuity: neighbors before are neighbors in the embedding.
    """

    trustworthiness: np.ndarray
    continuity: np.ndarray


def kept_neighbors(x: np.ndarray, z: np.ndarray, neighbors: int = 12) -> Kept:
    r"""$T = 1 - \frac{2}{n k (2n - 3k - 1)} \sum_i \sum_{j \in U_i} (r_{ij} - k)$, as one term for each row i.

    $U_i$ are the rows among the k nearest of i in the embedding that are not among its k nearest before, $r_{ij}$ the
    rank of j among the neighbors of i before. Continuity exchanges the two spaces.

    Args:
        x: points before, shape (rows, columns).
        z: points in the embedding, shape (rows, components).
        neighbors: k.

    Raises:
        InputError: if there are not more than twice as many rows as neighbors.

    Source: J. Venna and S. Kaski, ICANN (2001) 485.

    Example:
        >>> x = np.random.default_rng(0).normal(size=(50, 3))
        >>> float(kept_neighbors(x, 2 * x, 5).trustworthiness.mean())
        1.0
    """
    n, k = len(x), neighbors
    if not 1 <= k < n / 2:
        raise InputError(f"neighbors must be at least 1 and below half the number of rows ({n}), not {k}")
    before, after = _ranks(x), _ranks(z)
    norm = 2.0 / (k * (2 * n - 3 * k - 1))
    return Kept(1 - norm * _intruders(after, before, k), 1 - norm * _intruders(before, after, k))


def _ranks(x: np.ndarray) -> np.ndarray:
    """Rank of each row among the neighbors of each other one; 0 for itself."""
    apart = cdist(x, x)
    np.fill_diagonal(apart, -1.0)
    order = np.argsort(apart, axis=1, kind="stable")
    ranks = np.empty(order.shape, np.int32)
    np.put_along_axis(ranks, order, np.broadcast_to(np.arange(len(x), dtype=np.int32), order.shape), axis=1)
    return ranks


def _intruders(shown: np.ndarray, true: np.ndarray, k: int) -> np.ndarray:
    strangers = (shown >= 1) & (shown <= k) & (true > k)
    return np.sum(np.where(strangers, true - k, 0), axis=1)
