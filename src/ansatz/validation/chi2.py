r"""Chi2 of predictions for measurements with correlated errors, and what it says."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.special import chdtrc

from ansatz.errors import InputError
from ansatz.risk.covariance import checked_covariance
from ansatz.validation.interval import ONE_SIGMA, Interval


@dataclasses.dataclass(frozen=True)
class Chi2Test:
    r"""How well predictions agree with measurements.

    Attributes:
        chi2: $(y - T)^T C^{-1} (y - T)$.
        points: number of measurements N.
        parameters: parameters fitted to these very measurements.
        factor: the common factor on all predictions that makes chi2 smallest.
        chi2_scaled: chi2 with that factor.
    """

    chi2: float
    points: int
    parameters: int
    factor: float
    chi2_scaled: float

    @property
    def degrees(self) -> int:
        """Degrees of freedom."""
        return self.points - self.parameters

    @property
    def per_point(self) -> Interval:
        r"""chi2/N, with the scatter $\pm\sqrt{2/N}$ of one that agrees."""
        value, scatter = self.chi2 / self.degrees, np.sqrt(2 / self.degrees)
        return Interval(value, value - scatter, value + scatter, ONE_SIGMA, "spread of chi2")

    @property
    def p_value(self) -> float:
        """Probability of a larger chi2 if predictions and errors are right."""
        return float(chdtrc(self.degrees, self.chi2))

    @property
    def rescaled(self) -> bool:
        """Whether one common factor is all that is wrong: a sign that one side was scaled by itself.

        True if chi2 is too large by five standard deviations and the factor takes nine tenths of the excess away.
        """
        excess, left = self.chi2 - self.degrees, self.chi2_scaled - self.degrees
        return excess > 5 * np.sqrt(2 * self.degrees) and left < 0.1 * excess

    def __str__(self) -> str:
        n = self.degrees
        line = f"chi2/N = {self.chi2:.4g}/{n} = {self.chi2 / n:.3g} (expected 1 ± {np.sqrt(2 / n):.2g})"
        line = f"{line}, p = {self.p_value:.2g}"
        if not self.rescaled:
            return line
        better = f"{self.chi2_scaled / n:.3g} if all predictions are multiplied by {self.factor:.4g}"
        return f"{line}; it is {better}: was a side scaled by itself?"


def chi2_test(
    prediction: np.ndarray, measurement: np.ndarray, covariance: np.ndarray, *, parameters: int = 0
) -> Chi2Test:
    """Chi2 of predictions for measurements, in float64, all in the units of the measurement.

    Args:
        prediction: T, shape (measurements,).
        measurement: y, shape (measurements,).
        covariance: C, shape (measurements, measurements), or standard deviations.
        parameters: number of parameters fitted to these very measurements.

    Raises:
        InputError: if shapes differ, a number is not finite, or the covariance is not positive definite.

    Example:
        >>> y = np.array([1.0, 2.0, 3.0])
        >>> str(chi2_test(y + 0.1, y, np.full(3, 0.1)))
        'chi2/N = 3/3 = 1 (expected 1 ± 0.82), p = 0.39'
    """
    prediction, measurement = np.asarray(prediction, float), np.asarray(measurement, float)
    if prediction.shape != measurement.shape or measurement.ndim != 1:
        raise InputError(f"predictions of shape {prediction.shape} for measurements of shape {measurement.shape}")
    for name, values in (("predictions", prediction), ("measurements", measurement)):
        if not np.isfinite(values).all():
            raise InputError(f"{name} must be finite; row {int(np.argmin(np.isfinite(values)))} is not")
    if not 0 <= parameters < len(measurement):
        raise InputError(f"{parameters} parameters leave no degree of freedom for {len(measurement)} measurements")
    factor = cho_factor(checked_covariance(covariance, len(measurement)))
    weighed = cho_solve(factor, prediction)
    scale = float(weighed @ measurement / (weighed @ prediction)) if prediction.any() else 1.0
    residuals = (measurement - prediction, measurement - scale * prediction)
    chi2, scaled = (float(r @ cho_solve(factor, r)) for r in residuals)
    return Chi2Test(chi2, len(measurement), parameters, scale, scaled)
