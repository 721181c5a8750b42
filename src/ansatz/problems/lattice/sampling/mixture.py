"""Two samplers in turn: local updates settle what is short, clusters what is long."""

from __future__ import annotations

import dataclasses

from jax import Array

from ansatz.problems.lattice.geometry import Lattice
from ansatz.problems.lattice.sampling.kernels import Kernel


@dataclasses.dataclass(frozen=True)
class Alternating:
    """One step of each of two kernels that store spins alike (both one bit a spin, or neither).

    Attributes:
        first: the kernel in whose form states are kept.
        second: the kernel that follows.
    """

    first: Kernel
    second: Kernel

    @property
    def lattice(self) -> Lattice:
        """Where the spins sit."""
        return self.first.lattice

    @property
    def seed_shape(self) -> tuple[int, ...]:
        """Random words that one step takes."""
        return self.first.seed_shape[0] + self.second.seed_shape[0], 4

    def arrange(self, plain: Array) -> Array:
        """As the first kernel does."""
        return self.first.arrange(plain)

    def plain(self, packed: Array) -> Array:
        """The inverse of `arrange`."""
        return self.first.plain(packed)

    def pack(self, states: Array) -> Array:
        """From (replicas, *shape) to the form of the first kernel."""
        return self.first.pack(states)

    def unpack(self, packed: Array, replicas: int) -> Array:
        """The inverse of `pack`."""
        return self.first.unpack(packed, replicas)

    def prepare(self, beta: Array) -> tuple[Array, Array]:
        """What both need of the inverse temperatures."""
        return self.first.prepare(beta), self.second.prepare(beta)

    def sweep(self, packed: Array, tables: tuple[Array, Array], seeds: Array) -> Array:
        """One step of each."""
        cut = self.first.seed_shape[0]
        packed = self.first.sweep(packed, tables[0], seeds[:cut])
        other = self.second.arrange(self.first.plain(packed))
        return self.first.arrange(self.second.plain(self.second.sweep(other, tables[1], seeds[cut:])))

    def measure(self, packed: Array, replicas: int) -> tuple[Array, Array]:
        """Energy and order parameter per site of each replica."""
        return self.first.measure(packed, replicas)
