"""Diffusion maps: coordinates in which straight distances are those of a random walk on the data."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.linalg import eigh
from scipy.spatial.distance import cdist

from ansatz.embedding.reduction.neighbors import typical_reach
from ansatz.errors import InputError

SHARE, LEAST = 0.05, 8
"""Part of the weight that a row finds within one step, if no step is given, and the rows that it finds at least."""


STAYS = 0.99
"""Probability to stay where one is above which a walk is none."""


@dataclasses.dataclass(frozen=True, eq=False)
class DiffusionMap:
    r"""$z_k(x) = \lambda_k^t\, \psi_k(x)$ with $\psi_k$ the slow modes of a random walk between the rows.

    The walk goes from i to j with probability proportional to $w_j\, e^{-d_{ij}^2 / 2 s^2} / (q_i q_j)^\alpha$, where
    $q_i = \sum_j w_j e^{-d_{ij}^2 / 2 s^2}$ is the density. $\alpha = 1$ takes the density out, so that the map shows
    the shape alone; $\alpha = 0$ keeps it, and finds groups. The constant mode is left out. New points are placed by
    one step of the walk (Nystroem).

    Attributes:
        points: training rows, shape (rows, columns).
        weight: of them, of sum one.
        step: s.
        alpha: see above.
        time: t.
        density: q, shape (rows,).
        values: eigenvalues without the first, which is 1, shape (components,).
        modes: psi of the training rows, of weighted mean square one, shape (rows, components).

    Source: R. Coifman and S. Lafon, Appl. Comput. Harmon. Anal. 21 (2006) 5.

    Example:
        >>> x = np.concatenate([np.zeros(5), 9 + np.zeros(5)])[:, None] + np.linspace(0, 1, 10)[:, None]
        >>> z = DiffusionMap.of(x, np.ones(10), step=2.0, components=1).transform(x)
        >>> bool(np.all(np.sign(z[:5]) != np.sign(z[5:])))
        True
    """

    points: np.ndarray
    weight: np.ndarray
    step: float
    alpha: float
    time: float
    density: np.ndarray
    values: np.ndarray
    modes: np.ndarray

    @classmethod
    def of(
        cls,
        x: np.ndarray,
        weight: np.ndarray,
        *,
        components: int = 2,
        step: float | None = None,
        alpha: float = 1.0,
        time: float = 1.0,
    ) -> DiffusionMap:
        """The slowest modes of some rows.

        Raises:
            InputError: if there are too few rows, or the step is so short that nobody gets anywhere.
        """
        if components + 1 >= len(x):
            raise InputError(f"{components} modes need more than {components + 1} distinct rows, not {len(x)}")
        w = weight / weight.sum()
        apart = cdist(x, x)
        step = typical_reach(apart, w, min(max(SHARE, LEAST / len(x)), 0.5)) if step is None else step
        plain = np.exp(-(apart**2) / (2 * step**2))
        density = plain @ w
        tamed = plain / np.multiply.outer(density, density) ** alpha
        leaving = tamed @ w
        if np.median(np.diag(tamed) * w / leaving) > STAYS:
            raise InputError(f"with a step of {step:g} no row reaches another; give a longer one")
        root = np.sqrt(w / leaving)
        last = len(x) - 1
        values, vectors = eigh(root[:, None] * tamed * root, subset_by_index=(last - components, last))
        modes = (vectors / np.sqrt(w * leaving)[:, None])[:, -2::-1]
        modes = modes * np.sign(modes[np.abs(modes).argmax(axis=0), np.arange(components)])
        modes = modes / np.sqrt(w @ modes**2)
        return cls(x, w, float(step), alpha, time, density, values[-2::-1], modes)

    def transform(self, x: np.ndarray) -> np.ndarray:
        """Coordinates of many points, shape (events, components)."""
        size = max(1, 8_000_000 // max(len(self.points), 1))
        return np.concatenate([self._few(x[i : i + size]) for i in range(0, max(len(x), 1), size)])

    def _few(self, x: np.ndarray) -> np.ndarray:
        squares = cdist(x, self.points, "sqeuclidean")
        squares = squares - squares.min(axis=1, keepdims=True)
        walk = self.weight * np.exp(-squares / (2 * self.step**2)) / self.density**self.alpha
        walk = walk / walk.sum(axis=1, keepdims=True)
        return walk @ (self.modes * np.abs(self.values) ** (self.time - 1) * np.sign(self.values))
