"""Kernel densities with event weights: a small Gaussian around each event, as wide as the others find it likely."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import minimize_scalar
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

from ansatz.errors import InputError
from ansatz.training.unsupervised.rows import Rows

WIDTHS = (0.01, 3.0)
"""Range of the width of a kernel, in standard deviations of the whole sample."""
TOGETHER = 4_000_000
"""Most distances in memory at once."""


@dataclasses.dataclass(frozen=True, eq=False)
class Kernels:
    r"""$p(x) = \sum_i w_i\, N(x; x_i, h^2 \Sigma)$ with weights of sum one.

    Attributes:
        points: the events, shape (events, columns).
        log_weight: ln w, shape (events,).
        root: triangular R with $(h^2 \Sigma)^{-1} = R R^T$, shape (columns, columns).

    Source: E. Parzen, Ann. Math. Stat. 33 (1962) 1065.

    Example:
        >>> one = Kernels(np.zeros((1, 2)), np.zeros(1), np.eye(2))
        >>> one.log_density(np.zeros((1, 2))).round(4).tolist()
        [-1.8379]
    """

    points: np.ndarray
    log_weight: np.ndarray
    root: np.ndarray

    def answer(self, x: np.ndarray) -> np.ndarray:
        """Log density of each event, shape (events,)."""
        return self.log_density(x)

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Log density of each event, shape (events,)."""
        places, size = self.points @ self.root, max(1, TOGETHER // len(self.points))
        parts = [self._block(x[i : i + size] @ self.root, places) for i in range(0, max(len(x), 1), size)]
        return np.concatenate(parts) + _norm(self.root)

    def _block(self, x: np.ndarray, places: np.ndarray) -> np.ndarray:
        return logsumexp(self.log_weight - cdist(x, places, "sqeuclidean") / 2, axis=1)

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Independent events, shape (n, columns)."""
        weight = np.exp(self.log_weight)
        which = rng.choice(len(self.points), size=n, p=weight / weight.sum())
        return self.points[which] + rng.normal(size=(n, self.points.shape[1])) @ np.linalg.inv(self.root)


def kernels(rows: Rows, width: float | None, shape: str) -> tuple[Kernels, dict[str, object]]:
    r"""The kernel density of some rows, and what is to be told of it.

    Without a width it is the one that makes the likelihood of every row under all others large,
    $\sum_i w_i \ln \sum_{j \ne i} w_j N(x_i; x_j, h^2 \Sigma) / (1 - w_i)$.

    Args:
        rows: the events.
        width: h, in units of the spread of the sample; None to find it.
        shape: "full" (the covariance of the sample) or "diagonal" (its variances).

    Raises:
        InputError: if the covariance has no inverse, or there are fewer than three distinct rows.

    Source: R. Duin, IEEE Trans. Comput. C-25 (1976) 1175 (width by leaving one out).
    """
    if len(rows) < 3:
        raise InputError(f"a kernel density needs at least three distinct rows, not {len(rows)}")
    root = _root(rows, shape)
    found = _best_width(rows, root) if width is None else (float(width), None)
    details = {"width": found[0], **({} if found[1] is None else {"left_out": found[1]})}
    return Kernels(rows.x, np.log(rows.weight), root / found[0]), details


def _root(rows: Rows, shape: str) -> np.ndarray:
    centered = rows.x - rows.weight @ rows.x
    covariance = (rows.weight[:, None] * centered).T @ centered
    covariance = covariance * np.eye(len(covariance)) if shape == "diagonal" else covariance
    try:
        lower = np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError as error:
        raise InputError(_SINGULAR.format(", ".join(rows.names[:6]))) from error
    if np.diag(lower).min() < 1e-6 * np.sqrt(np.diag(covariance)).max():
        raise InputError(_SINGULAR.format(", ".join(rows.names[:6])))
    return solve_triangular(lower, np.eye(len(lower)), lower=True).T


_SINGULAR = (
    "there is no density in {}: a column is constant or a sum of others, so that all events lie on a surface; leave"
    " that column out"
)


def _norm(root: np.ndarray) -> float:
    return float(np.log(np.abs(np.diag(root))).sum() - 0.5 * len(root) * np.log(2 * np.pi))


def _best_width(rows: Rows, root: np.ndarray) -> tuple[float, float]:
    """The width with the best likelihood of rows left out, and that likelihood."""
    square = cdist(rows.x @ root, rows.x @ root, "sqeuclidean")
    np.fill_diagonal(square, np.inf)
    log_weight, columns = np.log(rows.weight), rows.x.shape[1]
    rest = np.log1p(-rows.weight)

    def cost(log_width: float) -> float:
        inside = logsumexp(log_weight - square / (2 * np.exp(2 * log_width)), axis=1) - rest
        return -float(rows.weight @ np.maximum(inside, -1e4)) + columns * log_width

    grid = np.linspace(*np.log(WIDTHS), 16)
    best = int(np.argmin([cost(log_width) for log_width in grid]))
    ends = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    found = minimize_scalar(cost, bounds=ends, method="bounded", options={"xatol": 5e-3})
    return float(np.exp(found.x)), _norm(root) - float(found.fun)
