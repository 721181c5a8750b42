"""Ansatz: its compiled kernels, timed without measurements; then measured chains for the autocorrelation."""

import functools
import math
import sys

import jax
import jax.numpy as jnp
import numpy as np
import stopwatch

from ansatz.problems.lattice import Ising, kernel_named, simulate, square

SIDE, TC = 40, 2 / math.log(1 + math.sqrt(2))


@functools.partial(jax.jit, static_argnums=(0, 3))
def walk(kernel, packed, tables, steps, key):
    """Many steps in one program."""
    seeds = jax.random.bits(key, (steps, *kernel.seed_shape), jnp.uint32)
    return jax.lax.scan(lambda p, seed: (kernel.sweep(p, tables, seed), None), packed, seeds)[0]


def main(method, lattices, steps, small, path):
    """Measure, time, report."""
    every = 10 if method == "metropolis" else 1
    run = {"measurements": 20 if small else 400, "spacing": 20, "warmup": 20 if small else 200, "every": every}
    chains = simulate(Ising(), square(SIDE), [TC], chains=64, method=method, key=jax.random.key(0), **run)
    np.savez(path, energy=chains.energy, order=np.abs(chains.order), every=every)
    kernel = kernel_named(method, Ising(), square(SIDE))
    packed = kernel.pack(jnp.asarray(np.resize(chains.states[:, -1], (lattices, SIDE, SIDE))))
    tables = kernel.prepare(jnp.full(lattices, 1 / TC))
    go = functools.partial(walk, kernel, packed, tables, steps)
    jax.block_until_ready(go(jax.random.key(1)))
    _, cpu, wall = stopwatch.clocked(lambda: jax.block_until_ready(go(jax.random.key(2))))
    flips = steps * lattices * SIDE**2 / 1e9
    stopwatch.report(cpu=cpu, rate=flips / cpu, wall_rate=flips / wall, steps_rate=steps * lattices / cpu)


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "1", sys.argv[5])
