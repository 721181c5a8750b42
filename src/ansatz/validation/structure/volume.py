"""The curse of dimensionality in closed form: volumes and distances in the cube."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln


def ball_fraction(dimensions: np.ndarray | int) -> np.ndarray:
    r"""The part of a cube that its inscribed ball fills, $\pi^{D/2} / (D\, 2^{D-1}\, \Gamma(D/2))$.

    Example:
        >>> ball_fraction(np.array([1, 2, 3, 10])).round(5).tolist()
        [1.0, 0.7854, 0.5236, 0.00249]
    """
    d = np.asarray(dimensions, float)
    return np.exp(d / 2 * np.log(np.pi) - np.log(d) - (d - 1) * np.log(2) - gammaln(d / 2))


def near_the_edge(dimensions: np.ndarray | int, margin: float) -> np.ndarray:
    r"""The part of a unit cube within `margin` of a face, $1 - (1 - 2 m)^D$.

    Example:
        >>> near_the_edge(np.array([1, 10, 100]), 0.05).round(3).tolist()
        [0.1, 0.651, 1.0]
    """
    return 1 - (1 - 2 * margin) ** np.asarray(dimensions, float)


def nearest_in_cube(dimensions: np.ndarray | int, points: int) -> np.ndarray:
    r"""Distance to the nearest of n random points in the unit cube, about $\Gamma(1 + 1/D)\,(n V_D)^{-1/D}$.

    $V_D$ is the volume of the unit ball. Edges are neglected (they push the nearest one further away), so this is exact
    for points on a torus while the distance is below one half.

    Example:
        >>> nearest_in_cube(np.array([1, 2]), 100).round(4).tolist()
        [0.005, 0.05]
    """
    d = np.asarray(dimensions, float)
    log_volume = np.log(ball_fraction(d)) + d * np.log(2)
    return np.exp(gammaln(1 + 1 / d) - (np.log(points) + log_volume) / d)
