"""How far two groupings of the same events agree: adjusted Rand index and normalized mutual information."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ansatz.typing import Key
from ansatz.validation.interval import ONE_SIGMA, Interval
from ansatz.validation.resampling import bootstrap_values, percentile_ends


class Agreement(NamedTuple):
    """Adjusted Rand index (0 by chance, 1 if the same) and normalized mutual information (0 to 1)."""

    rand: Interval
    information: Interval


def agreement(
    a: np.ndarray,
    b: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    replicas: int = 200,
    level: float = ONE_SIGMA,
    key: Key,
) -> Agreement:
    r"""How far two groupings agree, whatever their groups are called, with bootstrap intervals over the events.

    With $p_{kl}$ the part of the weight in group k of the one and l of the other, $A = \sum_k p_{k\cdot}^2$,
    $B = \sum_l p_{\cdot l}^2$, the adjusted Rand index is $(\sum p_{kl}^2 - AB) / ((A + B)/2 - AB)$ (pairs drawn with
    replacement, so that weights may be fractions), the information $\sum p \log(p / p_k p_l)$ over the mean entropy.

    Source: L. Hubert and P. Arabie, J. Classif. 2 (1985) 193; A. Strehl and J. Ghosh, J. Mach. Learn. Res. 3 (2002)
    583.

    Example:
        >>> import jax
        >>> found = agreement(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]), key=jax.random.key(0))
        >>> found.rand.value, found.information.value
        (1.0, 1.0)
    """
    weight = np.ones(len(a)) if weight is None else np.asarray(weight, float)
    first, second = (np.unique(g, return_inverse=True)[1].ravel() for g in (a, b))
    rows, columns = int(first.max()) + 1, int(second.max()) + 1
    code = first * columns + second

    def shares(w: np.ndarray) -> np.ndarray:
        flat = w.reshape(-1, len(code))
        tables = np.stack([np.bincount(code, weights=one, minlength=rows * columns) for one in flat])
        tables = tables / np.maximum(tables.sum(axis=1, keepdims=True), 1e-300)
        return tables.reshape(*w.shape[:-1], rows, columns)

    found = bootstrap_values(
        [lambda w: _rand(shares(w)), lambda w: _information(shares(w))], weight, replicas=replicas, key=key
    )
    whole = shares(weight)
    return Agreement(
        _interval(float(_rand(whole)), found[:, 0], level), _interval(float(_information(whole)), found[:, 1], level)
    )


def _interval(value: float, replicas: np.ndarray, level: float) -> Interval:
    low, high = percentile_ends(replicas, level)
    return Interval(value, min(low, value), max(high, value), level, f"percentile bootstrap ({len(replicas)} replicas)")


def _rand(p: np.ndarray) -> np.ndarray:
    both = (p**2).sum(axis=(-2, -1))
    a, b = (p.sum(axis=-1) ** 2).sum(axis=-1), (p.sum(axis=-2) ** 2).sum(axis=-1)
    room = (a + b) / 2 - a * b
    return np.where(room > 1e-12, (both - a * b) / np.maximum(room, 1e-300), 1.0)


def _information(p: np.ndarray) -> np.ndarray:
    rows, columns = p.sum(axis=-1), p.sum(axis=-2)
    shared = _entropy(rows) + _entropy(columns) - _entropy(p.reshape(*p.shape[:-2], -1))
    mean = (_entropy(rows) + _entropy(columns)) / 2
    return np.where(mean > 1e-12, np.maximum(shared, 0.0) / np.maximum(mean, 1e-300), 1.0)


def _entropy(p: np.ndarray) -> np.ndarray:
    return -np.sum(np.where(p > 0, p * np.log(np.maximum(p, 1e-300)), 0.0), axis=-1)
