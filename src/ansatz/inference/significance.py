r"""Significances of a signal \( s \) over a background \( b \): numbers of events that are expected, not shapes.

This is the one place where the scale of event weights matters: \( s \) and \( b \) are what a given luminosity yields.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping

import numpy as np
from scipy.special import xlogy
from scipy.stats import norm, poisson

from ansatz.errors import InputError, suggest

Counts = float | np.ndarray

BOTTOM = 10.0
"""The term that keeps the AMS of the HiggsML challenge finite where no background is left."""


def over_root_b(s: Counts, b: Counts) -> Counts:
    r"""\( s / \sqrt b \): simple, and too large wherever \( s \) is not small beside \( b \).

    Example:
        >>> round(float(over_root_b(8.20, 4.66)), 2)
        3.8
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return _bounded(s, np.sqrt(b), np.asarray(s, float) / np.sqrt(np.maximum(b, 0.0)))


def over_root_all(s: Counts, b: Counts) -> Counts:
    r"""\( s / \sqrt{s + b} \): how well the signal is measured, rather than whether there is one."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return _bounded(s, np.add(s, b), np.asarray(s, float) / np.sqrt(np.maximum(np.add(s, b), 0.0)))


def asimov(s: Counts, b: Counts, *, error: Counts = 0.0) -> Counts:
    r"""Median significance with which a counting experiment discovers the signal.

    \[ Z_A = \sqrt{2 \left[ (s + b) \ln \frac{(s + b)(b + \sigma^2)}{b^2 + (s + b) \sigma^2}
       - \frac{b^2}{\sigma^2} \ln \left( 1 + \frac{\sigma^2 s}{b (b + \sigma^2)} \right) \right]}, \]

    which for \( \sigma = 0 \) is \( \sqrt{2 ((s + b) \ln (1 + s / b) - s)} \).

    Args:
        s: expected signal.
        b: expected background.
        error: standard deviation of the background's own uncertainty, in events.

    Raises:
        InputError: if the error is negative.

    Example:
        >>> round(float(asimov(8.20, 4.66)), 2), round(float(asimov(8.20, 4.66, error=1.0)), 2)
        (3.12, 2.72)

    Source: G. Cowan et al., Eur. Phys. J. C 71 (2011) 1554, arXiv:1007.1727; G. Cowan, Discovery sensitivity for a
    counting experiment with background uncertainty (2012).
    """
    if np.any(np.asarray(error) < 0):
        raise InputError("the error of the background must not be negative")
    s, b, error = np.broadcast_arrays(np.asarray(s, float), np.asarray(b, float), np.asarray(error, float))
    with np.errstate(divide="ignore", invalid="ignore"):
        plain = 2 * (xlogy(s + b, 1 + s / b) - s)
        v = np.where(error > 0, error, 1.0) ** 2
        blurred = 2 * (
            xlogy(s + b, (s + b) * (b + v) / (b**2 + (s + b) * v)) - b**2 / v * np.log1p(v * s / (b * (b + v)))
        )
    square = np.where(error > 0, blurred, plain)
    return _bounded(s, b, np.sign(s) * np.sqrt(np.maximum(square, 0.0)))


def ams(s: Counts, b: Counts, *, regularization: float = BOTTOM) -> Counts:
    r"""Approximate median significance of the HiggsML challenge: the Asimov formula with \( b + b_r \) for \( b \).

    Example:
        >>> round(float(ams(10.0, 100.0)), 4)
        0.9395

    Source: C. Adam-Bourdarios et al., JMLR W&CP 42 (2015) 19.
    """
    return asimov(s, np.add(b, regularization))


def discovery(n: Counts, b: Counts) -> Counts:
    r"""Significance with which \( n \) observed events exclude that there is background only.

    \( Z = \operatorname{sgn}(n - b) \sqrt{2 (n \ln (n / b) - n + b)} \), from the likelihood ratio.

    Example:
        >>> round(float(discovery(12, 4.66)), 2)
        2.83
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        square = 2 * (xlogy(n, np.divide(n, b)) - np.subtract(n, b))
    return np.sign(np.subtract(n, b)) * np.sqrt(np.maximum(square, 0.0))


def p_value(n: int, b: float) -> float:
    r"""Probability of \( n \) or more events from background alone, exact.

    Example:
        >>> round(p_value(3, 0.5), 6)
        0.014388
    """
    return float(poisson.sf(n - 1, b))


def sigmas(p: float) -> float:
    r"""The p-value as standard deviations of a normal distribution, one-sided: 2.87e-7 are 5.

    Example:
        >>> round(sigmas(2.866516e-7), 3)
        5.0
    """
    return float(norm.isf(p))


SIGNIFICANCES: Mapping[str, Callable[[Counts, Counts], Counts]] = {
    "asimov": asimov,
    "ams": ams,
    "s/sqrt(b)": over_root_b,
    "s/sqrt(s+b)": over_root_all,
}
"""Significances by name."""


def significance_named(name: str) -> Callable[[Counts, Counts], Counts]:
    """A significance by its name.

    Raises:
        InputError: if there is none of that name.
    """
    if name not in SIGNIFICANCES:
        raise InputError(f"there is no significance '{name}'{suggest(name, SIGNIFICANCES)}; there are: {_names()}")
    return SIGNIFICANCES[name]


def formula_named(name: str, relative_error: float = 0.0) -> Callable[[Counts, Counts], Counts]:
    """A significance by its name, for a background that is known to a part of itself only.

    Raises:
        InputError: if there is none of that name, or an error is given to one that knows of none.

    Example:
        >>> round(float(formula_named("asimov", 0.1)(10.0, 100.0)), 3)
        0.69
    """
    if not relative_error:
        return significance_named(name)
    if name != "asimov":
        raise InputError(f"an uncertainty of the background is known to 'asimov' only, not to '{name}'")
    return functools.partial(_blurred, relative_error)


def _blurred(relative_error: float, s: Counts, b: Counts) -> Counts:
    return asimov(s, b, error=relative_error * np.maximum(b, 0.0))


def _names() -> str:
    return ", ".join(SIGNIFICANCES)


def _bounded(s: Counts, base: Counts, value: Counts) -> Counts:
    """Without background any signal is infinitely significant; where a sum of weights is negative, nothing is."""
    found = np.where(
        np.asarray(base) > 0, value, np.where((np.asarray(base) == 0) & (np.asarray(s) > 0), math.inf, 0.0)
    )
    return found[()]
