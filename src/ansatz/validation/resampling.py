"""The weighted bootstrap: rows drawn again with their weights, hundreds of replicas in one vectorized pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from scipy.special import ndtr, ndtri

from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.typing import Key
from ansatz.validation.interval import ONE_SIGMA, Interval

Functional = Callable[[np.ndarray], np.ndarray]
"""Weights of shape (..., events) to values of shape (...)."""

CHUNK = 2_000_000
"""Numbers of one block of replica weights: 16 MB, which stays near the cache."""


def replica_weights(
    weight: np.ndarray, *, replicas: int, kind: str = "multinomial", rng: np.random.Generator
) -> Iterator[np.ndarray]:
    """Weights of bootstrap samples in blocks of shape (some, events): how often each row was drawn, times its weight.

    `"multinomial"` draws as many rows as there are; `"poisson"` draws each row a Poisson(1) number of times, which
    also lets the total vary, as counts do.
    """
    if kind not in ("multinomial", "poisson"):
        raise InputError(f"a bootstrap is 'multinomial' or 'poisson', not '{kind}'")
    n = len(weight)
    block = max(1, CHUNK // max(n, 1))
    for start in range(0, replicas, block):
        size = min(block, replicas - start)
        if kind == "poisson":
            yield rng.poisson(1.0, (size, n)) * weight
        else:
            yield np.stack([np.bincount(rng.integers(n, size=n), minlength=n) for _ in range(size)]) * weight


def bootstrap_values(
    statistics: Sequence[Functional],
    weight: np.ndarray,
    *,
    replicas: int = 500,
    kind: str = "multinomial",
    key: Key,
) -> np.ndarray:
    """Several statistics on the same bootstrap samples, shape (replicas, statistics).

    Example:
        >>> import jax
        >>> x = np.arange(100.0)
        >>> mean = lambda w: w @ x / w.sum(axis=-1)
        >>> bool(abs(bootstrap_values([mean], np.ones(100), key=jax.random.key(0)).std() - 2.89) < 0.3)
        True
    """
    blocks = replica_weights(weight, replicas=replicas, kind=kind, rng=generator(key))
    return np.concatenate([np.stack([statistic(block) for statistic in statistics], axis=-1) for block in blocks])


def bootstrap(
    statistic: Functional,
    weight: np.ndarray,
    *,
    replicas: int = 500,
    kind: str = "multinomial",
    ends: str = "bca",
    level: float = ONE_SIGMA,
    key: Key,
) -> Interval:
    """Bootstrap interval of a statistic.

    Args:
        statistic: from weights (..., events) to values (...).
        weight: event weights of either sign.
        replicas: number of bootstrap samples.
        kind: `"multinomial"` or `"poisson"`.
        ends: `"percentile"`, or `"bca"`: corrected for bias and skewness (B. Efron, J. Am. Stat. Assoc. 82 (1987)
            171), the skewness from a jackknife over at most 100 groups of rows.
        level: probability that the interval holds the truth.
        key: random key.

    Raises:
        InputError: if most samples have no defined value.
    """
    value = float(statistic(weight))
    found = bootstrap_values([statistic], weight, replicas=replicas, kind=kind, key=key)[:, 0]
    found, note = _defined(found)
    if ends == "percentile":
        low, high = percentile_ends(found, level)
    elif ends == "bca":
        low, high = _bca_ends(found, value, _acceleration(statistic, weight), level)
    else:
        raise InputError(f"the ends of a bootstrap interval are 'percentile' or 'bca', not '{ends}'")
    name = "BCa" if ends == "bca" else ends
    return Interval(value, float(low), float(high), level, f"{name} bootstrap ({replicas} {kind} replicas{note})")


def _defined(values: np.ndarray) -> tuple[np.ndarray, str]:
    """The replicas that have a value, and a note if some have none."""
    good = ~np.isnan(values)
    if good.mean() < 0.5:
        raise InputError("most bootstrap samples leave nothing to compute; the sample is too small for an interval")
    return values[good], "" if good.all() else f", {int((~good).sum())} undefined left out"


def percentile_ends(values: np.ndarray, level: float) -> tuple[float, float]:
    """The central `level` of the values."""
    low, high = np.quantile(values, [0.5 - level / 2, 0.5 + level / 2])
    return float(low), float(high)


def _bca_ends(values: np.ndarray, value: float, acceleration: float, level: float) -> tuple[float, float]:
    below = (np.mean(values < value) + np.mean(values <= value)) / 2
    edge = 0.5 / len(values)
    bias = ndtri(np.clip(below, edge, 1 - edge))
    shifted = bias + ndtri([0.5 - level / 2, 0.5 + level / 2])
    low, high = np.quantile(values, ndtr(bias + shifted / (1 - acceleration * shifted)))
    return float(low), float(high)


def _acceleration(statistic: Functional, weight: np.ndarray) -> float:
    """Skewness of the statistic, from leaving out one group of rows at a time."""
    n = len(weight)
    groups = min(n, 100)
    number = np.arange(n) % groups
    block = max(1, CHUNK // n)
    parts = [np.arange(start, min(start + block, groups)) for start in range(0, groups, block)]
    left_out = np.concatenate([statistic(weight * (number != part[:, None])) for part in parts])
    left_out = left_out[np.isfinite(left_out)]
    deviation = left_out.mean() - left_out if len(left_out) else np.zeros(1)
    spread = np.sum(deviation**2) ** 1.5
    return float(np.sum(deviation**3) / (6 * spread)) if spread > 0 else 0.0
