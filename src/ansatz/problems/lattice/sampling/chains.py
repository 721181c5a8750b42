"""Markov chains of many replicas: thermalize, measure, keep states; with or without exchange of temperatures."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.problems.lattice.estimates import Autocorrelation, autocorrelation
from ansatz.problems.lattice.geometry import Lattice
from ansatz.problems.lattice.models import Model
from ansatz.problems.lattice.observables import Observables, observe
from ansatz.problems.lattice.sampling.kernels import Kernel
from ansatz.problems.lattice.sampling.methods import kernel_named
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True, eq=False)
class Chains:
    """What Markov chains have seen after they were thermal; all of it on the host.

    Attributes:
        model: what was simulated.
        lattice: where.
        temperature: of each chain, shape (chains,).
        energy: per site, shape (chains, measurements).
        order: order parameter per site, shape (chains, measurements).
        states: kept states, shape (chains, kept, *lattice.shape).
        every: steps of the chain between measurements.
        spacing: measurements between kept states.
        warmup: measurements that were left out.
        exchanges: accepted part of the exchanges between neighboring temperatures (offered, if not made).
    """

    model: Model
    lattice: Lattice
    temperature: np.ndarray
    energy: np.ndarray
    order: np.ndarray
    states: np.ndarray
    every: int
    spacing: int
    warmup: int
    exchanges: np.ndarray

    @property
    def temperatures(self) -> np.ndarray:
        """The different temperatures, rising."""
        return np.unique(self.temperature)

    def at(self, temperature: float) -> Chains:
        """The chains at one temperature."""
        rows = self.temperature == temperature
        fields = ("temperature", "energy", "order", "states")
        return dataclasses.replace(self, **{name: getattr(self, name)[rows] for name in fields})

    def observables(self) -> list[Observables]:
        """Observables at each temperature, rising."""
        return [
            observe(part.energy, part.order, temperature=float(t), sites=self.lattice.sites)
            for t, part in ((t, self.at(t)) for t in self.temperatures)
        ]

    def autocorrelations(self, of: str = "energy") -> list[Autocorrelation]:
        """Autocorrelation time at each temperature, rising, of `"energy"` or of `"order"` (its absolute value)."""
        series = {"energy": lambda c: c.energy, "order": lambda c: np.abs(c.order)}[of]
        return [autocorrelation(series(self.at(t))) for t in self.temperatures]


def simulate(
    model: Model,
    lattice: Lattice,
    temperatures: Sequence[float],
    *,
    chains: int = 32,
    method: str = "auto",
    measurements: int = 500,
    every: int = 1,
    spacing: int = 50,
    warmup: int = 200,
    start: str = "ordered",
    exchange: bool = False,
    key: Key,
) -> Chains:
    """Run `chains` independent Markov chains at each temperature.

    Args:
        model: energies.
        lattice: sites and bonds.
        temperatures: in units of the coupling (k_B = 1).
        chains: independent chains at each temperature.
        method: one of `METHODS`.
        measurements: of energy and order parameter, after the warm-up; rounded up to whole spacings.
        every: steps between measurements (a step is a sweep, or one update of a cluster sampler).
        spacing: measurements between kept states.
        warmup: measurements that are left out; rounded up to whole spacings.
        start: `"ordered"` (each chain in one of the ordered states) or `"random"`.
        exchange: whether states are exchanged between neighboring temperatures after each measurement: parallel
            tempering (K. Hukushima and K. Nemoto, J. Phys. Soc. Jpn. 65 (1996) 1604, arXiv:cond-mat/9512035).
        key: random key.

    Raises:
        InputError: if a temperature is not positive, a count is not, or the method cannot take the lattice.

    Example:
        >>> from ansatz.problems.lattice import Ising, square
        >>> run = simulate(Ising(), square(4), [1.0, 4.0], chains=50, measurements=20, spacing=10, warmup=10,
        ...                method="metropolis", key=jax.random.key(0))
        >>> run.energy.shape, run.states.shape
        ((100, 20), (100, 2, 4, 4))
    """
    grid = check_temperatures(temperatures)
    counts = {"chains": chains, "measurements": measurements, "every": every, "spacing": spacing}
    for name, count in counts.items():
        if count < 1:
            raise InputError(f"lattice: {name} is a count, one or more, not {count}")
    if start not in ("ordered", "random"):
        raise InputError(f"lattice: start is 'ordered' or 'random', not '{start}'")
    kernel = kernel_named(method, model, lattice)
    index = jnp.tile(jnp.arange(len(grid)), chains)
    walk = _Walk(_first(kernel, model, len(index), start, named(key, "start")), index)
    pace = {"spacing": spacing, "every": every, "exchange": exchange}
    skipped, kept = -(-warmup // spacing), -(-measurements // spacing)
    pieces = []
    for number, piece_key in enumerate(jax.random.split(named(key, "chains"), skipped + kept)):
        walk, piece = _piece(kernel, walk, jnp.asarray(grid, jnp.float32), piece_key, **pace)
        pieces += [jax.tree.map(np.asarray, piece)] if number >= skipped else []
    return _gather(model, lattice, grid, chains, pieces, every=every, spacing=spacing, warmup=skipped * spacing)


def check_temperatures(temperatures: Sequence[float]) -> np.ndarray:
    """Rising positive temperatures as an array.

    Raises:
        InputError: if one is zero, negative, not finite, or given twice.
    """
    grid = np.sort(np.atleast_1d(np.asarray(temperatures, float)).ravel())
    if not len(grid):
        raise InputError("lattice: temperatures is empty; give one or more")
    if not (np.isfinite(grid).all() and (grid > 0).all()):
        bad = next(t for t in grid if not (np.isfinite(t) and t > 0))
        raise InputError(f"lattice: a temperature is a positive number, not {bad:g}")
    if len(np.unique(grid)) < len(grid):
        raise InputError("lattice: a temperature is given twice; use chains for more statistics")
    return grid


class _Walk(NamedTuple):
    """Packed states, and the number of each replica's temperature."""

    packed: Array
    index: Array


class _Piece(NamedTuple):
    """What is seen between two kept states, replicas sorted by temperature: (measurements, chains, temperatures)."""

    energy: Array
    order: Array
    states: Array
    accepted: Array


@functools.partial(jax.jit, static_argnums=(0, 1, 2, 3))
def _first(kernel: Kernel, model: Model, replicas: int, start: str, key: Key) -> Array:
    """States to start from."""
    lattice = kernel.lattice
    shape = (replicas, *lattice.shape)
    if start == "random":
        return kernel.pack(model.hot(jax.random.uniform(key, shape)))
    one = jax.random.uniform(key, (replicas, *(1,) * lattice.dimension))
    return kernel.pack(jnp.broadcast_to(model.start(one), shape))


@functools.partial(jax.jit, static_argnames=("kernel", "spacing", "every", "exchange"))
def _piece(
    kernel: Kernel, walk: _Walk, grid: Array, key: Key, *, spacing: int, every: int, exchange: bool
) -> tuple[_Walk, _Piece]:
    """Measure `spacing` times, and keep the last state."""
    steps, swaps = jax.random.split(key)
    seeds = jax.random.bits(steps, (spacing, every, *kernel.seed_shape), jnp.uint32)
    coins = jax.random.uniform(swaps, (spacing, len(walk.index) // len(grid), len(grid)))
    tables = kernel.prepare(1 / grid[walk.index])

    def once(walk: _Walk, inputs: tuple[Array, Array, Array]) -> tuple[_Walk, tuple[Array, ...]]:
        number, seed, coin = inputs
        now = kernel.prepare(1 / grid[walk.index]) if exchange else tables
        packed, _ = lax.scan(lambda p, s: (kernel.sweep(p, now, s), None), walk.packed, seed)
        measured = kernel.measure(packed, len(walk.index))
        place = _by_temperature(walk.index, grid)
        energy, order = (jnp.take_along_axis(m.reshape(place.shape), place, axis=1) for m in measured)
        index, accepted = _exchanged(place, energy * kernel.lattice.sites, grid, coin, number % 2)
        return _Walk(packed, index if exchange else walk.index), (energy, order, accepted, place)

    walk, (energy, order, accepted, places) = lax.scan(once, walk, (jnp.arange(spacing), seeds, coins))
    place = places[-1]
    states = kernel.unpack(walk.packed, len(walk.index)).reshape(*place.shape, *kernel.lattice.shape)
    return walk, _Piece(energy, order, jax.vmap(jnp.take, (0, 0, None))(states, place, 0), accepted.sum(axis=0))


def _by_temperature(index: Array, grid: Array) -> Array:
    """In each ladder, the replica at each temperature, shape (chains, temperatures)."""
    return jnp.argsort(index.reshape(-1, len(grid)), axis=1)


def _exchanged(place: Array, energy: Array, grid: Array, coin: Array, parity: Array) -> tuple[Array, Array]:
    """Temperatures of the replicas after neighbors of one parity were offered an exchange, and what was accepted.

    Accepted with min(1, exp((beta - beta') (E - E'))); energies are of whole lattices, sorted by temperature.
    """
    count = len(grid)
    beta = jnp.broadcast_to(1 / grid, energy.shape)
    gain = (beta[:, :-1] - beta[:, 1:]) * (energy[:, :-1] - energy[:, 1:])
    offered = jnp.broadcast_to(jnp.arange(count - 1) % 2 == parity, gain.shape)
    taken = offered & (jnp.log(coin[:, :-1]) < gain)
    up = jnp.pad(taken, ((0, 0), (0, 1)))
    down = jnp.pad(taken, ((0, 0), (1, 0)))
    source = jnp.broadcast_to(jnp.arange(count), place.shape) + up.astype(int) - down.astype(int)
    place = jnp.take_along_axis(place, source, axis=1)
    return jnp.argsort(place, axis=1).ravel(), jnp.stack([taken.sum(axis=0), offered.sum(axis=0)])


def _gather(
    model: Model,
    lattice: Lattice,
    grid: np.ndarray,
    chains: int,
    pieces: list[_Piece],
    *,
    every: int,
    spacing: int,
    warmup: int,
) -> Chains:
    """The chains of all temperatures, one after another."""
    taken, offered = np.sum([piece.accepted for piece in pieces], axis=0)

    def rows(name: str) -> np.ndarray:
        times = np.concatenate([getattr(piece, name) for piece in pieces])
        return times.transpose(2, 1, 0).reshape(-1, len(times))

    states = np.stack([piece.states for piece in pieces]).swapaxes(0, 2)
    return Chains(
        model=model,
        lattice=lattice,
        temperature=np.repeat(grid, chains),
        energy=rows("energy"),
        order=rows("order"),
        states=states.reshape(-1, len(pieces), *lattice.shape),
        every=every,
        spacing=spacing,
        warmup=warmup,
        exchanges=taken / np.maximum(offered, 1),
    )
