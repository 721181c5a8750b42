"""Constructors of the methods that learn a density: their arguments are what a study file may say."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Literal, Protocol

import numpy as np

from ansatz.training.classical.adapter import chosen
from ansatz.training.classical.options import at_least, choice, within
from ansatz.training.density.kernel import kernels
from ansatz.training.unsupervised import mixture
from ansatz.training.unsupervised.clustering import seed_of
from ansatz.training.unsupervised.learner import Found, Unsupervised
from ansatz.training.unsupervised.rows import Rows
from ansatz.typing import Key

TASK = frozenset({"density"})
Covariance = Literal[mixture.COVARIANCES]
SHAPES = ("full", "diagonal")
Shape = Literal[SHAPES]


class Dense(Protocol):
    """A density of prepared rows that can be drawn from."""

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Log density of each event, shape (events,)."""
        ...

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Independent events, shape (n, columns)."""
        ...


@dataclasses.dataclass(frozen=True, eq=False)
class LogDensity:
    """A density as an answer: ln p of prepared rows.

    Attributes:
        model: the density.
    """

    model: Dense

    def answer(self, x: np.ndarray) -> np.ndarray:
        """Log density of each event, shape (events,)."""
        return self.model.log_density(x)


@dataclasses.dataclass(frozen=True, eq=False)
class Apart:
    r"""The product of one-dimensional densities, $p(x) = \prod_j p_j(x_j)$: columns that know nothing of each other.

    Attributes:
        columns: the density of each column.
    """

    columns: tuple[Dense, ...]

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Log density of each event, shape (events,)."""
        parts = [one.log_density(x[:, j : j + 1]) for j, one in enumerate(self.columns)]
        return np.sum(parts, axis=0)

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Independent events, shape (n, columns)."""
        return np.concatenate([one.sample(n, rng) for one in self.columns], axis=1)


def gaussian(*, covariance: Covariance = "full", columns: list[str] | None = None, floor: float = 1e-9) -> Unsupervised:
    """One Gaussian, in closed form: the simplest density with correlations; weights.

    Args:
        covariance: as for "gaussian-mixture".
        columns: names of the columns that it looks at; None for all.
        floor: what is added to every variance, in squared units of the standardized columns.

    Example:
        >>> import jax
        >>> from ansatz.data import Dataset
        >>> x = np.random.default_rng(0).normal(size=(4000, 1))
        >>> fit = gaussian()(Dataset(x), jax.random.key(0))
        >>> bool(abs(fit.predict(np.zeros((1, 1)))[0] + 0.9189) < 0.03)
        True
    """
    return dataclasses.replace(
        mixture_density(components=1, covariance=covariance, columns=columns, starts=1, floor=floor), name="gaussian"
    )


def mixture_density(
    *,
    components: int = 3,
    covariance: Covariance = "full",
    columns: list[str] | None = None,
    starts: int = 5,
    floor: float = 1e-6,
) -> Unsupervised:
    """A sum of Gaussians by expectation and maximization; weights.

    Args:
        components: number of Gaussians.
        covariance: "full", "tied" (one for all), "diagonal", "spherical" or "equal" (spherical, one for all).
        columns: names of the columns that it looks at; None for all.
        starts: how many times it is started; the best one is kept.
        floor: what is added to every variance, in squared units of the standardized columns.

    Source: A. Dempster, N. Laird and D. Rubin, J. R. Stat. Soc. B 39 (1977) 1.
    """
    at_least(1, {"components": components, "starts": starts})
    at_least(0, {"floor": floor})
    choice("covariance", covariance, mixture.COVARIANCES)

    def make(rows: Rows, key: Key) -> Found:
        found = mixture.gaussian_mixture(rows, components, covariance, starts=starts, floor=floor, seed=seed_of(key))
        return dataclasses.replace(found, model=LogDensity(found.model))

    again = partial(mixture_density, covariance=covariance, columns=columns, starts=starts, floor=floor)
    return Unsupervised(
        make,
        "gaussian-mixture",
        TASK,
        columns=chosen(columns),
        size=components,
        again=lambda k: again(components=k),
    )


def kernel_density(
    *,
    width: float | None = None,
    shape: Shape = "full",
    independent: bool = False,
    columns: list[str] | None = None,
    rows: int = 3000,
) -> Unsupervised:
    """A small Gaussian around each event; its width by the likelihood of events that are left out; weights.

    Args:
        width: of the kernels, in units of the spread of the sample; None to find it.
        shape: "full" (kernels with the correlations of the sample) or "diagonal".
        independent: whether the density is the product of one for each column.
        columns: names of the columns that it looks at; None for all.
        rows: most distinct rows that carry a kernel; of a larger sample so many are drawn.
    """
    at_least(3, {"rows": rows})
    within(1e-9, 1e9, {"width": width})
    choice("shape", shape, SHAPES)

    def make(some: Rows, key: Key) -> Found:
        if independent:
            parts = [kernels(_one(some, j), width, shape) for j in range(len(some.names))]
            widths = [float(details["width"]) for _, details in parts]
            return Found(LogDensity(Apart(tuple(model for model, _ in parts))), {"width": widths})
        model, details = kernels(some, width, shape)
        return Found(LogDensity(model), details)

    return Unsupervised(make, "kernel-density", TASK, columns=chosen(columns), rows=rows, random=False)


def _one(rows: Rows, column: int) -> Rows:
    """One column; equal values become one row with the sum of their weights."""
    values, place = np.unique(rows.x[:, column], return_inverse=True)
    weight = np.bincount(place.ravel(), weights=rows.weight)
    return dataclasses.replace(rows, x=values[:, None], weight=weight, names=rows.names[column : column + 1])


DENSITY: dict[str, Callable[..., Unsupervised]] = {
    "gaussian": gaussian,
    "gaussian-mixture": mixture_density,
    "kernel-density": kernel_density,
}
"""Name -> constructor of a learner that finds a density."""
