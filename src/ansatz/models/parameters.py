"""Which numbers of a model are fitted, and which are out of reach."""

from __future__ import annotations

from typing import Protocol

import equinox as eqx
import jax
from jaxtyping import PyTree

from ansatz.typing import Key, Point


class Function(Protocol):
    """A model that maps ONE point to an answer; the caller maps it over many with `jax.vmap`.

    `key` is given while the model is being fitted and is None afterwards: what is random (dropout) is random only
    with a key.
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
