"""Densities of what a detector sees: peaks, continua and recoils, each already smeared, in closed form.

Every density here is the exact convolution of a true spectrum with a Gaussian response, so that a likelihood ratio
built from them is exact too. They come as logarithms, so that they hold far out in the tails. Masses and momenta are in
GeV, densities in 1/GeV.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable

import numpy as np
from scipy.integrate import quad
from scipy.special import log_ndtr, logsumexp, voigt_profile


def log_voigt(m: np.ndarray, mass: float, width: float, resolution: float) -> np.ndarray:
    r"""A Breit-Wigner peak seen with a Gaussian resolution: the Voigt profile.

    p(m) = int (width / 2 pi) / ((t - mass)^2 + width^2 / 4) N(m - t; resolution) dt, by the Faddeeva function.

    Example:
        >>> float(np.exp(log_voigt(125.0, mass=125.0, width=2.0, resolution=1e-9)).round(6))  # 2 / (pi width)
        0.31831
    """
    return np.log(voigt_profile(m - mass, resolution, width / 2))


def log_falling(m: np.ndarray, slope: float, resolution: float) -> np.ndarray:
    r"""An exponential continuum exp(-t / slope) / slope of true masses t > 0, seen with a Gaussian resolution.

    p(m) = (1 / slope) exp(resolution^2 / (2 slope^2) - m / slope) Phi(m / resolution - resolution / slope).

    Example:
        >>> far, near = log_falling(np.array([120.0, 80.0]), slope=40.0, resolution=3.0)
        >>> float((far - near).round(9))  # far from t = 0 smearing changes the height only
        -1.0
    """
    drop = resolution**2 / (2 * slope**2) - m / slope - np.log(slope)
    return drop + log_ndtr(m / resolution - resolution / slope)


def log_recoil(pt: np.ndarray, fractions: tuple[float, ...], scales: tuple[float, ...]) -> np.ndarray:
    r"""Length of a transverse vector that is Gaussian with one of several scales s: a sum of Rayleigh densities.

    p(pt) = sum_i f_i (pt / s_i^2) exp(-pt^2 / (2 s_i^2)). A Gaussian smearing r turns s into sqrt(s^2 + r^2).

    Example:
        >>> grid = np.linspace(0.0005, 400, 400_000)
        >>> float(np.trapezoid(np.exp(log_recoil(grid, (0.7, 0.3), (10.0, 40.0))), grid).round(6))
        1.0
    """
    pt = np.maximum(pt, np.finfo(float).tiny)
    terms = [np.log(f / s**2) - pt**2 / (2 * s**2) for f, s in zip(fractions, scales, strict=True)]
    return np.log(pt) + logsumexp(terms, axis=0)


def log_normal(value: np.ndarray, scale: float) -> np.ndarray:
    """A Gaussian about zero."""
    return -(value**2) / (2 * scale**2) - np.log(np.sqrt(2 * np.pi) * scale)


def log_angular(cosine: np.ndarray, alpha: float) -> np.ndarray:
    """A decay angle, p(cos theta) = (1 + alpha cos^2 theta) / (2 + 2 alpha / 3)."""
    return np.log1p(alpha * cosine**2) - np.log(2 + 2 * alpha / 3)


@functools.lru_cache(maxsize=64)
def peak_inside(window: tuple[float, float], mass: float, width: float, resolution: float) -> float:
    """The part of a Voigt peak that falls into a mass window, to 1e-12."""
    return _inside(lambda m: np.exp(log_voigt(m, mass, width, resolution)), window, mass)


@functools.lru_cache(maxsize=64)
def continuum_inside(window: tuple[float, float], slope: float, resolution: float) -> float:
    """The part of a falling continuum that falls into a mass window, to 1e-12."""
    return _inside(lambda m: np.exp(log_falling(m, slope, resolution)), window, window[0])


def _inside(density: Callable[[np.ndarray], np.ndarray], window: tuple[float, float], peak: float) -> float:
    edges = sorted({*window, float(np.clip(peak, *window))})
    return sum(quad(density, a, b, epsabs=1e-13, epsrel=1e-12, limit=200)[0] for a, b in itertools.pairwise(edges))
