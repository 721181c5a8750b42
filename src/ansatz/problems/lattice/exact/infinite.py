r"""Closed forms on infinite lattices: Onsager, Yang, Houtappel, and where the phases meet."""

from __future__ import annotations

import math

from scipy.integrate import quad
from scipy.special import ellipe, ellipkm1

from ansatz.errors import InputError

CUBIC_TC = 1 / 0.221654626
"""Critical temperature of the Ising model on a cubic lattice (A. M. Ferrenberg, J. Xu and D. P. Landau, Phys. Rev. E 97
(2018) 043301, arXiv:1806.03558); a numerical result, good to all digits given."""

XY_TC = 0.8929
"""Temperature of the Kosterlitz-Thouless transition on a square lattice (M. Hasenbusch, J. Phys. A 38 (2005) 5869,
arXiv:cond-mat/0502556); a numerical result."""


def critical_temperature(vertical: float = 1.0, horizontal: float | None = None) -> float:
    r"""Where \( \sinh(2 J_1 / T) \sinh(2 J_2 / T) = 1 \): the critical temperature of the square lattice.

    L. Onsager, Phys. Rev. 65 (1944) 117.

    Example:
        >>> round(critical_temperature(), 7)
        2.2691853
    """
    first, second = abs(vertical), abs(vertical if horizontal is None else horizontal)
    if min(first, second) == 0:
        return 0.0
    if first == second:
        return 2 * first / math.log(1 + math.sqrt(2))
    from scipy.optimize import brentq

    low, high = 0.05 * max(first, second), 8 * max(first, second)
    low = min(low, 0.05 * min(first, second))
    return brentq(lambda t: _log_sinh(2 * first / t) + _log_sinh(2 * second / t), low, high, xtol=1e-14)  # type: ignore


def _log_sinh(x: float) -> float:
    return x + math.log(-math.expm1(-2 * x) / 2)


def triangular_critical_temperature(coupling: float = 1.0) -> float:
    """4 / ln 3 for a ferromagnet; an antiferromagnet stays disordered.

    Example:
        >>> round(triangular_critical_temperature(), 6)
        3.640957
    """
    return 4 * coupling / math.log(3) if coupling > 0 else 0.0


def potts_critical_temperature(states: int, coupling: float = 1.0) -> float:
    r"""\( J / \ln(1 + \sqrt q) \) on the square lattice, for any number q of colors (R. B. Potts, 1952).

    Example:
        >>> round(potts_critical_temperature(2) * 2, 7) == round(critical_temperature(), 7)
        True
    """
    return coupling / math.log(1 + math.sqrt(states))


def potts_critical_energy(states: int, coupling: float = 1.0) -> float:
    r"""Energy per site at criticality, \( -J (1 + 1 / \sqrt q) \), by duality; for q > 4 the mean of the two phases.

    Example:
        >>> potts_critical_energy(4)
        -1.5
    """
    return -coupling * (1 + 1 / math.sqrt(states))


def onsager_energy(temperature: float, coupling: float = 1.0) -> float:
    r"""Energy per site of the square-lattice Ising model, \( -J \coth 2K\,(1 + \tfrac{2}{\pi}(2\tanh^2 2K - 1) K_1) \).

    Example:
        >>> round(onsager_energy(2.5), 4)
        -1.1061
    """
    k, slope = _onsager(temperature, coupling)
    bracket = slope * float(ellipkm1(slope**2)) if slope else 0.0
    return -abs(coupling) / math.tanh(2 * k) * (1 + 2 / math.pi * bracket)


def onsager_specific_heat(temperature: float, coupling: float = 1.0) -> float:
    r"""Specific heat per site; infinite at the critical temperature.

    \( C = \tfrac{4}{\pi} (K \coth 2K)^2 \{ K_1 - E_1 - (1 - \tanh^2 2K) [\tfrac{\pi}{2} + (2\tanh^2 2K - 1) K_1] \} \).

    Example:
        >>> round(onsager_specific_heat(2.0), 4)
        0.7249
    """
    k, slope = _onsager(temperature, coupling)
    if 2 * k > 18:
        return 0.0
    if slope == 0:
        return math.inf
    first, second = float(ellipkm1(slope**2)), float(ellipe(1 - slope**2))
    gap = (math.pi / 2 + slope * first) / math.cosh(2 * k) ** 2
    return 4 / math.pi * (k / math.tanh(2 * k)) ** 2 * (first - second - gap)


def _onsager(temperature: float, coupling: float) -> tuple[float, float]:
    """K, and 2 tanh^2 2K - 1, the complement of the modulus of the elliptic integrals."""
    positive(temperature)
    k = abs(coupling) / temperature
    return k, 2 * math.tanh(2 * k) ** 2 - 1


def spontaneous_magnetization(temperature: float, vertical: float = 1.0, horizontal: float | None = None) -> float:
    r"""\( (1 - (\sinh 2 K_1 \sinh 2 K_2)^{-2})^{1/8} \) below the critical temperature, zero above.

    C. N. Yang, Phys. Rev. 85 (1952) 808.

    Example:
        >>> round(spontaneous_magnetization(2.0), 5), spontaneous_magnetization(2.5)
        (0.91132, 0.0)
    """
    positive(temperature)
    first, second = 2 * vertical / temperature, 2 * (vertical if horizontal is None else horizontal) / temperature
    product = math.sinh(min(abs(first), 300.0)) * math.sinh(min(abs(second), 300.0))
    return (1 - product**-2) ** 0.125 if product > 1 else 0.0


def triangular_energy(temperature: float, coupling: float = 1.0) -> float:
    r"""Energy per site of the Ising model on an infinite triangular lattice.

    The derivative of \( \ln 2 + \frac{1}{8\pi^2} \iint \ln[c^3 + s^3 - s(\cos a + \cos b + \cos(a + b))]\, da\, db \)
    with c = cosh 2K and s = sinh 2K (R. M. F. Houtappel, Physica 16 (1950) 425), one integral done in closed form.

    Example:
        >>> round(triangular_energy(triangular_critical_temperature()), 5)
        -2.0
    """
    positive(temperature)
    k = coupling / temperature
    c, s = math.cosh(2 * k), math.sinh(2 * k)

    def density(angle: float) -> float:
        level, level_slope = c**3 + s**3 - s * math.cos(angle), 6 * c * s * (c + s) - 2 * c * math.cos(angle)
        reach, reach_slope = 2 * s * math.cos(angle / 2), 4 * c * math.cos(angle / 2)
        return _log_mean_slope(level, level_slope, reach, reach_slope)

    value = quad(density, 0, math.pi, points=[1e-4, 1e-2, 2 * math.pi / 3], epsabs=1e-10, limit=400, full_output=1)[0]
    return -coupling * value / (2 * math.pi)


def _log_mean_slope(level: float, level_slope: float, reach: float, reach_slope: float) -> float:
    r"""Derivative of the mean of \( \ln(A - r \cos b) \) over b, which is \( \ln((A + \sqrt{A^2 - r^2}) / 2) \)."""
    root = math.sqrt(max(level**2 - reach**2, 0.0))
    if root == 0:
        return level_slope / level
    return (level_slope + (level * level_slope - reach * reach_slope) / root) / (level + root)


def chain_energy(temperature: float, *, coupling: float = 1.0, field: float = 0.0, size: int | None = None) -> float:
    r"""Energy per site of the Ising chain, infinite or a ring of `size`, by the transfer matrix (E. Ising, 1925).

    \( \lambda_\pm = e^K \cosh h \pm \sqrt{e^{2K} \sinh^2 h + e^{-2K}} \) with K = J / T and h in units of T.

    Example:
        >>> round(chain_energy(1.0), 6) == round(-math.tanh(1.0), 6)
        True
    """
    positive(temperature)
    beta = 1 / temperature
    k, h = beta * coupling, beta * field
    shift = abs(k) + abs(h)
    root = math.sqrt(math.exp(2 * k - 2 * shift) * math.sinh(h) ** 2 + math.exp(-2 * k - 2 * shift))
    middle = math.exp(k - shift) * math.cosh(h)
    # derivatives with respect to beta, all scaled by exp(-shift)
    middle_slope = math.exp(k - shift) * (coupling * math.cosh(h) + field * math.sinh(h))
    inner = 2 * coupling * math.exp(2 * k - 2 * shift) * math.sinh(h) ** 2
    inner += 2 * field * math.exp(2 * k - 2 * shift) * math.sinh(h) * math.cosh(h)
    inner -= 2 * coupling * math.exp(-2 * k - 2 * shift)
    root_slope = inner / (2 * root)
    large, small = middle + root, middle - root
    if size is None:
        return -(middle_slope + root_slope) / large
    ratio = small / large
    change = (middle_slope + root_slope) + (middle_slope - root_slope) * ratio ** (size - 1)
    return -change / (large * (1 + ratio**size))


def positive(temperature: float) -> None:
    """Refuse a temperature that is not positive.

    Raises:
        InputError: if it is zero, negative or not finite.
    """
    if not (temperature > 0 and math.isfinite(temperature)):
        raise InputError(f"lattice: a temperature is a positive number, not {temperature}")
