"""Are probabilities what they claim to be? Calibration curves and errors, and the parts of the Brier score."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.special import chdtrc, ndtr

from ansatz.typing import Key
from ansatz.validation.answers import Answers
from ansatz.validation.interval import ONE_SIGMA, Interval, effective_count, proportion
from ansatz.validation.resampling import bootstrap_values, percentile_ends
from ansatz.validation.statistics import Moments, bin_sums, linear_interval


@dataclasses.dataclass(frozen=True, eq=False)
class CalibrationError:
    r"""Expected calibration error \(\sum_b W_b / W \, |\bar p_b - \bar y_b|\) over the bins of a curve.

    Attributes:
        bin: bin of each event, shape (events,).
        excess: predicted probability minus outcome (0 or 1), shape (events,).
    """

    bin: np.ndarray
    excess: np.ndarray

    def __call__(self, weight: np.ndarray) -> np.ndarray:
        """The error as it is, biased upward by the statistical noise in each bin."""
        return np.abs(self.gaps(weight)).sum(axis=-1)

    def gaps(self, weight: np.ndarray) -> np.ndarray:
        """Signed contribution of each bin, shape (..., bins)."""
        return self._sums(weight * self.excess) / weight.sum(axis=-1, keepdims=True)

    def noise(self, weight: np.ndarray) -> np.ndarray:
        """Standard error of each bin's contribution, shape (..., bins)."""
        total = self._sums(weight)
        mean = self._sums(weight * self.excess) / np.where(total == 0, 1, total)
        centered = np.square(weight * (self.excess - mean[..., self.bin]))
        return np.sqrt(self._sums(centered)) / np.abs(weight.sum(axis=-1, keepdims=True))

    def debiased(self, weight: np.ndarray) -> np.ndarray:
        r"""The error less the share of noise, never below 0.

        A bin whose gap is \(\delta\) up to a standard error \(\sigma\) shows on average
        \(\sigma \sqrt{2 / \pi} e^{-\delta^2 / 2 \sigma^2} + \delta (1 - 2 \Phi(-\delta / \sigma))\). The excess of
        this over \(\delta\) is subtracted, taken at the gaps seen, shrunk by the one factor
        \(\lambda^2 = \max(1 - B / \sum_b \delta_b^2 / \sigma_b^2, 0)\) that says how much of them, over all B bins,
        is not noise. The idea of subtracting the noise is that of A. Kumar et al., arXiv:1909.10155.
        """
        gap, noise = np.abs(self.gaps(weight)), self.noise(weight)
        sizes = np.sum(np.square(gap / np.where(noise > 0, noise, np.inf)), axis=-1, keepdims=True)
        signal = np.sqrt(np.maximum(1 - np.sum(noise > 0, axis=-1, keepdims=True) / np.maximum(sizes, 1e-300), 0))
        true = signal * gap
        return np.maximum(gap.sum(axis=-1) - (folded_mean(true, noise) - true).sum(axis=-1), 0)

    def influence(self, weight: np.ndarray) -> np.ndarray:
        """Derivative of the error with respect to each weight."""
        sign = np.sign(self.gaps(weight))
        return (sign[self.bin] * self.excess - float(self(weight))) / weight.sum()

    def _sums(self, values: np.ndarray) -> np.ndarray:
        return bin_sums(values, self.bin, int(self.bin.max()) + 1)


def folded_mean(mean: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """Mean of the absolute value of a normal variable."""
    t = mean / np.where(sigma > 0, sigma, 1.0)
    folded = sigma * np.sqrt(2 / np.pi) * np.exp(-(t**2) / 2) + mean * (1 - 2 * ndtr(-t))
    return np.where(sigma > 0, folded, mean)


def equal_bins(values: np.ndarray, weight: np.ndarray, bins: int) -> np.ndarray:
    """A bin number for each event so that all bins hold about the same absolute weight; equal values stay together.

    Example:
        >>> equal_bins(np.array([0.1, 0.2, 0.2, 0.9]), np.ones(4), 2).tolist()
        [0, 0, 0, 1]
    """
    _, step = np.unique(values, return_inverse=True)
    size = np.bincount(step, np.abs(weight))
    middle = (np.cumsum(size) - size / 2) / size.sum()
    number = np.minimum((middle * bins * (1 - 1e-12)).astype(int), bins - 1)
    return np.unique(number, return_inverse=True)[1][step]


def confidence(answers: Answers) -> tuple[np.ndarray, np.ndarray]:
    """Probability and outcome to compare: of class 1, or, for several classes, of the class thought most probable."""
    if answers.classes == 2:
        return answers.probability[:, 1], answers.y.astype(float)
    chosen = answers.probability.argmax(axis=1)
    return answers.probability.max(axis=1), (chosen == answers.y).astype(float)


def calibration_error(answers: Answers, *, bins: int = 10) -> CalibrationError:
    """The calibration error of a classifier as a statistic."""
    predicted, outcome = confidence(answers)
    return CalibrationError(equal_bins(predicted, answers.weight, bins), predicted - outcome)


def calibration_error_interval(
    error: CalibrationError, weight: np.ndarray, *, replicas: int = 200, level: float = ONE_SIGMA, key: Key
) -> Interval:
    """The debiased calibration error with a bootstrap interval."""
    value = float(error.debiased(weight))
    found = bootstrap_values([error.debiased], weight, replicas=replicas, key=key)[:, 0]
    low, high = percentile_ends(found, level)
    method = f"debiased, percentile bootstrap ({replicas} replicas)"
    return Interval(value, min(low, value), max(high, value), level, method)


@dataclasses.dataclass(frozen=True, eq=False)
class CalibrationCurve:
    """Predicted probability against observed fraction.

    Attributes:
        predicted: mean predicted probability in each bin.
        observed: fraction of events of the class in each bin, with Wilson intervals.
        count: effective number of events in each bin.
        error: debiased expected calibration error.
        chi2: sum over bins of (gap / standard error) squared, the standard error that of a calibrated model.
        p_value: probability of a larger `chi2` if the probabilities are right (D. W. Hosmer and S. Lemeshow, Commun.
            Stat. A 9 (1980) 1043), with one degree of freedom a bin, as the events are fresh.
    """

    predicted: np.ndarray
    observed: tuple[Interval, ...]
    count: np.ndarray
    error: Interval
    chi2: float
    p_value: float


def calibration_curve(
    answers: Answers, *, bins: int = 10, replicas: int = 200, level: float = ONE_SIGMA, key: Key
) -> CalibrationCurve:
    """Calibration of a classifier's probabilities in bins of equal weight.

    For more than two classes the class thought most probable is judged.

    Example:
        >>> import jax
        >>> rng = np.random.default_rng(0)
        >>> p = rng.uniform(size=2000)
        >>> calibrated = Answers.classified(rng.uniform(size=2000) < p, probability=p)
        >>> calibration_curve(calibrated, key=jax.random.key(0)).p_value > 0.01
        True
    """
    predicted, outcome = confidence(answers)
    error = calibration_error(answers, bins=bins)
    rows = [error.bin == b for b in range(int(error.bin.max()) + 1)]
    weight = answers.weight
    expected = [float(np.sum(weight[r] ** 2 * predicted[r] * (1 - predicted[r]))) for r in rows]
    gap = [float(np.sum(weight[r] * (predicted[r] - outcome[r]))) for r in rows]
    chi2 = sum(g**2 / max(v, 1e-300) for g, v in zip(gap, expected, strict=True) if v > 0 or g != 0)
    return CalibrationCurve(
        np.array([np.average(predicted[r], weights=np.abs(weight[r])) for r in rows]),
        tuple(proportion(outcome[r], _mostly_positive(weight[r]), level=level) for r in rows),
        np.array([effective_count(weight[r]) for r in rows]),
        calibration_error_interval(error, weight, replicas=replicas, level=level, key=key),
        chi2,
        float(chdtrc(len(rows), chi2)),
    )


def _mostly_positive(weight: np.ndarray) -> np.ndarray:
    """The weights as they are, or their absolute values where negative ones cancel a bin away."""
    return weight if weight.sum() > 0.1 * np.abs(weight).sum() else np.abs(weight)


def brier_decomposition(answers: Answers, *, bins: int = 10, level: float = ONE_SIGMA) -> dict[str, Interval]:
    r"""The Brier score of two classes as reliability - resolution + uncertainty + within.

    Reliability \(\sum_b W_b (\bar p_b - \bar y_b)^2 / W\) is small if probabilities are right; resolution
    \(\sum_b W_b (\bar y_b - \bar y)^2 / W\) is large if events are told apart; uncertainty \(\bar y (1 - \bar y)\)
    belongs to the sample; `within` is what the spread of probabilities inside the bins adds, so that the sum is exact.
    A. H. Murphy, J. Appl. Meteorol. 12 (1973) 595.
    """
    p, y = confidence(answers)
    number = equal_bins(p, answers.weight, bins)
    inside = np.eye(int(number.max()) + 1)[number]
    features = np.column_stack([inside, inside * p[:, None], inside * y[:, None], (p - y) ** 2])
    parts = _brier_parts(inside.shape[1])
    statistics = {name: Moments(features, combine) for name, combine in parts.items()}
    return {name: linear_interval(part, answers.weight, level=level) for name, part in statistics.items()}


def _brier_parts(bins: int) -> dict:
    def split(m: np.ndarray) -> tuple:
        return m[..., :bins], m[..., bins : 2 * bins], m[..., 2 * bins : 3 * bins], m[..., -1]

    def reliability(m: np.ndarray) -> np.ndarray:
        size, p, y, _ = split(m)
        return np.sum((p - y) ** 2 / size, axis=-1)

    def resolution(m: np.ndarray) -> np.ndarray:
        size, _, y, _ = split(m)
        return np.sum(y**2 / size, axis=-1) - y.sum(axis=-1) ** 2

    def uncertainty(m: np.ndarray) -> np.ndarray:
        mean = split(m)[2].sum(axis=-1)
        return mean * (1 - mean)

    def within(m: np.ndarray) -> np.ndarray:
        return split(m)[3] - reliability(m) + resolution(m) - uncertainty(m)

    brier = {"brier": lambda m: m[..., -1], "reliability": reliability, "resolution": resolution}
    return {**brier, "uncertainty": uncertainty, "within": within}
