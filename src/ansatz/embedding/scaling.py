"""Scalers: part of the model, fitted on training rows only, frozen ever after."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ansatz.typing import Key, Point


class Standardize(eqx.Module):
    r"""$(x - \mu)/\sigma$, component by component.

    Example:
        >>> Standardize(jnp.array([1.0]), jnp.array([2.0]))(jnp.array([5.0])).tolist()
        [2.0]
    """

    mean: Float[Array, "..."]
    scale: Float[Array, "..."]

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """One point in units of standard deviations from the mean."""
        return (x - self.mean) / self.scale


class Unstandardize(eqx.Module):
    r"""$\mu + \sigma z$: from standard units back to physical ones, at the end of a regression.

    Example:
        >>> Unstandardize(jnp.array(1.0), jnp.array(2.0))(jnp.array(2.0)).item()
        5.0
    """

    mean: Float[Array, "..."]
    scale: Float[Array, "..."]

    def __call__(self, z: Point, *, key: Key | None = None) -> Point:
        """One point in physical units."""
        return self.mean + self.scale * z


class Impute(eqx.Module):
    """Missing components (NaN) are replaced, usually by the median of the training rows.

    Example:
        >>> Impute(jnp.array([1.0, 7.0]))(jnp.array([jnp.nan, 2.0])).tolist()
        [1.0, 2.0]
    """

    value: Float[Array, "..."]

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """One point without gaps."""
        return jnp.where(jnp.isnan(x), self.value, x)


def moments(values: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each component over events, in float64, with weights |w|.

    A scaler only conditions the problem, so the sign of a weight is of no use to it, and |w| keeps the variance
    positive. Components that do not vary get deviation one. Missing values (NaN) are left out.

    Args:
        values: shape (events, ...).
        weight: shape (events,).

    Example:
        >>> mean, deviation = moments(np.array([[0.0, 3.0], [2.0, 3.0]]), np.array([1.0, 1.0]))
        >>> mean.tolist(), deviation.tolist()
        ([1.0, 3.0], [1.0, 1.0])
    """
    values = np.asarray(values, dtype=float)
    shape = (-1,) + (1,) * (values.ndim - 1)
    w = np.where(np.isnan(values), 0.0, np.abs(weight).reshape(shape))
    total = w.sum(axis=0)
    w = w / np.where(total > 0, total, 1.0)
    size = np.maximum(np.nanmax(np.abs(values), axis=0, initial=0.0), np.finfo(float).tiny)
    scaled = np.nan_to_num(values) / size
    mean = (w * scaled).sum(axis=0)
    deviation = np.sqrt((w * (scaled - mean) ** 2).sum(axis=0))
    varies = deviation > 1e-10 * np.maximum(np.abs(mean), np.finfo(float).tiny)
    return np.asarray(mean * size), np.where(varies, deviation * size, 1.0)


def medians(values: np.ndarray) -> np.ndarray:
    """Median of each component over the events that have it; zero where none has.

    Example:
        >>> medians(np.array([[1.0, np.nan], [3.0, np.nan]])).tolist()
        [2.0, 0.0]
    """
    values = np.asarray(values, dtype=float)
    empty = np.isnan(values).all(axis=0)
    return np.nanmedian(np.where(empty, 0.0, values), axis=0)
