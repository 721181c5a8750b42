"""Wolff's cluster update of Ising models with one bit a spin: the clusters of 32 replicas grow in one word."""

from __future__ import annotations

import dataclasses
import functools

import jax.numpy as jnp
from jax import Array, lax

from ansatz.errors import InputError
from ansatz.problems.lattice.geometry import Lattice, Offset
from ansatz.problems.lattice.models import Ising
from ansatz.problems.lattice.sampling import words
from ansatz.problems.lattice.sampling.borders import border, inside, opposite, rows, shifted

STEPS = 4
"""How often a cluster grows before it is asked whether it still does."""


@dataclasses.dataclass(frozen=True)
class Flood:
    r"""Wolff's single-cluster algorithm (Phys. Rev. Lett. 62 (1989) 361), multi-spin coded over replicas.

    Each satisfied bond is closed with \( 1 - e^{-2 \beta |J|} \); starting from a random site of each replica, the
    cluster floods the closed bonds, and is flipped. Sides may be odd.

    Attributes:
        model: an Ising model without a field.
        lattice: any lattice.

    Raises:
        InputError: if the model is no Ising model, or has a field.
    """

    model: Ising
    lattice: Lattice

    def __post_init__(self) -> None:
        if not isinstance(self.model, Ising) or not self.model.symmetric:
            raise InputError("the multi-spin coded Wolff update is for the ising model without a field")

    @property
    def seed_shape(self) -> tuple[int, ...]:
        """Random words that one update takes."""
        return 1 + len(self.lattice.bonds), 4

    def arrange(self, plain: Array) -> Array:
        """Words (words, *shape) with the words of a site side by side."""
        return jnp.moveaxis(plain, 0, -1)

    def plain(self, packed: Array) -> Array:
        """The inverse of `arrange`."""
        return jnp.moveaxis(packed, -1, 0)

    def pack(self, states: Array) -> Array:
        """Spins of shape (replicas, *shape) as words (*shape, words), the last word filled up."""
        return self.arrange(words.pack_spins(states))

    def unpack(self, packed: Array, replicas: int) -> Array:
        """The inverse of `pack`, shape (replicas, *shape)."""
        return words.unpack_spins(self.plain(packed))[:replicas]

    def prepare(self, beta: Array) -> Array:
        """Digits of the probability to close a bond, for each bond direction, along the words."""
        beta = jnp.pad(beta, (0, -len(beta) % words.BITS), mode="edge")
        couplings = self.model.couplings(self.lattice)
        return words.digits(jnp.stack([-jnp.expm1(-2 * beta * abs(coupling)) for coupling in couplings]))

    def measure(self, packed: Array, replicas: int) -> tuple[Array, Array]:
        """Energy and magnetization per site of each replica."""
        order = 2 * self._share(packed) - 1
        total = jnp.zeros_like(order)
        for coupling, bond in zip(self.model.couplings(self.lattice), self.lattice.bonds, strict=True):
            total = total - coupling * (1 - 2 * self._share(packed ^ self._shifted(packed, bond)))
        return total[:replicas], order[:replicas]

    def sweep(self, packed: Array, tables: Array, seeds: Array) -> Array:
        """One cluster of each replica."""
        closed = []
        everything = zip(self.model.couplings(self.lattice), self.lattice.bonds, tables, seeds[1:], strict=True)
        for coupling, bond, table, seed in everything:
            differ = packed ^ self._shifted(packed, bond)
            rows = table.reshape(1, words.DIGITS, *(1,) * self.lattice.dimension, -1)
            _, (chance,) = words.chances(words.lanes(seed, packed.shape), rows)
            closed.append(chance & (~differ if coupling > 0 else differ))
        return packed ^ self._grown(self._start(seeds[0], packed.shape), closed)

    def _start(self, seed: Array, shape: tuple[int, ...]) -> Array:
        """One random site of each replica."""
        count = shape[-1] * words.BITS
        _, uniform = words.draw_uniform(words.lanes(seed, (count,)))
        site = jnp.minimum((uniform * self.lattice.sites).astype(jnp.int32), self.lattice.sites - 1)
        replica = jnp.arange(count)
        bit = jnp.uint32(1) << (replica % words.BITS).astype(jnp.uint32)
        flat = jnp.zeros(self.lattice.sites * shape[-1], jnp.uint32)
        return flat.at[site * shape[-1] + replica // words.BITS].add(bit).reshape(shape)

    def _grown(self, cluster: Array, closed: list[Array]) -> Array:
        """The cluster after it has flooded all closed bonds."""
        shape = self.lattice.shape
        back = [self._shifted(ahead, opposite(bond)) for bond, ahead in zip(self.lattice.bonds, closed, strict=True)]
        offsets = [*self.lattice.bonds, *map(opposite, self.lattice.bonds)]
        passages = [rows(passage) for passage in (*closed, *back)]

        def spread(cluster: Array) -> Array:
            reached = [shifted(shape, cluster, o) & passage for o, passage in zip(offsets, passages, strict=True)]
            return functools.reduce(jnp.bitwise_or, reached, inside(shape, cluster))

        def step(carry: tuple[Array, Array]) -> tuple[Array, Array]:
            before, growing = carry
            # a conditional keeps the compiler from fusing this with the border, and from losing vector instructions
            once = lambda _, c: border(shape, lax.cond(growing, spread, functools.partial(inside, shape), c))  # noqa: E731
            after = lax.fori_loop(0, STEPS, once, before)
            return after, jnp.any(after != before)

        grown = lax.while_loop(lambda carry: carry[1], step, (border(shape, rows(cluster)), jnp.ones((), bool)))[0]
        return inside(shape, grown).reshape(cluster.shape)

    def _shifted(self, packed: Array, offset: Offset) -> Array:
        return jnp.roll(packed, [-o for o in offset], axis=tuple(range(self.lattice.dimension)))

    def _share(self, packed: Array) -> Array:
        rows = packed.reshape(-1, packed.shape[-1])
        return words.count_ones(rows).reshape(-1).astype(jnp.float32) / self.lattice.sites
