"""What closeness means: distances between points, and the center of a group in each of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Protocol, runtime_checkable

import numpy as np

from ansatz.data.cuts.expression import Expression
from ansatz.embedding.jets import axes_of, distance_squared
from ansatz.errors import InputError

Numbers = np.ndarray | np.floating
"""An array, or what NumPy makes of one without axes."""

Function = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Distances of the points a and b, shape (..., columns) each, broadcast against each other, shape (...)."""

CANDIDATES = 1000
"""Most rows that are tried as the center of a group where no formula gives it."""


@runtime_checkable
class Distance(Protocol):
    """A distance, and what the mean of a group is under it."""

    @property
    def name(self) -> str:
        """What messages and reports call it."""
        ...

    def between(self, a: np.ndarray, b: np.ndarray) -> Numbers:
        """Distances of points of shape (..., columns) that are broadcast against each other, shape (...)."""
        ...

    def center(self, x: np.ndarray, weight: np.ndarray) -> np.ndarray:
        r"""The point $c$ with the least $\sum_i w_i\, d(x_i, c)^2$, shape (columns,)."""
        ...


@dataclasses.dataclass(frozen=True)
class Euclidean:
    r"""$d(a, b) = \sqrt{\sum_j (a_j - b_j)^2}$; the center is the mean.

    Example:
        >>> Euclidean().between(np.array([0.0, 0.0]), np.array([3.0, 4.0])).item()
        5.0
    """

    name: str = "euclidean"

    def between(self, a: np.ndarray, b: np.ndarray) -> Numbers:
        """Distances, shape (...)."""
        return np.sqrt(np.sum((a - b) ** 2, axis=-1))

    def center(self, x: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """The weighted mean."""
        return weight @ x / weight.sum()


@dataclasses.dataclass(frozen=True)
class Periodic:
    r"""The Euclidean distance around circles: $d = \sqrt{\sum_j r_j^2}$ with $r_j$ the shorter way from $a_j$ to $b_j$.

    Attributes:
        period: of each column, such as 2 pi for an angle; 0 for a column that is not periodic.
        name: what messages call it.

    Raises:
        InputError: if a period is negative.

    Example:
        >>> around = Periodic((360.0,))
        >>> around.between(np.array([350.0]), np.array([20.0])).item()
        30.0
        >>> around.center(np.array([[350.0], [20.0]]), np.ones(2)).tolist()
        [5.0]
    """

    period: tuple[float, ...]
    name: str = "periodic"

    def __post_init__(self) -> None:
        if any(not 0 <= period < np.inf for period in self.period):
            raise InputError(f"a period is a positive number, or 0 where there is none, not {list(self.period)}")

    def between(self, a: np.ndarray, b: np.ndarray) -> Numbers:
        """Distances, shape (...)."""
        return np.sqrt(np.sum(self._apart(a, b) ** 2, axis=-1))

    def _apart(self, a: np.ndarray, b: np.ndarray) -> Numbers:
        period = np.asarray(self.period)
        circle = np.where(period > 0, period, 1.0)
        return np.where(period > 0, (a - b) - circle * np.round((a - b) / circle), a - b)

    def center(self, x: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """The exact intrinsic mean: column by column the best of all places where the circle can be cut open."""
        columns = zip(x.T, self.period, strict=True)
        return np.array([_circular(v, weight, p) if p else weight @ v / weight.sum() for v, p in columns])


def _circular(angle: np.ndarray, weight: np.ndarray, period: float) -> float:
    """The intrinsic mean of angles in [0, period); T. Hotz and S. Huckemann, arXiv:1108.2141."""
    order = np.argsort(angle % period, kind="stable")
    theta, w = (angle % period)[order], weight[order] / weight.sum()
    turned = np.concatenate([[0.0], np.cumsum(w)[:-1]])
    means = w @ theta + period * turned
    moved = np.concatenate([[0.0], np.cumsum(w * (2 * period * theta + period**2))[:-1]])
    spread = w @ theta**2 + moved - means**2
    return float(means[spread.argmin()] % period)


@dataclasses.dataclass(frozen=True)
class FourMomenta:
    r"""$\Delta R = \sqrt{\Delta y^2 + \Delta\phi^2}$ of four-momenta $(E, p_x, p_y, p_z)$; the center is their sum.

    The distance of particle physics: rapidity y along the beam, azimuth phi around it. Groups of particles are jets
    whose momentum is the sum of theirs.

    Example:
        >>> a, b = np.array([5.0, 3.0, 0.0, 4.0]), np.array([5.0, 0.0, 3.0, 4.0])
        >>> round(FourMomenta().between(a, b).item(), 4)
        1.5708
    """

    name: str = "four-momenta"

    def between(self, a: np.ndarray, b: np.ndarray) -> Numbers:
        """Distances in rapidity and azimuth, shape (...)."""
        return np.sqrt(distance_squared(axes_of(a), axes_of(b)))

    def center(self, x: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """The sum of the momenta."""
        return weight @ x


@dataclasses.dataclass(frozen=True)
class Given:
    r"""A distance given as a function; the center of a group is its member $c$ with the least $\sum_i w_i d(x_i, c)^2$.

    Attributes:
        function: from a and b of shape (..., columns) to distances of shape (...).
        name: what messages call it.

    Example:
        >>> city = Given(lambda a, b: np.abs(a - b).sum(axis=-1), "city block")
        >>> city.between(np.zeros(2), np.array([3.0, 4.0])).item()
        7.0
    """

    function: Function
    name: str = "given"

    def between(self, a: np.ndarray, b: np.ndarray) -> Numbers:
        """Distances, shape (...)."""
        return self.function(a, b)

    def center(self, x: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """The member that is nearest to all; of large groups, the best of some of them."""
        return medoid(self, x, weight)


@dataclasses.dataclass(frozen=True)
class Formula:
    """A distance given as a formula over the columns of two points, called `NAME_1` and `NAME_2`.

    Attributes:
        text: the formula, see `Expression`.
        columns: names of the columns.
        name: what messages call it.

    Example:
        >>> Formula("abs(size_1 - size_2)", ("color", "size")).between(np.zeros(2), np.array([3.0, 4.0])).item()
        4.0
    """

    text: str
    columns: tuple[str, ...]
    name: str = "formula"

    def between(self, a: np.ndarray, b: np.ndarray) -> Numbers:
        """Distances, shape (...)."""
        a, b = np.broadcast_arrays(a, b)
        found = {f"{name}_1": a[..., k].ravel() for k, name in enumerate(self.columns)}
        found |= {f"{name}_2": b[..., k].ravel() for k, name in enumerate(self.columns)}
        return np.asarray(Expression(self.text)(found), float).reshape(a.shape[:-1])

    def center(self, x: np.ndarray, weight: np.ndarray) -> np.ndarray:
        """The member that is nearest to all; of large groups, the best of some of them."""
        return medoid(self, x, weight)


def medoid(distance: Distance, x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The row with the least weighted sum of squared distances to all; at most `CANDIDATES`, evenly spread, are tried.

    Example:
        >>> medoid(Euclidean(), np.array([[0.0], [1.0], [9.0]]), np.ones(3)).tolist()
        [1.0]
    """
    tried = x[np.unique(np.linspace(0, len(x) - 1, min(len(x), CANDIDATES)).astype(int))]
    cost = [weight @ distance.between(x, row) ** 2 for row in tried]
    return tried[int(np.argmin(cost))]


def table(distance: Distance, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Distances of every point of `a` to every point of `b`, shape (len(a), len(b))."""
    if isinstance(distance, Euclidean):
        from scipy.spatial.distance import cdist

        return cdist(a, b)
    size = max(1, 4_000_000 // max(b.size, 1))
    parts = [distance.between(a[i : i + size, None], b[None]) for i in range(0, len(a), size)]
    return np.concatenate(parts) if parts else np.zeros((0, len(b)))


def check(distance: Distance, x: np.ndarray, *, rows: int = 48) -> None:
    """Complain unless a distance is one on some rows: finite, not negative, zero to itself, the same both ways.

    Raises:
        InputError: naming what fails, and for which rows.

    Example:
        >>> check(Given(lambda a, b: (a - b).sum(axis=-1)), np.array([[1.0], [3.0]]))
        Traceback (most recent call last):
        ansatz.errors.InputError: the metric 'given' is not symmetric: rows 0 and 1 are -2 apart, rows 1 and 0 are 2
    """
    chosen = np.unique(np.linspace(0, len(x) - 1, min(len(x), rows)).astype(int))
    found = _answered(distance, x[chosen])
    size = max(float(np.nanmax(np.abs(found), initial=0.0)), 1e-300)
    far, itself = np.abs(found - found.T) > 1e-9 * size, np.eye(len(found), dtype=bool) & (found > 1e-6 * size)
    for bad, what in (
        (~np.isfinite(found), "gives {0:g} for rows {1} and {2}; a distance is a number"),
        (far, "is not symmetric: rows {1} and {2} are {0:g} apart, rows {2} and {1} are {3:g}"),
        (found < 0, "gives {0:g} for rows {1} and {2}; a distance is not negative"),
        (itself, "puts row {1} {0:g} from itself; that must be 0"),
    ):
        if bad.any():
            i, j = np.argwhere(bad)[0]
            text = what.format(found[i, j], chosen[i], chosen[j], found[j, i])
            raise InputError(f"the metric '{distance.name}' {text}")


def _answered(distance: Distance, x: np.ndarray) -> np.ndarray:
    try:
        found = np.asarray(distance.between(x[:, None], x[None]), float)
    except (ValueError, TypeError, IndexError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"the metric '{distance.name}' cannot be computed: {error}") from error
    if found.shape != (len(x), len(x)):
        raise InputError(
            f"the metric '{distance.name}' gives shape {found.shape} for points of shape {(len(x), 1, x.shape[1])} and"
            f" {(1, *x.shape)}; expected {(len(x), len(x))}: work along the last axis"
        )
    return found
