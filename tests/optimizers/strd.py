"""NIST's Statistical Reference Datasets for nonlinear regression: data, models, starts and certified values.

Source: National Institute of Standards and Technology, https://www.itl.nist.gov/div898/strd/ (public domain); the
tables are in `strd.json`, all 27 problems. Each set's certified residual sum of squares is reproduced by its certified
parameters, which a test checks.
"""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np


class Problem(NamedTuple):
    x: list
    y: list[float]
    starts: list[list[float]]
    certified: list[float]
    sum_of_squares: float

    def arrays(self):
        return np.array(self.x), np.array(self.y)


PROBLEMS = {
    name: Problem(**table) for name, table in json.loads(Path(__file__).with_suffix(".json").read_text()).items()
}


def residuals(name, np, b):
    """Model less data, written with the module `np`: NumPy or jax.numpy."""
    x, y = PROBLEMS[name].arrays()
    return MODELS[name](np, x, *b) - (np.log(y) if name == "nelson" else y)


def curve(name, np, x, b):
    """The model of a problem."""
    return MODELS[name](np, x, *b)


def saturation(np, x, a, b):
    return a * (1 - np.exp(-b * x))


def decay(np, x, a, b, c):
    return np.exp(-a * x) / (b + c * x)


def three_decays(np, x, a, b, c, d, e, f):
    return a * np.exp(-b * x) + c * np.exp(-d * x) + e * np.exp(-f * x)


def two_peaks(np, x, a, b, c, d, e, f, g, h):
    peaks = c * np.exp(-(((x - d) / e) ** 2)) + f * np.exp(-(((x - g) / h) ** 2))
    return a * np.exp(-b * x) + peaks


def cubics(np, x, a, b, c, d, e, f, g):
    return (a + b * x + c * x**2 + d * x**3) / (1 + e * x + f * x**2 + g * x**3)


def quadratics(np, x, a, b, c, d, e):
    return (a + b * x + c * x**2) / (1 + d * x + e * x**2)


def seasons(np, x, a, b, c, d, e, f, g, h, i):
    year, first, second = (2 * np.pi * x / period for period in (12, d, g))
    waves = b * np.cos(year) + c * np.sin(year) + e * np.cos(first) + f * np.sin(first)
    return a + waves + h * np.cos(second) + i * np.sin(second)


MODELS = {
    "misra1a": saturation,
    "misra1b": lambda np, x, a, b: a * (1 - (1 + b * x / 2) ** -2),
    "misra1c": lambda np, x, a, b: a * (1 - (1 + 2 * b * x) ** -0.5),
    "misra1d": lambda np, x, a, b: a * b * x / (1 + b * x),
    "chwirut1": decay,
    "chwirut2": decay,
    "danwood": lambda np, x, a, b: a * x**b,
    "boxbod": saturation,
    "rat42": lambda np, x, a, b, c: a / (1 + np.exp(b - c * x)),
    "rat43": lambda np, x, a, b, c, d: a / (1 + np.exp(b - c * x)) ** (1 / d),
    "mgh09": lambda np, x, a, b, c, d: a * (x**2 + x * b) / (x**2 + x * c + d),
    "mgh10": lambda np, x, a, b, c: a * np.exp(b / (x + c)),
    "mgh17": lambda np, x, a, b, c, d, e: a + b * np.exp(-x * d) + c * np.exp(-x * e),
    "eckerle4": lambda np, x, a, b, c: a / b * np.exp(-0.5 * ((x - c) / b) ** 2),
    "thurber": cubics,
    "hahn1": cubics,
    "kirby2": quadratics,
    "lanczos1": three_decays,
    "lanczos2": three_decays,
    "lanczos3": three_decays,
    "gauss1": two_peaks,
    "gauss2": two_peaks,
    "gauss3": two_peaks,
    "roszman1": lambda np, x, a, b, c, d: a - b * x - np.arctan(c / (x - d)) / np.pi,
    "nelson": lambda np, x, a, b, c: a - b * x[0] * np.exp(-c * x[1]),
    "enso": seasons,
    "bennett5": lambda np, x, a, b, c: a * (b + x) ** (-1 / c),
}


def digits(theta, certified):
    """Certified digits: the least number of figures to which a parameter agrees, from 0 to 11."""
    theta, certified = np.asarray(theta, float), np.asarray(certified, float)
    error = np.abs(theta - certified) / np.abs(certified)
    return float(np.min(-np.log10(np.clip(np.where(np.isfinite(error), error, 1.0), 1e-11, 1.0))))
