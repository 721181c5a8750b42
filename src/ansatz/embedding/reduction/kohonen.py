r"""The self-organizing map of Kohonen: a sheet of prototypes that is laid through the data."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.spatial.distance import cdist

from ansatz.embedding.reduction.pca import PCA
from ansatz.errors import InputError

SETTLING = 40
"""Most rounds at the last radius."""

FAINT = 1e-12
"""Part of the weight within reach of a node below which it stays where it is."""

STILL = 1e-3
"""Root mean square step of the prototypes, in units of the spread of the rows, at which the sheet is at rest."""


@dataclasses.dataclass(frozen=True, eq=False)
class KohonenMap:
    r"""$x \mapsto g_c + u$: the node whose prototype $m_c$ is nearest to x, and where x lies between it and the next.

    The sheet is a grid of nodes at places g, with a prototype each. Of the radius r, which falls from the size of the
    sheet to less than a cell, each round sends every row to its nearest node c(i) and lets

    $$ m_k = \frac{\sum_i w_i\, h_{k c(i)}\, x_i}{\sum_i w_i\, h_{k c(i)}} , \qquad
       h_{kc} = e^{-|g_k - g_c|^2 / 2 r^2} , $$

    so that neighbors on the sheet become alike. Without neighbors (r = 0) that is k-means.

    Attributes:
        prototypes: m, shape (nodes, columns), the last axis of the sheet fastest.
        shape: nodes along each axis of the sheet.
        settled: whether the sheet was at rest in the end.

    Source: T. Kohonen, Biol. Cybern. 43 (1982) 59; T. Kohonen, Self-Organizing Maps (1995), section 3.6 (batch).

    Example:
        >>> line = KohonenMap(np.array([[0.0], [1.0], [2.0]]), (3,))
        >>> line.node(np.array([[1.8]])).tolist(), np.round(line.transform(np.array([[0.75], [1.25]])), 6).tolist()
        ([2], [[0.75], [1.25]])
    """

    prototypes: np.ndarray
    shape: tuple[int, ...]
    settled: bool = True

    @classmethod
    def of(
        cls,
        x: np.ndarray,
        weight: np.ndarray,
        *,
        shape: tuple[int, ...] = (12, 12),
        radius: float = 0.5,
        rounds: int = 40,
    ) -> KohonenMap:
        """The map of some rows, started as a flat sheet in the plane of their principal components.

        Args:
            x: features, shape (rows, columns).
            weight: event weights, none negative; scale does not matter.
            shape: nodes along each axis of the sheet.
            radius: of a neighborhood in the end, in cells.
            rounds: rounds in which the radius falls.

        Raises:
            InputError: if the sheet has more axes than the rows have columns, or a size is out of range.
        """
        if not 1 <= len(shape) <= x.shape[1] or min(shape) < 2:
            raise InputError(
                f"a sheet has two nodes or more along each axis, and at most as many axes as there are columns"
                f" ({x.shape[1]}); it cannot be {list(shape)}"
            )
        if not radius > 0 or rounds < 1:
            raise InputError(f"radius must be positive and rounds at least 1, not {radius:g} and {rounds}")
        weight = np.asarray(weight, float) / np.sum(weight)
        apart = cdist(places(shape), places(shape), "sqeuclidean")
        falling = np.geomspace(max(max(shape) / 2, radius), radius, rounds)
        m, settled = _flat_sheet(x, weight, shape), False
        still = STILL**2 * float(weight @ np.sum((x - weight @ x) ** 2, axis=1))
        for width in (*falling, *np.full(SETTLING, radius)):
            before = m
            m = _smoothed(x, weight, _nearest(x, m), np.exp(-apart / (2 * width**2)), m)
            settled = width == radius and bool(np.mean(np.sum((m - before) ** 2, axis=1)) < still)
            if settled:
                break
        return cls(m, tuple(shape), settled)

    def node(self, x: np.ndarray) -> np.ndarray:
        """Number of the nearest prototype, shape (events,)."""
        return _nearest(x, self.prototypes)

    def transform(self, x: np.ndarray) -> np.ndarray:
        """Places on the sheet in units of cells, shape (events, axes of the sheet)."""
        nearest = self.node(x)
        tangent = self._tangents()[nearest]
        metric = tangent @ tangent.transpose(0, 2, 1)
        floor = 1e-9 * np.trace(metric, axis1=1, axis2=2)[:, None, None] + 1e-300
        pull = np.einsum("nac,nc->na", tangent, x - self.prototypes[nearest])
        step = np.linalg.solve(metric + floor * np.eye(len(self.shape)), pull[:, :, None])[:, :, 0]
        return places(self.shape)[nearest] + np.clip(step, -0.5, 0.5)

    def walls(self) -> np.ndarray:
        """The mean distance of each prototype from its neighbors on the sheet: high between groups, shape `shape`."""
        neighbor = cdist(places(self.shape), places(self.shape), "sqeuclidean") < 1.5
        np.fill_diagonal(neighbor, val=False)
        apart = cdist(self.prototypes, self.prototypes)
        return ((apart * neighbor).sum(axis=1) / neighbor.sum(axis=1)).reshape(self.shape)

    def missed(self, x: np.ndarray) -> np.ndarray:
        """Distance of each row from its prototype, shape (events,)."""
        return np.linalg.norm(x - self.prototypes[self.node(x)], axis=1)

    def torn(self, x: np.ndarray) -> np.ndarray:
        """Whether the two nearest prototypes of a row are no neighbors on the sheet, diagonal ones included."""
        order = np.argsort(_squares(x, self.prototypes), axis=1)[:, :2]
        first, second = (places(self.shape)[order[:, k]] for k in (0, 1))
        return np.abs(first - second).max(axis=1) > 1.5

    def _tangents(self) -> np.ndarray:
        """How the prototypes change from cell to cell along each axis of the sheet, shape (nodes, axes, columns)."""
        sheet = self.prototypes.reshape(*self.shape, -1)
        slopes = [np.gradient(sheet, axis=axis) for axis in range(len(self.shape))]
        return np.stack(slopes, axis=-2).reshape(len(self.prototypes), len(self.shape), -1)


def places(shape: tuple[int, ...]) -> np.ndarray:
    """The place of each node on the sheet, shape (nodes, axes).

    Example:
        >>> places((2, 2)).tolist()
        [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    """
    return np.stack(np.indices(shape), axis=-1).reshape(-1, len(shape)).astype(float)


def _flat_sheet(x: np.ndarray, weight: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Prototypes in the plane of the principal components, the longest axis along the first of them."""
    pca = PCA.of(x, weight)
    z = np.zeros((int(np.prod(shape)), len(pca.variance)))
    grid = places(shape) / (np.array(shape) - 1) * 2 - 1
    for component, axis in enumerate(np.argsort(-np.array(shape), kind="stable")[: z.shape[1]]):
        z[:, component] = 2 * np.sqrt(pca.variance[component]) * grid[:, axis]
    return pca.restore(z)


def _squares(x: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Squared distances up to a constant of each row, shape (rows, nodes)."""
    return (m**2).sum(axis=1) - 2 * x @ m.T


def _nearest(x: np.ndarray, m: np.ndarray) -> np.ndarray:
    size = max(1, 4_000_000 // len(m))
    parts = [_squares(x[i : i + size], m).argmin(axis=1) for i in range(0, max(len(x), 1), size)]
    return np.concatenate(parts)


def _smoothed(x: np.ndarray, weight: np.ndarray, nearest: np.ndarray, reach: np.ndarray, old: np.ndarray) -> np.ndarray:
    """Means over the rows of each node and of those in reach of it."""
    count = len(old)
    mass = np.bincount(nearest, weight, count)
    sums = np.stack([np.bincount(nearest, weight * column, count) for column in x.T], axis=1)
    total = reach @ mass
    return np.where(total[:, None] > FAINT, reach @ sums / np.maximum(total, FAINT)[:, None], old)
