"""Textbook JAX: rolls over whole lattices of floats, a mask for each color, one uniform number a site."""

import functools
import math
import sys

import jax
import jax.numpy as jnp
import numpy as np
import stopwatch

SIDE, TC = 40, 2 / math.log(1 + math.sqrt(2))
BLACK = (np.indices((SIDE, SIDE)).sum(axis=0) % 2).astype(bool)


def half(spins, mask, key):
    """One color."""
    around = sum(jnp.roll(spins, shift, axis) for shift in (1, -1) for axis in (1, 2))
    flips = mask & (jax.random.uniform(key, spins.shape) < jnp.exp(-2 / TC * spins * around))
    return jnp.where(flips, -spins, spins)


def sweep(spins, key):
    """Both colors."""
    first, second = jax.random.split(key)
    return half(half(spins, BLACK, first), ~BLACK, second)


@functools.partial(jax.jit, static_argnums=1)
def walk(spins, steps, key):
    """Many sweeps in one program."""
    return jax.lax.scan(lambda s, k: (sweep(s, k), None), spins, jax.random.split(key, steps))[0]


@functools.partial(jax.jit, static_argnums=(1, 2))
def measured(spins, times, every, key):
    """Energy and |m| after each few sweeps."""

    def once(spins, key):
        spins = walk(spins, every, key)
        bonds = spins * (jnp.roll(spins, 1, 1) + jnp.roll(spins, 1, 2))
        return spins, (-bonds.mean((1, 2)), jnp.abs(spins.mean((1, 2))))

    return jax.lax.scan(once, spins, jax.random.split(key, times))


def main(lattices, steps, small, path):
    """Measure, time, report."""
    times, warmup = (20, 2) if small else (200, 100)
    spins = jnp.ones((lattices, SIDE, SIDE))
    spins, _ = measured(spins, warmup, 10, jax.random.key(0))
    spins, (energy, order) = measured(spins, times, 10, jax.random.key(1))
    np.savez(path, energy=np.asarray(energy).T, order=np.asarray(order).T, every=10)
    jax.block_until_ready(walk(spins, steps, jax.random.key(2)))
    _, cpu, wall = stopwatch.clocked(lambda: jax.block_until_ready(walk(spins, steps, jax.random.key(3))))
    flips = steps * lattices * SIDE**2 / 1e9
    stopwatch.report(cpu=cpu, rate=flips / cpu, wall_rate=flips / wall, steps_rate=steps * lattices / cpu)


main(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "1", sys.argv[5])
