"""A noisy polynomial: the example on which fitting and predicting part company."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.problems.references import INTRODUCTION_FOR_PHYSICISTS
from ansatz.typing import Key

LINE = (0.0, 2.0)
TENTH_ORDER = (0.0, 2.0, 0.0, 0.0, 0.0, -10.0, 0.0, 0.0, 0.0, 0.0, 15.0)


@dataclasses.dataclass(frozen=True)
class NoisyPolynomial:
    r"""y = f(x) + noise * N(0, 1) with f(x) = sum_j c_j x^j and x uniform in [low, high].

    The usual law is f(x) = 2 x - 10 x^5 + 15 x^10 on [0, 1]; `coefficients=(0, 2)` is its simple brother 2 x. The
    smallest squared error that any model can reach on fresh events is noise^2, whatever is fitted and to however many
    events: what is above it is (bias)^2 + variance (Mehta et al., arXiv:1803.08823, section II).

    Attributes:
        coefficients: c_0, c_1, ...
        noise: standard deviation of y about the law.
        low: smallest x.
        high: largest x.

    Raises:
        InputError: if there are no coefficients, the noise is negative, or the range is empty.

    Example:
        >>> problem = NoisyPolynomial(noise=0.3)
        >>> problem.truth(np.array([[0.0], [1.0]])).tolist()
        [0.0, 7.0]
        >>> round(problem.bayes_risk(), 12)
        0.09
    """

    coefficients: tuple[float, ...] = TENTH_ORDER
    noise: float = 1.0
    low: float = 0.0
    high: float = 1.0

    events: ClassVar[int] = 100
    task: ClassVar[str] = "regression"
    citations: ClassVar[tuple[str, ...]] = (INTRODUCTION_FOR_PHYSICISTS,)

    def __post_init__(self) -> None:
        object.__setattr__(self, "coefficients", tuple(float(c) for c in self.coefficients))
        if not self.coefficients:
            raise InputError("noisy-polynomial: coefficients is empty; give c_0, c_1, ...")
        if not 0 <= self.noise < np.inf:
            raise InputError(f"noisy-polynomial: noise is a standard deviation, zero or more, not {self.noise}")
        if not self.low < self.high:
            raise InputError(f"noisy-polynomial: low must be below high, but {self.low} is not below {self.high}")

    def draw(self, key: Key, n: int) -> Dataset:
        """`n` events with the feature `x` and the target `y`; the observer `truth` is f(x)."""
        rng = generator(key)
        x = rng.uniform(self.low, self.high, (n, 1))
        truth = self.truth(x)
        return Dataset(
            x,
            y=truth + self.noise * rng.normal(size=n),
            columns=("x",),
            target=("y",),
            observers={"truth": truth},
            name="noisy-polynomial",
        )

    def truth(self, x: np.ndarray) -> np.ndarray:
        """The law f(x), shape (events,), for x of shape (events, 1)."""
        return np.polynomial.polynomial.polyval(np.asarray(x, dtype=float)[:, 0], self.coefficients)

    def bayes_risk(self) -> float:
        """The smallest expected squared error, noise^2."""
        return self.noise**2

    def best_risk(self, degree: int) -> float:
        r"""The smallest expected squared error of any polynomial of a degree: noise^2 + (bias of the class)^2.

        The law is projected on the Legendre polynomials of [low, high]; what is left has the mean square
        sum_{l > degree} a_l^2 / (2 l + 1).

        Example:
            >>> problem = NoisyPolynomial(noise=0.0)
            >>> round(problem.best_risk(1), 4), problem.best_risk(10)
            (0.9546, 0.0)
        """
        law = np.polynomial.Polynomial(self.coefficients).convert(
            domain=[self.low, self.high], kind=np.polynomial.Legendre, window=[-1, 1]
        )
        weight = np.asarray(law.coef, dtype=float)
        order = np.arange(len(weight))
        left = np.where(order > degree, weight**2 / (2 * order + 1), 0.0)
        return self.noise**2 + float(left.sum())
