"""The best area under a ROC curve, when the likelihood ratio is a product of one-dimensional ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.signal import fftconvolve

BIN = 1e-3
REACH = 60.0


class Spectrum(NamedTuple):
    """One observed variable: its range and its two densities.

    Attributes:
        low: lower end of the range.
        high: upper end; what lies beyond it must not matter.
        signal: logarithm of the density of class 1.
        background: logarithm of the density of class 0.
    """

    low: float
    high: float
    signal: Callable[[np.ndarray], np.ndarray]
    background: Callable[[np.ndarray], np.ndarray]

    def log_ratio(self, value: np.ndarray) -> np.ndarray:
        """Log p(value | signal) - log p(value | background)."""
        return self.signal(value) - self.background(value)


def auc_of_sum(spectra: Sequence[Spectrum], points: int = 20_000) -> float:
    r"""AUC of the sum of independent log-likelihood ratios: the optimum of Neyman and Pearson.

    Each ratio has a distribution under signal and one under background, found by the midpoint rule; the sum has their
    convolution; AUC = P(sum of a signal event > sum of a background event) + P(equal) / 2. Halving the bins of 0.001
    or doubling the points changes nothing above 1e-6.

    Example:
        >>> from scipy.stats import norm
        >>> one = Spectrum(-9.0, 11.0, norm(1.0).logpdf, norm(0.0).logpdf)
        >>> round(auc_of_sum([one, one]), 5), round(float(norm.cdf(1.0)), 5)
        (0.84134, 0.84134)
    """
    signal = background = np.ones(1)
    for spectrum in spectra:
        of_signal, of_background = _distributions(spectrum, points)
        signal, background = fftconvolve(signal, of_signal), fftconvolve(background, of_background)
    below = np.cumsum(background) - background / 2
    return float(signal @ below / (signal.sum() * background.sum()))


def _distributions(spectrum: Spectrum, points: int) -> tuple[np.ndarray, np.ndarray]:
    value = spectrum.low + (spectrum.high - spectrum.low) * (np.arange(points) + 0.5) / points
    place = (np.clip(spectrum.log_ratio(value), -REACH, REACH) + REACH) / BIN
    low = np.floor(place).astype(int)
    share = place - low
    size = int(2 * REACH / BIN) + 2
    masses = []
    for density in np.exp([spectrum.signal(value), spectrum.background(value)]):
        masses.append(np.bincount(low, density * (1 - share), size) + np.bincount(low + 1, density * share, size))
    return masses[0] / masses[0].sum(), masses[1] / masses[1].sum()
