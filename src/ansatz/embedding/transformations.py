"""Transformations of variables before a method sees them: decorrelated, principal, uniform and Gaussian columns."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtri
from jaxtyping import Array, Float

from ansatz.embedding.scaling import Impute, medians
from ansatz.errors import InputError, suggest
from ansatz.typing import Key, Point

KNOTS = 500
"""Most places at which a distribution function is kept."""
SIZES = (256, 4096, 65_536)
"""Numbers of events that are transformed at once."""
BLOCK = SIZES[-1]
TINY = 1e-6
"""Least part of the weight beyond a value, where weights of either sign would leave less."""


class Affine(eqx.Module):
    r"""$A (x - \mu)$.

    Example:
        >>> Affine(jnp.array([1.0, 0.0]), jnp.array([[0.0, 2.0], [1.0, 0.0]]))(jnp.array([4.0, 5.0])).tolist()
        [10.0, 3.0]
    """

    mean: Float[Array, " inputs"]
    matrix: Float[Array, "outputs inputs"]

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """One point."""
        return self.matrix @ (x - self.mean)


class Ranks(eqx.Module):
    """Each column through its distribution function, straight between knots, and on to a Gaussian if that is wanted.

    Attributes:
        place: rising values of each column, shape (columns, knots).
        rank: part of the weight below each, between 0 and 1; the same shape.
        gaussian: whether ranks become quantiles of a standard normal.

    Example:
        >>> Ranks(jnp.array([[0.0, 10.0]]), jnp.array([[0.1, 0.9]]))(jnp.array([5.0])).round(3).tolist()
        [0.5]
    """

    place: Float[Array, "columns knots"]
    rank: Float[Array, "columns knots"]
    gaussian: bool = eqx.field(static=True, default=False)

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """One point."""
        rank = jax.vmap(jnp.interp)(x, self.place, self.rank)
        return ndtri(rank) if self.gaussian else rank


class Transformation(eqx.Module):
    """Transformations one after another.

    Example:
        >>> steps = Transformation((Impute(jnp.array([2.0])), Affine(jnp.array([1.0]), jnp.array([[3.0]]))))
        >>> steps(jnp.array([jnp.nan])).tolist()
        [3.0]
    """

    parts: tuple[eqx.Module, ...]

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """One point."""
        for part in self.parts:
            x = part(x)
        return x

    def transform(self, x: np.ndarray) -> np.ndarray:
        """All events, in float64, shape (events, columns)."""
        if not len(x):
            return np.zeros((0, x.shape[1]))
        blocks = [np.asarray(x[i : i + BLOCK], float) for i in range(0, len(x), BLOCK)]
        return np.concatenate([self._block(block) for block in blocks])

    def _block(self, x: np.ndarray) -> np.ndarray:
        """Events padded to one of a few numbers of them, so that little is compiled."""
        size = next(size for size in SIZES if size >= len(x))
        with jax.enable_x64(True):
            return np.asarray(_at_once(self, jnp.asarray(np.pad(x, ((0, size - len(x)), (0, 0))))))[: len(x)]


@eqx.filter_jit
def _at_once(steps: Transformation, x: Float[Array, "events inputs"]) -> Float[Array, "events outputs"]:
    return jax.vmap(steps)(x)


def decorrelated(x: np.ndarray, weight: np.ndarray) -> Affine:
    r"""$C^{-1/2} (x - \mu)$: columns of unit covariance that are as near as can be to the old ones.

    Mean and covariance are weighted; columns that do not vary, or are sums of others, are left as nearly nothing.

    Source: A. Hoecker et al., TMVA users guide, arXiv:physics/0703039, section 4.1.

    Example:
        >>> x = np.random.default_rng(0).multivariate_normal([1, 2], [[4, 1], [1, 1]], 500)
        >>> moved = Transformation((decorrelated(x, np.ones(500)),)).transform(x)
        >>> np.abs(np.cov(moved.T, ddof=0).round(6)).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    mean, values, vectors = _spectrum(x, weight)
    return _affine(mean, (vectors / np.sqrt(values)) @ vectors.T)


def principal(x: np.ndarray, weight: np.ndarray) -> Affine:
    """The principal components of standardized columns, each of unit variance, that of largest variance first."""
    spread = np.sqrt(np.maximum(_moments(x, weight)[1].diagonal(), 0))
    spread = np.where(spread > 0, spread, 1.0)
    mean, values, vectors = _spectrum(x / spread, weight)
    order = np.argsort(-values, kind="stable")
    return _affine(mean * spread, (vectors[:, order] / np.sqrt(values[order])).T / spread)


def uniform(x: np.ndarray, weight: np.ndarray) -> Ranks:
    """Each column becomes the part of the weight below it, evenly spread between 0 and 1."""
    place, rank = _ranks(x, weight)
    with jax.enable_x64(True):
        return Ranks(jnp.asarray(place), jnp.asarray(rank))


def gaussian(x: np.ndarray, weight: np.ndarray) -> Ranks:
    """Each column becomes a standard normal one."""
    place, rank = _ranks(x, weight)
    with jax.enable_x64(True):
        return Ranks(jnp.asarray(place), jnp.asarray(rank), gaussian=True)


TRANSFORMATIONS = {"decorrelated": decorrelated, "principal": principal, "uniform": uniform, "gaussian": gaussian}
"""Name of each transformation, for study files: `transform = "decorrelated"` or `["gaussian", "decorrelated"]`."""


def transformations(names: tuple[str, ...], x: np.ndarray, weight: np.ndarray) -> Transformation:
    """Transformations by name, each fitted to what those before it give; missing values become medians first.

    Args:
        names: of `TRANSFORMATIONS`.
        x: features of the training rows, shape (events, columns).
        weight: event weights.

    Raises:
        InputError: on an unknown name, or events that are no table.

    Example:
        >>> steps = transformations(("gaussian",), np.arange(9.0)[:, None], np.ones(9))
        >>> steps.transform(np.array([[4.0], [8.0]])).round(2).ravel().tolist()
        [0.0, 1.59]
    """
    for name in names:
        if name not in TRANSFORMATIONS:
            near, known = suggest(name, TRANSFORMATIONS), ", ".join(TRANSFORMATIONS)
            raise InputError(f"there is no transformation '{name}'{near}; there are: {known}")
    if x.ndim != 2:
        raise InputError(f"transformations are for tables, not for events of shape {x.shape[1:]}")
    with jax.enable_x64(True):
        steps = Transformation((Impute(jnp.asarray(medians(x))),))
    for name in names:
        steps = Transformation((*steps.parts, TRANSFORMATIONS[name](steps.transform(x), np.asarray(weight, float))))
    return steps


def _affine(mean: np.ndarray, matrix: np.ndarray) -> Affine:
    with jax.enable_x64(True):
        return Affine(jnp.asarray(mean), jnp.asarray(matrix))


def _moments(x: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean and covariance; with |w| where weights of either sign would leave no positive one."""
    for w in (weight, np.abs(weight)):
        mean = np.average(x, axis=0, weights=w)
        covariance = ((x - mean) * w[:, None]).T @ (x - mean) / w.sum()
        if np.linalg.eigvalsh(covariance).min() >= -1e-9 * max(np.trace(covariance), 1e-300):
            break
    return mean, covariance


def _spectrum(x: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, eigenvalues of the covariance (those of nothing replaced by the largest), and eigenvectors."""
    mean, covariance = _moments(x, weight)
    values, vectors = np.linalg.eigh(covariance)
    largest = max(float(values.max()), 1e-300)
    return mean, np.where(values > 1e-12 * largest, values, largest), vectors


def _ranks(x: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Knots of the distribution function of each column, shape (columns, knots)."""
    found = [_distribution(column, weight) for column in x.T]
    knots = max(len(place) for place, _ in found)
    pad = [(np.pad(p, (0, knots - len(p)), "edge"), np.pad(r, (0, knots - len(r)), "edge")) for p, r in found]
    return np.stack([p for p, _ in pad]), np.stack([r for _, r in pad])


def _distribution(column: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values, place = np.unique(column, return_inverse=True)
    sums = np.bincount(place, weight)
    rank = np.maximum.accumulate((np.cumsum(sums) - sums / 2) / sums.sum())
    rank = np.clip(rank, TINY, 1 - TINY)
    if len(values) > KNOTS:
        kept = np.unique(np.searchsorted(rank, np.linspace(rank[0], rank[-1], KNOTS)).clip(0, len(rank) - 1))
        values, rank = values[kept], rank[kept]
    return values, rank
