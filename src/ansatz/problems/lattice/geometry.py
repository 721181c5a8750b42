"""Periodic lattices: which sites are bound to which."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import jax.numpy as jnp
from jax import Array

from ansatz.errors import InputError, suggest

Offset = tuple[int, ...]
"""Where a neighbor lies, in lattice units along each axis."""


@dataclasses.dataclass(frozen=True)
class Lattice:
    """A periodic lattice with the same bonds at every site.

    Attributes:
        shape: number of sites along each axis.
        bonds: the forward neighbors of a site; each bond of the lattice is one of these, from one site.
        name: what messages call it.

    Raises:
        InputError: if a side is shorter than two sites.

    Example:
        >>> lattice = square(4)
        >>> lattice.sites, lattice.coordination, lattice.even
        (16, 4, True)
    """

    shape: tuple[int, ...]
    bonds: tuple[Offset, ...]
    name: str = "lattice"

    def __post_init__(self) -> None:
        if any(side != int(side) or side < 2 for side in self.shape):
            raise InputError(f"{self.name}: each side needs two sites or more, not {list(self.shape)}")
        object.__setattr__(self, "shape", tuple(int(side) for side in self.shape))

    @property
    def dimension(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def sites(self) -> int:
        """Number of sites."""
        return math.prod(self.shape)

    @property
    def coordination(self) -> int:
        """Number of neighbors of a site."""
        return 2 * len(self.bonds)

    @property
    def even(self) -> bool:
        """Whether all sides are even, as a checkerboard needs."""
        return all(side % 2 == 0 for side in self.shape)

    def require_even(self) -> None:
        """Refuse a lattice that cannot be cut into a checkerboard.

        Raises:
            InputError: if a side is odd.
        """
        if not self.even:
            odd = next(side for side in self.shape if side % 2)
            raise InputError(
                f"a checkerboard needs even sides, but {self.name} has one of {odd}; take {odd + 1}, or wolff"
            )

    def shifted(self, states: Array, offset: Offset) -> Array:
        """The value at each site's neighbor at `offset`, for states of shape (..., *shape)."""
        axes = tuple(range(states.ndim - self.dimension, states.ndim))
        return jnp.roll(states, [-o for o in offset], axis=axes)


def chain(size: int) -> Lattice:
    """A ring of `size` sites."""
    return Lattice((size,), ((1,),), "chain")


def square(size: int, columns: int | None = None) -> Lattice:
    """A square lattice, or a rectangle of `size` rows and so many columns."""
    return Lattice((size, columns or size), ((1, 0), (0, 1)), "square lattice")


def triangular(size: int) -> Lattice:
    """A triangular lattice, written as a square one with one more bond, down and to the left."""
    return Lattice((size, size), ((1, 0), (0, 1), (1, -1)), "triangular lattice")


def cubic(size: int) -> Lattice:
    """A simple cubic lattice."""
    return Lattice((size, size, size), ((1, 0, 0), (0, 1, 0), (0, 0, 1)), "cubic lattice")


LATTICES: dict[str, Callable[[int], Lattice]] = {
    "chain": chain,
    "square": square,
    "triangular": triangular,
    "cubic": cubic,
}
"""Constructor of each lattice, from its side."""


def lattice_named(name: str, size: int) -> Lattice:
    """The lattice of a study's option.

    Raises:
        InputError: if there is no such lattice, or it is too small.

    Example:
        >>> lattice_named("triangular", 6).coordination
        6
    """
    if name not in LATTICES:
        raise InputError(f"there is no lattice '{name}'; there are: {', '.join(LATTICES)}{suggest(name, LATTICES)}")
    return LATTICES[name](size)
