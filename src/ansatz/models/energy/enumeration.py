"""Partition functions of small machines: the sum over all states of the smaller layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from ansatz.errors import InputError
from ansatz.models.energy.units import UNITS
from ansatz.typing import Scalar

if TYPE_CHECKING:
    from ansatz.models.energy.rbm import RBM

LARGEST = 20
"""Most units of the smaller layer: a million states."""

BLOCK = 14
"""Units whose states are summed at once; the others are looped over."""


def enumerable(machine: PyTree) -> bool:
    """Whether the states of the smaller layer of a Boltzmann machine can be summed up."""
    return min(machine.weight.shape[-2:]) <= LARGEST


def all_states(count: int, units: str, dtype: jnp.dtype = float) -> Float[Array, "states units"]:
    """Every state of some units; the last unit changes fastest.

    Example:
        >>> all_states(2, "spin").tolist()
        [[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]
    """
    low, high = UNITS[units]
    digit = (jnp.arange(2**count)[:, None] >> jnp.arange(count)[::-1][None, :]) & 1
    return jnp.where(digit == 1, high, low).astype(dtype)


def log_z(machine: RBM) -> Scalar:
    """The value of ln Z, exact; differentiable, and the gradient takes no more memory than one block of states.

    Raises:
        InputError: if both layers have more than `LARGEST` units.

    Example:
        >>> from ansatz.models.energy import RBM
        >>> round(log_z(RBM(jnp.zeros((3, 2)), jnp.zeros(3), jnp.zeros(2), "binary")).item(), 4)
        3.4657
    """
    visible, hidden = machine.weight.shape
    if min(visible, hidden) > LARGEST:
        raise InputError(
            f"{visible} visible and {hidden} hidden units have too many states to sum up exactly "
            f"(the smaller layer may have {LARGEST}); take annealed_log_z"
        )
    over_visible = visible <= hidden
    count = visible if over_visible else hidden
    free_energy = machine.free_energy if over_visible else machine.hidden_free_energy
    outer, inner = max(count - BLOCK, 0), min(count, BLOCK)
    heads = all_states(outer, machine.units, machine.weight.dtype)
    tails = all_states(inner, machine.units, machine.weight.dtype)

    @jax.checkpoint
    def block(head: Float[Array, " outer"]) -> Scalar:
        states = jnp.concatenate([jnp.broadcast_to(head, (len(tails), outer)), tails], axis=1)
        return jax.nn.logsumexp(-jax.vmap(free_energy)(states))

    return jax.nn.logsumexp(jax.lax.map(block, heads))
