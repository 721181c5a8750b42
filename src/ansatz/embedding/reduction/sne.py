"""Stochastic neighbor embedding: points in the plane whose neighbors are those of the original space."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.spatial.distance import cdist

from ansatz.embedding.reduction.pca import PCA
from ansatz.errors import InputError


class Placement(NamedTuple):
    """Coordinates, shape (rows, components), the divergence left, in nats, and whether it had stopped falling."""

    coordinates: np.ndarray
    divergence: float
    converged: bool


def sne(
    x: np.ndarray,
    weight: np.ndarray,
    *,
    components: int = 2,
    perplexity: float = 30.0,
    iterations: int = 500,
) -> Placement:
    r"""Coordinates z that make $\sum_i w_i \sum_j p_{j|i} \log (p_{j|i} / q_{j|i})$ small.

    $p_{j|i} \propto w_j e^{-|x_i - x_j|^2 / 2\sigma_i^2}$ with $\sigma_i$ such that row i has `perplexity` neighbors
    ($2^{H}$ of the distribution), $q_{j|i} \propto w_j e^{-|z_i - z_j|^2}$. It starts at the principal components.
    Gaussian neighborhoods in both spaces make moderately far points crowd in the middle; t-SNE has heavier tails there.

    Raises:
        InputError: if there are too few rows for the perplexity.

    Source: G. Hinton and S. Roweis, NeurIPS (2002) 857.

    Example:
        >>> x = np.array([[0.0], [0.1], [0.2], [5.0], [5.1], [5.2]])
        >>> z = sne(x, np.ones(6), components=1, perplexity=2.0).coordinates[:, 0]
        >>> bool(abs(z[0] - z[1]) < abs(z[0] - z[3]))
        True
    """
    w = weight / weight.sum()
    p = neighborhoods(x, w, perplexity)
    start = PCA.of(x, w, components=min(components, x.shape[1])).transform(x)
    start = np.pad(start, ((0, 0), (0, components - start.shape[1])))
    start = start / max(float(start.std(axis=0).max()), 1e-300)
    entropy = float(np.sum(w[:, None] * p * np.log(np.maximum(p, 1e-300))))

    def cost(flat: np.ndarray) -> tuple[float, np.ndarray]:
        return _divergence(flat.reshape(start.shape), p, w)

    options = {"maxiter": iterations, "maxfun": 2 * iterations}
    found = minimize(cost, start.ravel(), jac=True, method="L-BFGS-B", options=options)
    return Placement(found.x.reshape(start.shape), float(found.fun) + entropy, bool(found.status == 0))


def _divergence(z: np.ndarray, p: np.ndarray, w: np.ndarray) -> tuple[float, np.ndarray]:
    """Cross entropy of q under p, and its gradient."""
    squares = cdist(z, z, "sqeuclidean")
    np.fill_diagonal(squares, np.inf)
    log_q = np.log(w) - squares
    log_q = log_q - np.logaddexp.reduce(log_q, axis=1, keepdims=True)
    q = np.exp(log_q)
    np.fill_diagonal(log_q, 0.0)
    pull = w[:, None] * (p - q)
    pull = 2 * (pull + pull.T)
    gradient = pull.sum(axis=1)[:, None] * z - pull @ z
    return -float(np.sum(w[:, None] * p * log_q)), gradient.ravel()


def neighborhoods(x: np.ndarray, weight: np.ndarray, perplexity: float) -> np.ndarray:
    r"""$p_{j|i}$: whom each row would name as its neighbor, with $2^{H(p_i)}$ the same for all, shape (rows, rows).

    Raises:
        InputError: if there are not three times as many rows as neighbors.
    """
    if not 1 < perplexity < len(x) / 1.5:
        raise InputError(
            f"perplexity must be above 1 and below {len(x) / 1.5:.0f} for {len(x)} distinct rows, not {perplexity}"
        )
    squares = cdist(x, x, "sqeuclidean")
    np.fill_diagonal(squares, np.inf)
    squares = squares - squares.min(axis=1, keepdims=True)
    low, high = np.full(len(x), -60.0), np.full(len(x), 60.0)
    for _ in range(60):
        middle = (low + high) / 2
        p = _gaussian(squares, weight, np.exp(middle))
        wide = _spread(p) > np.log(perplexity)
        low, high = np.where(wide, middle, low), np.where(wide, high, middle)
    return _gaussian(squares, weight, np.exp((low + high) / 2))


def _gaussian(squares: np.ndarray, weight: np.ndarray, precision: np.ndarray) -> np.ndarray:
    p = weight * np.exp(-np.minimum(squares * precision[:, None], 700.0))
    np.fill_diagonal(p, 0.0)
    return p / p.sum(axis=1, keepdims=True)


def _spread(p: np.ndarray) -> np.ndarray:
    return -np.sum(p * np.log(np.maximum(p, 1e-300)), axis=1)
