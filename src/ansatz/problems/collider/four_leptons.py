r"""Pairs of Z bosons that decay to four leptons, and a Higgs boson among them: expected and drawn mass histograms."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.special import expit
from scipy.stats import norm

from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True, kw_only=True)
class FourLeptons:
    r"""Expected four-lepton masses at 7 and 8 TeV, smooth in the mass, in bins of 3 GeV from 70 to 181 GeV.

    A single Z that decays to four leptons peaks at 91.2 GeV; pairs of Z rise at the threshold of 182 GeV; Drell-Yan and
    top quarks with misidentified leptons lie below; the Higgs boson is a narrow peak. The yields are like those of the
    open data of CMS: 84 background and 9.7 signal events in the range at luminosity one.

    Attributes:
        mass: of the Higgs boson, GeV.
        resolution: of the mass, GeV.
        luminosity: multiplies all yields.
        strength: true signal strength.

    Raises:
        InputError: if a parameter is out of range.

    Example:
        >>> problem = FourLeptons()
        >>> low, background, signal = problem.edges[0], problem.background.sum(), problem.signal.sum()
        >>> float(low), round(float(background), 1), round(float(signal), 1)
        (70.0, 84.0, 9.7)

    Source: S. Chatrchyan et al. (CMS), Phys. Lett. B 716 (2012) 30, arXiv:1207.7235.
    """

    mass: float = 125.0
    resolution: float = 1.8
    luminosity: float = 1.0
    strength: float = 1.0

    def __post_init__(self) -> None:
        if not self.luminosity > 0 or not self.resolution > 0:
            raise InputError("luminosity and resolution must be positive")
        if self.strength < 0:
            raise InputError(f"strength must not be negative, not {self.strength}")

    @property
    def edges(self) -> np.ndarray:
        """Edges of the bins in GeV, shape (38,)."""
        return np.arange(70.0, 181.5, 3.0)

    @property
    def processes(self) -> dict[str, np.ndarray]:
        """Expected background events of each process in each bin."""
        middle = (self.edges[:-1] + self.edges[1:]) / 2
        single = np.diff(norm.cdf(self.edges, 91.2, 2.6))
        pairs = expit((middle - 181.0) / 4.0) * 3.2 + 0.5 + 0.2 * expit((middle - 110.0) / 10.0)
        fakes = np.exp(-0.5 * ((middle - 105.0) / 28.0) ** 2)
        shapes = {"Z Z": 23.0 * single + 38.0 * pairs / pairs.sum(), "Drell-Yan": fakes, "top": fakes[::-1]}
        yields = {"Z Z": 61.0, "Drell-Yan": 16.0, "top": 7.0}
        return {name: self.luminosity * yields[name] * s / s.sum() for name, s in shapes.items()}

    @property
    def background(self) -> np.ndarray:
        """Expected background events in each bin."""
        return np.sum(list(self.processes.values()), axis=0)

    @property
    def signal(self) -> np.ndarray:
        """Expected signal events in each bin for strength one."""
        return self.luminosity * 9.73 * np.diff(norm.cdf(self.edges, self.mass, self.resolution))

    def counts(self, key: Key) -> np.ndarray:
        """One pseudo-experiment: Poisson counts in each bin."""
        return generator(key).poisson(self.background + self.strength * self.signal).astype(float)
