r"""What a lattice is measured by: energy, magnetization, their fluctuations, and the correlation length.

With e and m the energy and order parameter per site of N sites:
specific heat \( C = \beta^2 N (\langle e^2\rangle - \langle e\rangle^2) \),
susceptibility \( \chi = \beta N (\langle m^2\rangle - \langle |m|\rangle^2) \), Binder cumulant
\( U = 1 - \langle m^4\rangle / 3 \langle m^2\rangle^2 \) (K. Binder, Z. Phys. B 43 (1981) 119).
"""

from __future__ import annotations

import dataclasses

import numpy as np

from ansatz.errors import InputError
from ansatz.problems.lattice.estimates import Estimate, blocks, jackknife


@dataclasses.dataclass(frozen=True)
class Observables:
    """Estimates at one temperature, each with its jackknife error."""

    temperature: float
    energy: Estimate
    specific_heat: Estimate
    magnetization: Estimate
    susceptibility: Estimate
    binder: Estimate


def moments(energy: np.ndarray, order: np.ndarray) -> np.ndarray:
    """e, e^2, |m|, m^2, m^4 along a new last axis."""
    return np.stack([energy, energy**2, np.abs(order), order**2, order**4], axis=-1)


def specific_heat(mean: np.ndarray, beta: float, sites: int) -> np.ndarray:
    """Specific heat per site from means of `moments`."""
    return beta**2 * sites * (mean[..., 1] - mean[..., 0] ** 2)


def susceptibility(mean: np.ndarray, beta: float, sites: int) -> np.ndarray:
    """Susceptibility per site, of |m|, from means of `moments`."""
    return beta * sites * (mean[..., 3] - mean[..., 2] ** 2)


def binder(mean: np.ndarray) -> np.ndarray:
    """Binder's cumulant from means of `moments`."""
    return 1 - mean[..., 4] / (3 * mean[..., 3] ** 2)


def observe(energy: np.ndarray, order: np.ndarray, *, temperature: float, sites: int) -> Observables:
    """All observables of chains at one temperature.

    Args:
        energy: energy per site, shape (chains, times).
        order: order parameter per site, of the same shape.
        temperature: T, in units of the coupling.
        sites: number of sites of the lattice.

    Raises:
        InputError: if there are too few measurements for an error.
    """
    energy, order = np.asarray(energy, float), np.asarray(order, float)
    shift = float(energy.mean())
    # a shift leaves the variance as it is, and its digits
    means = blocks(moments(energy - shift, order))
    beta = 1 / temperature
    mean = jackknife(means[:, 0])
    return Observables(
        temperature=temperature,
        energy=Estimate(mean.value + shift, mean.error),
        specific_heat=jackknife(means, lambda m: specific_heat(m, beta, sites)),
        magnetization=jackknife(means[:, 2]),
        susceptibility=jackknife(means, lambda m: susceptibility(m, beta, sites)),
        binder=jackknife(means, binder),
    )


def correlation_length(states: np.ndarray) -> Estimate:
    r"""Second-moment correlation length of scalar fields, in lattice units.

    \( \xi = \sqrt{S(0) / S(k) - 1} \, / \, 2 \sin(\pi / L) \) with S the structure factor and k the smallest wave
    vector, averaged over the axes (F. Cooper, B. Freedman and D. Preston, Nucl. Phys. B 210 (1982) 210). Meant for the
    symmetric phase, or its neighborhood.

    Args:
        states: shape (chains, times, *shape), or (states, *shape) of independent states of two or more dimensions.

    Raises:
        InputError: if the sides differ.
    """
    states = np.asarray(states, float)
    chains, times, *shape = states.shape if states.ndim > 3 else (len(states), 1, *states.shape[1:])
    if len(set(shape)) != 1:
        raise InputError(f"a correlation length needs equal sides, not {shape}")
    axes = tuple(range(2, 2 + len(shape)))
    field = np.abs(np.fft.fftn(states.reshape(chains, times, *shape), axes=axes)) ** 2
    at = [tuple(int(a == b) for b in range(len(shape))) for a in range(len(shape))]
    smallest = np.mean([field[(..., *k)] for k in at], axis=0)
    means = blocks(np.stack([field[(..., *(0,) * len(shape))], smallest], axis=-1))
    scale = 2 * np.sin(np.pi / shape[0])
    return jackknife(means, lambda m: np.sqrt(np.maximum(m[..., 0] / m[..., 1] - 1, 0)) / scale)
