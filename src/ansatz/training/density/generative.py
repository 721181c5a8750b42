"""Generative classifiers: a density for each class, and the decision of Bayes."""

from __future__ import annotations

import dataclasses
import time
from typing import Literal

import numpy as np
from scipy.special import logsumexp

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.training.classical.options import choice
from ansatz.training.density.methods import SHAPES, Covariance, Shape, kernel_density, mixture_density
from ansatz.training.result import Fit
from ansatz.training.unsupervised.answering import Placed
from ansatz.training.unsupervised.learner import Unsupervised
from ansatz.training.unsupervised.mixture import COVARIANCES
from ansatz.typing import Key

DENSITIES = ("kernels", "mixture")


@dataclasses.dataclass(frozen=True, eq=False)
class Bayes:
    r"""$p(k|x) = \pi_k\, p(x|k) / p(x)$ with $p(x) = \sum_k \pi_k\, p(x|k)$.

    Attributes:
        densities: $\ln p(x|k)$ of each class that was seen.
        prior: $\pi_k$ of all classes, 0 for one that was not seen.
        link: "probability".
    """

    densities: tuple[Placed, ...]
    prior: np.ndarray
    link: str = "probability"

    @property
    def model(self) -> tuple[Placed, ...]:
        """The densities."""
        return self.densities

    def response(self, x: np.ndarray) -> np.ndarray:
        """Probability of each class, shape (1, events, classes)."""
        joint = self._joint(x)
        found = np.zeros((len(x), len(self.prior)))
        found[:, self.prior > 0] = np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
        return found[None]

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Ln p(x), shape (events,): where it is low, the event is like nothing that was seen, whatever its class."""
        return logsumexp(self._joint(x), axis=1)

    def _joint(self, x: np.ndarray) -> np.ndarray:
        log_prior = np.log(self.prior[self.prior > 0])
        return log_prior + np.stack([density.response(x)[0] for density in self.densities], axis=1)


@dataclasses.dataclass(frozen=True)
class Generative:
    """A learner: the density of each class by itself, and the prior from the sums of weights.

    Attributes:
        density: finds the density of one class.
        tasks: classification.
        negative_weights: False: a density has none.
    """

    density: Unsupervised
    tasks: frozenset[str] = frozenset({"classification"})
    negative_weights: bool = False

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """Learn from all events.

        Raises:
            InputError: if there is no class target, a weight is negative, or a class is too small for its density.
        """
        self.check(data)
        start = time.perf_counter()
        seen, fits = [], []
        for k, name in enumerate(data.classes):
            rows = (data.y == k) & (data.weight > 0)
            if rows.any():
                seen.append(k)
                fits.append(self._of_class(data[rows], name, named(key, f"class {k}")))
        sums = np.bincount(data.y.astype(int), weights=data.weight, minlength=len(data.classes))
        message = "; ".join(dict.fromkeys(fit.message for fit in fits if fit.message))
        return Fit(
            Bayes(tuple(fit.predictor for fit in fits), sums / sums.sum()),
            task="classification",
            classes=data.classes,
            columns=data.columns,
            converged=all(fit.converged for fit in fits),
            seconds=time.perf_counter() - start,
            message=message,
            details={data.classes[k]: dict(fit.details) for k, fit in zip(seen, fits, strict=True)},
        )

    def _of_class(self, rows: Dataset, name: str, key: Key) -> Fit:
        try:
            return self.density(rows.replace(y=None, classes=None), key)
        except InputError as error:
            raise InputError(f"class '{name}': {error}") from error.__cause__

    def check(self, data: Dataset) -> None:
        """Complain if it cannot be trained on these rows.

        Raises:
            InputError: as above.
        """
        if data.task != "classification":
            raise InputError(f"'generative' is for classification, but '{data.name}' is {data.task}")
        if len(np.unique(data.y)) < 2:
            raise InputError(f"sample '{data.name}' has one class only; a classifier needs at least two")
        if (data.weight < 0).any():
            raise InputError(f"'generative' cannot be trained with negative event weights, which '{data.name}' has")


def generative(
    *,
    density: Literal[DENSITIES] = "mixture",
    components: int = 3,
    covariance: Covariance = "full",
    width: float | None = None,
    shape: Shape = "full",
    columns: list[str] | None = None,
    starts: int = 3,
    rows: int = 3000,
) -> Generative:
    """A density for each class and Bayes' decision; the density of all says how unusual an event is; weights.

    Args:
        density: of each class: "mixture" (of Gaussians) or "kernels".
        components: number of Gaussians of a mixture.
        covariance: of a mixture, as in the task density.
        width: of kernels, in units of the spread of the class; None to find it.
        shape: of kernels, "full" or "diagonal".
        columns: names of the columns that it looks at; None for all.
        starts: how many times a mixture is started.
        rows: most distinct rows of a class that carry a kernel.

    Source: C. Bishop, Pattern Recognition and Machine Learning (2006), chapter 4.2.

    Example:
        >>> import jax
        >>> x = np.array([[0.0], [0.5], [1.0], [5.0], [5.5], [6.0]])
        >>> data = Dataset(x, y=np.array([0, 0, 0, 1, 1, 1]), classes=("low", "high"))
        >>> generative(components=1)(data, jax.random.key(0)).predict(np.array([[0.4], [5.6]])).tolist()
        [0, 1]
    """
    choice("density", density, DENSITIES)
    choice("shape", shape, SHAPES)
    choice("covariance", covariance, COVARIANCES)
    if density == "kernels":
        return Generative(kernel_density(width=width, shape=shape, columns=columns, rows=rows))
    found = mixture_density(components=components, covariance=covariance, columns=columns, starts=starts, floor=1e-6)
    return Generative(found)
