"""Kernel principal components, with event weights."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.linalg import eigh
from scipy.spatial.distance import cdist

from ansatz.errors import InputError

KERNELS = ("rbf", "polynomial", "linear", "cosine")


@dataclasses.dataclass(frozen=True, eq=False)
class KernelPCA:
    r"""Principal components in the space of a kernel: $z_k(x) = \sum_i w_i\, a_{ik}\, \tilde k(x_i, x)$.

    $\tilde k$ is the kernel centered with the event weights (of sum one), $a_k$ the eigenvectors of
    $\sqrt{w_i} \tilde k_{ij} \sqrt{w_j}$, so that a weight of two and two copies of a row are the same. The variance of
    coordinate k over the training rows is its eigenvalue.

    Attributes:
        kernel: "rbf" $e^{-\gamma d^2}$, "polynomial" $(\gamma\, x \cdot y + 1)^3$, "linear" or "cosine".
        gamma: of the kernel.
        points: training rows, shape (rows, columns).
        weight: of them, of sum one.
        vectors: $w_i a_{ik}$, shape (rows, components).
        variance: eigenvalues, shape (components,).
        total: sum of all eigenvalues.
        column_mean: $\sum_j w_j k_{ij}$, shape (rows,).

    Source: B. Schoelkopf, A. Smola and K.-R. Mueller, Neural Comput. 10 (1998) 1299.

    Example:
        >>> x = np.array([[0.0], [1.0], [2.0]])
        >>> np.round(KernelPCA.of(x, np.ones(3), kernel="linear", components=1).transform(x).ravel(), 6).tolist()
        [1.0, 0.0, -1.0]
    """

    kernel: str
    gamma: float
    points: np.ndarray
    weight: np.ndarray
    vectors: np.ndarray
    variance: np.ndarray
    total: float
    column_mean: np.ndarray

    @classmethod
    def of(
        cls, x: np.ndarray, weight: np.ndarray, *, kernel: str = "rbf", gamma: float | None = None, components: int = 2
    ) -> KernelPCA:
        """The leading kernel components of some rows.

        Raises:
            InputError: if there are fewer rows than components, or the kernel is not known.
        """
        if kernel not in KERNELS:
            raise InputError(f"kernel must be one of {', '.join(KERNELS)}, not '{kernel}'")
        if components >= len(x):
            raise InputError(f"{components} components need more than {components} distinct rows, not {len(x)}")
        gamma = 1.0 / x.shape[1] if gamma is None else gamma
        w = weight / weight.sum()
        plain = _values(kernel, gamma, x, x)
        column_mean = plain @ w
        centered = plain - column_mean[:, None] - column_mean + w @ column_mean
        root = np.sqrt(w)
        values, vectors = eigh(root[:, None] * centered * root, subset_by_index=(len(x) - components, len(x) - 1))
        values, vectors = np.maximum(values[::-1], 1e-300), vectors[:, ::-1]
        vectors = vectors * np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(components)])
        total = float(w @ np.diag(centered))
        return cls(kernel, gamma, x, w, root[:, None] * vectors / np.sqrt(values), values, total, column_mean)

    @property
    def explained(self) -> np.ndarray:
        """The part of the variance along each component."""
        return self.variance / self.total

    def transform(self, x: np.ndarray) -> np.ndarray:
        """Coordinates of many points, shape (events, components)."""
        size = max(1, 8_000_000 // max(len(self.points), 1))
        return np.concatenate([self._few(x[i : i + size]) for i in range(0, max(len(x), 1), size)])

    def _few(self, x: np.ndarray) -> np.ndarray:
        plain = _values(self.kernel, self.gamma, x, self.points)
        centered = plain - (plain @ self.weight)[:, None] - self.column_mean + self.weight @ self.column_mean
        return centered @ self.vectors


def _values(kernel: str, gamma: float, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    if kernel == "rbf":
        return np.exp(-gamma * cdist(a, b, "sqeuclidean"))
    if kernel == "polynomial":
        return (gamma * a @ b.T + 1) ** 3
    if kernel == "linear":
        return a @ b.T
    size = [np.maximum(np.linalg.norm(one, axis=1, keepdims=True), 1e-300) for one in (a, b)]
    return (a / size[0]) @ (b / size[1]).T
