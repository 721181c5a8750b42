"""A machine whose partition function is known: what it takes to give a probability to each state at once."""

from __future__ import annotations

import equinox as eqx
from jaxtyping import Array, Float, PyTree

from ansatz.typing import Key, Point, Scalar


class Normalized(eqx.Module):
    """$p(x) = e^{-F(x)} / Z$ with a Z that was found once, exactly or by annealing.

    Attributes:
        machine: what has `free_energy` and `sample`.
        log_z: ln Z.

    Example:
        >>> import jax
        >>> from ansatz.models.energy import rbm
        >>> machine = rbm(4, 2, key=jax.random.key(0))
        >>> known = Normalized(machine, machine.log_z())
        >>> state = jax.numpy.ones(4)
        >>> bool(known.log_prob(state) == machine.log_prob(state))
        True
    """

    machine: PyTree
    log_z: Float[Array, "*members"]

    def log_prob(self, value: Point) -> Scalar:
        """The value of ln p(x)."""
        return -self.machine.free_energy(value) - self.log_z

    def sample(self, key: Key) -> Point:
        """A sample of the machine."""
        return self.machine.sample(key)
