"""A signal strength from histograms: counts, a background and a signal template in every bin."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.optimize import brentq
from scipy.special import xlogy
from scipy.stats import norm

from ansatz.errors import InputError
from ansatz.inference.significance import asimov
from ansatz.validation import Interval


@dataclasses.dataclass(frozen=True, eq=False)
class TemplateFit:
    r"""The signal strength that describes counts best.

    Attributes:
        strength: \( \hat\mu \), with the interval where \( -2 \ln L \) rises by one (or as the level asks).
        observed: significance of the signal, \( \sqrt{q_0} \).
        expected: median significance if \( \mu = 1 \), from the Asimov data set.
        counts: total observed.
        background: total expected.
        signal: total expected of the signal.
    """

    strength: Interval
    observed: float
    expected: float
    counts: float
    background: float
    signal: float


def fit_templates(
    counts: np.ndarray, background: np.ndarray, signal: np.ndarray, *, level: float = 0.6827
) -> TemplateFit:
    r"""Fits \( n_i \sim \mathrm{Poisson}(\mu s_i + b_i) \) by maximum likelihood, without systematic errors.

    \( q_0 = 2 \ln L(\hat\mu) / L(0) \) for \( \hat\mu > 0 \), else zero. For systematic errors see `limits`.

    Args:
        counts: observed events in each bin, shape (bins,).
        background: expected background, shape (bins,).
        signal: expected signal for strength one, shape (bins,).
        level: of the interval of the strength.

    Raises:
        InputError: if shapes differ, an expectation is negative, events lie where none are expected, or there is no
            signal.

    Example:
        >>> fit = fit_templates(np.array([12.0]), np.array([4.66]), np.array([8.20]))
        >>> round(fit.strength.value, 3), round(fit.observed, 2), round(fit.expected, 2)
        (0.895, 2.83, 3.12)

    Source: G. Cowan et al., Eur. Phys. J. C 71 (2011) 1554, arXiv:1007.1727.
    """
    n, b, s = (np.asarray(a, float) for a in (counts, background, signal))
    _check(n, b, s)
    best = _maximum(n, b, s)
    top = _log_likelihood(best, n, b, s)
    zero = _log_likelihood(0.0, n, b, s)
    rise = norm.ppf((1 + level) / 2) ** 2 / 2

    def drop(mu: float) -> float:
        return top - _log_likelihood(mu, n, b, s) - rise

    lowest = _lowest(b, s)
    low = brentq(drop, lowest, best) if lowest < best and drop(lowest) > 0 else lowest
    high = brentq(drop, best, _above(best, drop))
    strength = Interval(best, low, high, level, "likelihood ratio")
    observed = float(np.sqrt(max(2 * (top - zero), 0.0))) if best > 0 else 0.0
    expected = float(np.sqrt(np.sum(np.where(s > 0, asimov(s, b), 0.0) ** 2)))
    return TemplateFit(strength, observed, expected, float(n.sum()), float(b.sum()), float(s.sum()))


def _check(n: np.ndarray, b: np.ndarray, s: np.ndarray) -> None:
    if not n.shape == b.shape == s.shape or n.ndim != 1:
        raise InputError(
            f"counts, background and signal need one number per bin each, not {n.shape}, {b.shape}, {s.shape}"
        )
    for name, values in (("counts", n), ("background", b), ("signal", s)):
        if not np.all(np.isfinite(values)) or np.any(values < 0):
            bad = int(np.flatnonzero(~(values >= 0))[0])
            raise InputError(f"the {name} of bin {bad} is {values[bad]:g}; expected a number that is not negative")
    if s.sum() == 0:
        raise InputError("the signal template is empty; there is no strength to fit")
    empty = np.flatnonzero((n > 0) & (b + s == 0))
    if len(empty):
        raise InputError(f"bin {empty[0]} holds {n[empty[0]]:g} events where none are expected; widen the bins")


def _log_likelihood(mu: float, n: np.ndarray, b: np.ndarray, s: np.ndarray) -> float:
    expected = np.maximum(mu * s + b, 0.0)
    with np.errstate(divide="ignore"):
        return float(np.sum(xlogy(n, expected) - expected))


def _slope(mu: float, n: np.ndarray, b: np.ndarray, s: np.ndarray) -> float:
    """Derivative of the log-likelihood, falling in mu."""
    kept = s > 0
    return float(np.sum(n[kept] * s[kept] / (mu * s[kept] + b[kept]) - s[kept]))


def _lowest(b: np.ndarray, s: np.ndarray) -> float:
    """The strength at which the first expectation vanishes."""
    return float(-np.min(b[s > 0] / s[s > 0]))


def _maximum(n: np.ndarray, b: np.ndarray, s: np.ndarray) -> float:
    if not np.any(n[s > 0] > 0):
        return _lowest(b, s)
    near = _lowest(b, s) + 1e-9
    if _slope(near, n, b, s) <= 0:
        return near
    high = 1.0
    while _slope(high, n, b, s) > 0:
        high *= 2
    return float(brentq(_slope, near, high, args=(n, b, s), xtol=1e-12))


def _above(best: float, drop: object) -> float:
    step = 1.0
    while drop(best + step) < 0:
        step *= 2
    return best + step
