"""The weighted quantile behind every conformal band."""

from __future__ import annotations

import numpy as np


def conformal_quantile(score: np.ndarray, weight: np.ndarray, level: float) -> np.ndarray:
    r"""The smallest score that a new event will not exceed with probability `level`.

    With events of equal weight it is the $\lceil (n + 1)\,\mathrm{level} \rceil$-th smallest of n scores, which a new,
    exchangeable event exceeds with probability at most 1 - level, whatever the model. With weights it is the smallest q
    with

    $$\sum_{i: s_i \le q} w_i \ge \mathrm{level} \cdot \Big(\sum_i w_i + w_{new}\Big), \qquad
    w_{new} = \sum_i w_i^2 / \sum_i w_i,$$

    so that n becomes the effective number of events. Then the promise is for a new event of the weighted distribution,
    and holds up to terms of one in the effective number. Sums that fall because of a negative weight count as their
    largest value so far.

    Args:
        score: how far each event was off, shape (events,) or (events, outputs).
        weight: event weights with a positive sum, shape (events,).
        level: between 0 and 1.

    Returns:
        Shape () or (outputs,); infinite where there are too few events for the level.

    Example:
        >>> conformal_quantile(np.arange(1.0, 10.0), np.ones(9), 0.8).item()
        8.0
        >>> conformal_quantile(np.arange(1.0, 10.0), np.ones(9), 0.95).item()
        inf

    Source: V. Vovk, A. Gammerman and G. Shafer, Algorithmic Learning in a Random World (2005); R. Tibshirani et al.,
    arXiv:1904.06019 (weights).
    """
    columns = score.reshape(len(score), -1)
    found = [_one(columns[:, place], weight, level) for place in range(columns.shape[1])]
    return np.array(found).reshape(score.shape[1:])


def _one(score: np.ndarray, weight: np.ndarray, level: float) -> float:
    order = np.argsort(score)
    running = np.maximum.accumulate(np.cumsum(weight[order]))
    reached = running >= needed(weight, level)
    return float(score[order][reached.argmax()]) if reached.any() else np.inf


def needed(weight: np.ndarray, level: float) -> float:
    """The weight that must lie inside a band: the level times that of all events and a new one."""
    return level * (weight.sum() + np.sum(weight**2) / weight.sum()) * (1 - 1e-12)
