r"""Partition functions of machines of any size, with an error: annealed importance sampling."""

from __future__ import annotations

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ansatz.errors import InputError
from ansatz.models.energy import chains
from ansatz.models.energy.rbm import RBM
from ansatz.models.energy.units import log_partition
from ansatz.typing import Key


class LogZ(NamedTuple):
    """The value of ln Z as it was estimated.

    Attributes:
        value: the estimate.
        error: its standard error, from the spread of the weights of the chains.
        effective: effective number of chains, (sum w)^2 / sum w^2; the error can be trusted if it is not small.
        log_weights: ln of the weight of each chain, whose mean is Z.
    """

    value: float
    error: float
    effective: float
    log_weights: np.ndarray


def annealed_log_z(machine: RBM, *, runs: int = 400, steps: int = 1000, key: Key) -> LogZ:
    r"""The value of ln Z by annealed importance sampling, from independent units to the machine.

    Each chain starts at the machine without couplings, whose partition function is known, and makes one Gibbs sweep at
    each of `steps` machines in between; $w = \prod_k e^{F_{k-1}(v_k) - F_k(v_k)}$ has the mean $Z / Z_0$.

    Args:
        machine: of any size.
        runs: independent chains.
        steps: machines on the way.
        key: decides the chains.

    Returns:
        The logarithm of the mean weight, with its error.

    Raises:
        InputError: if there are fewer than two chains or no step.

    Example:
        >>> from ansatz.models.energy import rbm
        >>> small = rbm(6, 3, units="spin", scale=2.0, key=jax.random.key(0))
        >>> found = annealed_log_z(small, runs=100, steps=100, key=jax.random.key(1))
        >>> abs(found.value - float(small.log_z())) < 4 * found.error
        True

    Source: R. Neal, Statistics and Computing 11 (2001) 125, arXiv:physics/9803008; R. Salakhutdinov and I. Murray,
    ICML (2008) 872.
    """
    if runs < 2 or steps < 1:
        raise InputError(f"annealing needs at least 2 runs and 1 step, not {runs} and {steps}")
    foot = chains.reference(machine)
    known = float(jnp.sum(log_partition(foot.visible, foot.units)) + len(foot.hidden) * np.log(2))
    log_weights = np.asarray(_annealed(foot, machine, runs, steps, key), float)
    shifted = np.exp(log_weights - log_weights.max())
    value = known + log_weights.max() + np.log(shifted.mean())
    error = shifted.std(ddof=1) / shifted.mean() / np.sqrt(runs)
    effective = shifted.sum() ** 2 / np.sum(shifted**2)
    return LogZ(float(value), float(error), float(effective), log_weights + known)


@eqx.filter_jit
def _annealed(foot: RBM, top: RBM, runs: int, steps: int, key: Key) -> Float[Array, " runs"]:
    first, rest = jax.random.split(key)
    states = chains.start(foot, runs, key=first)[:, 0]

    def step(carry: tuple[Array, Array], inputs: tuple[Array, Key]) -> tuple[tuple[Array, Array], None]:
        states, log_weight = carry
        beta, own = inputs
        below, here = chains.between(foot, top, beta - 1 / steps), chains.between(foot, top, beta)
        log_weight += jax.vmap(below.free_energy)(states) - jax.vmap(here.free_energy)(states)
        return (chains.run_chains(here, states, sweeps=1, key=own), log_weight), None

    betas = jnp.arange(1, steps + 1) / steps
    (_, log_weight), _ = jax.lax.scan(step, (states, jnp.zeros(runs)), (betas, jax.random.split(rest, steps)))
    return log_weight
