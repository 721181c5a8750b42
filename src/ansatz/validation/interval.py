"""`Interval`: a number with its uncertainty, and the closed-form ways to make one.

Every number that Ansatz prints is an `Interval`. The default level, 0.6827, is what physicists call one sigma.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import numpy as np
from scipy.special import expit, logit, ndtri

from ansatz.errors import InputError

ONE_SIGMA = 0.6827
"""Probability inside one standard deviation of a normal distribution, as physicists round it."""


@dataclasses.dataclass(frozen=True)
class Interval:
    r"""A value and the range that should hold the truth with probability `level`.

    Attributes:
        value: the estimate.
        low: lower end.
        high: upper end.
        level: probability that such an interval holds the truth.
        method: how the ends were found, for people.

    Example:
        >>> str(Interval(0.97712, 0.97589, 0.97833))
        '0.9771 ± 0.0012'
        >>> str(Interval(410.2, 360.0, 480.0))
        '410 +70 -50'
    """

    value: float
    low: float
    high: float
    level: float = ONE_SIGMA
    method: str = ""

    @property
    def error(self) -> float:
        """Half the width."""
        return (self.high - self.low) / 2

    def excludes(self, number: float) -> bool:
        """Whether `number` lies outside."""
        return not self.low <= number <= self.high

    def to_dict(self) -> dict[str, float | str]:
        """Plain numbers for JSON; an infinite end becomes the text `"inf"` or `"-inf"`."""
        ends = {name: _plain(getattr(self, name)) for name in ("value", "low", "high")}
        return {**ends, "level": self.level, "method": self.method}

    @classmethod
    def from_dict(cls, record: Mapping[str, float | str]) -> Interval:
        """The interval that `to_dict` wrote.

        Example:
            >>> Interval.from_dict(Interval(1.0, 0.5, math.inf).to_dict())
            Interval(value=1.0, low=0.5, high=inf, level=0.6827, method='')
        """
        value, low, high, level = (float(record[name]) for name in ("value", "low", "high", "level"))
        return cls(value, low, high, level, str(record.get("method", "")))

    def __str__(self) -> str:
        if not math.isfinite(self.value) or not math.isfinite(self.high - self.low):
            return _one_sided(self)
        up, down = self.high - self.value, self.value - self.low
        if abs(up - down) > 0.1 * max(self.error, 0.0):
            return _asymmetric(self.value, up, down)
        return _symmetric(self.value, self.error)


def _plain(number: float) -> float | str:
    return float(number) if math.isfinite(number) else str(float(number))


def _one_sided(interval: Interval) -> str:
    if math.isfinite(interval.low):
        return f"> {interval.low:.3g}"
    return f"< {interval.high:.3g}" if math.isfinite(interval.high) else "undetermined"


def _decimals(error: float) -> int:
    """Decimal places that show two significant digits of `error` after it is rounded."""
    places = 1 - math.floor(math.log10(error))
    return 1 - math.floor(math.log10(round(error, places)))


def _exponent(value: float, error: float) -> int:
    """Power of ten to pull out so that neither very large nor very small numbers are written in full."""
    largest = max(abs(value), error)
    return 0 if largest == 0 or 1e-4 <= largest < 1e6 else math.floor(math.log10(largest))


def _digits(number: float, places: int) -> str:
    rounded = round(number, places) + 0.0
    return f"{rounded:.{max(places, 0)}f}"


def _symmetric(value: float, error: float) -> str:
    if error <= 1e-12 * abs(value):
        return f"{value:.4g} ± 0"
    power = _exponent(value, error)
    value, error = value / 10.0**power, error / 10.0**power
    places = _decimals(error)
    text = f"{_digits(value, places)} ± {_digits(error, places)}"
    return f"({text})e{power:+03d}" if power else text


def _asymmetric(value: float, up: float, down: float) -> str:
    power = _exponent(value, max(up, down))
    value, up, down = (number / 10.0**power for number in (value, up, down))
    places = _decimals(min(abs(e) for e in (up, down) if abs(e) >= 0.1 * max(abs(up), abs(down))))
    signed = [f"{_digits(e, places)}" for e in (up, down)]
    text = f"{_digits(value, places)} +{signed[0]} -{signed[1]}".replace("+-", "-").replace("--", "+")
    return f"({text})e{power:+03d}" if power else text


def quantile(level: float) -> float:
    """How many standard deviations of a normal distribution hold the central probability `level`.

    Raises:
        InputError: if the level is not between 0 and 1.

    Example:
        >>> round(quantile(0.95), 3)
        1.96
    """
    if not 0 < level < 1:
        raise InputError(f"the level of an interval lies between 0 and 1 (0.6827 is one sigma), not {level}")
    return float(ndtri(0.5 + level / 2))


def effective_count(weight: np.ndarray) -> float:
    r"""How many equal-weight events carry the same statistical precision: \((\sum w)^2 / \sum w^2\).

    Example:
        >>> effective_count(np.array([2.0, 2.0, 2.0])), effective_count(np.array([1.0, 1.0, -1.0]))
        (3.0, 0.3333333333333333)
    """
    squares = float(np.sum(np.square(weight)))
    return float(np.sum(weight)) ** 2 / squares if squares else 0.0


def normal(
    value: float, error: float, *, level: float = ONE_SIGMA, scale: str = "identity", method: str = ""
) -> Interval:
    r"""The interval of a normally distributed estimate with standard error `error`.

    On the scale `"logit"` (or `"log"`) the normal law is taken for \(\log(v / (1 - v))\) (or \(\log v\)), so that
    the ends stay inside [0, 1] (or above 0). Where the value itself lies outside, the plain scale is used.

    Example:
        >>> print(normal(0.99, 0.01, level=0.95, scale="logit"))
        0.9900 +0.0086 -0.0582
    """
    z = quantile(level)
    if scale == "logit" and 0 < value < 1:
        half = z * error / (value * (1 - value))
        low, high = expit(logit(value) - half), expit(logit(value) + half)
    elif scale == "log" and value > 0:
        low, high = value * math.exp(-z * error / value), value * math.exp(z * error / value)
    else:
        low, high = value - z * error, value + z * error
    return Interval(float(value), float(low), float(high), level, method or "normal")


def wilson(fraction: float, count: float, *, level: float = ONE_SIGMA, method: str = "Wilson") -> Interval:
    r"""Wilson's score interval of a fraction of `count` (effective) events.

    With \(z\) standard deviations the ends are
    \((p + z^2 / 2n \pm z \sqrt{p (1 - p) / n + z^2 / 4 n^2}) / (1 + z^2 / n)\).
    E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209.

    Example:
        >>> interval = wilson(0.0, 10, level=0.95)
        >>> round(interval.low, 4), round(interval.high, 4)
        (0.0, 0.2775)
    """
    if count <= 0:
        return Interval(float(fraction), 0.0, 1.0, level, "undetermined: no events")
    low, high = wilson_ends(np.asarray(fraction, float), np.asarray(count, float), quantile(level))
    return Interval(float(fraction), float(low), float(high), level, method)


def wilson_ends(fraction: np.ndarray, count: np.ndarray, z: float) -> tuple[np.ndarray, np.ndarray]:
    """The ends of Wilson's interval at `z` standard deviations, for many fractions at once."""
    middle = fraction + z**2 / (2 * count)
    half = z * np.sqrt(fraction * (1 - fraction) / count + z**2 / (4 * count**2))
    low, high = (middle - half) / (1 + z**2 / count), (middle + half) / (1 + z**2 / count)
    return np.minimum(np.maximum(low, 0), fraction), np.maximum(np.minimum(high, 1), fraction)


def proportion(passed: np.ndarray, weight: np.ndarray | None = None, *, level: float = ONE_SIGMA) -> Interval:
    r"""The weighted fraction of events that passed, with its interval.

    The variance \(\sum w^2 (\mathrm{passed} - p)^2 / (\sum w)^2\) is turned into the number of equal-weight events
    that have the same, for Wilson's formula. A fraction outside [0, 1] (negative weights) gets a normal interval.

    Raises:
        InputError: if the weights sum to zero.

    Example:
        >>> print(proportion(np.array([True, True, True, False])))
        0.75 +0.15 -0.25
    """
    passed = np.asarray(passed, float)
    weight = np.ones(len(passed)) if weight is None else np.asarray(weight, float)
    total = weight.sum()
    if total == 0:
        raise InputError("the event weights sum to zero, so a fraction of them has no meaning")
    fraction = float(weight @ passed / total)
    variance = float(np.sum((weight * (passed - fraction)) ** 2) / total**2)
    return fraction_interval(fraction, variance, effective_count(weight), level=level)


def fraction_interval(fraction: float, variance: float, count: float, *, level: float = ONE_SIGMA) -> Interval:
    """Wilson's interval of a fraction whose variance is known from the weights; normal where it leaves [0, 1].

    `count` is the effective number of events, used where the variance is zero (nothing or everything passed).
    """
    if not -1e-12 <= fraction <= 1 + 1e-12:
        return normal(fraction, math.sqrt(variance), level=level, method="normal (fraction outside 0..1)")
    fraction = min(max(fraction, 0.0), 1.0)
    if variance > 0 and 0 < fraction < 1:
        count = fraction * (1 - fraction) / variance
    return wilson(fraction, count, level=level)
