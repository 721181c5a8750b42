"""Mixtures of Gaussians with event weights, by expectation and maximization."""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_triangular
from scipy.special import logsumexp

from ansatz.embedding.distances import Euclidean
from ansatz.errors import InputError
from ansatz.training.unsupervised.answering import GaussianGroups
from ansatz.training.unsupervised.kmeans import k_means, spread_out
from ansatz.training.unsupervised.learner import Found, enough
from ansatz.training.unsupervised.rows import Rows

COVARIANCES = ("full", "tied", "diagonal", "spherical", "equal")
"""Each group its own covariance; one for all; without correlations; a multiple of unity each; one such for all."""

ITERATIONS, TOLERANCE = 500, 1e-6


def gaussian_mixture(rows: Rows, clusters: int, covariance: str, *, starts: int, floor: float, seed: int) -> Found:
    r"""Parameters that make $\sum_i w_i \log \sum_k \pi_k N(x_i; \mu_k, \Sigma_k)$ large, the best of several starts.

    Args:
        rows: what is described.
        clusters: number of Gaussians.
        covariance: see `COVARIANCES`; "equal" is the model behind k-means.
        starts: the first starts from the groups of k-means, the others from rows drawn at random.
        floor: what is added to every variance, in squared units of the columns.
        seed: decides the starts.

    Raises:
        InputError: if there are fewer distinct rows than clusters or a covariance has no inverse.

    Source: A. Dempster, N. Laird and D. Rubin, J. R. Stat. Soc. B 39 (1977) 1.
    """
    enough(rows, clusters)
    rng = np.random.default_rng(seed)
    tries = [_climb(rows, _begin(rows, clusters, rng, number), covariance, floor) for number in range(starts)]
    model, curve, converged = max(tries, key=lambda found: found[1][-1])
    order = np.argsort(-model.share, kind="stable")
    model = GaussianGroups(model.share[order], model.mean[order], model.root[order])
    details = {
        "log_likelihood": float(curve[-1]),
        "parameters": parameters(clusters, rows.x.shape[1], covariance),
        "shares": model.share.tolist(),
    }
    message = "" if converged else "the likelihood was still rising when it stopped"
    return Found(model, details, converged, message, {"train/log_likelihood": np.array(curve)})


def parameters(clusters: int, columns: int, covariance: str) -> int:
    """Number of free parameters.

    Example:
        >>> parameters(2, 2, "full")
        11
    """
    own = {
        "full": clusters * columns * (columns + 1) // 2,
        "tied": columns * (columns + 1) // 2,
        "diagonal": clusters * columns,
        "spherical": clusters,
        "equal": 1,
    }
    return clusters - 1 + clusters * columns + own[covariance]


def _begin(rows: Rows, clusters: int, rng: np.random.Generator, number: int) -> np.ndarray:
    """To whom each row belongs at first, shape (rows, clusters)."""
    seed = int(rng.integers(2**31))
    if number == 0:
        group = k_means(rows, clusters, Euclidean(), starts=3, seed=seed).model.answer(rows.x)
    else:
        centers = spread_out(rows, clusters, Euclidean(), rng)
        group = ((rows.x[:, None] - centers) ** 2).sum(axis=2).argmin(axis=1)
    return np.eye(clusters)[group]


def _climb(rows: Rows, belongs: np.ndarray, covariance: str, floor: float) -> tuple[GaussianGroups, list[float], bool]:
    model, curve = _maximized(rows, belongs, covariance, floor), []
    for _ in range(ITERATIONS):
        joint = model.log_joint(rows.x)
        density = logsumexp(joint, axis=1)
        curve.append(float(rows.weight @ density))
        if len(curve) > 1 and curve[-1] - curve[-2] < TOLERANCE:
            return model, curve, True
        model = _maximized(rows, np.exp(joint - density[:, None]), covariance, floor)
    return model, curve, False


def _maximized(rows: Rows, belongs: np.ndarray, covariance: str, floor: float) -> GaussianGroups:
    """Shares, means and covariances of rows that belong in parts to the groups."""
    part = np.maximum(belongs, 1e-12) * rows.weight[:, None]
    share = part.sum(axis=0)
    mean = part.T @ rows.x / share[:, None]
    spread = np.stack([_covariance(rows.x - m, p) for m, p in zip(mean, part.T, strict=True)])
    shaped = _shaped(spread, share, covariance) + floor * np.eye(rows.x.shape[1])
    return GaussianGroups(share / share.sum(), mean, np.stack([_root(one, rows.names) for one in shaped]))


def _covariance(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return (weight[:, None] * x).T @ x / weight.sum()


def _shaped(spread: np.ndarray, share: np.ndarray, covariance: str) -> np.ndarray:
    unit, columns = np.eye(spread.shape[1]), spread.shape[1]
    if covariance in ("tied", "equal"):
        spread = np.broadcast_to(np.tensordot(share / share.sum(), spread, axes=1), spread.shape)
    if covariance == "diagonal":
        return spread * unit
    if covariance in ("spherical", "equal"):
        return np.trace(spread, axis1=1, axis2=2)[:, None, None] / columns * unit
    return spread


def _root(covariance: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """R with R R^T the inverse of the covariance."""
    try:
        lower = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError as error:
        raise InputError(
            f"the covariance of a group has no inverse in {', '.join(names[:6])}: a column is constant there or a sum"
            ' of others; leave it out, ask for fewer groups, or use covariance = "diagonal"'
        ) from error
    return solve_triangular(lower, np.eye(len(covariance)), lower=True).T
