r"""Units with two values: 0/1 ("binary") or -1/+1 ("spin"), in a field.

A unit u in a field x has the weight $e^{u x}$; everything here is what follows from it.
"""

from __future__ import annotations

from typing import Literal

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ansatz.errors import InputError, suggest
from ansatz.typing import Key

Units = Literal["binary", "spin"]

UNITS: dict[str, tuple[float, float]] = {"binary": (0.0, 1.0), "spin": (-1.0, 1.0)}
"""The lower and the upper value of each kind of unit."""

Fields = Float[Array, "..."]
"""The field on each of some units."""


def checked_units(units: str) -> str:
    """The name of a kind of unit.

    Raises:
        InputError: if there is no such kind.
    """
    if units not in UNITS:
        raise InputError(f"units are {' or '.join(UNITS)}, not '{units}'{suggest(units, UNITS)}")
    return units


def log_partition(field: Fields, units: str) -> Fields:
    r"""$\ln \sum_u e^{u x}$: $\ln(1 + e^x)$ for 0/1, $\ln 2\cosh x$ for -1/+1.

    Example:
        >>> [round(log_partition(jnp.array(0.0), units).item(), 4) for units in UNITS]
        [0.6931, 0.6931]
    """
    return jax.nn.softplus(field) if units == "binary" else jax.nn.softplus(2 * field) - field


def probability_up(field: Fields, units: str) -> Fields:
    """The probability of the upper value.

    Example:
        >>> probability_up(jnp.array(0.0), "spin").item()
        0.5
    """
    return jax.nn.sigmoid(field if units == "binary" else 2 * field)


def mean(field: Fields, units: str) -> Fields:
    """The mean value of a unit.

    Example:
        >>> mean(jnp.array(0.0), "binary").item(), mean(jnp.array(0.0), "spin").item()
        (0.5, 0.0)
    """
    return jax.nn.sigmoid(field) if units == "binary" else jnp.tanh(field)


def field_of(average: Fields, units: str) -> Fields:
    """The field in which a unit has that mean value; the inverse of `mean`."""
    low, high = UNITS[units]
    up = (average - low) / (high - low)
    return (jnp.log(up) - jnp.log1p(-up)) / (high - low)


def draw(key: Key, field: Fields, units: str) -> Fields:
    """A value for each unit."""
    low, high = UNITS[units]
    up = jax.random.uniform(key, field.shape, field.dtype) < probability_up(field, units)
    return jnp.where(up, high, low).astype(field.dtype)
