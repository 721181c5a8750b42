r"""What every model of matter says, and those whose spins have few values.

\( E = \sum_{\text{bonds}} J_b\, e(s_i, s_j) + \sum_i v(s_i) \). Formulae are for one site and its neighbor and hold
elementwise; samplers map them over lattices.
"""

from __future__ import annotations

import dataclasses
import math
from typing import ClassVar, Protocol

import jax.numpy as jnp
from jax import Array

from ansatz.errors import InputError
from ansatz.problems.lattice.couplings import check_coupling, per_bond, site_mean
from ansatz.problems.lattice.geometry import Lattice


class Model(Protocol):
    """What samplers ask of a model; all arrays are elementwise, one entry a site.

    Attributes:
        dtype: type of a spin.
        values: the values of a spin, or None if they are a continuum.
        name: what messages call it.
    """

    dtype: ClassVar[type]
    name: ClassVar[str]

    @property
    def values(self) -> tuple[int, ...] | None:
        """The values that a spin can take, or None for a continuum."""
        ...

    def couplings(self, lattice: Lattice) -> tuple[float, ...]:
        """The coupling of each bond direction."""
        ...

    def bond(self, a: Array, b: Array) -> Array:
        """Energy of a bond of coupling one."""
        ...

    def onsite(self, a: Array) -> Array:
        """Energy of a spin by itself."""
        ...

    def propose(self, a: Array, uniform: Array) -> Array:
        """Another value of a spin, from a uniform number; as likely as the way back."""
        ...

    def start(self, uniform: Array) -> Array:
        """The ordered state that belongs to a uniform number."""
        ...

    def hot(self, uniform: Array) -> Array:
        """A disordered spin, from a uniform number."""
        ...

    def order(self, states: Array, lattice: Lattice) -> Array:
        """Order parameter per site of states (..., *shape), whose sign or length tells the phase, shape (...)."""
        ...

    def cluster_cost(self, a: Array, b: Array, axis: Array) -> Array:
        """Energy by which a bond of coupling one rises if only one of its spins is reflected."""
        ...

    def reflect(self, a: Array, uniform: Array, axis: Array) -> Array:
        """A spin after its cluster was reflected; `uniform` is the same in the whole cluster."""
        ...

    @property
    def symmetric(self) -> bool:
        """Whether no field breaks the symmetry that cluster moves use."""
        ...


def energy(model: Model, lattice: Lattice, states: Array) -> Array:
    """Energy per site of states of shape (..., *lattice.shape).

    Example:
        >>> from ansatz.problems.lattice.geometry import square
        >>> float(energy(Ising(), square(4), jnp.ones((4, 4), jnp.int8)))
        -2.0
    """
    axes = tuple(range(states.ndim - lattice.dimension, states.ndim))
    total = jnp.sum(model.onsite(states), axis=axes, dtype=jnp.result_type(float))
    for coupling, bond in zip(model.couplings(lattice), lattice.bonds, strict=True):
        each = model.bond(states, lattice.shifted(states, bond))
        total = total + coupling * jnp.sum(each, axis=axes, dtype=jnp.result_type(float))
    return total / lattice.sites


@dataclasses.dataclass(frozen=True)
class Ising:
    r"""Spins of plus or minus one: \( E = -\sum J_b s_i s_j - h \sum s_i \).

    Attributes:
        coupling: one J, or one for each bond direction; negative is antiferromagnetic.
        field: h.

    Example:
        >>> Ising().bond(jnp.array(1), jnp.array(-1)).item()
        1
    """

    coupling: float | tuple[float, ...] = 1.0
    field: float = 0.0

    dtype: ClassVar[type] = jnp.int8
    name: ClassVar[str] = "ising"

    def __post_init__(self) -> None:
        if not isinstance(self.coupling, int | float):
            object.__setattr__(self, "coupling", tuple(self.coupling))
        check_coupling(self.coupling, "ising")
        if not math.isfinite(self.field):
            raise InputError(f"ising: field is a finite number, not {self.field}")

    @property
    def values(self) -> tuple[int, ...]:
        """Down and up."""
        return (-1, 1)

    @property
    def symmetric(self) -> bool:
        """Whether the field is zero."""
        return self.field == 0

    def couplings(self, lattice: Lattice) -> tuple[float, ...]:
        """J of each bond direction."""
        return per_bond(self.coupling, lattice)

    def bond(self, a: Array, b: Array) -> Array:
        """-s s'."""
        return -a * b

    def onsite(self, a: Array) -> Array:
        """-h s."""
        return -self.field * a.astype(float)

    def propose(self, a: Array, uniform: Array) -> Array:
        """The flipped spin."""
        return -a

    def start(self, uniform: Array) -> Array:
        """All up or all down."""
        return jnp.where(uniform < 0.5, -1, 1).astype(jnp.int8)

    def hot(self, uniform: Array) -> Array:
        """Up or down at random."""
        return self.start(uniform)

    def order(self, states: Array, lattice: Lattice) -> Array:
        """Magnetization."""
        return site_mean(states, lattice)

    def cluster_cost(self, a: Array, b: Array, axis: Array) -> Array:
        """2 s s'."""
        return 2.0 * (a * b).astype(jnp.float32)

    def reflect(self, a: Array, uniform: Array, axis: Array) -> Array:
        """The flipped spin."""
        return -a


@dataclasses.dataclass(frozen=True)
class Potts:
    r"""Spins of q colors: \( E = -\sum J_b\, \delta(s_i, s_j) - h \sum \delta(s_i, 0) \).

    F. Y. Wu, Rev. Mod. Phys. 54 (1982) 235.

    Attributes:
        states: number of colors, q.
        coupling: one J, or one for each bond direction.
        field: h, which favors color 0.
    """

    states: int = 3
    coupling: float | tuple[float, ...] = 1.0
    field: float = 0.0

    dtype: ClassVar[type] = jnp.int8
    name: ClassVar[str] = "potts"

    def __post_init__(self) -> None:
        if not 2 <= self.states <= 127:
            raise InputError(f"potts: states is a number of colors from 2 to 127, not {self.states}")
        check_coupling(self.coupling, "potts")

    @property
    def values(self) -> tuple[int, ...]:
        """The colors."""
        return tuple(range(self.states))

    @property
    def symmetric(self) -> bool:
        """Whether the field is zero."""
        return self.field == 0

    def couplings(self, lattice: Lattice) -> tuple[float, ...]:
        """J of each bond direction."""
        return per_bond(self.coupling, lattice)

    def bond(self, a: Array, b: Array) -> Array:
        """Minus one if the colors are equal."""
        return -(a == b).astype(jnp.int8)

    def onsite(self, a: Array) -> Array:
        """Minus h in color 0."""
        return -self.field * (a == 0).astype(float)

    def propose(self, a: Array, uniform: Array) -> Array:
        """One of the other colors."""
        step = 1 + jnp.minimum((uniform * (self.states - 1)).astype(jnp.int32), self.states - 2)
        return ((a + step) % self.states).astype(jnp.int8)

    def start(self, uniform: Array) -> Array:
        """One color everywhere."""
        return jnp.minimum((uniform * self.states).astype(jnp.int8), self.states - 1).astype(jnp.int8)

    def hot(self, uniform: Array) -> Array:
        """Any color."""
        return self.start(uniform)

    def order(self, states: Array, lattice: Lattice) -> Array:
        """(q f - 1) / (q - 1) with f the share of the most frequent color."""
        share = jnp.stack([site_mean(states == color, lattice) for color in self.values]).max(axis=0)
        return (self.states * share - 1) / (self.states - 1)

    def cluster_cost(self, a: Array, b: Array, axis: Array) -> Array:
        """One if the colors are equal."""
        return (a == b).astype(jnp.float32)

    def reflect(self, a: Array, uniform: Array, axis: Array) -> Array:
        """One of the other colors, the same for the whole cluster."""
        return self.propose(a, uniform)
