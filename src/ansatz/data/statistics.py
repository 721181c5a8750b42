"""Weighted statistics of columns: moments, median, correlation. Weights of either sign; their scale does not matter."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

PIECE = 2**20
"""Values held in double precision at a time."""


def moments(x: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation.

        mean = sum w x / sum w,   variance = sum w (x - mean)^2 / sum w,

    in double precision and safe from overflow. The standard deviation is NaN where the weights, some of them negative,
    make the variance negative.

    Example:
        >>> moments(np.array([1.0, 3.0]), np.array([1.0, 3.0]))
        (2.5, 0.8660254037844386)
    """
    total = float(weight.sum())
    if not len(x) or total == 0:
        return float("nan"), float("nan")
    scale = float(np.max(np.abs(x))) or 1.0
    scaled = x.astype(np.float64) / scale
    mean = float(weight @ scaled) / total
    variance = float(weight @ (scaled - mean) ** 2) / total
    return mean * scale, scale * float(np.sqrt(variance)) if variance >= 0 else float("nan")


def median(x: np.ndarray, weight: np.ndarray) -> float:
    """The value below which half of the weight lies; between two values that halve it, their mean.

    With negative weights it is the first value at which the running sum reaches half.

    Example:
        >>> median(np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.0])), median(np.array([4.0, 1.0]), np.ones(2))
        (2.5, 2.5)
    """
    return median_and_distinct(x, weight)[0]


def medians(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The median of each column over its finite values, shape (columns,): what an imputing step puts for NaN.

    To be taken from training rows alone. NaN where a column has no finite value.

    Example:
        >>> medians(np.array([[1.0, np.nan], [2.0, 8.0], [9.0, 6.0]]), np.ones(3)).tolist()
        [2.0, 7.0]
    """
    known = np.isfinite(x)
    return np.array([median(x[known[:, i], i], weight[known[:, i]]) for i in range(x.shape[1])])


def median_and_distinct(x: np.ndarray, weight: np.ndarray) -> tuple[float, int]:
    """The median, as `median`, and the number of different values, from one sort.

    Example:
        >>> median_and_distinct(np.array([3.0, 1.0, 3.0]), np.ones(3))
        (3.0, 2)
    """
    if not len(x):
        return float("nan"), 0
    if np.all(weight == weight[0]):
        values = np.sort(x)
        low, high = (len(x) - 1) // 2, len(x) // 2
    else:
        order = np.argsort(x)
        values = x[order]
        low, high = _halves(weight[order])
    return float(values[low]) / 2 + float(values[high]) / 2, 1 + int(np.sum(values[1:] != values[:-1]))


def _halves(weight: np.ndarray) -> tuple[int, int]:
    """Where the running sum first reaches half of the whole, and where it first exceeds it."""
    running = np.cumsum(weight, dtype=np.float64)
    half, slack = running[-1] / 2, 1e-12 * np.abs(running[-1])
    return int(np.argmax(running >= half - slack)), int(np.argmax(running > half + slack))


def effective_size(weight: np.ndarray) -> float:
    """How many events of equal weight would be as precise: (sum w)^2 / sum w^2 (Kish 1965).

    Example:
        >>> effective_size(np.array([2.0, 2.0, 2.0])), effective_size(np.array([1.0, 1.0, -1.0]))
        (3.0, 0.3333333333333333)
    """
    squares = float(weight @ weight)
    return float(weight.sum()) ** 2 / squares if squares else 0.0


def correlations(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted linear correlation of all pairs of columns, for several sets of weights in one pass.

    A pair is judged on the rows in which both values are there. A coefficient that does not exist (a constant column)
    is NaN.

    Args:
        x: columns, shape (events, columns).
        weights: shape (sets, events).

    Returns:
        Shape (sets, columns, columns).

    Example:
        >>> x = np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 7.0]])
        >>> correlations(x, np.ones((1, 3)))[0, 0, 1].round(4)
        np.float64(0.9934)
    """
    columns = x.shape[1]
    sums = np.zeros((len(weights), 4, columns, columns))
    center, scale = _center_and_scale(x)
    for rows in _pieces(x):
        z = (x[rows].astype(np.float64) - center) / scale
        there = np.isfinite(z)
        z = np.where(there, z, 0.0)
        for k, weight in enumerate(weights[:, rows]):
            sums[k] += _sums(z, None if there.all() else there, weight)
    return np.stack([_coefficients(*one) for one in sums])


def _sums(z: np.ndarray, there: np.ndarray | None, weight: np.ndarray) -> np.ndarray:
    """Sums of w, w z_i, w z_i^2 and w z_i z_j over the rows where columns i and j are there, shape (4, i, j)."""
    carried = z * weight[:, None]
    product = z.T @ carried
    if there is None:
        parts = (weight.sum(), carried.sum(axis=0)[:, None], np.diag(product)[:, None], product)
        return np.stack(np.broadcast_arrays(*parts))
    seen = there * weight[:, None]
    return np.stack([there.T @ seen, z.T @ seen, (z**2).T @ seen, product])


def _coefficients(n: np.ndarray, first: np.ndarray, second: np.ndarray, product: np.ndarray) -> np.ndarray:
    """Correlation from the sums over rows where both columns are there; entry (i, j) of `first` is of column i."""
    with np.errstate(all="ignore"):
        mean = first / n
        variance = second / n - mean**2
        variance = np.where(variance > 1e-14 * second / n, variance, np.nan)
        return np.clip((product / n - mean * mean.T) / np.sqrt(variance * variance.T), -1, 1)


def _center_and_scale(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    pairs = np.array([_middle(x[:, i]) for i in range(x.shape[1])]).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _middle(column: np.ndarray) -> tuple[float, float]:
    mean, spread = moments(finite := column[np.isfinite(column)], np.ones(len(finite)))
    return (mean, spread) if spread > 0 else (mean if np.isfinite(mean) else 0.0, 1.0)


def _pieces(x: np.ndarray) -> Iterator[slice]:
    step = max(1, PIECE // max(1, x.shape[1]))
    return (slice(start, start + step) for start in range(0, len(x), step))
