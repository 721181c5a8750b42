"""Which numbers of a model are fitted, and which are out of reach."""

from __future__ import annotations

from typing import Protocol

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import PyTree

from ansatz.typing import Key, Point, Points


class Function(Protocol):
    """A model that maps ONE point to an answer; the caller maps it over many with `evaluate`.

    `key` is given while the model is being fitted and is None afterwards: what is random (dropout) is random only
    with a key. A model that has a quicker way for many points says so in a method `many(points, *, key=None)`, whose
    answers are those for each of them.
    """

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """The answer for one point."""
        ...


class Frozen(eqx.Module):
    """A model whose numbers no optimizer, regularizer or weight decay may touch, such as a scaler.

    Example:
        >>> import jax.numpy as jnp
        >>> from ansatz.embedding import Standardize
        >>> Frozen(Standardize(jnp.array([1.0]), jnp.array([2.0])))(jnp.array([5.0])).tolist()
        [2.0]
    """

    inside: PyTree

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """The answer of the model inside."""
        return self.inside(x, key=key)

    def many(self, points: Points, *, key: Key | None = None) -> Points:
        """The answers of the model inside."""
        return evaluate(self.inside, points, key)


class Random(eqx.Module):
    """A part of a model that makes use of a key."""


def is_random(model: PyTree) -> bool:
    """Whether a model makes use of a key while it is fitted."""
    nodes = jax.tree.leaves(model, is_leaf=lambda node: isinstance(node, Random))
    return any(isinstance(node, Random) for node in nodes)


def evaluate(model: PyTree, points: Points, key: Key | None = None) -> Points:
    """A model at many points, by its own way for many where it has one, else point by point.

    Args:
        model: a function of one point.
        points: shape (n, ...).
        key: given while the model is being fitted; each point has its own share of the chance.

    Example:
        >>> import jax.numpy as jnp
        >>> from ansatz.models import Linear
        >>> evaluate(Linear(jnp.array([2.0]), jnp.array(1.0)), jnp.array([[0.0], [3.0]])).tolist()
        [1.0, 7.0]
        >>> evaluate(lambda x, key=None: x[0] ** 2, jnp.array([[2.0], [3.0]])).tolist()
        [4.0, 9.0]
    """
    points, key = jnp.asarray(points), key if is_random(model) else None
    if hasattr(model, "many"):
        return model.many(points, key=key)
    if key is None:
        return jax.vmap(model)(points)
    return jax.vmap(lambda x, own: model(x, key=own))(points, jax.random.split(key, len(points)))


def _is_frozen(node: object) -> bool:
    return isinstance(node, Frozen)


def partition(model: PyTree) -> tuple[PyTree, PyTree]:
    """The model as (what is fitted, all the rest); `equinox.combine` puts them together again."""
    return eqx.partition(model, eqx.is_inexact_array, is_leaf=_is_frozen)


def count_parameters(model: PyTree) -> int:
    """How many numbers an optimizer may change.

    Example:
        >>> import jax
        >>> from ansatz.models import MLP
        >>> count_parameters(MLP(3, 1, width=3, depth=1, activation="sigmoid", key=jax.random.key(0)))
        16
    """
    return sum(leaf.size for leaf in jax.tree.leaves(partition(model)[0]))
