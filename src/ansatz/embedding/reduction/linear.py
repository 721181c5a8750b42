"""Linear maps other than principal components: independent components, and parts that only add up."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.optimize import nnls


@dataclasses.dataclass(frozen=True, eq=False)
class Independent:
    r"""$z = U (x - \mu)$: coordinates that are as independent as a linear map can make them.

    Attributes:
        mean: mu, shape (columns,).
        unmixing: U, shape (components, columns).

    Example:
        >>> Independent(np.array([1.0, 0.0]), np.array([[2.0, 0.0]])).transform(np.array([[3.0, 9.0]])).tolist()
        [[4.0]]
    """

    mean: np.ndarray
    unmixing: np.ndarray

    def transform(self, x: np.ndarray) -> np.ndarray:
        """Coordinates, shape (events, components)."""
        return (x - self.mean) @ self.unmixing.T


@dataclasses.dataclass(frozen=True, eq=False)
class Parts:
    r"""$x \approx z H$ with nothing negative: every point is a sum of parts; z is the best such sum.

    Attributes:
        parts: H, shape (components, columns).

    Example:
        >>> Parts(np.array([[1.0, 1.0], [0.0, 2.0]])).transform(np.array([[3.0, 7.0]])).tolist()
        [[3.0, 2.0]]
    """

    parts: np.ndarray

    def transform(self, x: np.ndarray) -> np.ndarray:
        """Amounts of each part, shape (events, components)."""
        return np.array([nnls(self.parts.T, row)[0] for row in x]).reshape(len(x), len(self.parts))

    def restore(self, z: np.ndarray) -> np.ndarray:
        """The points that these amounts make, shape (events, columns)."""
        return z @ self.parts
