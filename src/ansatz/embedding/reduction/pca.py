"""Principal components: the directions in which a sample varies most, by singular values, in float64."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ansatz.errors import InputError
from ansatz.typing import Key, Point

BLOCK = 16_384
"""Rows that are looked at at once, which bounds the memory."""

ROUNDING = 1e-12
"""Part of the largest variance below which a variance is rounding."""


class PCA(eqx.Module):
    r"""$z_k = a_k \cdot (x - \mu)$: coordinates along the principal axes of the training rows.

    With weights $w_i$ of sum one, $\mu = \sum w_i x_i$ and the axes $a_k$ are the orthonormal eigenvectors of
    $\Sigma = \sum w_i (x_i - \mu)(x_i - \mu)^T$, largest eigenvalue first. They come from the singular values of the
    centered rows, not from $\Sigma$, so that small ones are right too. The largest entry of each axis is positive.

    Attributes:
        mean: mu, shape (columns,); fields and images are flattened.
        axes: a, one row for each component, shape (components, columns).
        variance: eigenvalues, the variance of each coordinate, shape (components,).
        total: sum of all eigenvalues, also of those that were left out.

    Source: K. Pearson, Phil. Mag. 2 (1901) 559; H. Hotelling, J. Educ. Psychol. 24 (1933) 417.

    Example:
        >>> pca = PCA.of(np.array([[0.0, 0.0], [2.0, 2.0], [4.0, 4.0]]))
        >>> np.round(pca.explained, 6).tolist(), np.round(pca.axes[0], 4).tolist()
        ([1.0, 0.0], [0.7071, 0.7071])
        >>> np.round(pca.transform(np.array([[3.0, 3.0]])), 4).tolist()
        [[1.4142, 0.0]]
    """

    mean: Float[Array | np.ndarray, " columns"]
    axes: Float[Array | np.ndarray, "components columns"]
    variance: Float[Array | np.ndarray, " components"]
    total: Float[Array | np.ndarray, ""]

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """The coordinates of one point, shape (components,)."""
        return jnp.asarray(self.axes) @ (jnp.ravel(x) - jnp.asarray(self.mean))

    @property
    def explained(self) -> np.ndarray:
        """The part of the variance along each axis, shape (components,)."""
        total = float(self.total)
        return np.asarray(self.variance) / total if total > 0 else np.zeros(len(self.variance))

    def transform(self, x: np.ndarray) -> np.ndarray:
        """Coordinates of many points in float64 on the host, shape (events, components)."""
        axes, mean = np.asarray(self.axes, float), np.asarray(self.mean, float)
        parts = [(_flat(x[i : i + BLOCK]) - mean) @ axes.T for i in range(0, max(len(x), 1), BLOCK)]
        return np.concatenate(parts)

    def restore(self, z: np.ndarray) -> np.ndarray:
        """The points with these coordinates, shape (events, columns): x again if no component was left out."""
        return np.asarray(z, float) @ np.asarray(self.axes, float) + np.asarray(self.mean, float)

    @classmethod
    def of(cls, x: np.ndarray, weight: np.ndarray | None = None, *, components: int | None = None) -> PCA:
        """The principal components of some rows.

        Args:
            x: features, shape (events, ...).
            weight: event weights; scale does not matter. Of either sign as long as every variance stays positive.
            components: how many to keep; None for all, at most min(events, columns).

        Raises:
            InputError: if there are too few rows or columns, a value is not finite, or weights cancel.
        """
        blocks = _blocks(x, weight)
        return cls.streamed(blocks, components=components)

    @classmethod
    def streamed(cls, blocks: Iterable[tuple[np.ndarray, np.ndarray | None]], *, components: int | None = None) -> PCA:
        """The same from blocks (rows, weights) that come one after another: the whole is never in memory.

        The result is that of all rows at once, but for rounding: no component is dropped on the way. The memory is
        that of a block and a table of columns x columns.

        Example:
            >>> rows = np.random.default_rng(0).normal(size=(100, 3))
            >>> streamed = PCA.streamed((rows[i : i + 10], None) for i in range(0, 100, 10))
            >>> bool(np.allclose(streamed.axes, PCA.of(rows).axes))
            True
        """
        found = Gathered()
        for x, weight in blocks:
            found = found.add(x, weight)
        return found.components(components)


@dataclasses.dataclass(frozen=True, eq=False)
class Gathered:
    r"""What is known of the rows so far: their number, weight, mean, and a root R of the scatter matrix.

    $R^T R = \sum_i w_i (x_i - \mu)(x_i - \mu)^T$. A block is taken in by one QR decomposition of R over its centered
    rows over one row for the shift of the mean, so the scatter matrix itself, which would square all condition
    numbers, is never formed. Rows of negative weight have a root of their own that is subtracted at the end.

    Attributes:
        rows: number of rows that weigh something.
        weight: sum of weights.
        mean: weighted mean, shape (columns,).
        root: R, shape (at most columns, columns).
        negative: scatter matrix of the rows of negative weight about the origin, or None if there are none.

    Source: D. Ross et al., Int. J. Comput. Vis. 77 (2008) 125 (shift of the mean); J. Demmel et al.,
    arXiv:0808.2664 (QR of tall tables).
    """

    rows: int = 0
    weight: float = 0.0
    mean: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(0))
    root: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros((0, 0)))
    negative: Negative | None = None

    def add(self, x: np.ndarray, weight: np.ndarray | None = None) -> Gathered:
        """This and one more block of rows.

        Raises:
            InputError: if a value is not finite or the columns are not those of the blocks before.
        """
        x, weight = _checked(x, weight)
        if self.rows and x.shape[1] != len(self.mean):
            raise InputError(f"a block has {x.shape[1]} columns, but those before it had {len(self.mean)}")
        minus = weight < 0
        plus = weight > 0
        taken = self._with(x[plus], weight[plus]) if plus.any() else self
        if not minus.any():
            return taken
        negative = (self.negative or Negative.of(x.shape[1])).add(x[minus], -weight[minus])
        return dataclasses.replace(taken, negative=negative)

    def _with(self, x: np.ndarray, weight: np.ndarray) -> Gathered:
        own = float(weight.sum())
        center = weight @ x / own
        total = self.weight + own
        rows = np.sqrt(weight)[:, None] * (x - center)
        if not self.rows:
            return dataclasses.replace(self, rows=len(x), weight=own, mean=center, root=_triangle(rows))
        shift = np.sqrt(self.weight * own / total) * (self.mean - center)
        root = _triangle(np.concatenate([self.root, rows, shift[None]]))
        mean = self.mean + own / total * (center - self.mean)
        return dataclasses.replace(self, rows=self.rows + len(x), weight=total, mean=mean, root=root)

    def components(self, count: int | None = None) -> PCA:
        """The principal components of all rows so far.

        Raises:
            InputError: if there are fewer than two rows, more components than rows or columns, or weights cancel.
        """
        if self.rows < 2:
            raise InputError(f"principal components need at least two events with a weight, not {self.rows}")
        most = min(self.rows, len(self.mean))
        count = most if count is None else count
        if not 1 <= count <= most:
            raise InputError(
                f"components must be between 1 and {most} for {self.rows} events of {len(self.mean)} columns,"
                f" not {count}"
            )
        mean, variance, axes = self._spectrum() if self.negative is None else self.negative.spectrum_with(self)
        axes = axes * np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[:, None]
        return PCA(mean, axes[:count], variance[:count], np.asarray(variance.sum()))

    def _spectrum(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        _, singular, axes = np.linalg.svd(self.root, full_matrices=False)
        return self.mean, singular**2 / self.weight, axes


@dataclasses.dataclass(frozen=True, eq=False)
class Negative:
    """First and second moments of rows of negative weight (given as |w|)."""

    weight: float
    first: np.ndarray
    second: np.ndarray

    @classmethod
    def of(cls, columns: int) -> Negative:
        """Of no rows."""
        return cls(0.0, np.zeros(columns), np.zeros((columns, columns)))

    def add(self, x: np.ndarray, weight: np.ndarray) -> Negative:
        """This and more rows."""
        second = self.second + (weight[:, None] * x).T @ x
        return Negative(self.weight + float(weight.sum()), self.first + weight @ x, second)

    def spectrum_with(self, plus: Gathered) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Mean, variances and axes of the positive rows less these.

        Raises:
            InputError: if the weights sum to nothing positive or a variance is negative.
        """
        total = plus.weight - self.weight
        if total <= 0:
            raise InputError(f"the event weights sum to {total:g}; principal components need a positive sum")
        mean = (plus.weight * plus.mean - self.first) / total
        plain = plus.root.T @ plus.root + plus.weight * np.outer(plus.mean, plus.mean) - self.second
        variance, axes = np.linalg.eigh(plain / total - np.outer(mean, mean))
        if variance[0] < -ROUNDING * max(variance[-1], 1e-300) * len(mean):
            raise InputError(
                f"the event weights cancel: a direction has the variance {variance[0]:.3g}; use fewer columns"
            )
        return mean, np.maximum(variance[::-1], 0.0), axes[:, ::-1].T


def _triangle(rows: np.ndarray) -> np.ndarray:
    """A root of rows^T rows with at most as many rows as columns."""
    return rows if len(rows) <= rows.shape[1] else np.linalg.qr(rows, mode="r")


def _blocks(x: np.ndarray, weight: np.ndarray | None) -> Iterable[tuple[np.ndarray, np.ndarray | None]]:
    size = max(BLOCK, int(np.prod(np.shape(x)[1:])))
    for first in range(0, max(len(x), 1), size):
        part = slice(first, first + size)
        yield x[part], None if weight is None else weight[part]


def _flat(x: np.ndarray) -> np.ndarray:
    return np.asarray(x, float).reshape(len(x), -1) if len(x) else np.zeros((0, int(np.prod(np.shape(x)[1:]))))


def _checked(x: np.ndarray, weight: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    flat = _flat(x)
    weight = np.ones(len(flat)) if weight is None else np.asarray(weight, float)
    if not np.isfinite(flat).all() or not np.isfinite(weight).all():
        raise InputError("principal components need finite values; fill in or drop events with NaN or infinity")
    return flat, weight
