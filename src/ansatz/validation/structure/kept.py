"""What an embedding keeps: neighborhoods, labels, and itself from one sample to the next; with intervals."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from ansatz.embedding.reduction import kept_neighbors
from ansatz.validation.interval import ONE_SIGMA, Interval
from ansatz.validation.structure.groups import mean_of


def neighborhood_intervals(
    x: np.ndarray, z: np.ndarray, weight: np.ndarray, *, neighbors: int = 12, level: float = ONE_SIGMA
) -> tuple[Interval, Interval]:
    """Trustworthiness and continuity with the standard errors over events.

    Example:
        >>> x = np.random.default_rng(0).normal(size=(60, 3))
        >>> trust, keeps = neighborhood_intervals(x, x[:, :2], np.ones(60), neighbors=5)
        >>> trust.value < keeps.value < 1
        True
    """
    kept = kept_neighbors(x, z, neighbors)
    return mean_of(kept.trustworthiness, weight, level=level), mean_of(kept.continuity, weight, level=level)


def neighbor_agreement(
    z: np.ndarray, label: np.ndarray, weight: np.ndarray, *, neighbors: int = 10, level: float = ONE_SIGMA
) -> Interval:
    """The mean part of an event's nearest neighbors that have its label.

    Example:
        >>> z = np.array([[0.0], [0.1], [0.2], [9.0], [9.1], [9.2]])
        >>> round(neighbor_agreement(z, np.array([0, 0, 0, 1, 1, 1]), np.ones(6), neighbors=2).value, 9)
        1.0
    """
    _, near = cKDTree(z).query(z, min(neighbors, len(z) - 1) + 1)
    same = (label[near[:, 1:]] == label[:, None]).mean(axis=1)
    return mean_of(same, weight, level=level)


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    r"""How alike two embeddings of the same events are: the part of the variance of one that the other gives.

    After the best shift, rotation, reflection and change of scale: $(\sum s)^2 / (|A|^2 |B|^2)$ with s the singular
    values of $A^T B$ (Procrustes). 1 if they are the same, near 0 if they have nothing in common.

    Example:
        >>> a = np.random.default_rng(0).normal(size=(50, 2))
        >>> round(likeness(a, 3 * a[:, ::-1] + 1), 9)
        1.0
    """
    a, b = a - a.mean(axis=0), b - b.mean(axis=0)
    size = float((a**2).sum() * (b**2).sum())
    return float(np.linalg.svd(a.T @ b, compute_uv=False).sum() ** 2) / size if size > 0 else 0.0
