"""Cluster samplers for any model with a reflection symmetry: no critical slowing down to speak of."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array, lax

from ansatz.errors import InputError
from ansatz.problems.lattice.geometry import Lattice
from ansatz.problems.lattice.models import Model, energy
from ansatz.problems.lattice.sampling.borders import border, inside, opposite, rows, shifted
from ansatz.problems.lattice.sampling.words import draw_uniform, lanes

STEPS = 4
"""How often labels spread to neighbors before they are looked up."""


@dataclasses.dataclass(frozen=True)
class Clusters:
    r"""Swendsen-Wang and Wolff updates.

    A bond is closed with \( 1 - e^{-\beta \Delta E} \), \( \Delta E \) the cost of reflecting one of its ends alone.
    Swendsen-Wang (Phys. Rev. Lett. 58 (1987) 86) reflects each cluster of closed bonds with probability one half, Wolff
    (Phys. Rev. Lett. 62 (1989) 361) the one of a random site. Sides may be odd.

    Attributes:
        model: a model without a field.
        lattice: any lattice.
        kind: `"swendsen-wang"` or `"wolff"`.

    Raises:
        InputError: if a field breaks the symmetry.
    """

    model: Model
    lattice: Lattice
    kind: str = "swendsen-wang"

    def __post_init__(self) -> None:
        if self.kind not in ("swendsen-wang", "wolff"):
            raise InputError(f"a cluster sampler is 'swendsen-wang' or 'wolff', not '{self.kind}'")
        if not self.model.symmetric:
            raise InputError(f"cluster moves need {self.model.name} without a field; use metropolis or heat-bath")

    @property
    def seed_shape(self) -> tuple[int, ...]:
        """Random words that one update takes."""
        return 2 + len(self.lattice.bonds), 4

    def arrange(self, plain: Array) -> Array:
        """States (replicas, *shape) in rows with a border."""
        return border(self.lattice.shape, rows(jnp.moveaxis(plain, 0, -1)))

    def plain(self, packed: Array) -> Array:
        """The inverse of `arrange`."""
        return jnp.moveaxis(inside(self.lattice.shape, packed).reshape(*self.lattice.shape, -1), -1, 0)

    def pack(self, states: Array) -> Array:
        """The same as `arrange`."""
        return self.arrange(states)

    def unpack(self, packed: Array, replicas: int) -> Array:
        """The inverse of `pack`."""
        return self.plain(packed)

    def prepare(self, beta: Array) -> Array:
        """The inverse temperatures along a row."""
        return jnp.tile(beta.astype(jnp.float32), self.lattice.shape[-1])

    def measure(self, packed: Array, replicas: int) -> tuple[Array, Array]:
        """Energy and order parameter per site of each replica."""
        states = self.unpack(packed, replicas)
        return energy(self.model, self.lattice, states), self.model.order(states, self.lattice)

    def sweep(self, packed: Array, tables: Array, seeds: Array) -> Array:
        """One cluster update of each replica."""
        shape, sites = self.lattice.shape, self.lattice.sites
        own = inside(shape, packed)
        replicas = own.shape[-1] // shape[-1]
        state, axis = draw_uniform(lanes(seeds[0], (1, replicas)))
        axis = jnp.broadcast_to(2 * jnp.pi * jnp.tile(axis, shape[-1]), own.reshape(-1, own.shape[-1]).shape)
        axis = axis.reshape(own.shape)
        label = labels(self.lattice, self._closed(packed, tables, axis, seeds[2:])).reshape(sites, replicas)
        state, coin = draw_uniform(lanes(seeds[1], label.shape))
        uniform = jnp.take_along_axis(draw_uniform(state)[1], label, axis=0).reshape(own.shape)
        if self.kind == "swendsen-wang":
            chosen = jnp.take_along_axis(coin, label, axis=0) < 0.5
        else:
            where = jnp.minimum((coin[:1] * sites).astype(jnp.int32), sites - 1)
            chosen = label == jnp.broadcast_to(jnp.take_along_axis(label, where, axis=0), label.shape)
        new = jnp.where(chosen.reshape(own.shape), self.model.reflect(own, uniform, axis), own)
        return border(shape, new)

    def _closed(self, packed: Array, beta: Array, axis: Array, seeds: Array) -> list[Array]:
        """Whether the bond ahead of each site is closed, for each bond direction, in rows."""
        own = inside(self.lattice.shape, packed)
        beta = jnp.broadcast_to(beta.reshape(*(1,) * (own.ndim - 1), -1), own.shape)
        closed = []
        pairs = zip(self.model.couplings(self.lattice), self.lattice.bonds, seeds, strict=True)
        for coupling, bond, seed in pairs:
            cost = coupling * self.model.cluster_cost(own, shifted(self.lattice.shape, packed, bond), axis)
            closed.append(draw_uniform(lanes(seed, own.shape))[1] < -jnp.expm1(-beta * jnp.maximum(cost, 0.0)))
        return closed


def labels(lattice: Lattice, closed: list[Array]) -> Array:
    """The number of the first site of each site's cluster, in rows (see `borders`).

    Sites take the least label among themselves and their neighbors over closed bonds a few times, then that site's own
    label, until nothing changes.

    Args:
        lattice: where the sites are.
        closed: for each bond direction, whether the bond ahead of a site is closed, in rows.
    """
    shape = lattice.shape
    replicas = closed[0].shape[-1] // shape[-1]
    offsets = [*lattice.bonds, *map(opposite, lattice.bonds)]
    back = [
        shifted(shape, border(shape, ahead), opposite(bond)) for bond, ahead in zip(lattice.bonds, closed, strict=True)
    ]
    first = jnp.repeat(jnp.arange(lattice.sites, dtype=jnp.int32), replicas).reshape(closed[0].shape)

    def least(label: Array) -> Array:
        pairs = zip(offsets, (*closed, *back), strict=True)
        reached = [jnp.where(joined, shifted(shape, label, offset), lattice.sites) for offset, joined in pairs]
        return functools.reduce(jnp.minimum, reached, inside(shape, label))

    def step(carry: tuple[Array, Array]) -> tuple[Array, Array]:
        before, changing = carry
        after = lax.fori_loop(0, STEPS, lambda _, c: border(shape, _apart(changing, least, c)), before)
        flat = inside(shape, after).reshape(lattice.sites, replicas)
        after = border(shape, jnp.take_along_axis(flat, flat, axis=0).reshape(closed[0].shape))
        return after, jnp.any(after != before)

    start = border(shape, first), jnp.ones((), bool)
    return inside(shape, lax.while_loop(lambda carry: carry[1], step, start)[0])


def _apart(true: Array, function: Callable[[Array], Array], value: Array) -> Array:
    """A function that the compiler may not fuse with what follows, which would cost it the vector instructions."""
    idle = jax.eval_shape(function, value)
    return lax.cond(true, function, lambda _: jnp.zeros(idle.shape, idle.dtype), value)
