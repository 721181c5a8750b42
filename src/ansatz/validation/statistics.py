r"""Statistics as functionals of the event weights.

Once the rows are given, every metric is a function \(T(w)\) of the event weights alone. That one view gives all the
statistics of this chapter: a bootstrap replica is another weight vector, a jackknife sets some weights to zero, and
the linear error needs the influence \(\partial T / \partial w_i\) of each event:

\[ \operatorname{var} T = \sum_i w_i^2 \left( \frac{\partial T}{\partial w_i} \right)^2 , \]

which for the area under the ROC curve is the method of DeLong. For two models on the same rows the difference of the
influences gives the paired error. All sums are taken in float64.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from ansatz.validation.interval import (
    ONE_SIGMA,
    Interval,
    effective_count,
    fraction_interval,
    normal,
)


class Statistic(Protocol):
    """A number that depends on the event weights, for fixed rows. Scaling all weights changes nothing."""

    def __call__(self, weight: np.ndarray) -> np.ndarray:
        """Weights of shape (..., events) to values of shape (...)."""
        ...

    def influence(self, weight: np.ndarray) -> np.ndarray:
        """The derivative with respect to each weight, shape (events,)."""
        ...


@dataclasses.dataclass(frozen=True, eq=False)
class Moments:
    r"""A function of weighted means: \(T(w) = g\big(\sum_i w_i f_i / \sum_i w_i\big)\).

    Attributes:
        features: what is averaged, \(f\), shape (events, k).
        combine: \(g\), from means of shape (..., k) to values of shape (...); written with analytic operations, for
            its gradient is taken by a complex step.

    Example:
        >>> rms = Moments(np.array([[9.0], [16.0]]), lambda mean: np.sqrt(mean[..., 0]))
        >>> float(rms(np.array([1.0, 0.0])))
        3.0
        >>> rms.influence(np.array([1.0, 1.0])).round(4).tolist()
        [-0.2475, 0.2475]
    """

    features: np.ndarray
    combine: Callable[[np.ndarray], np.ndarray]

    def __call__(self, weight: np.ndarray) -> np.ndarray:
        """The value for each set of weights."""
        return self.combine(_means(self.features, weight))

    def influence(self, weight: np.ndarray) -> np.ndarray:
        """Derivative of the value with respect to each weight."""
        means = _means(self.features, weight)
        step = 1e-30
        gradient = np.imag(self.combine(means + 1j * step * np.eye(len(means)))) / step
        return (self.features - means) @ gradient / weight.sum()


@dataclasses.dataclass(frozen=True, eq=False)
class Average:
    """The plain mean of several statistics, such as one area for each class."""

    parts: Sequence[Statistic]

    def __call__(self, weight: np.ndarray) -> np.ndarray:
        """The value for each set of weights."""
        return np.mean([part(weight) for part in self.parts], axis=0)

    def influence(self, weight: np.ndarray) -> np.ndarray:
        """Derivative of the value with respect to each weight."""
        return np.mean([part.influence(weight) for part in self.parts], axis=0)


def _means(features: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return weight @ features / weight.sum(axis=-1, keepdims=True)


def ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Division that gives NaN, without a warning, where there is nothing to divide by."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(denominator == 0, np.nan, numerator / np.where(denominator == 0, 1, denominator))


def bin_sums(values: np.ndarray, number: np.ndarray, bins: int) -> np.ndarray:
    """Sum of the values, shape (..., events), in each bin, shape (..., bins)."""
    rows = values.reshape(-1, values.shape[-1])
    return np.stack([np.bincount(number, row, minlength=bins) for row in rows]).reshape(*values.shape[:-1], bins)


def linear_error(statistic: Statistic, weight: np.ndarray) -> float:
    r"""Standard error \(\sqrt{n / (n - 1) \sum_i (w_i \partial T / \partial w_i)^2}\), n the effective event count.

    Example:
        >>> x = np.array([1.0, 2.0, 3.0, 6.0])
        >>> mean = Moments(x[:, None], lambda m: m[..., 0])
        >>> bool(np.isclose(linear_error(mean, np.ones(4)), x.std(ddof=1) / 2))
        True
    """
    count = effective_count(weight)
    spread = float(np.sum(np.square(weight * statistic.influence(weight))))
    return math.sqrt(spread * (count / (count - 1) if count > 1 else 1.0))


def linear_interval(
    statistic: Statistic, weight: np.ndarray, *, level: float = ONE_SIGMA, kind: str = "normal"
) -> Interval:
    """The interval of a statistic from its influences.

    Args:
        statistic: what is estimated.
        weight: event weights, shape (events,).
        level: probability that the interval holds the truth.
        kind: `"normal"`, `"log"` (stays positive), `"logit"` or `"wilson"` (stay in [0, 1]).
    """
    value = float(statistic(weight))
    if not math.isfinite(value):
        low, high = (0.0, 1.0) if kind in ("wilson", "logit") else (-math.inf, math.inf)
        return Interval(0.0, low, high, level, "undetermined: nothing to divide by")
    error = linear_error(statistic, weight)
    if kind == "wilson" or (kind == "logit" and value in (0.0, 1.0)):
        return fraction_interval(value, error**2, effective_count(weight), level=level)
    scale = "identity" if kind == "normal" else kind
    return normal(value, error, level=level, scale=scale, method=f"linearized ({kind})")
