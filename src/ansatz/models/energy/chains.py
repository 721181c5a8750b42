r"""Markov chains of a Boltzmann machine: many at once, at one temperature or exchanged along a ladder of them.

The ladder leads from a machine without couplings, which has only the mean values of the data, to the machine itself:
the parameters at rung $\beta$ are $(1 - \beta)\,\theta_0 + \beta\,\theta$. At its foot the units are independent, so
that every mode of the distribution is reached anew.
"""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ansatz.models.energy.rbm import RBM
from ansatz.models.energy.units import draw
from ansatz.typing import Key

States = Float[Array, "chains visible"]
"""The visible units of many chains."""

Rungs = Float[Array, "chains rungs visible"]
"""The visible units of many chains, each with a copy at every rung of its ladder."""


def reference(machine: RBM) -> RBM:
    """The machine without couplings and hidden fields, which knows the visible biases alone."""
    return eqx.tree_at(
        lambda m: (m.weight, m.hidden), machine, (jnp.zeros_like(machine.weight), jnp.zeros_like(machine.hidden))
    )


def between(foot: RBM, top: RBM, beta: Float[Array, ""]) -> RBM:
    """The machine whose parameters lie at `beta` between two others.

    Example:
        >>> one = RBM(jnp.ones((1, 1)), jnp.ones(1), jnp.ones(1), "spin")
        >>> between(reference(one), one, jnp.asarray(0.25)).weight.item()
        0.25
    """
    return jax.tree.map(lambda low, high: (1 - beta) * low + beta * high, foot, top)


def ladder(rungs: int) -> Float[Array, " rungs"]:
    """The beta of each rung, evenly from 0 to 1; of one rung 1.

    Example:
        >>> ladder(3).tolist(), ladder(1).tolist()
        ([0.0, 0.5, 1.0], [1.0])
    """
    return jnp.linspace(0.0, 1.0, rungs) if rungs > 1 else jnp.ones(1)


def start(machine: RBM, chains: int, rungs: int = 1, *, key: Key) -> Rungs:
    """States of independent units in the visible biases, shape (chains, rungs, visible)."""
    field = jnp.broadcast_to(machine.visible[None, None], (chains, rungs, len(machine.visible)))
    return draw(key, field, machine.units)


@eqx.filter_jit
def run_chains(machine: RBM, states: States, *, sweeps: int, key: Key) -> States:
    """All chains some Gibbs sweeps on.

    Example:
        >>> free = RBM(jnp.zeros((3, 2)), jnp.zeros(3), jnp.zeros(2), "binary")
        >>> run_chains(free, jnp.zeros((5, 3)), sweeps=2, key=jax.random.key(0)).shape
        (5, 3)
    """
    return _gibbs(machine, states, jax.random.split(key, sweeps))


def _gibbs(machine: RBM, states: States, keys: Array) -> States:
    return jax.lax.scan(lambda now, own: (_sweep(machine, now, own), None), states, keys)[0]


def _sweep(machine: RBM, states: States, key: Key) -> States:
    """One sweep of many states at once, with one draw for all of them."""
    up, down = jax.random.split(key)
    hidden = draw(up, states @ machine.weight + machine.hidden[None], machine.units)
    return draw(down, hidden @ machine.weight.T + machine.visible[None], machine.units)


class Tempered(NamedTuple):
    """Ladders after some rounds, and the accepted part of the exchanges between neighboring rungs."""

    states: Rungs
    accepted: Float[Array, " gaps"]


@eqx.filter_jit
def tempered(machine: RBM, states: Rungs, *, sweeps: int, key: Key) -> Tempered:
    r"""All ladders some rounds on: a Gibbs sweep at every rung, then exchanges of neighbors (parallel tempering).

    Two rungs exchange their states with probability
    $\min(1, e^{F_i(v_i) + F_j(v_j) - F_i(v_j) - F_j(v_i)})$, even and odd pairs in turn.

    Source: G. Desjardins, A. Courville, Y. Bengio, P. Vincent and O. Delalleau, AISTATS (2010) 145.

    Example:
        >>> free = RBM(jnp.zeros((3, 2)), jnp.zeros(3), jnp.zeros(2), "binary")
        >>> tempered(free, jnp.zeros((5, 4, 3)), sweeps=2, key=jax.random.key(0)).accepted.tolist()
        [1.0, 1.0, 1.0]
    """
    rungs = states.shape[1]
    machines = jax.vmap(between, (None, None, 0))(reference(machine), machine, ladder(rungs))

    def once(states: Rungs, inputs: tuple[Array, Key]) -> tuple[Rungs, tuple[Array, Array]]:
        number, key = inputs
        sweep_key, swap_key = jax.random.split(key)
        swept = jax.vmap(_sweep, (0, 1, 0), 1)(machines, states, jax.random.split(sweep_key, rungs))
        return _exchanged(machines, swept, number % 2, swap_key)

    rounds = (jnp.arange(sweeps), jax.random.split(key, sweeps))
    states, (taken, offered) = jax.lax.scan(once, states, rounds)
    return Tempered(states, taken.sum(axis=0) / jnp.maximum(offered.sum(axis=0), 1))


def _exchanged(machines: RBM, states: Rungs, parity: Array, key: Key) -> tuple[Rungs, tuple[Array, Array]]:
    """The ladders after neighbors of one parity were offered an exchange, with how many took it and were offered it."""
    chains, rungs, _ = states.shape
    own = _free_energies(machines, states)
    gain = own[:, :-1] + own[:, 1:]
    gain -= _free_energies(jax.tree.map(lambda p: p[:-1], machines), states[:, 1:])
    gain -= _free_energies(jax.tree.map(lambda p: p[1:], machines), states[:, :-1])
    offered = jnp.broadcast_to((jnp.arange(rungs - 1) % 2 == parity)[None], gain.shape)
    taken = offered & (jnp.log(jax.random.uniform(key, gain.shape)) < gain)
    up, down = jnp.pad(taken, ((0, 0), (0, 1))), jnp.pad(taken, ((0, 0), (1, 0)))
    source = jnp.broadcast_to(jnp.arange(rungs)[None], (chains, rungs)) + up.astype(int) - down.astype(int)
    moved = jnp.take_along_axis(states, source[:, :, None], axis=1)
    return moved, (taken.sum(axis=0), offered.sum(axis=0))


def _free_energies(machines: RBM, states: Rungs) -> Float[Array, "chains rungs"]:
    return jax.vmap(jax.vmap(RBM.free_energy, (None, 0)), (0, 1), 1)(machines, states)


def advance(machine: RBM, states: Rungs, *, sweeps: int, key: Key) -> Rungs:
    """Ladders some sweeps on: plain Gibbs chains if they have one rung, else with exchanges."""
    if states.shape[1] == 1:
        return run_chains(machine, states[:, 0], sweeps=sweeps, key=key)[:, None]
    return tempered(machine, states, sweeps=sweeps, key=key).states


def exchange_rates(machine: RBM, states: Rungs, *, sweeps: int, key: Key) -> Float[Array, " gaps"]:
    """How often neighboring rungs exchange; below a tenth or so the ladder needs more rungs."""
    return tempered(machine, states, sweeps=sweeps, key=key).accepted
