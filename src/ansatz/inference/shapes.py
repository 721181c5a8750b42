"""Densities of a mass: peaks and smooth backgrounds, each normalized over the range that is fitted."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from scipy.special import comb, voigt_profile
from scipy.stats import cauchy, crystalball, norm

STEEPEST = 300.0
"""Most powers of e that an exponential falls by over the range."""

Range = tuple[float, float]
Density = Callable[[np.ndarray, Sequence[float], Range], np.ndarray]
Guess = Callable[[np.ndarray, np.ndarray, Range], list[float]]
Limits = Callable[[Range], list[tuple[float | None, float | None]]]


@dataclasses.dataclass(frozen=True, eq=False)
class Shape:
    """A family of densities.

    Attributes:
        names: of the parameters.
        density: of a mass in a range, for parameters; its integral over the range is one.
        start: where a fit begins, from masses and their weights.
        limits: between which each parameter lies, for a range.
    """

    names: tuple[str, ...]
    density: Density
    start: Guess
    limits: Limits


def _gaussian(m: np.ndarray, theta: Sequence[float], within: Range) -> np.ndarray:
    mean, sigma = theta
    low, high = norm.cdf(within, mean, sigma)
    return norm.pdf(m, mean, sigma) / max(high - low, 1e-300)


def _double_gaussian(m: np.ndarray, theta: Sequence[float], within: Range) -> np.ndarray:
    mean, sigma, wide, share = theta
    return (1 - share) * _gaussian(m, (mean, sigma), within) + share * _gaussian(m, (mean, wide * sigma), within)


def _breit_wigner(m: np.ndarray, theta: Sequence[float], within: Range) -> np.ndarray:
    mean, width = theta
    low, high = cauchy.cdf(within, mean, width / 2)
    return cauchy.pdf(m, mean, width / 2) / max(high - low, 1e-300)


def _crystal_ball(m: np.ndarray, theta: Sequence[float], within: Range) -> np.ndarray:
    mean, sigma, alpha, n = theta
    low, high = crystalball.cdf(within, alpha, n, mean, sigma)
    return crystalball.pdf(m, alpha, n, mean, sigma) / max(high - low, 1e-300)


def _voigt(m: np.ndarray, theta: Sequence[float], within: Range) -> np.ndarray:
    mean, sigma, width = theta
    reach = 8 * (sigma + width)
    inner = np.clip([mean - reach, mean, mean + reach], *within)
    edges = np.unique(np.concatenate([within, inner]))
    nodes, weights = np.polynomial.legendre.leggauss(64)
    total = 0.0
    for a, b in zip(edges[:-1], edges[1:], strict=True):
        points = (a + b) / 2 + (b - a) / 2 * nodes
        total += (b - a) / 2 * np.sum(weights * voigt_profile(points - mean, sigma, width / 2))
    return voigt_profile(np.asarray(m) - mean, sigma, width / 2) / max(total, 1e-300)


def _exponential(m: np.ndarray, theta: Sequence[float], within: Range) -> np.ndarray:
    (slope,) = theta
    low, high = within
    if abs(slope) * (high - low) < 1e-8:
        return np.full(np.shape(m), 1 / (high - low))
    top = high if slope > 0 else low
    return abs(slope) * np.exp(slope * (np.asarray(m) - top)) / -np.expm1(-abs(slope) * (high - low))


def _bernstein(m: np.ndarray, theta: Sequence[float], within: Range) -> np.ndarray:
    """A polynomial in Bernstein's basis whose first coefficient is one: positive where all coefficients are."""
    coefficients = np.array([1.0, *theta])
    degree, (low, high) = len(theta), within
    t = (np.asarray(m, float) - low) / (high - low)
    k = np.arange(degree + 1)
    basis = comb(degree, k) * t[..., None] ** k * (1 - t[..., None]) ** (degree - k)
    return basis @ coefficients / (high - low) * (degree + 1) / coefficients.sum()


def _peak(m: np.ndarray, weight: np.ndarray, within: Range) -> tuple[float, float]:
    """Place and width of the highest bump over what lies around it."""
    counts, edges = np.histogram(m, 60, within, weights=weight)
    smooth = np.convolve(np.pad(counts, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    base = np.interp(np.arange(60), [0, 59], [smooth[:6].mean(), smooth[-6:].mean()])
    over = smooth - base
    i = int(np.argmax(over))
    wide = np.flatnonzero(over > over[i] / 2)
    step = edges[1] - edges[0]
    return float((edges[i] + edges[i + 1]) / 2), float(max(np.sum(np.abs(wide - i) < 15) * step / 2.355, step / 2))


def _inside(within: Range) -> tuple[float, float]:
    return within[0], within[1]


def _width(within: Range) -> tuple[float, float]:
    size = within[1] - within[0]
    return 1e-5 * size, size


def _slope_start(m: np.ndarray, weight: np.ndarray, within: Range) -> list[float]:
    """The slope that has the mean mass of the sample, to first order in it."""
    low, high = within
    mean = np.average(m, weights=np.abs(weight))
    return [float(12 * (mean - (low + high) / 2) / (high - low) ** 2)]


SIGNALS: Mapping[str, Shape] = {
    "gaussian": Shape(
        ("mean", "sigma"),
        _gaussian,
        lambda m, w, within: list(_peak(m, w, within)),
        lambda within: [_inside(within), _width(within)],
    ),
    "double-gaussian": Shape(
        ("mean", "sigma", "ratio", "share"),
        _double_gaussian,
        lambda m, w, within: [*_peak(m, w, within), 2.0, 0.2],
        lambda within: [_inside(within), _width(within), (1.1, 10.0), (0.0, 1.0)],
    ),
    "breit-wigner": Shape(
        ("mean", "width"),
        _breit_wigner,
        lambda m, w, within: [p * f for p, f in zip(_peak(m, w, within), (1, 2.355), strict=True)],
        lambda within: [_inside(within), _width(within)],
    ),
    "voigt": Shape(
        ("mean", "sigma", "width"),
        _voigt,
        lambda m, w, within: [_peak(m, w, within)[0], 0.6 * _peak(m, w, within)[1], _peak(m, w, within)[1]],
        lambda within: [_inside(within), _width(within), _width(within)],
    ),
    "crystal-ball": Shape(
        ("mean", "sigma", "alpha", "n"),
        _crystal_ball,
        lambda m, w, within: [*_peak(m, w, within), 1.5, 3.0],
        lambda within: [_inside(within), _width(within), (0.1, 10.0), (1.01, 150.0)],
    ),
}
"""Shapes of a peak. The tail of the Crystal Ball lies on the low side; alpha is where it begins, in sigma."""

BACKGROUNDS: Mapping[str, Shape] = {
    "exponential": Shape(
        ("slope",),
        _exponential,
        _slope_start,
        lambda within: [(-STEEPEST / (within[1] - within[0]), STEEPEST / (within[1] - within[0]))],
    ),
    "constant": Shape(
        (), lambda m, theta, within: _bernstein(m, theta, within), lambda m, w, within: [], lambda within: []
    ),
    "linear": Shape(("b1",), _bernstein, lambda m, w, within: [1.0], lambda within: [(0.0, 1e3)]),
    "quadratic": Shape(("b1", "b2"), _bernstein, lambda m, w, within: [1.0] * 2, lambda within: [(0.0, 1e3)] * 2),
    "cubic": Shape(("b1", "b2", "b3"), _bernstein, lambda m, w, within: [1.0] * 3, lambda within: [(0.0, 1e3)] * 3),
}
"""Smooth shapes; polynomials are sums of Bernstein's with coefficients that are not negative, the first of them one."""
