"""Are states that a generative model made what they should be? Judged by exact answers and by real states."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.stats import chi2, norm

from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.problems.lattice.estimates import Estimate, autocorrelation
from ansatz.problems.lattice.exact.density import energy_distribution
from ansatz.problems.lattice.exact.kaufman import kaufman
from ansatz.problems.lattice.exact.transfer import WIDEST, magnetization_distribution
from ansatz.problems.lattice.geometry import Lattice, square
from ansatz.problems.lattice.judging.similarity import Memorization, StateTest, memorization, state_test
from ansatz.problems.lattice.observables import Observables, observe
from ansatz.problems.lattice.statefiles import as_spins, square_energy
from ansatz.typing import Key

ALARM = 4.0
"""Standard errors that are called a fault."""

LARGEST = 40
"""Largest side for which the exact distribution of energies is used."""


@dataclasses.dataclass(frozen=True)
class Check:
    """One observable of generated states beside what it should be.

    Attributes:
        name: `"energy"`, `"specific heat"`, `"|m|"`, `"susceptibility"` or `"Binder cumulant"`.
        found: of the generated states.
        expected: what it should be; its error is zero if that is exact.
        origin: where the expectation comes from.
    """

    name: str
    found: Estimate
    expected: Estimate
    origin: str

    @property
    def pull(self) -> float:
        """Standard errors of the difference by which the generated states lie above."""
        error = float(np.hypot(self.found.error, self.expected.error))
        return Estimate(self.found.value, error).pull(self.expected.value)


@dataclasses.dataclass(frozen=True)
class GeneratedReport:
    """All tests of generated states.

    Attributes:
        temperature: the temperature that they should have.
        states: how many there are.
        effective: how many independent ones carry the same precision of the energy.
        checks: observables beside their expectations.
        energy_p_value: of a chi2 test of the energies against their exact distribution, corrected for autocorrelation;
            NaN where that is not known.
        two_sample: test of whole states against real ones, None without real ones.
        memorization: nearness to training states, None without these.
        faults: what is wrong, one sentence each; empty if nothing is.
    """

    temperature: float
    states: int
    effective: float
    checks: tuple[Check, ...]
    energy_p_value: float
    two_sample: StateTest | None
    memorization: Memorization | None
    faults: tuple[str, ...] = ()

    def check(self, name: str) -> Check:
        """The check of that name."""
        return next(check for check in self.checks if check.name == name)


def check_generated(
    states: np.ndarray,
    temperature: float,
    *,
    real: np.ndarray | None = None,
    train: np.ndarray | None = None,
    permutations: int = 400,
    key: Key,
) -> GeneratedReport:
    r"""Judge states that any generative model of the square Ising lattice (J = 1, no field) has made.

    Energy and specific heat are held to Kaufman's partition function; |m|, susceptibility and Binder's cumulant to the
    transfer matrix (L up to ten), else to real states if there are any; the distribution of energies to the exact one.
    Whole states are compared with real ones (`state_test`), and their nearness to the training states with that of real
    ones (`memorization`). Errors take the autocorrelation of chains into account.

    Args:
        states: independent states, shape (states, L, L), or chains of them, (chains, times, L, L); values -1 and 1, or
            0 and 1.
        temperature: the temperature of the states that the model has learned from.
        real: independent real states that the model has not seen, shape (states, L, L).
        train: the states that it was trained on.
        permutations: of the two-sample test.
        key: random key.

    Raises:
        InputError: if the states are no square Ising states, or too few.

    Example:
        >>> import jax
        >>> from ansatz.problems.lattice import IsingStates
        >>> make = IsingStates(size=4, temperatures=(2.5,), label="none")
        >>> real, good = (make.draw(jax.random.key(k), 500).x for k in (0, 1))
        >>> check_generated(good, 2.5, real=real, key=jax.random.key(2)).faults
        ()
        >>> hot = np.where(np.random.default_rng(0).random((500, 4, 4)) < 0.5, -1, 1)
        >>> check_generated(hot, 2.5, real=real, key=jax.random.key(2)).faults[0][:24]
        'the energy is too large:'
    """
    chains = _chains(states)
    side = chains.shape[-1]
    energy = square_energy(chains.reshape(-1, side, side)).reshape(chains.shape[:2])
    found = observe(energy, chains.mean(axis=(2, 3)), temperature=temperature, sites=side**2)
    effective = _effective(energy)
    rows = chains.reshape(-1, side, side)
    real, train = (None if sample is None else as_spins(name, sample) for name, sample in _named(real, train))
    report = GeneratedReport(
        temperature=temperature,
        states=len(rows),
        effective=effective,
        checks=tuple(_checks(found, _expected(temperature, square(side), real))),
        energy_p_value=_energy_test(energy, temperature, side, effective / energy.size),
        two_sample=None
        if real is None
        else state_test(_thinned(chains), real, permutations=permutations, key=named(key, "states")),
        memorization=None if real is None or train is None else memorization(rows[:5000], train, real),
    )
    return dataclasses.replace(report, faults=tuple(_faults(report)))


def _named(real: np.ndarray | None, train: np.ndarray | None) -> list[tuple[str, np.ndarray | None]]:
    return [("real states", real), ("training states", train)]


def _chains(states: np.ndarray) -> np.ndarray:
    """States as (chains, times, L, L) of -1 and 1."""
    states = np.asarray(states)
    if states.ndim not in (3, 4) or states.shape[-1] != states.shape[-2]:
        raise InputError(f"generated states have the shape (states, L, L) or (chains, times, L, L), not {states.shape}")
    chains = states[:, None] if states.ndim == 3 else states
    if chains.shape[0] * chains.shape[1] < 8:
        raise InputError(f"{chains.shape[0] * chains.shape[1]} generated states are too few to judge; give 8 or more")
    return as_spins("generated states", chains)


def _effective(energy: np.ndarray) -> float:
    return autocorrelation(energy).effective if energy.shape[1] > 1 else float(energy.size)


def _thinned(chains: np.ndarray) -> np.ndarray:
    """States of chains as far apart as makes them independent, by the autocorrelation time of their energy and |m|."""
    side, times = chains.shape[-1], chains.shape[1]
    if times == 1:
        return chains[:, 0]
    energy = square_energy(chains.reshape(-1, side, side)).reshape(chains.shape[:2])
    time = max(autocorrelation(series).time for series in (energy, chains.mean(axis=(2, 3))))
    return chains[:, :: max(1, round(4 * time))].reshape(-1, side, side)


def _checks(found: Observables, expected: dict[str, tuple[Estimate, str]]) -> list[Check]:
    seen = {
        "energy": found.energy,
        "specific heat": found.specific_heat,
        "|m|": found.magnetization,
        "susceptibility": found.susceptibility,
        "Binder cumulant": found.binder,
    }
    return [Check(name, seen[name], *expected[name]) for name in seen if name in expected]


def _expected(temperature: float, lattice: Lattice, real: np.ndarray | None) -> dict[str, tuple[Estimate, str]]:
    """What each observable should be, and where that is known from."""
    side = lattice.shape[0]
    exact = kaufman(temperature, side)
    known = {
        "energy": (Estimate(exact.energy, 0.0), "Kaufman"),
        "specific heat": (Estimate(exact.specific_heat, 0.0), "Kaufman"),
    }
    if side <= WIDEST:
        m, p = magnetization_distribution(temperature, side)
        absolute, square_mean, fourth = (float(p @ power) for power in (np.abs(m), m**2, m**4))
        values = {
            "|m|": absolute,
            "susceptibility": lattice.sites * (square_mean - absolute**2) / temperature,
            "Binder cumulant": 1 - fourth / (3 * square_mean**2),
        }
        return known | {name: (Estimate(value, 0.0), "transfer matrix") for name, value in values.items()}
    if real is None:
        return known
    order = real.mean(axis=(1, 2))[:, None]
    seen = observe(square_energy(real)[:, None], order, temperature=temperature, sites=lattice.sites)
    rest = {"|m|": seen.magnetization, "susceptibility": seen.susceptibility, "Binder cumulant": seen.binder}
    return known | {name: (value, "real states") for name, value in rest.items()}


def _energy_test(energy: np.ndarray, temperature: float, side: int, share: float) -> float:
    """A chi2 test of the energies against their exact distribution, in bins of ten expected states and more."""
    if side % 2 or side < 4 or side > LARGEST:
        return float("nan")
    p = energy_distribution(temperature, side)
    count = np.bincount(np.rint((energy.ravel() + 2) * side**2 / 4).astype(int), minlength=len(p))
    n = max(energy.size * share, 1.0)
    bins = _bins(p * n, 10.0)
    expected = np.bincount(bins, p * n)
    seen = np.bincount(bins, count * share)
    if len(expected) < 2:
        return float("nan")
    return float(chi2.sf(np.sum((seen - expected) ** 2 / expected), len(expected) - 1))


def _bins(expected: np.ndarray, least: float) -> np.ndarray:
    """Number of the bin of each level, such that each bin expects at least so many."""
    numbers, bin_number, inside, left = np.zeros(len(expected), int), 0, 0.0, float(expected.sum())
    for level, value in enumerate(expected):
        numbers[level] = bin_number
        inside, left = inside + value, left - value
        if inside >= least and left >= least:
            bin_number, inside = bin_number + 1, 0.0
    return numbers


def _faults(report: GeneratedReport) -> list[str]:
    found = []
    for check in report.checks:
        if abs(check.pull) > ALARM:
            size = "large" if check.pull > 0 else "small"
            found.append(
                f"the {check.name} is too {size}: {check.found} where {check.expected.value:.5g} is right "
                f"({check.origin}), {abs(check.pull):.0f} standard errors"
            )
    worst = float(2 * norm.sf(ALARM))
    if report.energy_p_value < worst:
        found.append(f"the energies are not distributed as they should be (chi2 test, p = {report.energy_p_value:.1g})")
    if report.two_sample and report.two_sample.p_value < 0.005:
        found.append(f"the states differ from real ones (two-sample test, p = {report.two_sample.p_value:.2g})")
    if report.memorization and report.memorization.z > ALARM:
        nearer = report.memorization
        found.append(
            f"the states are copied: they differ from the nearest training state in {100 * nearer.distance.value:.1f} %"
            f" of the spins, fresh ones in {100 * nearer.fresh.value:.1f} %"
        )
    return found
