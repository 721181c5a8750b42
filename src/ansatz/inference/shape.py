"""The significance of a histogram of the score: all its bins together, not a single cut."""

from __future__ import annotations

import numpy as np

from ansatz.errors import InputError
from ansatz.inference.replicas import replicated_sums
from ansatz.inference.significance import asimov
from ansatz.keys import generator
from ansatz.typing import Key
from ansatz.validation import Interval


def shape_edges(
    score: np.ndarray, y: np.ndarray, weight: np.ndarray, *, bins: int = 10, fewest: int = 10
) -> np.ndarray:
    """Edges between bins with about equally much signal, of which each holds enough background to know it.

    From the signal-like end bins are joined until each has `fewest` background events and a positive sum of their
    weights. The outer edges are infinite.

    Args:
        score: larger means more like signal, shape (events,).
        y: 1 for signal, 0 for background.
        weight: expected events for each event of the sample.
        bins: most bins.
        fewest: background events in each.

    Raises:
        InputError: if a class is missing.

    Example:
        >>> y = np.repeat([0, 1], 100)
        >>> shape_edges(np.linspace(0, 2, 200), y, np.ones(200), bins=4, fewest=50)
        array([-inf,  inf])
    """
    if not (np.any(y == 1) and np.any(y == 0)):
        raise InputError("a histogram of the score needs signal and background")
    inner = np.unique(np.quantile(score[y == 1], np.linspace(0, 1, bins + 1)[1:-1]))
    place = np.searchsorted(inner, score[y == 0], side="right")
    events = np.bincount(place, minlength=len(inner) + 1)
    sums = np.bincount(place, weight[y == 0], len(inner) + 1)
    kept, count, total = [], 0, 0.0
    for number in range(len(inner), 0, -1):
        count, total = count + events[number], total + sums[number]
        if count >= fewest and total > 0:
            kept.append(inner[number - 1])
            count, total = 0, 0.0
    if kept and (count + events[0] < fewest or total + sums[0] <= 0):
        kept.pop()
    return np.array([-np.inf, *kept[::-1], np.inf])


def shape_significance(
    score: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    edges: np.ndarray,
    *,
    relative_error: float = 0.0,
    replicas: int = 200,
    level: float = 0.6827,
    key: Key,
) -> Interval:
    r"""Expected significance of all bins together, \( \sqrt{\sum_i Z_A(s_i, b_i)^2} \).

    The uncertainty of the background is taken as independent from bin to bin; what is common to all bins needs a
    workspace. Bins without a positive background say nothing.

    Args:
        score: larger means more like signal, shape (events,).
        y: 1 for signal, 0 for background.
        weight: expected events for each event of the sample.
        edges: rising edges of the bins.
        relative_error: uncertainty of the background in each bin, as a part of it.
        replicas: of the Poisson bootstrap.
        level: of the interval.
        key: of the bootstrap.

    Source: G. Cowan et al., Eur. Phys. J. C 71 (2011) 1554, arXiv:1007.1727.
    """
    bins = len(edges) - 1
    place = np.clip(np.searchsorted(edges, score, side="right") - 1, 0, bins - 1) + bins * (y == 1)
    rng = generator(key)
    sums = np.bincount(place, weight, 2 * bins)
    spread = replicated_sums(place, weight, 2 * bins, replicas=replicas, rng=rng)
    values = _together(spread.reshape(replicas, 2, bins), relative_error)
    value = float(_together(sums.reshape(1, 2, bins), relative_error)[0])
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(values, [tail, 100 - tail])
    return Interval(value, float(low), float(high), level, "Poisson bootstrap")


def _together(sums: np.ndarray, relative_error: float) -> np.ndarray:
    """Significance of the histograms (background, signal), shape (histograms,)."""
    b, s = np.maximum(sums[:, 0], 0.0), np.maximum(sums[:, 1], 0.0)
    one = np.where(b > 0, asimov(s, np.where(b > 0, b, 1.0), error=relative_error * b), 0.0)
    return np.sqrt(np.sum(one**2, axis=1))
