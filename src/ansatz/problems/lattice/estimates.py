"""Numbers with errors from correlated measurements: autocorrelation, blocks, jackknife."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np

from ansatz.errors import InputError


@dataclasses.dataclass(frozen=True)
class Estimate:
    """A value with its standard error.

    Example:
        >>> Estimate(-1.4217, 0.0008).pull(-1.4205)
        -1.5
        >>> str(Estimate(2.26919, 0.00012))
        '2.26919 ± 0.00012'
    """

    value: float
    error: float

    def pull(self, truth: float) -> float:
        """How many standard errors the value lies above the truth."""
        difference = self.value - truth
        if self.error > 0:
            return round(difference / self.error, 10)
        return 0.0 if difference == 0 else math.copysign(math.inf, difference)

    def __str__(self) -> str:
        if not (math.isfinite(self.error) and self.error > 0):
            return f"{self.value:.6g} ± {self.error:.2g}"
        places = max(0, 1 - math.floor(math.log10(self.error)))
        return f"{self.value:.{places}f} ± {self.error:.{places}f}"


@dataclasses.dataclass(frozen=True)
class Autocorrelation:
    r"""How long a chain remembers.

    Attributes:
        time: integrated autocorrelation time \( \tau = \tfrac12 + \sum_{t \ge 1} \rho(t) \), in measurements.
        error: its standard error.
        window: the last lag that was summed.
        measurements: number of measurements of all chains.
    """

    time: float
    error: float
    window: int
    measurements: int

    @property
    def effective(self) -> float:
        """How many independent measurements carry the same precision, N / (2 tau)."""
        return self.measurements / (2 * self.time)


def autocorrelation(series: np.ndarray, *, window: str = "wolff") -> Autocorrelation:
    r"""Integrated autocorrelation time of one observable in several chains.

    The sum over lags ends where statistical and systematic error balance: `"wolff"` as in U. Wolff, Comput. Phys.
    Commun. 156 (2004) 143, arXiv:hep-lat/0306017 (S = 1.5), `"sokal"` at the first lag that exceeds 6 tau.
    The error is \( \tau \sqrt{(4 W + 2) / N} \).

    Args:
        series: measurements, shape (chains, times) or (times,).
        window: `"wolff"` or `"sokal"`.

    Raises:
        InputError: if there are fewer than two times.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> bool(abs(autocorrelation(rng.normal(size=(20, 500))).time - 0.5) < 0.03)
        True
    """
    series = np.atleast_2d(np.asarray(series, float))
    chains, times = series.shape
    if times < 2:
        raise InputError("an autocorrelation time needs at least two measurements of a chain")
    if window not in ("wolff", "sokal"):
        raise InputError(f"the window of an autocorrelation time is 'wolff' or 'sokal', not '{window}'")
    covariance = _covariance(series)
    total = chains * times
    if covariance[0] <= 1e-14 * (1 + float(np.mean(series)) ** 2):
        return Autocorrelation(0.5, 0.0, 0, total)
    running = 0.5 + np.cumsum(covariance[1:] / covariance[0])
    cut = (_wolff if window == "wolff" else _sokal)(running, total)
    # the mean of all chains was taken from the same numbers: correct the covariance for it
    bias = (2 * running[cut - 1] * covariance[0]) / total
    time = 0.5 + float(np.sum((covariance[1 : cut + 1] + bias) / (covariance[0] + bias)))
    time = max(time, 0.5 / total)
    return Autocorrelation(time, time * math.sqrt((4 * cut + 2) / total), cut, total)


def _covariance(series: np.ndarray) -> np.ndarray:
    """Autocovariance at lags up to half the chain, averaged over chains about their common mean."""
    chains, times = series.shape
    size = 1 << (2 * times - 1).bit_length()
    spectrum = np.fft.rfft(series - series.mean(), size, axis=1)
    sums = np.fft.irfft(np.abs(spectrum) ** 2, size, axis=1)[:, : max(times // 2, 1) + 1].sum(axis=0)
    return sums / (chains * (times - np.arange(len(sums))))


def _wolff(running: np.ndarray, total: int) -> int:
    lag = np.arange(1, len(running) + 1)
    doubled = np.maximum(2 * running, 1 + 1e-9)
    tau = 1.5 / np.log((doubled + 1) / (doubled - 1))
    slope = np.exp(-lag / tau) - tau / np.sqrt(lag * total)
    return _first(slope < 0)


def _sokal(running: np.ndarray, total: int) -> int:
    return _first(np.arange(1, len(running) + 1) >= 6 * running)


def _first(reached: np.ndarray) -> int:
    """Number (from one) of the first lag that ends the sum, or the last lag."""
    return int(np.argmax(reached)) + 1 if reached.any() else len(reached)


def blocks(series: np.ndarray, *, length: int | None = None) -> np.ndarray:
    """Means over pieces of the chains, long enough to be independent.

    Args:
        series: measurements, shape (chains, times, ...).
        length: measurements of a block; by default, whole chains if there are 32 or more, else eight times the
            autocorrelation time of the first observable, but such that each chain has at least four.

    Returns:
        Block means, shape (blocks, ...).
    """
    series = np.asarray(series, float)
    chains, times = series.shape[:2]
    length = length or _block_length(series)
    count = max(times // length, 1)
    kept = series[:, times - count * length :]
    return kept.reshape(chains * count, length, *series.shape[2:]).mean(axis=1)


def _block_length(series: np.ndarray) -> int:
    chains, times = series.shape[:2]
    if chains >= 32 or times < 4:
        return times if chains >= 32 else 1
    first = series.reshape(chains, times, -1)[:, :, 0]
    return min(math.ceil(8 * autocorrelation(first).time), times // 4)


def jackknife(means: np.ndarray, function: Callable[[np.ndarray], np.ndarray] | None = None) -> Estimate:
    r"""A function of means, with the error from leaving out one block at a time.

    The bias of order 1 / blocks is taken off: \( B f - (B - 1) \bar f_{(-i)} \).

    Args:
        means: block means, shape (blocks,) or (blocks, k).
        function: from means of shape (..., k) (or (...)) to values of shape (...); the mean itself by default.

    Example:
        >>> means = np.random.default_rng(0).normal(2.0, 1.0, 400)
        >>> print(jackknife(means, lambda mean: mean**2))
        3.85 ± 0.20
    """
    means = np.asarray(means, float)
    count = len(means)
    if count < 2:
        raise InputError("an error by jackknife needs two blocks or more; take more chains or a longer run")
    function = function or (lambda mean: mean)
    whole = float(function(means.mean(axis=0)))
    without = np.asarray(function((means.sum(axis=0) - means) / (count - 1)), float)
    value = count * whole - (count - 1) * without.mean()
    return Estimate(float(value), float(np.sqrt((count - 1) * without.var())))
