r"""Directions in the space of a network's weights along which its landscape can be looked at.

A ReLU network does not change if one layer's weights are doubled and the next layer's are halved, so that a step of
length one means nothing by itself. A direction is therefore *filter-normalized*: the part that belongs to each unit
has the length of that unit's weights.

Source: H. Li, Z. Xu, G. Taylor, C. Studer and T. Goldstein, arXiv:1712.09913.
"""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PyTree

from ansatz.errors import InputError
from ansatz.typing import Key, Scalar


def filter_normalized(model: PyTree, *, key: Key) -> PyTree:
    r"""A random direction, built like the model: $d_i \leftarrow \|w_i\|\, d_i / \|d_i\|$ for the weights of each unit.

    Biases (arrays of one axis or none) are left alone: their direction is zero.

    Args:
        model: of arrays; the first axis of a matrix counts the units.
        key: decides the direction.

    Example:
        >>> d = filter_normalized({"w": jnp.array([[3.0, 4.0], [0.6, 0.8]]), "b": jnp.ones(2)}, key=jax.random.key(0))
        >>> np.linalg.norm(d["w"], axis=1).round(4).tolist(), d["b"].tolist()
        ([5.0, 1.0], [0.0, 0.0])
    """
    leaves, tree = jax.tree.flatten(model)
    keys = jax.random.split(key, len(leaves))
    return jax.tree.unflatten(tree, [_direction(leaf, own) for leaf, own in zip(leaves, keys, strict=True)])


def _direction(weights: Array, key: Key) -> Array:
    if weights.ndim < 2:
        return jnp.zeros_like(weights)
    drawn = jax.random.normal(key, weights.shape, weights.dtype)
    axes = tuple(range(1, weights.ndim))
    sizes, lengths = (jnp.sqrt(jnp.sum(a**2, axis=axes, keepdims=True)) for a in (weights, drawn))
    return drawn * sizes / lengths


def principal_directions(path: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two orthogonal directions in which a path spreads most as seen from its end, and the shares of its variance.

    Args:
        path: places, shape (steps, parameters); the last one is the origin.

    Returns:
        The directions, shape (2, parameters), of length one; the share of the squared distances along each.

    Raises:
        InputError: if there are fewer than three places or fewer than two parameters.

    Example:
        >>> directions, shares = principal_directions(np.array([[3.0, 4.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 0.0]]))
        >>> directions.shape, round(float(shares.sum()), 6)
        ((2, 3), 1.0)
    """
    if len(path) < 3 or path.shape[1] < 2:
        raise InputError(f"a plane through a path needs three places of two parameters, not shape {path.shape}")
    away = np.asarray(path[:-1] - path[-1], float)
    _, sizes, directions = np.linalg.svd(away, full_matrices=False)
    return directions[:2], (sizes**2 / np.sum(sizes**2))[:2]


def values_on_plane(
    function: Callable[[PyTree], Scalar],
    center: PyTree,
    first: PyTree,
    second: PyTree,
    across: np.ndarray,
    up: np.ndarray,
) -> np.ndarray:
    r"""The function on a plane, $f(\theta + \alpha d_1 + \beta d_2)$, shape (up, across).

    Args:
        function: of parameters built like `center`.
        center: $\theta$.
        first: $d_1$.
        second: $d_2$.
        across: values of $\alpha$.
        up: values of $\beta$.

    Example:
        >>> x, y = jnp.eye(2)
        >>> values_on_plane(lambda t: t[0] + 10 * t[1], 0 * x, x, y, np.array([0, 1]), np.array([0, 2])).tolist()
        [[0.0, 1.0], [20.0, 21.0]]
    """

    def at(place: Array) -> Scalar:
        moved = jax.tree.map(lambda c, a, b: c + place[0] * a + place[1] * b, center, first, second)
        return function(moved)

    places = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    values = jax.lax.map(at, jnp.asarray(places, jnp.result_type(*jax.tree.leaves(center), float)))
    return np.asarray(values).reshape(len(up), len(across))
