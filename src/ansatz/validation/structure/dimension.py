"""Intrinsic dimension: how many coordinates a sample really has, with errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from ansatz.embedding.reduction import PCA
from ansatz.errors import InputError
from ansatz.keys import generator, named
from ansatz.typing import Key
from ansatz.validation.interval import ONE_SIGMA, Interval, normal
from ansatz.validation.resampling import bootstrap_values

REFERENCE = 3000
"""Most points of a reference sample; the bias of larger samples is smaller than what is then taken out."""


class Estimate(NamedTuple):
    """A dimension, and the error from the scatter of the points."""

    value: float
    error: float


def two_nn(x: np.ndarray, *, discard: float = 0.1, level: float = ONE_SIGMA, key: Key) -> Interval:
    r"""Dimension from the ratio $\mu = r_2 / r_1$ of the distances to the two nearest neighbors.

    Where the density is even over the second neighbor's distance, $\log\mu$ is exponential with rate D. The largest
    `discard` of the ratios, where it is least even, are only known to be large: D is the maximum-likelihood rate of
    the censored sample. What is left of the bias is taken out as `unbiased` says.

    Args:
        x: points, shape (events, columns); equal points are taken once.
        discard: part of the ratios that are censored.
        level: probability that the interval holds the truth.
        key: decides the reference samples.

    Raises:
        InputError: if there are fewer than 20 distinct points.

    Source: E. Facco et al., Sci. Rep. 7 (2017) 12140.

    Example:
        >>> import jax
        >>> found = two_nn(np.random.default_rng(0).random((500, 2)), key=jax.random.key(0))
        >>> bool(abs(found.value - 2) < 2 * found.error)
        True
    """

    def estimate(points: np.ndarray) -> Estimate:
        far, near = _neighbors(points, 2)
        ratio = np.log(far[:, 1] / far[:, 0])
        cut = np.quantile(ratio, 1 - discard)
        seen, short = (ratio <= cut).astype(float), np.minimum(ratio, cut)
        value = (seen.sum() - 1) / short.sum()
        influence = seen - value * short
        error = value * _clustered_error(influence - influence.mean(), near) * len(points) / seen.sum()
        return Estimate(float(value), float(error))

    return unbiased(estimate, _distinct(x), level=level, method="two nearest neighbors", key=key)


def levina_bickel(x: np.ndarray, neighbors: int = 12, *, level: float = ONE_SIGMA, key: Key) -> Interval:
    r"""Dimension from distances to k neighbors, $1 / D = \langle \frac{1}{k - 1} \sum_{j<k} \log (r_k / r_j) \rangle$.

    The mean over points is that of the inverse, the maximum likelihood of all points together (D. MacKay and
    Z. Ghahramani, 2005). The bias is taken out as `unbiased` says.

    Args:
        x: points, shape (events, columns); equal points are taken once.
        neighbors: k.
        level: probability that the interval holds the truth.
        key: decides the reference samples.

    Raises:
        InputError: if there are too few distinct points.

    Source: E. Levina and P. Bickel, NeurIPS (2004) 777.

    Example:
        >>> import jax
        >>> found = levina_bickel(np.random.default_rng(0).random((500, 2)), key=jax.random.key(0))
        >>> bool(abs(found.value - 2) < 2 * found.error)
        True
    """
    x = _distinct(x)
    if not 2 <= neighbors < len(x):
        raise InputError(
            f"neighbors must be at least 2 and below the number of distinct points ({len(x)}), not {neighbors}"
        )

    def estimate(points: np.ndarray) -> Estimate:
        far, near = _neighbors(points, neighbors)
        inverse = np.log(far[:, -1:] / far[:, :-1]).sum(axis=1) / (neighbors - 1)
        mean = float(inverse.mean())
        return Estimate(1 / mean, _clustered_error(inverse - mean, near) / mean**2)

    return unbiased(estimate, x, level=level, method="likelihood of neighbors", key=key)


def unbiased(
    estimate: Callable[[np.ndarray], Estimate], x: np.ndarray, *, level: float = ONE_SIGMA, method: str, key: Key
) -> Interval:
    r"""An estimate of the dimension without the bias that it has for as many points of a known dimension.

    Neighbors are not infinitely near: edges and an uneven density make estimates too small, the more so the higher the
    dimension. How far is measured on samples of that dimension and size: a sphere, which has no edge, a cube, which is
    all edge, and a Gaussian, whose density is uneven. The middle of the three corrections is used; half of their range
    is what is not known of the shape of the data, and goes into the error together with the scatter.

    Example:
        >>> import jax
        >>> def exact(points):
        ...     return Estimate(2.0, 0.1)
        >>> unbiased(exact, np.zeros((50, 3)), method="exact", key=jax.random.key(0)).value
        2.0
    """
    found = estimate(x)
    rng = generator(key)
    dimension = max(round(found.value), 1)
    for _ in range(3):
        factors = [_factor(estimate, make, dimension, min(len(x), REFERENCE), rng) for make in SHAPES]
        middle, half = (max(factors) + min(factors)) / 2, (max(factors) - min(factors)) / 2
        again = max(round(found.value * middle), 1)
        if again == dimension:
            break
        dimension = again
    error = float(np.hypot(found.error * middle, found.value * half))
    words = f"{method}; scatter and shape"
    return normal(found.value * middle, error, level=level, scale="log", method=words)


def _factor(
    estimate: Callable[[np.ndarray], Estimate],
    make: Callable[[np.random.Generator, int, int], np.ndarray],
    dimension: int,
    points: int,
    rng: np.random.Generator,
) -> float:
    """What an estimate has to be multiplied with for samples of that shape."""
    samples = max(1, round(6000 / points))
    return dimension / float(np.mean([estimate(make(rng, points, dimension)).value for _ in range(samples)]))


def _sphere(rng: np.random.Generator, points: int, dimension: int) -> np.ndarray:
    x = rng.normal(size=(points, dimension + 1))
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def _cube(rng: np.random.Generator, points: int, dimension: int) -> np.ndarray:
    return rng.random((points, dimension))


def _gaussian(rng: np.random.Generator, points: int, dimension: int) -> np.ndarray:
    return rng.normal(size=(points, dimension))


SHAPES = (_sphere, _cube, _gaussian)
"""Samples of known dimension."""


def participation(x: np.ndarray, weight: np.ndarray | None = None, *, level: float = ONE_SIGMA, key: Key) -> Interval:
    r"""How many principal components carry the variance, $(\sum\lambda)^2 / \sum\lambda^2$: a linear dimension.

    Example:
        >>> import jax
        >>> round(participation(np.random.default_rng(0).normal(size=(500, 3)), key=jax.random.key(0)).value, 1)
        3.0
    """
    weight = np.ones(len(x)) if weight is None else np.asarray(weight, float)

    def value(w: np.ndarray) -> np.ndarray:
        spectra = [PCA.of(x, one).variance for one in w.reshape(-1, len(x))]
        return np.array([s.sum() ** 2 / (s**2).sum() for s in spectra]).reshape(w.shape[:-1])

    found = bootstrap_values([value], weight, replicas=40, key=key)[:, 0]
    middle = float(value(weight))
    return normal(middle, float(found.std(ddof=1)), level=level, scale="log", method="bootstrap error (40 replicas)")


def intrinsic_dimension(
    x: np.ndarray, weight: np.ndarray | None = None, *, level: float = ONE_SIGMA, key: Key
) -> dict[str, Interval]:
    """All three estimates by name."""
    return {
        "two nearest neighbors": two_nn(x, level=level, key=named(key, "two")),
        "likelihood of neighbors": levina_bickel(x, level=level, key=named(key, "likelihood")),
        "principal components": participation(x, weight, level=level, key=named(key, "components")),
    }


def _distinct(x: np.ndarray) -> np.ndarray:
    found = np.unique(np.asarray(x, float).reshape(len(x), -1), axis=0)
    if len(found) < 20:
        raise InputError(f"an intrinsic dimension needs at least 20 distinct points, not {len(found)}")
    return found


def _neighbors(x: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Distances to the nearest others and their numbers, shape (points, count) each."""
    far, near = cKDTree(x).query(x, count + 1)
    return far[:, 1:], near[:, 1:]


def _clustered_error(influence: np.ndarray, near: np.ndarray) -> float:
    r"""Standard error of a mean whose terms are correlated where points are neighbors of each other.

    $\frac1n \sqrt{\sum_{ij} \psi_i \psi_j [\text{i and j share a neighborhood}]}$, at least that of independent terms.
    """
    n = len(influence)
    ones = np.ones(near.size)
    graph = csr_array((ones, (np.repeat(np.arange(n), near.shape[1]), near.ravel())), shape=(n, n))
    linked = ((graph + graph.T) > 0).astype(float)
    pairs = float(influence @ (linked @ influence)) + float(influence @ influence)
    return float(np.sqrt(max(pairs, float(influence @ influence)))) / n
