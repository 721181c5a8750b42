"""All states of a small lattice, one by one: every moment of any model with few states, exactly."""

from __future__ import annotations

import dataclasses
import functools

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from ansatz.errors import InputError
from ansatz.problems.lattice.exact.infinite import positive
from ansatz.problems.lattice.geometry import Lattice
from ansatz.problems.lattice.models import Model, energy

LARGEST = 1 << 20
"""Most states that are enumerated."""


@dataclasses.dataclass(frozen=True, eq=False)
class Enumeration:
    """Energy and order parameter of every state.

    Attributes:
        energy: per site, of each state.
        order: order parameter per site, of each state.
        sites: number of sites.
    """

    energy: np.ndarray
    order: np.ndarray
    sites: int

    def probability(self, temperature: float) -> np.ndarray:
        """Boltzmann probability of each state, in the order of `states`."""
        positive(temperature)
        weight = np.exp(-self.sites * (self.energy - self.energy.min()) / temperature)
        return weight / weight.sum()

    def log_z(self, temperature: float) -> float:
        """Logarithm of the partition function."""
        positive(temperature)
        least = self.energy.min()
        weight = np.exp(-self.sites * (self.energy - least) / temperature)
        return float(np.log(weight.sum()) - self.sites * least / temperature)

    def mean(self, values: np.ndarray, temperature: float) -> float:
        """Thermal mean of something that each state has."""
        return float(self.probability(temperature) @ values)

    def moments(self, temperature: float) -> np.ndarray:
        """Means of e, e^2, |m|, m^2, m^4: what `observables` computes from."""
        e, m = self.energy, self.order
        return np.array([self.mean(values, temperature) for values in (e, e**2, np.abs(m), m**2, m**4)])

    def distribution(self, of: str, temperature: float) -> tuple[np.ndarray, np.ndarray]:
        """The values that `"energy"` or `"order"` takes, and the probability of each."""
        rounded = np.round({"energy": self.energy, "order": self.order}[of], 6)
        values, place = np.unique(rounded, return_inverse=True)
        return values, np.bincount(place, self.probability(temperature))


def enumerate_states(model: Model, lattice: Lattice) -> Enumeration:
    """Energy and order parameter of all states.

    Raises:
        InputError: if the spins are continuous, or there are more than a million states.

    Example:
        >>> from ansatz.problems.lattice import Ising, square
        >>> exact = enumerate_states(Ising(), square(4))
        >>> round(float(exact.moments(2.269)[0]), 5)
        -1.56577
    """
    states = all_states(model, lattice)
    with jax.enable_x64(True):
        parts = [jnp.asarray(states[start : start + 65536]) for start in range(0, len(states), 65536)]
        energies, orders = (
            np.concatenate(each) for each in zip(*(_seen(model, lattice, p) for p in parts), strict=True)
        )
    return Enumeration(energies, orders, lattice.sites)


@functools.partial(jax.jit, static_argnums=(0, 1))
def _seen(model: Model, lattice: Lattice, states: Array) -> tuple[Array, Array]:
    return energy(model, lattice, states), model.order(states, lattice)


def all_states(model: Model, lattice: Lattice) -> np.ndarray:
    """Every state, shape (states, *lattice.shape); the first site changes slowest.

    Raises:
        InputError: if the spins are continuous, or there are more than a million states.
    """
    if model.values is None:
        raise InputError(f"{model.name} has a continuum of states; only spins with a few values can be enumerated")
    q = len(model.values)
    if lattice.sites * np.log(q) > np.log(LARGEST) + 1e-9:
        raise InputError(f"{lattice.name} of {lattice.sites} sites has too many states to enumerate (over {LARGEST})")
    number = np.arange(q**lattice.sites)[:, None]
    digit = number // q ** np.arange(lattice.sites)[::-1] % q
    return np.asarray(model.values, np.int8)[digit].reshape(-1, *lattice.shape)
