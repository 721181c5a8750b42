"""What all models share."""

from __future__ import annotations

import math

import jax.numpy as jnp
from jax import Array

from ansatz.errors import InputError
from ansatz.problems.lattice.geometry import Lattice


def per_bond(coupling: float | tuple[float, ...], lattice: Lattice) -> tuple[float, ...]:
    """One coupling for each bond direction.

    Raises:
        InputError: if their number is another.
    """
    if isinstance(coupling, int | float):
        return (float(coupling),) * len(lattice.bonds)
    if len(coupling) != len(lattice.bonds):
        raise InputError(
            f"a {lattice.name} has {len(lattice.bonds)} bond directions, but {len(coupling)} couplings came"
        )
    return tuple(float(c) for c in coupling)


def check_coupling(coupling: float | tuple[float, ...], name: str) -> None:
    """Refuse couplings that are not finite.

    Raises:
        InputError: if one is infinite or not a number.
    """
    each = (coupling,) if isinstance(coupling, int | float) else coupling
    if not all(math.isfinite(c) for c in each):
        raise InputError(f"{name}: a coupling is a finite number, not {coupling}")


def site_mean(values: Array, lattice: Lattice) -> Array:
    """Mean over the sites of states (..., *shape)."""
    axes = tuple(range(values.ndim - lattice.dimension, values.ndim))
    return jnp.sum(values, axis=axes, dtype=jnp.result_type(float)) / lattice.sites
