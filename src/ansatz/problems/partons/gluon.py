r"""The gluon of the proton from pseudo-data: a function known only through measurements with correlated errors."""

from __future__ import annotations

import dataclasses
from typing import ClassVar, Literal

import numpy as np
from scipy.special import beta

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.problems.references import GLUON_REPLICAS, NORMALIZATION
from ansatz.risk.covariance import Errors
from ansatz.risk.functional import Convolution, Observable, Pointwise
from ansatz.typing import Key

OBSERVABLES = ("density", "scaling-violation")
PANELS, NODES = 30, 4
"""Intervals and Gauss-Legendre nodes in each, for the convolutions."""


@dataclasses.dataclass(frozen=True)
class Gluon:
    r"""Measurements of $x g(x) = A\, x^{a} (1-x)^{b} (1 + c \sqrt x)$, or of a convolution of it.

    A is such that the gluons carry the given part of the proton's momentum, $\int_0^1 x g\,dx$. A measurement has an
    uncorrelated error that grows at both ends of the range, two correlated shifts of opposite tilt in ln x (as from
    calibrations), and a normalization common to all (a luminosity), all of the size `error`.

    `observable = "density"` measures x g(x) at x; `"scaling-violation"` measures
    $\int_x^1 \frac{dz}{z} P(x/z)\, z g(z)$ with $P(\zeta) = \tfrac12 [\zeta^2 + (1-\zeta)^2]$, what the change of a
    structure function with ln Q^2 owes to the gluon at leading order (up to coupling and charges).

    Attributes:
        momentum: part of the proton's momentum that gluons carry.
        low: a, the rise at small x.
        high: b, the fall at large x.
        bend: c.
        error: relative size of each error in the middle of the range.
        smallest: smallest x measured.
        largest: largest x measured.
        observable: what is measured, see above.

    Raises:
        InputError: if a parameter is out of range.

    Example:
        >>> problem = Gluon()
        >>> np.round(problem.density(np.array([[1e-3], [0.1]])), 3).tolist()
        [7.593, 1.375]

    Source: the second tutorial of the course, and NNPDF, arXiv:0808.1231.
    """

    momentum: float = 0.42
    low: float = -0.2
    high: float = 5.0
    bend: float = -0.8
    error: float = 0.03
    smallest: float = 1e-3
    largest: float = 0.7
    observable: Literal[OBSERVABLES] = "density"

    events: ClassVar[int] = 60
    task: ClassVar[str] = "regression"
    citations: ClassVar[tuple[str, ...]] = (GLUON_REPLICAS, NORMALIZATION)

    def __post_init__(self) -> None:
        if not (self.momentum > 0 and self.low > -1 and self.high > 0 and self.bend > -1):
            raise InputError("gluon: momentum and high are positive, low and bend are above -1")
        if not 0 < self.smallest < self.largest < 1:
            raise InputError(f"gluon: 0 < smallest < largest < 1, not {self.smallest} and {self.largest}")
        if not self.error > 0:
            raise InputError(f"gluon: error is a positive fraction, not {self.error}")
        if self.observable not in OBSERVABLES:
            raise InputError(f"gluon: observable is {' or '.join(OBSERVABLES)}, not '{self.observable}'")

    def draw(self, key: Key, n: int) -> Dataset:
        """`n` measurements at even steps in ln x, with their errors as observers, see `ansatz.risk.errors_of`."""
        x = np.geomspace(self.smallest, self.largest, n)[:, None]
        expected, errors = self.truth(x), self.errors(x)
        root = np.linalg.cholesky(errors.covariance(expected))
        return Dataset(
            x,
            y=expected + root @ generator(key).normal(size=n),
            columns=("x",),
            target=("xg" if self.observable == "density" else "dF",),
            observers={"truth": expected} | errors.observers(),
            name="gluon",
        )

    def density(self, x: np.ndarray) -> np.ndarray:
        """The function x g(x), shape (events,), for x of shape (events, 1)."""
        x = np.asarray(x, float)[:, 0]
        area = beta(self.low + 1, self.high + 1) + self.bend * beta(self.low + 1.5, self.high + 1)
        return self.momentum / area * x**self.low * (1 - x) ** self.high * (1 + self.bend * np.sqrt(x))

    def errors(self, x: np.ndarray) -> Errors:
        """The errors of measurements at x of shape (events, 1)."""
        place = np.log(np.asarray(x, float)[:, 0] / self.smallest) / np.log(self.largest / self.smallest)
        size = self.error * self.truth(x)
        return Errors(
            size * (1 + 3 * (2 * place - 1) ** 4) + 0.02 * self.error,
            additive=np.stack([size * (1 - place), size * place], axis=1) / 2,
            multiplicative=np.full((len(place), 1), self.error / 2),
        )

    def measured(self, x: np.ndarray) -> Observable:
        """What the measurements at x are of x g, as a functional."""
        return Pointwise() if self.observable == "density" else scaling_violation(np.asarray(x, float)[:, 0])

    def truth(self, x: np.ndarray) -> np.ndarray:
        """What measurements at x would show without errors, float64, shape (events,)."""
        if self.observable == "density":
            return self.density(x)
        operator, nodes = scaling_violation_table(np.asarray(x, float)[:, 0])
        return operator @ self.density(nodes)


def scaling_violation(x: np.ndarray) -> Convolution:
    """The table of `scaling_violation_table` as an observable of x g."""
    return Convolution(*scaling_violation_table(x))


def scaling_violation_table(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""$\int_x^1 \frac{dz}{z} P(x/z) f(z)$ with $P(\zeta) = \frac12[\zeta^2 + (1-\zeta)^2]$, as a table over nodes.

    The nodes are those of Gauss-Legendre in ln z between neighboring limits, so that each integral is exact to the
    order of the rule.

    Args:
        x: lower limits, shape (measurements,), between 0 and 1.

    Returns:
        The operator, shape (measurements, nodes), and the nodes, shape (nodes, 1).

    Example:
        >>> operator, nodes = scaling_violation_table(np.array([0.01]))
        >>> round(float(operator[0] @ nodes[:, 0]), 6)  # f(z) = z
        0.458848

    Source: G. Altarelli and G. Parisi, Nucl. Phys. B 126 (1977) 298.
    """
    edges = np.unique(np.concatenate([np.log(x), np.linspace(np.log(x.min()), 0.0, PANELS)]))
    t, w = np.polynomial.legendre.leggauss(NODES)
    half = np.diff(edges)[:, None] / 2
    nodes = np.exp(edges[:-1, None] + half * (1 + t)).ravel()
    ratio = x[:, None] / nodes
    kernel = 0.5 * (ratio**2 + (1 - ratio) ** 2) * (ratio <= 1)
    return kernel * (half * w).ravel(), nodes[:, None]
