"""The fast sampler of Ising models: one bit a spin, 32 replicas a word, each replica with its own random numbers.

For its speed see `benchmarks/README.md`.
"""

from __future__ import annotations

import dataclasses
import functools
import itertools

import jax.numpy as jnp
from jax import Array

from ansatz.errors import InputError
from ansatz.problems.lattice.geometry import Lattice
from ansatz.problems.lattice.models import Ising
from ansatz.problems.lattice.sampling import words
from ansatz.problems.lattice.sampling.borders import inside, opposite
from ansatz.problems.lattice.sampling.rules import check_rule, flip_probability
from ansatz.problems.lattice.sampling.sublattices import each, halves, merge, neighbors, split


@dataclasses.dataclass(frozen=True)
class Multispin:
    r"""Metropolis or heat bath on a checkerboard, multi-spin coded over replicas.

    The sites of one sublattice are updated at once. For a site the neighbors that differ are counted with logical
    operations on words; for each energy difference a comparison of one uniform number with \( p(\Delta E) \), digit by
    digit, decides in which replicas the spin flips. The acceptance is right to 2^-25. Replicas share no random number.

    Attributes:
        model: an Ising model; any couplings, any field.
        lattice: a lattice of even sides.
        rule: `"metropolis"` or `"heat-bath"`.

    Raises:
        InputError: if the model is no Ising model, or a side is odd.
    """

    model: Ising
    lattice: Lattice
    rule: str = "metropolis"

    def __post_init__(self) -> None:
        if not isinstance(self.model, Ising):
            raise InputError(f"multi-spin coding is for the ising model, not {self.model.name}; use the checkerboard")
        check_rule(self.rule)
        self.lattice.require_even()

    @property
    def seed_shape(self) -> tuple[int, ...]:
        """Random words that one sweep takes."""
        return 2**self.lattice.dimension, 4

    @functools.cached_property
    def changes(self) -> tuple[float, ...]:
        """The energy differences that a flip can have and that are not always taken."""
        return tuple(sorted({change for change in self._configurations().values() if not self._always(change)}))

    def arrange(self, plain: Array) -> Array:
        """Words (words, *shape) as sublattices."""
        return split(self.lattice, plain)

    def plain(self, packed: Array) -> Array:
        """The inverse of `arrange`."""
        return merge(self.lattice, packed)

    def pack(self, states: Array) -> Array:
        """Spins of shape (replicas, *shape) as sublattices of words, the last word filled up."""
        return self.arrange(words.pack_spins(states))

    def unpack(self, packed: Array, replicas: int) -> Array:
        """The inverse of `pack`, shape (replicas, *shape)."""
        return words.unpack_spins(self.plain(packed))[:replicas]

    def prepare(self, beta: Array) -> Array:
        """Digits of the flip probabilities along a row, shape (changes, digits, row)."""
        beta = jnp.pad(beta, (0, -len(beta) % words.BITS), mode="edge")
        table = words.digits(jnp.stack([flip_probability(self.rule, beta * change) for change in self.changes]))
        return jnp.tile(table, (1, 1, self.lattice.shape[-1] // 2))

    def sweep(self, packed: Array, tables: Array, seeds: Array) -> Array:
        """Each site once, one sublattice after the other."""
        return each(self.lattice, packed, seeds, lambda parts, number, seed: self._updated(parts, tables, seed, number))

    def measure(self, packed: Array, replicas: int) -> tuple[Array, Array]:
        """Energy and magnetization per site of each replica."""
        numbers = range(len(packed))
        own = [self._at(packed, number) for number in numbers]
        order = 2 * self._share(own) - 1
        total = -self.model.field * order
        for coupling, bond in zip(self.model.couplings(self.lattice), self.lattice.bonds, strict=True):
            differ = [own[n] ^ neighbors(self.lattice, packed, n, bond) for n in numbers]
            total = total - coupling * (1 - 2 * self._share(differ))
        return total[:replicas], order[:replicas]

    def _at(self, packed: Array, number: Array | int) -> Array:
        return inside(halves(self.lattice), packed[number])

    def _share(self, parts: list[Array]) -> Array:
        """Share of ones among all sites, for each replica."""
        replicas = parts[0].shape[-1] // (self.lattice.shape[-1] // 2)
        rows = jnp.concatenate([part.reshape(-1, replicas) for part in parts])
        return words.count_ones(rows).reshape(-1).astype(jnp.float32) / self.lattice.sites

    def _updated(self, packed: Array, tables: Array, seed: Array, number: Array) -> Array:
        """New spins of one sublattice."""
        own = self._at(packed, number)
        differ = [
            [own ^ neighbors(self.lattice, packed, number, offset) for offset in (bond, opposite(bond))]
            for bond in self.lattice.bonds
        ]
        rows = tables.reshape(*tables.shape[:2], *(1,) * (own.ndim - 1), -1)
        _, less = words.chances(words.lanes(seed, own.shape), rows)
        return own ^ self._flips(own, differ, less)

    def _flips(self, own: Array, differ: list[list[Array]], less: list[Array]) -> Array:
        """Words that tell which spins flip."""
        groups = [words.exactly([w for bond in bonds for w in differ[bond]]) for _, bonds in self._groups()]
        flips = jnp.zeros_like(own)
        allowed = dict(zip(self.changes, less, strict=True))
        together: dict[float | None, Array] = {}
        for (spin, counts), change in self._configurations().items():
            here = functools.reduce(jnp.bitwise_and, [group[n] for group, n in zip(groups, counts, strict=True)])
            here = here if spin is None else here & (own if spin > 0 else ~own)
            kind = None if self._always(change) else change
            together[kind] = here if kind not in together else together[kind] | here
        for kind, here in together.items():
            flips = flips | (here if kind is None else here & allowed[kind])
        return flips

    def _groups(self) -> list[tuple[float, list[int]]]:
        """Bond directions of equal coupling."""
        couplings = self.model.couplings(self.lattice)
        return [(J, [b for b, other in enumerate(couplings) if other == J]) for J in dict.fromkeys(couplings)]

    def _configurations(self) -> dict[tuple[int | None, tuple[int, ...]], float]:
        """Energy difference of a flip, by the spin (None without a field) and the differing neighbors of each group."""
        spins = (None,) if self.model.field == 0 else (-1, 1)
        ranges = [range(2 * len(bonds) + 1) for _, bonds in self._groups()]
        return {(spin, ns): self._change(spin or 0, ns) for spin in spins for ns in itertools.product(*ranges)}

    def _change(self, spin: int, differing: tuple[int, ...]) -> float:
        """Energy difference of a flip."""
        pairs = zip(self._groups(), differing, strict=True)
        bonds = sum(4 * coupling * (len(bonds) - n) for (coupling, bonds), n in pairs)
        return round(bonds + 2 * self.model.field * spin, 12)

    def _always(self, change: float) -> bool:
        return self.rule == "metropolis" and change <= 0
