"""Models of matter with a continuum of states a spin."""

from __future__ import annotations

import dataclasses
import math
from typing import ClassVar

import jax.numpy as jnp
from jax import Array

from ansatz.errors import InputError
from ansatz.problems.lattice.couplings import check_coupling, per_bond, site_mean
from ansatz.problems.lattice.geometry import Lattice


@dataclasses.dataclass(frozen=True)
class XY:
    r"""Unit vectors in a plane, by their angle: \( E = -\sum J_b \cos(\theta_i - \theta_j) - h \sum \cos\theta_i \).

    J. M. Kosterlitz and D. J. Thouless, J. Phys. C 6 (1973) 1181.

    Attributes:
        coupling: one J, or one for each bond direction.
        field: h, along angle zero.
        step: largest change of an angle in a proposal, in radians.
    """

    coupling: float | tuple[float, ...] = 1.0
    field: float = 0.0
    step: float = 2.0

    dtype: ClassVar[type] = jnp.float32
    name: ClassVar[str] = "xy"

    def __post_init__(self) -> None:
        check_coupling(self.coupling, "xy")
        if not 0 < self.step <= math.pi:
            raise InputError(f"xy: step is an angle between 0 and pi, not {self.step}")

    @property
    def values(self) -> None:
        """A continuum."""

    @property
    def symmetric(self) -> bool:
        """Whether the field is zero."""
        return self.field == 0

    def couplings(self, lattice: Lattice) -> tuple[float, ...]:
        """J of each bond direction."""
        return per_bond(self.coupling, lattice)

    def bond(self, a: Array, b: Array) -> Array:
        """Minus the cosine of the angle between."""
        return -jnp.cos(a - b)

    def onsite(self, a: Array) -> Array:
        """-h cos theta."""
        return -self.field * jnp.cos(a)

    def propose(self, a: Array, uniform: Array) -> Array:
        """An angle nearby."""
        return _wrap(a + self.step * (2 * uniform - 1))

    def start(self, uniform: Array) -> Array:
        """One angle everywhere."""
        return _wrap(2 * jnp.pi * uniform)

    def hot(self, uniform: Array) -> Array:
        """Any angle."""
        return self.start(uniform)

    def order(self, states: Array, lattice: Lattice) -> Array:
        """Length of the mean vector."""
        return jnp.hypot(site_mean(jnp.cos(states), lattice), site_mean(jnp.sin(states), lattice))

    def cluster_cost(self, a: Array, b: Array, axis: Array) -> Array:
        """2 (s . r) (s' . r) with r the unit vector at angle `axis` (U. Wolff, Phys. Rev. Lett. 62 (1989) 361)."""
        return 2 * jnp.cos(a - axis) * jnp.cos(b - axis)

    def reflect(self, a: Array, uniform: Array, axis: Array) -> Array:
        """Mirrored at the line normal to r."""
        return _wrap(2 * axis + jnp.pi - a)


@dataclasses.dataclass(frozen=True)
class Phi4:
    r"""A real scalar field with a quartic potential.

    \( S = \sum_x \tfrac12 \sum_\mu (\phi_{x+\mu} - \phi_x)^2 + \tfrac12 m^2 \phi_x^2 + \lambda \phi_x^4 \).

    At temperature 1 the weight is \( e^{-S} \), the Euclidean field theory on a lattice of unit spacing.

    Attributes:
        mass_squared: m^2, which may be negative if `quartic` is positive.
        quartic: lambda.
        step: largest change of the field in a proposal.
    """

    mass_squared: float = -1.0
    quartic: float = 0.25
    step: float = 1.5

    dtype: ClassVar[type] = jnp.float32
    name: ClassVar[str] = "phi4"
    symmetric: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if not 0 <= self.quartic < math.inf or (self.quartic == 0 and self.mass_squared <= 0):
            raise InputError(
                f"phi4: the action has no minimum with mass_squared {self.mass_squared} and quartic {self.quartic}"
            )
        if not 0 < self.step < math.inf:
            raise InputError(f"phi4: step is a positive number, not {self.step}")

    @property
    def values(self) -> None:
        """A continuum."""

    def couplings(self, lattice: Lattice) -> tuple[float, ...]:
        """One along each axis."""
        return (1.0,) * len(lattice.bonds)

    def bond(self, a: Array, b: Array) -> Array:
        """Half the squared gradient."""
        return 0.5 * (a - b) ** 2

    def onsite(self, a: Array) -> Array:
        """The potential."""
        return 0.5 * self.mass_squared * a**2 + self.quartic * a**4

    def propose(self, a: Array, uniform: Array) -> Array:
        """A value nearby."""
        return a + self.step * (2 * uniform - 1)

    def start(self, uniform: Array) -> Array:
        """One of the minima of the potential."""
        least = math.sqrt(max(-self.mass_squared, 0) / (4 * self.quartic)) if self.quartic else 0.0
        return jnp.where(uniform < 0.5, -least, least).astype(jnp.float32)

    def hot(self, uniform: Array) -> Array:
        """Between minus one and one."""
        return 2 * uniform - 1

    def order(self, states: Array, lattice: Lattice) -> Array:
        """Mean field."""
        return site_mean(states, lattice)

    def cluster_cost(self, a: Array, b: Array, axis: Array) -> Array:
        """2 phi phi' (R. C. Brower and P. Tamayo, Phys. Rev. Lett. 62 (1989) 1087)."""
        return 2 * a * b

    def reflect(self, a: Array, uniform: Array, axis: Array) -> Array:
        """The opposite sign."""
        return -a


def _wrap(angle: Array) -> Array:
    """Into [-pi, pi)."""
    return (angle + jnp.pi) % (2 * jnp.pi) - jnp.pi
