r"""What a state tells of its temperature: exact limits for every classifier of phases and every thermometer.

The probability of a state depends on its energy alone, so the energy is sufficient: nothing else in a state knows more
of the temperature. With the exact \( P(E | T) \) of a finite lattice Bayes' rule gives the best answer to any question
about T, and how often it is right.
"""

from __future__ import annotations

import dataclasses
import functools

import numpy as np

from ansatz.errors import InputError
from ansatz.problems.lattice.exact.density import energy_distribution


@dataclasses.dataclass(frozen=True)
class EnergyPosterior:
    r"""Temperatures that are equally likely beforehand, on a periodic square of even sides, J = 1.

    Attributes:
        size: side of the lattice.
        temperatures: the temperatures, rising.

    Raises:
        InputError: if there are fewer than two temperatures, or they do not rise.

    Example:
        >>> exact = EnergyPosterior(8, (1.5, 2.0, 2.5, 3.0))
        >>> round(exact.limit(2.269), 4)
        0.9106
        >>> exact.below(np.array([-2.0, -0.5]), 2.269).round(3).tolist()
        [0.99, 0.0]
    """

    size: int
    temperatures: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.temperatures) < 2 or np.any(np.diff(self.temperatures) <= 0):
            raise InputError("what a state tells of its temperature: give two temperatures or more, rising")

    @functools.cached_property
    def likelihood(self) -> np.ndarray:
        """P(E | T), shape (temperatures, levels)."""
        return np.stack([energy_distribution(t, self.size) for t in self.temperatures])

    def below(self, energy: np.ndarray, cut: float) -> np.ndarray:
        """P(T < cut | E) for energies per site."""
        level = np.rint((np.asarray(energy) + 2) * self.size**2 / 4).astype(int)
        return self._below(cut)[level]

    def limit(self, cut: float) -> float:
        """The largest accuracy that any classifier of "T < cut" can reach: Bayes' decision."""
        cold = np.array(self.temperatures) < cut
        best = np.maximum(self.likelihood[cold].sum(axis=0), self.likelihood[~cold].sum(axis=0))
        return float(best.sum() / len(self.temperatures))

    def spread(self) -> np.ndarray:
        r"""The least standard deviation of an unbiased estimate of each temperature (Cramer and Rao).

        \( \Delta T = T^2 / \sqrt{\mathrm{Var} E} = T / \sqrt{N C} \): smallest where the specific heat C is largest.
        """
        energy = -2.0 * self.size**2 + 4.0 * np.arange(self.size**2 + 1)
        mean = self.likelihood @ energy
        variance = self.likelihood @ energy**2 - mean**2
        return np.array(self.temperatures) ** 2 / np.sqrt(np.maximum(variance, 1e-300))

    def _below(self, cut: float) -> np.ndarray:
        cold = np.array(self.temperatures) < cut
        total = self.likelihood.sum(axis=0)
        return self.likelihood[cold].sum(axis=0) / np.where(total > 0, total, 1.0)
