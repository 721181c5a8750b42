"""Whether samples are what they claim to be: energies beside the exact answer, effective sizes, thermalization."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.stats import chi2, norm

from ansatz.problems.lattice.estimates import Autocorrelation, Estimate, autocorrelation, blocks, jackknife
from ansatz.problems.lattice.exact.reference import exact_energy
from ansatz.problems.lattice.sampling.chains import Chains


@dataclasses.dataclass(frozen=True)
class EnergyTest:
    """One temperature of a sample.

    Attributes:
        temperature: T.
        energy: mean energy per site.
        exact: the exact energy, or None where it is not known.
        origin: where the exact energy comes from.
        autocorrelation: of the energy, in measurements.
        drift: difference of the first and the second half of the chains, in standard errors.
    """

    temperature: float
    energy: Estimate
    exact: float | None
    origin: str
    autocorrelation: Autocorrelation
    drift: float

    @property
    def pull(self) -> float:
        """Standard errors above the exact energy; NaN where that is not known."""
        return float("nan") if self.exact is None else self.energy.pull(self.exact)

    @property
    def p_value(self) -> float:
        """Probability of a larger deviation."""
        return float("nan") if self.exact is None else float(2 * norm.sf(abs(self.pull)))


def energy_tests(chains: Chains) -> list[EnergyTest]:
    """A z-test of the energy at each temperature, rising.

    The standard error is from the spread of independent chains if there are 32 or more, else from blocks longer than
    the autocorrelation time.
    """
    return [_energy_test(chains.at(t), float(t)) for t in chains.temperatures]


def _energy_test(chains: Chains, temperature: float) -> EnergyTest:
    exact = exact_energy(chains.model, chains.lattice, temperature)
    half = chains.energy.shape[1] // 2
    first, second = (jackknife(blocks(part)) for part in (chains.energy[:, :half], chains.energy[:, half:]))
    spread = float(np.hypot(first.error, second.error))
    return EnergyTest(
        temperature=temperature,
        energy=jackknife(blocks(chains.energy)),
        exact=None if exact is None else exact.energy,
        origin="" if exact is None else exact.origin,
        autocorrelation=autocorrelation(chains.energy),
        drift=(first.value - second.value) / spread if spread > 0 else 0.0,
    )


def combined_p_value(tests: list[EnergyTest]) -> float:
    """Probability of a larger chi2 of the pulls at all temperatures; NaN where nothing exact is known."""
    pulls = np.array([test.pull for test in tests if test.exact is not None])
    return float(chi2.sf(np.sum(pulls**2), len(pulls))) if len(pulls) else float("nan")
