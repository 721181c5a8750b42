"""What a step of a Markov chain is."""

from __future__ import annotations

from typing import Any, Protocol

from jax import Array

from ansatz.problems.lattice.geometry import Lattice


class Kernel(Protocol):
    """One step of a Markov chain for many replicas, compiled; hashable, so that like runs share a compilation."""

    @property
    def lattice(self) -> Lattice:
        """Where the spins sit."""
        ...

    @property
    def seed_shape(self) -> tuple[int, ...]:
        """Random words that one step takes."""
        ...

    def pack(self, states: Array) -> Array:
        """From (replicas, *shape) to the kernel's own form."""
        ...

    def unpack(self, packed: Array, replicas: int) -> Array:
        """The inverse of `pack`."""
        ...

    def arrange(self, plain: Array) -> Array:
        """From packed sites in plain order, (lanes, *shape), to the kernel's own form."""
        ...

    def plain(self, packed: Array) -> Array:
        """The inverse of `arrange`."""
        ...

    def prepare(self, beta: Array) -> Any:
        """What a step needs of the inverse temperatures, shape (replicas,)."""
        ...

    def sweep(self, packed: Array, tables: Any, seeds: Array) -> Array:
        """One step."""
        ...

    def measure(self, packed: Array, replicas: int) -> tuple[Array, Array]:
        """Energy and order parameter per site."""
        ...
