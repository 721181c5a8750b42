"""Metropolis and heat bath for any model: all sites of a sublattice at once, replicas side by side."""

from __future__ import annotations

import dataclasses

import jax.numpy as jnp
from jax import Array

from ansatz.errors import InputError
from ansatz.problems.lattice.geometry import Lattice
from ansatz.problems.lattice.models import Model, energy
from ansatz.problems.lattice.sampling.borders import inside, opposite
from ansatz.problems.lattice.sampling.rules import check_rule, flip_probability
from ansatz.problems.lattice.sampling.sublattices import each, halves, merge, neighbors, split
from ansatz.problems.lattice.sampling.words import draw_uniform, lanes


@dataclasses.dataclass(frozen=True)
class Checkerboard:
    r"""Single-site updates, sublattice after sublattice.

    Metropolis takes a proposed change with \( \min(1, e^{-\beta \Delta E}) \); the heat bath draws a spin from its
    distribution given its neighbors, for models whose spins have few values.

    Attributes:
        model: any model.
        lattice: a lattice of even sides.
        rule: `"metropolis"` or `"heat-bath"`.

    Raises:
        InputError: if a side is odd, or the heat bath of a continuous spin is asked for.
    """

    model: Model
    lattice: Lattice
    rule: str = "metropolis"

    def __post_init__(self) -> None:
        check_rule(self.rule)
        self.lattice.require_even()
        if self.rule == "heat-bath" and self.model.values is None:
            raise InputError(f"the heat bath needs spins with a few values; for {self.model.name} use metropolis")

    @property
    def seed_shape(self) -> tuple[int, ...]:
        """Random words that one sweep takes."""
        return 2**self.lattice.dimension, 4

    def arrange(self, plain: Array) -> Array:
        """States (replicas, *shape) sorted by parity."""
        return split(self.lattice, plain)

    def plain(self, packed: Array) -> Array:
        """The inverse of `arrange`."""
        return merge(self.lattice, packed)

    def pack(self, states: Array) -> Array:
        """The same as `arrange`."""
        return self.arrange(states)

    def unpack(self, packed: Array, replicas: int) -> Array:
        """The inverse of `pack`."""
        return self.plain(packed)

    def prepare(self, beta: Array) -> Array:
        """Inverse temperature along a row."""
        return jnp.tile(beta.astype(jnp.float32), halves(self.lattice)[-1])

    def sweep(self, packed: Array, tables: Array, seeds: Array) -> Array:
        """Each site once, one sublattice after the other."""
        update = self._metropolis if self.rule == "metropolis" else self._heat_bath
        return each(self.lattice, packed, seeds, lambda parts, number, seed: update(parts, tables, seed, number))

    def measure(self, packed: Array, replicas: int) -> tuple[Array, Array]:
        """Energy and order parameter per site of each replica."""
        states = merge(self.lattice, packed)
        return energy(self.model, self.lattice, states), self.model.order(states, self.lattice)

    def _metropolis(self, parts: Array, beta: Array, seed: Array, number: Array) -> Array:
        own, around = self._surroundings(parts, number)
        state, first = draw_uniform(lanes(seed, own.shape))
        _, second = draw_uniform(state)
        new = self.model.propose(own, first)
        change = self._local(new, around) - self._local(own, around)
        taken = second < flip_probability("metropolis", jnp.broadcast_to(beta, own.shape) * change)
        return jnp.where(taken, new, own)

    def _heat_bath(self, parts: Array, beta: Array, seed: Array, number: Array) -> Array:
        own, around = self._surroundings(parts, number)
        _, uniform = draw_uniform(lanes(seed, own.shape))
        values = self.model.values or ()
        energies = jnp.stack([self._local(jnp.full_like(own, value), around) for value in values])
        weights = jnp.exp(-(energies - energies.min(axis=0, keepdims=True)) * jnp.broadcast_to(beta, energies.shape))
        reached = jnp.cumsum(weights, axis=0)
        chosen = jnp.sum(reached[:-1] <= (uniform * reached[-1])[None], axis=0)
        return jnp.asarray(values, self.model.dtype)[chosen]

    def _surroundings(self, parts: Array, number: Array | int) -> tuple[Array, list[tuple[float, Array]]]:
        """The spins of a sublattice, and each neighbor with its coupling."""
        own = inside(halves(self.lattice), parts[number])
        return own, [
            (coupling, neighbors(self.lattice, parts, number, offset))
            for coupling, bond in zip(self.model.couplings(self.lattice), self.lattice.bonds, strict=True)
            for offset in (bond, opposite(bond))
        ]

    def _local(self, spin: Array, around: list[tuple[float, Array]]) -> Array:
        """The energy that depends on a spin."""
        bonds = [coupling * self.model.bond(spin, other).astype(jnp.float32) for coupling, other in around]
        return sum(bonds, self.model.onsite(spin).astype(jnp.float32))
