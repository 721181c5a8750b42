r"""Finite-size scaling: where curves of different sizes cross, and when they fall on one.

Near a continuous transition a dimensionless quantity is a function of \( (T - T_c) L^{1/\nu} \) alone (M. E. Fisher and
M. N. Barber, Phys. Rev. Lett. 28 (1972) 1516): curves of different sizes cross at the critical temperature. The curves
may be Binder cumulants or the mean output of a network.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np
from scipy.optimize import least_squares

from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.problems.lattice.estimates import Estimate
from ansatz.problems.lattice.observables import Observables
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True, eq=False)
class Curve:
    """A quantity against temperature for one size.

    Attributes:
        size: side of the lattice.
        temperature: shape (points,).
        value: shape (points,).
        error: independent standard errors, shape (points,).
    """

    size: int
    temperature: np.ndarray
    value: np.ndarray
    error: np.ndarray

    def __post_init__(self) -> None:
        for name in ("temperature", "value", "error"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), float))
        if not len(self.temperature) == len(self.value) == len(self.error):
            raise InputError(f"the curve of size {self.size} needs one value and one error for each temperature")
        if not (np.isfinite(self.value).all() and (self.error > 0).all()):
            raise InputError(f"the curve of size {self.size} needs finite values and positive errors")


def binder_curve(size: int, observables: Sequence[Observables]) -> Curve:
    """Binder's cumulant of one size against temperature."""
    rows = np.array([(o.temperature, o.binder.value, o.binder.error) for o in observables])
    return Curve(size, *rows.T)


@dataclasses.dataclass(frozen=True)
class Crossing:
    """Where the curves of two sizes meet."""

    sizes: tuple[int, int]
    temperature: Estimate


@dataclasses.dataclass(frozen=True)
class CriticalPoint:
    """The critical temperature from the crossings of neighboring sizes.

    Attributes:
        temperature: mean of the crossings, weighted by their precision; the error takes into account that neighboring
            crossings share a curve.
        crossings: of each pair of neighboring sizes.
    """

    temperature: Estimate
    crossings: tuple[Crossing, ...]


def crossings(curves: Sequence[Curve], *, degree: int = 3, replicas: int = 400, key: Key) -> CriticalPoint:
    """The critical temperature from where curves of neighboring sizes cross.

    Each curve is smoothed by a polynomial in T, weighted by the errors. The errors of the crossings come from a
    parametric bootstrap: the values are drawn again from their errors.

    Args:
        curves: at least two sizes.
        degree: of the polynomials.
        replicas: bootstrap samples.
        key: random key.

    Raises:
        InputError: if there are fewer than two sizes, too few points, or curves that do not cross.

    Example:
        >>> import jax
        >>> t = np.linspace(2.2, 2.34, 8)
        >>> curves = [Curve(L, t, np.tanh(-0.1 * L * (t - 2.27)), np.full(8, 0.003)) for L in (8, 16, 32)]
        >>> bool(abs(crossings(curves, key=jax.random.key(0)).temperature.value - 2.27) < 1e-4)
        True
    """
    ordered = sorted(curves, key=lambda curve: curve.size)
    if len(ordered) < 2:
        raise InputError("a crossing needs the curves of two sizes or more")
    if any(len(curve.temperature) <= degree for curve in ordered):
        raise InputError(f"a polynomial of degree {degree} needs more than {degree} temperatures of each size")
    pairs = list(itertools.pairwise(ordered))
    rng = generator(key)
    values = np.array([_meeting(a, b, a.value, b.value, degree) for a, b in pairs])
    missing = [f"{a.size} and {b.size}" for (a, b), v in zip(pairs, values, strict=True) if np.isnan(v)]
    if missing:
        raise InputError(f"the curves of sizes {missing[0]} do not cross in the range of temperatures; widen it")
    drawn = []
    for _ in range(replicas):
        again = {curve.size: rng.normal(curve.value, curve.error) for curve in ordered}
        drawn.append([_meeting(a, b, again[a.size], again[b.size], degree) for a, b in pairs])
    covariance = np.atleast_2d(np.cov(np.array(drawn)[~np.isnan(drawn).any(axis=1)], rowvar=False))
    errors = np.sqrt(np.diag(covariance))
    weight = errors**-2 / np.sum(errors**-2)
    mean = Estimate(float(weight @ values), float(np.sqrt(weight @ covariance @ weight)))
    found = zip(pairs, values, errors, strict=True)
    return CriticalPoint(
        mean, tuple(Crossing((a.size, b.size), Estimate(float(v), float(e))) for (a, b), v, e in found)
    )


def _meeting(first: Curve, second: Curve, y_first: np.ndarray, y_second: np.ndarray, degree: int) -> float:
    """Where two smoothed curves meet inside their common range, next to its middle; NaN if nowhere."""
    low = max(first.temperature.min(), second.temperature.min())
    high = min(first.temperature.max(), second.temperature.max())
    middle, half = (low + high) / 2, (high - low) / 2
    fits = [
        np.polynomial.Polynomial.fit((c.temperature - middle) / half, y, degree, w=1 / c.error).convert()
        for c, y in ((first, y_first), (second, y_second))
    ]
    roots = (fits[0] - fits[1]).roots()
    real = roots[np.abs(roots.imag) < 1e-9].real
    inside = real[np.abs(real) <= 1]
    return float(middle + half * inside[np.argmin(np.abs(inside))]) if len(inside) else float("nan")


@dataclasses.dataclass(frozen=True)
class Collapse:
    """The parameters that bring all curves onto one.

    Attributes:
        temperature: critical temperature.
        inverse_nu: 1 / nu.
        chi2: weighted squared distance from the common curve.
        degrees_of_freedom: points less parameters.
    """

    temperature: Estimate
    inverse_nu: Estimate
    chi2: float
    degrees_of_freedom: int


def collapse(
    curves: Sequence[Curve], *, start: float, inverse_nu: float = 1.0, fixed: bool = False, degree: int = 5
) -> Collapse:
    r"""Fit \( T_c \) and \( 1/\nu \) such that all values lie on one polynomial in \( (T - T_c) L^{1/\nu} \).

    The polynomial is eliminated by linear least squares at each step. Errors are from the curvature of chi2, and are
    enlarged by \( \sqrt{\chi^2 / \mathrm{dof}} \) if that is above one.

    Args:
        curves: at least two sizes, near the transition.
        start: a first guess of the critical temperature.
        inverse_nu: 1 / nu, or a first guess of it.
        fixed: whether 1 / nu is known.
        degree: of the polynomial.

    Raises:
        InputError: if there are fewer points than parameters.
    """
    points = sum(len(curve.temperature) for curve in curves)
    count = 1 if fixed else 2
    if len({curve.size for curve in curves}) < 2 or points <= degree + 1 + count:
        raise InputError(f"a collapse needs two sizes and more than {degree + 1 + count} points, not {points}")
    size = np.concatenate([np.full(len(c.temperature), float(c.size)) for c in curves])
    t, y, error = (np.concatenate([getattr(c, name) for c in curves]) for name in ("temperature", "value", "error"))

    def residuals(parameters: np.ndarray) -> np.ndarray:
        power = inverse_nu if fixed else parameters[1]
        x = (t - parameters[0]) * size**power
        basis = np.polynomial.chebyshev.chebvander(x / np.abs(x).max(), degree) / error[:, None]
        return y / error - basis @ np.linalg.lstsq(basis, y / error)[0]

    guess = np.array([start] if fixed else [start, inverse_nu])
    found = least_squares(residuals, guess, x_scale=[0.01, 0.1][:count])
    chi2, freedom = float(2 * found.cost), points - degree - 1 - count
    errors = np.sqrt(np.diag(np.linalg.inv(found.jac.T @ found.jac)) * max(1.0, chi2 / freedom))
    power = Estimate(inverse_nu, 0.0) if fixed else Estimate(float(found.x[1]), float(errors[1]))
    return Collapse(Estimate(float(found.x[0]), float(errors[0])), power, chi2, freedom)
