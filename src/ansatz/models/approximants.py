r"""Sums that approach a function of one variable: of ReLUs, of powers, of Chebyshev polynomials.

A network with one hidden layer of n ReLUs is a continuous line with n kinks. Through n + 1 points of a function it
comes within $h^2 \max|f''| / 8$ where they are h apart; with points where the function bends,
$n_\mathrm{points} \propto |f''|^{1/2}$, within

$$\frac{1}{8 n^2} \left( \int \sqrt{|f''(x)|}\, dx \right)^2,$$

which is finite for many functions whose second derivative is not. Chebyshev sums come within $C \rho^{-n}$ of a
function without singularities inside the ellipse with foci $\pm 1$ and half-axes that sum to $\rho$; a polynomial
through equidistant points may not come near at all (Runge).

Source: G. Cybenko, Math. Control Signals Systems 2 (1989) 303; L. N. Trefethen, Approximation Theory and
Approximation Practice (2013), chapters 8 and 13; C. de Boor, A Practical Guide to Splines (1978), chapter III.
"""

from __future__ import annotations

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ansatz.errors import InputError
from ansatz.models.linear import Linear
from ansatz.models.networks.mlp import MLP

Curve = Callable[[np.ndarray], np.ndarray]


def relu_sum(points: np.ndarray, values: np.ndarray) -> MLP:
    r"""The network $c + \sum_i s_i \max(x - x_i, 0)$ that is the polygon through n + 1 points: n hidden units.

    Left of the first point it is constant, right of the last it goes on.

    Args:
        points: rising places $x_i$, shape (n + 1,).
        values: the function there.

    Raises:
        InputError: if there are fewer than two points, or they do not rise.

    Example:
        >>> roof = relu_sum(np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 0.0]))
        >>> roof(jnp.array([0.5])).item(), roof(jnp.array([1.5])).item(), roof.layers[0].bias.size
        (0.5, 0.5, 2)
    """
    points, values = np.asarray(points, float), np.asarray(values, float)
    if len(points) < 2 or not (np.diff(points) > 0).all():
        raise InputError("a sum of ReLUs needs at least two points that rise")
    slopes = np.diff(values) / np.diff(points)
    units = len(slopes)
    hidden = Linear(jnp.ones((units, 1)), jnp.asarray(-points[:-1]))
    last = Linear(jnp.asarray(np.diff(slopes, prepend=0.0)), jnp.asarray(values[0]))
    shape = eqx.filter_eval_shape(MLP, 1, None, width=units, depth=1, activation="relu", key=jax.random.key(0))
    return eqx.tree_at(lambda network: network.layers, shape, (hidden, last))


def relu_curve(function: Curve, points: np.ndarray) -> Curve:
    """The sum of ReLUs through a function at rising points, evaluated in float64.

    Example:
        >>> line = relu_curve(np.abs, np.array([-1.0, 0.0, 1.0]))
        >>> line(np.array([-0.5, 0.25])).tolist()
        [0.5, 0.25]
    """
    with jax.enable_x64(True):
        network = relu_sum(points, function(np.asarray(points, float)))

    def curve(x: np.ndarray) -> np.ndarray:
        with jax.enable_x64(True):
            return np.asarray(jax.vmap(network)(jnp.asarray(x, float)[:, None]))

    return curve


def bending_points(
    second: Curve, count: int, *, low: float = -1.0, high: float = 1.0, floor: float = 0.0
) -> np.ndarray:
    r"""`count` places from `low` to `high` whose density goes as $|f''|^{1/2}$: where a polygon needs its corners.

    Args:
        second: the second derivative; it may diverge where $|f''|^{1/2}$ can still be integrated.
        count: number of places.
        low: the first.
        high: the last.
        floor: a uniform share of the density, for functions with straight pieces.

    Example:
        >>> bending_points(lambda x: 0 * x + 2.0, 5).round(6).tolist()
        [-1.0, -0.5, 0.0, 0.5, 1.0]
    """
    edges, parts = _bends(second, low, high)
    parts = parts + floor * parts.sum() * np.diff(edges) / (high - low)
    total = np.concatenate([[0.0], np.cumsum(parts)])
    return np.interp(np.linspace(0, total[-1], count), total, edges)


def bending(second: Curve, *, low: float = -1.0, high: float = 1.0) -> float:
    r"""$\int \sqrt{|f''(x)|}\, dx$, whose square over $8 n^2$ a well-placed polygon of n pieces comes within.

    Example:
        >>> round(bending(lambda x: 0 * x + 2.0), 6) == round(2 * 2**0.5, 6)
        True
    """
    return float(_bends(second, low, high)[1].sum())


def _bends(second: Curve, low: float, high: float, cells: int = 100_000) -> tuple[np.ndarray, np.ndarray]:
    r"""Edges of small cells, finest at both ends, and the integral of $|f''|^{1/2}$ over each."""
    edges = 0.5 * (low + high) - 0.5 * (high - low) * np.cos(np.linspace(0, np.pi, cells + 1))
    middle = 0.5 * (edges[1:] + edges[:-1])
    return edges, np.sqrt(np.abs(second(middle))) * np.diff(edges)


def chebyshev_curve(function: Curve, terms: int) -> Curve:
    r"""$\sum_{k<n} c_k T_k(x)$ through the function at the n zeros of $T_n$ on [-1, 1].

    Example:
        >>> parabola = chebyshev_curve(np.square, 3)
        >>> parabola(np.array([0.5])).round(12).tolist()
        [0.25]
    """
    return np.polynomial.Chebyshev.interpolate(function, terms - 1)


def polynomial_curve(function: Curve, terms: int) -> Curve:
    r"""$\sum_{k<n} c_k x^k$ through the function at n equidistant points of [-1, 1] (barycentric, so without rounding).

    Source: J.-P. Berrut and L. N. Trefethen, SIAM Review 46 (2004) 501.

    Example:
        >>> polynomial_curve(np.square, 3)(np.array([0.5])).round(12).tolist()
        [0.25]
    """
    from scipy.special import binom

    nodes = np.linspace(-1, 1, terms) if terms > 1 else np.zeros(1)
    shares = (-1.0) ** np.arange(terms) * binom(terms - 1, np.arange(terms))
    values = function(nodes)

    def curve(x: np.ndarray) -> np.ndarray:
        away = np.asarray(x, float)[:, None] - nodes
        hit = away == 0
        parts = shares / np.where(hit, 1.0, away)
        inside = parts @ values / parts.sum(axis=1)
        return np.where(hit.any(axis=1), values[hit.argmax(axis=1)], inside)

    return curve


def largest_error(function: Curve, curve: Curve, *, low: float = -1.0, high: float = 1.0, points: int = 4001) -> float:
    r"""$\max_x |f(x) - s(x)|$ on a fine grid that is denser at the ends.

    Example:
        >>> largest_error(np.square, chebyshev_curve(np.square, 3)) < 1e-14
        True
    """
    x = 0.5 * (low + high) - 0.5 * (high - low) * np.cos(np.linspace(0, np.pi, points))
    return float(np.abs(function(x) - curve(x)).max())
