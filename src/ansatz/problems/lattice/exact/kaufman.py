r"""Kaufman's partition function of the Ising model on a finite torus, exact for any size.

\( Z = \tfrac12 (2 \sinh 2K_1)^{nm/2} (\prod 2\cosh\tfrac{m}{2}\gamma_{2r+1} + \prod 2\sinh\tfrac{m}{2}\gamma_{2r+1}
+ \prod 2\cosh\tfrac{m}{2}\gamma_{2r} + \prod 2\sinh\tfrac{m}{2}\gamma_{2r}) \), products over r = 0..n-1, with
\( \sinh^2 \tfrac{\gamma_l}{2} = \sinh^2(K_2 - K_1^*) + \sinh 2K_1^* \sinh 2K_2 \sin^2 \tfrac{\pi l}{2n} \),
\( \gamma_0 = 2 (K_2 - K_1^*) \) and \( \tanh K_1^* = e^{-2K_1} \). B. Kaufman, Phys. Rev. 76 (1949) 1232.
"""

from __future__ import annotations

import dataclasses
import functools

import jax
import jax.numpy as jnp
from jax import Array

from ansatz.errors import InputError
from ansatz.problems.lattice.exact.infinite import positive


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
    automatic differentiation in float64.

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
    with jax.enable_x64(True):
        value, slope, curvature = _derivatives(1 / temperature, vertical, horizontal, rows, columns)
        sites = rows * columns
        return Thermal(float(value), -float(slope) / sites, float(curvature) / temperature**2 / sites)


@functools.partial(jax.jit, static_argnums=(3, 4))
def _derivatives(beta: Array, vertical: Array, horizontal: Array, rows: int, columns: int) -> tuple[Array, ...]:
    log_z = lambda b: _log_z(b * vertical, b * horizontal, rows, columns)  # noqa: E731
    slope = jax.grad(log_z)
    return log_z(beta), slope(beta), jax.grad(slope)(beta)


def _log_z(first: Array, second: Array, m: int, n: int) -> Array:
    """Ln Z of m rows and n columns, with K1 within columns and K2 within rows."""
    # the transfer matrix acts from row to row: K1 joins rows, K2 acts within one
    dual = -jnp.log(jnp.tanh(first)) / 2
    odd, even = (_gammas(first, second, dual, jnp.arange(start, 2 * n, 2), n) for start in (1, 2))
    zero = m * (second - dual)
    logs = jnp.stack(
        [
            _log_two_cosh(m * odd / 2).sum(),
            _log_two_sinh(m * odd / 2).sum(),
            _log_two_cosh(m * even[: n - 1] / 2).sum() + jnp.abs(zero),
            _log_two_sinh(m * even[: n - 1] / 2).sum() + jnp.abs(zero),
        ]
    )
    fade = jnp.exp(-2 * jnp.abs(zero))
    factors = jnp.stack([jnp.ones(()), jnp.ones(()), 1 + fade, jnp.sign(zero) * (1 - fade)])
    top = jax.lax.stop_gradient(logs.max())
    prefactor = m * n / 2 * (2 * first + jnp.log1p(-jnp.exp(-4 * first)))
    return prefactor + top + jnp.log(jnp.sum(factors * jnp.exp(logs - top)) / 2)


def _gammas(first: Array, second: Array, dual: Array, numbers: Array, n: int) -> Array:
    """Gamma of each number but zero; for those it is positive."""
    part = jnp.sinh(2 * second) / jnp.sinh(2 * first) * jnp.sin(jnp.pi * numbers / (2 * n)) ** 2
    return 2 * jnp.arcsinh(jnp.sqrt(jnp.sinh(second - dual) ** 2 + part))


def _log_two_cosh(x: Array) -> Array:
    return x + jnp.log1p(jnp.exp(-2 * x))


def _log_two_sinh(x: Array) -> Array:
    return x + jnp.log1p(-jnp.exp(-2 * x))
