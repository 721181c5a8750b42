"""XNOR: two inputs that say nothing alone and everything together."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
from scipy.integrate import quad
from scipy.special import ndtr

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.problems.references import PERCEPTRONS
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True)
class Xnor:
    r"""Class 1 where two numbers have the same sign, class 0 where they differ.

    The true inputs a, b are uniform in [-1, 1]; what is seen is x1 = a + noise * N(0, 1) and x2 likewise, and a part
    `flip` of the labels is wrong. With g(x) = P(a > 0 | x1 = x) the chance that x belongs to class 1 is

    p(1 | x) = (1 - 2 flip) (g(x1) g(x2) + (1 - g(x1)) (1 - g(x2))) + flip.

    No straight line does better than chance: the smallest problem that needs a hidden layer, or a tree of depth two.

    Attributes:
        noise: standard deviation of the Gaussian added to each input.
        flip: probability that a label is wrong.

    Raises:
        InputError: if `noise` is negative or `flip` is not in [0, 1/2).

    Example:
        >>> import jax
        >>> data = Xnor().draw(jax.random.key(0), 500)
        >>> bool((data.y == (data.x[:, 0] * data.x[:, 1] > 0)).all())
        True
        >>> Xnor(flip=0.1).bayes_accuracy()
        0.9
    """

    noise: float = 0.0
    flip: float = 0.0

    events: ClassVar[int] = 500
    task: ClassVar[str] = "classification"
    citations: ClassVar[tuple[str, ...]] = (PERCEPTRONS,)

    def __post_init__(self) -> None:
        if not 0 <= self.noise < np.inf:
            raise InputError(f"xnor: noise is a standard deviation, zero or more, not {self.noise}")
        if not 0 <= self.flip < 0.5:
            raise InputError(f"xnor: flip is a probability from 0 to below 0.5, not {self.flip}")

    def draw(self, key: Key, n: int) -> Dataset:
        """`n` events with the features `x1` and `x2`."""
        rng = generator(key)
        true = rng.uniform(-1, 1, (n, 2))
        same = true[:, 0] * true[:, 1] > 0
        wrong = rng.random(n) < self.flip
        return Dataset(
            true + self.noise * rng.normal(size=(n, 2)),
            y=(same != wrong).astype(int),
            columns=("x1", "x2"),
            target=("same_sign",),
            classes=("different", "same"),
            name="xnor",
        )

    def probability(self, x: np.ndarray) -> np.ndarray:
        """The true p(1 | x), shape (events,), for inputs of shape (events, 2)."""
        first, second = self._positive(np.asarray(x, dtype=float)).T
        same = first * second + (1 - first) * (1 - second)
        return (1 - 2 * self.flip) * same + self.flip

    def bayes_accuracy(self) -> float:
        """The largest accuracy that any classifier can reach.

        Two independent guesses of a sign are both right or both wrong with probability s^2 + (1 - s)^2, where s is the
        chance to guess one sign, int max(g, 1 - g) p(x) dx.
        """
        if self.noise == 0:
            return 1 - self.flip
        reach = 1 + 9 * self.noise
        sign = 2 * quad(lambda x: float(self._side(np.array(x))), 0, reach, points=[1.0], epsabs=1e-12)[0]
        return float((1 - 2 * self.flip) * (sign**2 + (1 - sign) ** 2) + self.flip)

    def _side(self, x: np.ndarray) -> np.ndarray:
        """Joint density of a > 0 and the observed x."""
        return (ndtr(x / self.noise) - ndtr((x - 1) / self.noise)) / 2

    def _positive(self, x: np.ndarray) -> np.ndarray:
        """g(x), the chance that the true input behind x is positive."""
        if self.noise == 0:
            return (x > 0).astype(float)
        # differences of tails keep their digits far outside the square
        mirrored = self._side(-x)
        positive = np.where(x > 1, self._tail(x), self._side(x))
        negative = np.where(x < -1, self._tail(-x), mirrored)
        total = positive + negative
        return np.where(total > 0, positive / np.where(total > 0, total, 1), x > 0)

    def _tail(self, x: np.ndarray) -> np.ndarray:
        return (ndtr((1 - x) / self.noise) - ndtr(-x / self.noise)) / 2
