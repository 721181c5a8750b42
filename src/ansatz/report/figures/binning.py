"""Histograms of weighted events, with errors that are right for weights of either sign."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Histogram(NamedTuple):
    """A density per bin and its standard error, each of shape (bins,)."""

    density: np.ndarray
    error: np.ndarray
    events: np.ndarray


def histogram(values: np.ndarray, weight: np.ndarray, edges: np.ndarray) -> Histogram:
    r"""The weighted density in bins: $\sum_b w / (W \Delta_b)$ with error $\sqrt{\sum_b w^2} / (W \Delta_b)$.

    W is the weight of all events, also of those outside the edges, so that the scale of the weights cancels.

    Example:
        >>> import numpy as np
        >>> h = histogram(np.array([0.2, 0.4, 1.5]), np.array([1.0, -0.5, 1.5]), np.array([0.0, 1.0, 2.0]))
        >>> h.density.tolist(), h.events.tolist()
        ([0.25, 0.75], [2, 1])
    """
    total = weight.sum() * np.diff(edges)
    sums = np.histogram(values, edges, weights=weight)[0]
    squares = np.histogram(values, edges, weights=weight**2)[0]
    return Histogram(sums / total, np.sqrt(squares) / np.abs(total), np.histogram(values, edges)[0])


def bin_edges(values: np.ndarray, most: int = 40) -> np.ndarray:
    """Edges that suit a column: equal bins over all but the far tails; of whole numbers each bin holds as many.

    Example:
        >>> import numpy as np
        >>> bin_edges(np.array([0, 1, 1, 2])).tolist()
        [-0.5, 0.5, 1.5, 2.5]
        >>> np.diff(bin_edges(np.arange(100))).tolist()[:2]
        [10.0, 10.0]
        >>> len(bin_edges(np.linspace(0.0, 1.0, 1000)))
        22
    """
    finite = values[np.isfinite(values)].astype(float)
    if not len(finite):
        return np.array([0.0, 1.0])
    low, high = _without_tails(finite)
    if high - low < 1e6 and np.array_equal(finite, np.round(finite)):
        low, high = np.floor(low), np.ceil(high)
        step = 1.0 if high - low < most else np.ceil((high - low + 1) / enough(finite, most))
        return np.arange(low, high + 1 + step, step) - 0.5
    if not high > low:
        margin = abs(low) * 0.5 or 0.5
        low, high = low - margin, high + margin
    return np.linspace(low, high, enough(finite, most) + 1)


def enough(values: np.ndarray, most: int = 40) -> int:
    """How many bins so many events deserve (the rule of J. Rice, 2 n^(1/3))."""
    return int(np.clip(2 * len(values) ** (1 / 3) + 2, 8, most))


def _without_tails(values: np.ndarray) -> tuple[float, float]:
    """The range of all values, or of all but half a percent at an end that lies far out."""
    low, inner_low, inner_high, high = np.quantile(values, [0, 0.005, 0.995, 1])
    width = inner_high - inner_low
    keep_low, keep_high = inner_low - low <= 0.3 * width, high - inner_high <= 0.3 * width
    return (low if keep_low else inner_low), (high if keep_high else inner_high)


def outside(values: np.ndarray, edges: np.ndarray) -> float:
    """The share of events that no bin shows."""
    return float(np.mean((values < edges[0]) | (values > edges[-1]) | ~np.isfinite(values))) if len(values) else 0.0
