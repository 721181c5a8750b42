"""Numba: loops as one writes them in C, with tables of the acceptance and of the neighbors."""

import math
import sys

import numba
import numpy as np
import stopwatch

SIDE, TC = 40, 2 / math.log(1 + math.sqrt(2))
SITES = SIDE * SIDE


def neighbors():
    """The four neighbors of each site."""
    number = np.arange(SITES).reshape(SIDE, SIDE)
    shifts = [(1, 0), (-1, 0), (1, 1), (-1, 1)]
    return np.stack([np.roll(number, shift, axis).ravel() for shift, axis in shifts], axis=1).astype(np.int32)


@numba.njit(fastmath=True)
def sweeps(spins, table, accept, steps):
    """Metropolis, one site after another, on all lattices."""
    for _ in range(steps):
        for lattice in range(spins.shape[0]):
            s = spins[lattice]
            for i in range(SITES):
                field = s[table[i, 0]] + s[table[i, 1]] + s[table[i, 2]] + s[table[i, 3]]
                cost = s[i] * field
                if cost <= 0 or np.random.random() < accept[cost]:
                    s[i] = -s[i]


@numba.njit(fastmath=True)
def clusters(spins, table, closed, stack, steps):
    """Wolff, on all lattices."""
    for _ in range(steps):
        for lattice in range(spins.shape[0]):
            s = spins[lattice]
            stack[0] = np.random.randint(SITES)
            old, size = s[stack[0]], 1
            s[stack[0]] = -old
            while size:
                size -= 1
                here = stack[size]
                for k in range(4):
                    there = table[here, k]
                    if s[there] == old and np.random.random() < closed:
                        s[there] = -old
                        stack[size] = there
                        size += 1


@numba.njit
def seed(number):
    """Numba has a generator of its own."""
    np.random.seed(number)


def measured(step, spins, table, times, every):
    """Energy and |m| of each lattice after each few steps."""
    energy, order = np.empty((2, len(spins), times))
    for t in range(times):
        step(every)
        energy[:, t] = -np.mean(spins * (spins[:, table[:, 0]] + spins[:, table[:, 2]]), axis=1)
        order[:, t] = np.abs(spins.mean(axis=1))
    return energy, order


def main(method, lattices, steps, small, path):
    """Measure, time, report."""
    seed(0)
    table, stack = neighbors(), np.empty(SITES, np.int32)
    accept = np.exp(-2 / TC * np.arange(5))
    closed = 1 - math.exp(-2 / TC)
    spins = np.ones((max(lattices, 64), SITES), np.int8)
    every = 10 if method == "metropolis" else 1

    def go(steps, chosen=spins):
        if method == "metropolis":
            sweeps(chosen, table, accept, steps)
        else:
            clusters(chosen, table, closed, stack, steps)

    go(100 if small else 300 * every)
    energy, order = measured(go, spins, table, 20 if small else 300, every)
    np.savez(path, energy=energy, order=order, every=every)
    _, cpu, wall = stopwatch.clocked(lambda: go(steps, spins[:lattices]))
    flips = steps * lattices * SITES / 1e9
    stopwatch.report(cpu=cpu, rate=flips / cpu, wall_rate=flips / wall, steps_rate=steps * lattices / cpu)


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "1", sys.argv[5])
