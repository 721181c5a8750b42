r"""Kaufman's partition function of the Ising model on a finite torus, exact for any size.

\( Z = \tfrac12 (2 \sinh 2K_1)^{nm/2} (\prod 2\cosh\tfrac{m}{2}\gamma_{2r+1} + \prod 2\sinh\tfrac{m}{2}\gamma_{2r+1}
+ \prod 2\cosh\tfrac{m}{2}\gamma_{2r} + \prod 2\sinh\tfrac{m}{2}\gamma_{2r}) \), products over r = 0..n-1, with
\( \sinh^2 \tfrac{\gamma_l}{2} = \sinh^2(K_2 - K_1^*) + \sinh 2K_1^* \sinh 2K_2 \sin^2 \tfrac{\pi l}{2n} \),
\( \gamma_0 = 2 (K_2 - K_1^*) \) and \( \tanh K_1^* = e^{-2K_1} \). B. Kaufman, Phys. Rev. 76 (1949) 1232.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from ansatz.errors import InputError
from ansatz.problems.lattice.exact.infinite import critical_temperature, positive

POINTS = 64
"""Points of the contour around beta."""


@dataclasses.dataclass(frozen=True)
class Thermal:
    """Exact numbers of a finite lattice at one temperature.

    Attributes:
        log_z: logarithm of the partition function of the whole lattice.
        energy: per site.
        specific_heat: per site, in units of k_B.
    """

    log_z: float
    energy: float
    specific_heat: float


def kaufman(
    temperature: float, rows: int, columns: int | None = None, *, vertical: float = 1.0, horizontal: float | None = None
) -> Thermal:
    r"""The Ising model on a periodic rectangle, without a field.

    The energy is \( -\partial_\beta \ln Z / N \) and the specific heat \( \beta^2 \partial_\beta^2 \ln Z / N \), by
    Cauchy's formula on a circle that no zero of Z comes near.

    Args:
        temperature: T.
        rows: number of rows.
        columns: number of columns; as many as rows by default.
        vertical: coupling of neighbors in a column; positive.
        horizontal: coupling of neighbors in a row; `vertical` by default. A lattice of even sides does not tell an
            antiferromagnet from a ferromagnet; give the size of the coupling.

    Raises:
        InputError: if the temperature or a coupling is not positive.

    Example:
        >>> round(kaufman(2.269, 4).energy, 5)
        -1.56577
    """
    positive(temperature)
    horizontal = vertical if horizontal is None else horizontal
    if min(vertical, horizontal) <= 0:
        raise InputError("the finite-lattice partition function needs positive couplings")
    columns = columns or rows
    beta, sites = 1 / temperature, rows * columns
    away = abs(beta - 1 / critical_temperature(vertical, horizontal))
    radius = min(max(0.25 / max(rows, columns), 0.3 * away), beta / 3, 0.5)
    turn = np.exp(2j * np.pi * np.arange(POINTS) / POINTS)
    values = _log_z(beta + radius * turn, beta, (vertical, horizontal), rows, columns)
    value, slope, half_curvature = (np.real(np.mean(values * turn**-k)) / radius**k for k in range(3))
    return Thermal(float(value), -float(slope) / sites, max(2 * float(half_curvature) * beta**2 / sites, 0.0))


def _log_z(beta: np.ndarray, center: float, couplings: tuple[float, float], m: int, n: int) -> np.ndarray:
    """Logarithm of Z for m rows and n columns at complex beta near a real center.

    The transfer matrix acts from row to row: K1 joins rows, K2 acts within one.
    """
    first, second = beta * couplings[0], beta * couplings[1]
    zero = m * (second - _dual(first))
    sign = 1 if center * couplings[1] >= _dual(center * couplings[0]) else -1
    odd, even = (m / 2 * _gammas(first, second, np.arange(start, 2 * n, 2), n) for start in (1, 2))
    fade = np.exp(-2 * sign * zero)
    logs = np.stack(
        [
            _log_two_cosh(odd).sum(axis=0),
            _log_two_sinh(odd).sum(axis=0),
            _log_two_cosh(even).sum(axis=0) + sign * zero,
            _log_two_sinh(even).sum(axis=0) + sign * zero,
        ]
    )
    factors = np.stack([np.ones_like(fade), np.ones_like(fade), 1 + fade, sign * (1 - fade)])
    top = logs[np.argmax(np.real(logs[:, 0]))]
    prefactor = m * n / 2 * (2 * first + np.log1p(-np.exp(-4 * first)))
    return prefactor + top + np.log(np.sum(factors * np.exp(logs - top), axis=0) / 2)


def _dual(k: np.ndarray | float) -> np.ndarray:
    return -np.log(np.tanh(k)) / 2


def _gammas(first: np.ndarray, second: np.ndarray, numbers: np.ndarray, n: int) -> np.ndarray:
    """The gamma of each number but zero, whose real part is positive, shape (numbers, points)."""
    part = np.sinh(2 * second) / np.sinh(2 * first) * np.sin(np.pi * numbers / (2 * n))[:, None] ** 2
    return 2 * np.arcsinh(np.sqrt(np.sinh(second - _dual(first)) ** 2 + part))


def _log_two_cosh(x: np.ndarray) -> np.ndarray:
    return x + np.log1p(np.exp(-2 * x))


def _log_two_sinh(x: np.ndarray) -> np.ndarray:
    return x + np.log1p(-np.exp(-2 * x))
