"""A law of many inputs that a small random network decides: where models can be made too large on purpose."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.problems.references import DOUBLE_DESCENT
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True)
class Teacher:
    r"""$y = \frac{1}{\sqrt m} \sum_{j=1}^{m} a_j \tanh(w_j \cdot x) + \sigma\, \mathcal N(0, 1)$.

    The inputs are standard normal. The directions $w_j$ have length `steepness` and are drawn once from `seed`, as are
    the signs $a_j$: they belong to the problem, not to the sample. No model has a smaller expected squared error than
    $\sigma^2$.

    Attributes:
        inputs: number of features.
        units: m, number of units of the teacher.
        steepness: length of each $w_j$; small for a nearly linear law.
        noise: $\sigma$.
        seed: which teacher.

    Raises:
        InputError: if a number is out of range.

    Example:
        >>> problem = Teacher(inputs=4)
        >>> problem.truth(np.zeros((1, 4))).tolist(), problem.bayes_risk()
        ([0.0], 0.09)

    Source: students and teachers: H. S. Seung, H. Sompolinsky and N. Tishby, Phys. Rev. A 45 (1992) 6056; for double
    descent: S. Mei and A. Montanari, arXiv:1908.05355.
    """

    inputs: int = 10
    units: int = 5
    steepness: float = 1.0
    noise: float = 0.3
    seed: int = 0

    events: ClassVar[int] = 200
    task: ClassVar[str] = "regression"
    citations: ClassVar[tuple[str, ...]] = (DOUBLE_DESCENT,)

    def __post_init__(self) -> None:
        if self.inputs < 1 or self.units < 1:
            raise InputError(f"teacher: inputs and units are at least 1, not {self.inputs} and {self.units}")
        if not (self.steepness > 0 and 0 <= self.noise < np.inf):
            raise InputError(f"teacher: steepness is positive, noise not negative: {self.steepness}, {self.noise}")

    def draw(self, key: Key, n: int) -> Dataset:
        """`n` events with the features `x0`, `x1` ... and the target `y`; the observer `truth` is the law."""
        rng = generator(key)
        x = rng.normal(size=(n, self.inputs))
        truth = self.truth(x)
        return Dataset(x, y=truth + self.noise * rng.normal(size=n), observers={"truth": truth}, name="teacher")

    def truth(self, x: np.ndarray) -> np.ndarray:
        """The law, shape (events,), for x of shape (events, inputs)."""
        rng = np.random.default_rng(self.seed)
        directions = rng.normal(size=(self.inputs, self.units))
        directions *= self.steepness / np.linalg.norm(directions, axis=0)
        signs = rng.choice([-1.0, 1.0], size=self.units)
        return np.tanh(np.asarray(x, float) @ directions) @ signs / np.sqrt(self.units)

    def bayes_risk(self) -> float:
        """The smallest expected squared error, noise^2."""
        return self.noise**2
