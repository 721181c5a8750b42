r"""Functions of a few parameters whose stationary points are known: what minimizers are shown and tested on.

Every landscape is a function of ONE point, an Equinox module, with its stationary points as they follow from the
algebra (roots of polynomials in closed form, or to all digits of float64), and the box in which it is usually shown.

Source: M. Jamil and X.-S. Yang, arXiv:1308.4008; J. Moré, B. Garbow and K. Hillstrom, ACM Trans. Math. Softw. 7
(1981) 17.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ansatz.errors import InputError, suggest
from ansatz.typing import Scalar

Vector = Float[Array, " parameters"]


class StationaryPoint(NamedTuple):
    """Where a gradient vanishes.

    Attributes:
        theta: the place.
        value: the function there.
        kind: "minimum", "maximum", "saddle", or "degenerate" where the Hessian does not decide.
    """

    theta: tuple[float, ...]
    value: float
    kind: str


class Landscape(eqx.Module):
    """A function with known stationary points.

    Attributes:
        formula: the function of one point.
        lowest: lower corner of the box in which it is usually shown.
        highest: upper corner of that box.
        stationary: the known stationary points.
        complete: whether these are all.

    Example:
        >>> himmelblau = landscape("himmelblau")
        >>> himmelblau(jnp.array([3.0, 2.0])).item(), len(himmelblau.minima)
        (0.0, 4)
    """

    formula: Callable[[Vector], Scalar]
    lowest: tuple[float, ...] = eqx.field(static=True)
    highest: tuple[float, ...] = eqx.field(static=True)
    stationary: tuple[StationaryPoint, ...] = eqx.field(static=True)
    complete: bool = eqx.field(static=True, default=True)

    def __call__(self, theta: Vector) -> Scalar:
        """The function at one point."""
        return self.formula(theta)

    @property
    def minima(self) -> tuple[StationaryPoint, ...]:
        """The known minima, the lowest first."""
        return tuple(sorted((p for p in self.stationary if p.kind == "minimum"), key=lambda p: p.value))

    @property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """The box, as `minimize` wants it."""
        return np.array(self.lowest), np.array(self.highest)


class Bowl(eqx.Module):
    r"""$f(\theta) = \tfrac12 (\theta - c)^T A\, (\theta - c)$; gradient descent is stable below $2/\lambda_\max(A)$.

    Attributes:
        matrix: A, symmetric and positive.
        center: c, the minimum.
    """

    matrix: Float[Array, "parameters parameters"]
    center: Vector

    def __call__(self, theta: Vector) -> Scalar:
        """The function at one point."""
        away = theta - self.center
        return 0.5 * jnp.dot(away, self.matrix @ away)


def bowl(condition: float = 10.0, *, dimension: int = 2, angle: float = 0.0, largest: float = 1.0) -> Landscape:
    """A quadratic bowl whose curvatures run geometrically from `largest / condition` to `largest`.

    Args:
        condition: ratio of the largest to the smallest curvature.
        dimension: number of parameters.
        angle: by how much the axes are turned in each pair of neighboring directions, in radians.
        largest: the largest curvature.

    Raises:
        InputError: if the condition number is below one, or the curvature or the dimension is not positive.

    Example:
        >>> steep = bowl(condition=100.0)
        >>> round(float(steep(jnp.array([1.0, 0.0]))), 4), round(float(steep(jnp.array([0.0, 1.0]))), 4)
        (0.005, 0.5)
    """
    if not condition >= 1:
        raise InputError(f"the condition number is at least 1, not {condition}")
    if dimension < 1 or not largest > 0:
        raise InputError(
            f"a bowl needs a positive dimension and curvature, not dimension {dimension} and curvature {largest}"
        )
    curvatures = largest * np.geomspace(1 / condition, 1, dimension)
    turn = np.eye(dimension)
    for i in range(dimension - 1):
        plane = np.eye(dimension)
        plane[i : i + 2, i : i + 2] = [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
        turn = turn @ plane
    formula = Bowl(jnp.asarray(turn @ np.diag(curvatures) @ turn.T), jnp.zeros(dimension))
    center = StationaryPoint((0.0,) * dimension, 0.0, "minimum")
    return Landscape(formula, (-2.0,) * dimension, (2.0,) * dimension, (center,))


def regression_bowl(x: np.ndarray, y: np.ndarray) -> Landscape:
    r"""The risk of a straight line, $\frac1n \sum_i (\theta_0 + \theta_1 x_i - y_i)^2$, less its smallest value.

    Args:
        x: feature, shape (events,).
        y: target, shape (events,).

    Raises:
        InputError: if there are fewer than two different x.

    Example:
        >>> x = np.array([-1.0, 0.0, 1.0])
        >>> regression_bowl(x, 2 * x + 1).minima[0].theta
        (1.0, 2.0)
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    if len(np.unique(x)) < 2:
        raise InputError("a straight line needs at least two different values of x")
    design = np.stack([np.ones_like(x), x], axis=1)
    center = np.linalg.lstsq(design, y, rcond=None)[0]
    formula = Bowl(jnp.asarray(2 * design.T @ design / len(x)), jnp.asarray(center))
    point = StationaryPoint(tuple(float(round(c, 12)) for c in center), 0.0, "minimum")
    return Landscape(formula, tuple(map(float, center - 2)), tuple(map(float, center + 2)), (point,))


def rosenbrock(theta: Vector) -> Scalar:
    r"""$\sum_i 100 (\theta_{i+1} - \theta_i^2)^2 + (1 - \theta_i)^2$: a curved valley."""
    return jnp.sum(100 * (theta[1:] - theta[:-1] ** 2) ** 2 + (1 - theta[:-1]) ** 2)


def beale(theta: Vector) -> Scalar:
    r"""$\sum_{k=1}^3 (c_k - x + x y^k)^2$ with c = 1.5, 2.25, 2.625: flat, with steep corners."""
    x, y = theta
    return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2


def himmelblau(theta: Vector) -> Scalar:
    r"""$(x^2 + y - 11)^2 + (x + y^2 - 7)^2$: four equal minima."""
    x, y = theta
    return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2


def booth(theta: Vector) -> Scalar:
    r"""$(x + 2y - 7)^2 + (2x + y - 5)^2$: a bowl."""
    x, y = theta
    return (x + 2 * y - 7) ** 2 + (2 * x + y - 5) ** 2


def three_hump_camel(theta: Vector) -> Scalar:
    r"""$2x^2 - 1.05x^4 + x^6/6 + xy + y^2$: three minima in a row."""
    x, y = theta
    return 2 * x**2 - 1.05 * x**4 + x**6 / 6 + x * y + y**2


def styblinski_tang(theta: Vector) -> Scalar:
    r"""$\tfrac12 \sum_i \theta_i^4 - 16\theta_i^2 + 5\theta_i$: $2^d$ minima, one of them lowest."""
    return 0.5 * jnp.sum(theta**4 - 16 * theta**2 + 5 * theta)


def rastrigin(theta: Vector) -> Scalar:
    r"""$\sum_i \theta_i^2 + 10(1 - \cos 2\pi\theta_i)$: a bowl with a minimum near every lattice point."""
    return jnp.sum(theta**2 + 10 * (1 - jnp.cos(2 * jnp.pi * theta)))


def ackley(theta: Vector) -> Scalar:
    r"""$20(1 - e^{-r/5}) + e - e^{\langle\cos 2\pi\theta\rangle}$, r the root mean square: a funnel with ripples."""
    squares = jnp.mean(theta**2)
    r = jnp.sqrt(jnp.where(squares > 0, squares, 1.0))
    funnel = jnp.where(squares > 0, 20 * (1 - jnp.exp(-0.2 * r)), 0.0)
    return funnel + jnp.exp(1.0) - jnp.exp(jnp.mean(jnp.cos(2 * jnp.pi * theta)))


def monkey_saddle(theta: Vector) -> Scalar:
    r"""$x^3 - 3xy^2$: a saddle with three valleys, whose Hessian vanishes."""
    x, y = theta
    return x**3 - 3 * x * y**2


def double_well(theta: Vector) -> Scalar:
    r"""$(x^2 - 1)^2 + y^2$: two minima with a saddle between."""
    x, y = theta
    return (x**2 - 1) ** 2 + y**2


def parabola(theta: Vector) -> Scalar:
    r"""$\theta^2$: the convex function of one parameter."""
    return jnp.sum(theta**2)


def tilted_double_well(theta: Vector) -> Scalar:
    r"""$\theta^4 - 2\theta^2 + \theta/2$: of one parameter; the start decides which minimum is found."""
    return jnp.sum(theta**4 - 2 * theta**2 + 0.5 * theta)


def _cubic_roots(p: float, q: float) -> tuple[float, float, float]:
    """The three real roots of t^3 + p t + q, rising (Viete)."""
    radius = 2 * math.sqrt(-p / 3)
    angle = math.acos(3 * q / (p * radius)) / 3
    return tuple(sorted(radius * math.cos(angle - 2 * math.pi * k / 3) for k in range(3)))


def _styblinski_tang_points() -> tuple[StationaryPoint, ...]:
    roots = _cubic_roots(-8.0, 1.25)
    part = {t: 0.5 * (t**4 - 16 * t**2 + 5 * t) for t in roots}
    kinds = {0: "minimum", 1: "saddle", 2: "maximum"}
    return tuple(
        StationaryPoint((a, b), part[a] + part[b], kinds[(a == roots[1]) + (b == roots[1])])
        for a in roots
        for b in roots
    )


def _camel_points() -> tuple[StationaryPoint, ...]:
    inner, outer = (math.sqrt((4.2 + sign * math.sqrt(3.64)) / 2) for sign in (-1, 1))

    def at(x: float, kind: str) -> StationaryPoint:
        return StationaryPoint((x, -x / 2), 1.75 * x**2 - 1.05 * x**4 + x**6 / 6, kind)

    ends = tuple(at(sign * x, kind) for sign in (-1, 1) for x, kind in ((inner, "saddle"), (outer, "minimum")))
    return (at(0.0, "minimum"), *ends)


def _tilted_points() -> tuple[StationaryPoint, ...]:
    kinds = ("minimum", "maximum", "minimum")
    roots = _cubic_roots(-1.0, 0.125)
    return tuple(StationaryPoint((t,), t**4 - 2 * t**2 + t / 2, k) for t, k in zip(roots, kinds, strict=True))


HIMMELBLAU = (
    ((3.0, 2.0), 0.0, "minimum"),
    ((-2.805118086952745, 3.131312518250573), 0.0, "minimum"),
    ((-3.779310253377747, -3.283185991286170), 0.0, "minimum"),
    ((3.584428340330492, -1.848126526964404), 0.0, "minimum"),
    ((-0.12796134673068005, -1.9537149802445766), 178.33723920192745, "saddle"),
    ((3.385154183607021, 0.07385187983774928), 13.311926270405587, "saddle"),
    ((-3.0730257507643897, -0.08135304428796751), 104.01516291755811, "saddle"),
    ((0.08667750455539634, 2.884254701174776), 67.71915008752613, "saddle"),
    ((-0.2708445906673476, -0.9230385564799815), 181.6165215225827, "maximum"),
)
BEALE = (
    ((3.0, 0.5), 0.0, "minimum"),
    ((0.0, 1.0), 14.203125, "saddle"),
    ((0.10053793732415836, -2.644513585023125), 9.86451228475556, "saddle"),
)


def _one_minimum(theta: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    return (StationaryPoint(theta, 0.0, "minimum"),)


def _named(points: tuple[tuple, ...]) -> tuple[StationaryPoint, ...]:
    return tuple(StationaryPoint(*point) for point in points)


LANDSCAPES: dict[str, Callable[[], Landscape]] = {
    "bowl": bowl,
    "rosenbrock": lambda: Landscape(rosenbrock, (-2.0, -1.0), (2.0, 3.0), _one_minimum((1.0, 1.0))),
    "beale": lambda: Landscape(beale, (-4.5, -4.5), (4.5, 4.5), _named(BEALE)),
    "himmelblau": lambda: Landscape(himmelblau, (-6.0, -6.0), (6.0, 6.0), _named(HIMMELBLAU)),
    "booth": lambda: Landscape(booth, (-10.0, -10.0), (10.0, 10.0), _one_minimum((1.0, 3.0))),
    "three-hump-camel": lambda: Landscape(three_hump_camel, (-2.5, -2.5), (2.5, 2.5), _camel_points()),
    "styblinski-tang": lambda: Landscape(styblinski_tang, (-5.0, -5.0), (5.0, 5.0), _styblinski_tang_points()),
    "rastrigin": lambda: Landscape(rastrigin, (-5.12, -5.12), (5.12, 5.12), _one_minimum((0.0, 0.0)), complete=False),
    "ackley": lambda: Landscape(ackley, (-5.0, -5.0), (5.0, 5.0), _one_minimum((0.0, 0.0)), complete=False),
    "monkey-saddle": lambda: Landscape(
        monkey_saddle, (-2.0, -2.0), (2.0, 2.0), (StationaryPoint((0.0, 0.0), 0.0, "degenerate"),)
    ),
    "double-well": lambda: Landscape(
        double_well,
        (-2.0, -2.0),
        (2.0, 2.0),
        (*_one_minimum((-1.0, 0.0)), *_one_minimum((1.0, 0.0)), StationaryPoint((0.0, 0.0), 1.0, "saddle")),
    ),
    "parabola": lambda: Landscape(parabola, (-2.0,), (2.0,), _one_minimum((0.0,))),
    "tilted-double-well": lambda: Landscape(tilted_double_well, (-2.0,), (2.0,), _tilted_points()),
}
"""Constructor of each landscape."""


def landscape(name: str) -> Landscape:
    """The landscape of that name.

    Raises:
        InputError: if there is none.

    Example:
        >>> [point.kind for point in landscape("double-well").stationary]
        ['minimum', 'minimum', 'saddle']
    """
    if name not in LANDSCAPES:
        raise InputError(
            f"there is no landscape '{name}'{suggest(name, LANDSCAPES)}; there are: {', '.join(LANDSCAPES)}"
        )
    return LANDSCAPES[name]()
