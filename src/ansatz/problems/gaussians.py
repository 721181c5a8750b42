"""Two Gaussian classes: the case in which every number has a closed form."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
from scipy.special import expit, ndtr

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.problems.references import DISCRIMINANT
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True)
class Gaussians:
    r"""Background from N(0, 1) in every dimension, signal the same but shifted by `separation` along the diagonal.

    log p(x | signal) / p(x | background) = d (u . x) - d^2 / 2 with u the unit diagonal and d the separation, so the
    best classifier is linear, its AUC is Phi(d / sqrt 2) and, with equal classes, its accuracy is Phi(d / 2).

    Attributes:
        separation: distance of the means in standard deviations.
        dimensions: number of features.
        signal: expected part of signal.

    Raises:
        InputError: if a parameter is out of range.

    Example:
        >>> problem = Gaussians(separation=2.0)
        >>> round(problem.optimal_auc(), 4), round(problem.bayes_accuracy(), 4)
        (0.9214, 0.8413)
    """

    separation: float = 1.5
    dimensions: int = 2
    signal: float = 0.5

    events: ClassVar[int] = 2000
    task: ClassVar[str] = "classification"
    citations: ClassVar[tuple[str, ...]] = (DISCRIMINANT,)

    def __post_init__(self) -> None:
        if not 0 <= self.separation < np.inf:
            raise InputError(f"gaussians: separation is a distance, zero or more, not {self.separation}")
        if self.dimensions < 1:
            raise InputError(f"gaussians: dimensions must be one or more, not {self.dimensions}")
        if not 0 < self.signal < 1:
            raise InputError(f"gaussians: signal is a part of the events, between 0 and 1, not {self.signal}")

    def draw(self, key: Key, n: int) -> Dataset:
        """`n` events of both classes."""
        rng = generator(key)
        y = (rng.random(n) < self.signal).astype(int)
        shift = self.separation / np.sqrt(self.dimensions)
        return Dataset(
            rng.normal(size=(n, self.dimensions)) + shift * y[:, None],
            y=y,
            columns=tuple(f"x{i + 1}" for i in range(self.dimensions)),
            target=("class",),
            classes=("background", "signal"),
            name="gaussians",
        )

    def log_likelihood_ratio(self, x: np.ndarray) -> np.ndarray:
        """Log p(x | signal) - log p(x | background), shape (events,), for x of shape (events, dimensions)."""
        along = np.asarray(x, dtype=float).sum(axis=1) / np.sqrt(self.dimensions)
        return self.separation * along - self.separation**2 / 2

    def probability(self, x: np.ndarray) -> np.ndarray:
        """The true probability of signal, shape (events,)."""
        return expit(self.log_likelihood_ratio(x) + np.log(self.signal / (1 - self.signal)))

    def optimal_auc(self) -> float:
        """The largest area under a ROC curve that any classifier can reach, Phi(d / sqrt 2)."""
        return float(ndtr(self.separation / np.sqrt(2)))

    def bayes_accuracy(self) -> float:
        """The largest accuracy that any classifier can reach: cut where the ratio equals the prior odds."""
        if self.separation == 0:
            return max(self.signal, 1 - self.signal)
        cut = self.separation / 2 + np.log((1 - self.signal) / self.signal) / self.separation
        return float(self.signal * ndtr(self.separation - cut) + (1 - self.signal) * ndtr(cut))
