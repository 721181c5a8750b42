"""Composition: the output of one function is the input of the next."""

from __future__ import annotations

import equinox as eqx
import jax
from jaxtyping import PyTree

from ansatz.models.parameters import evaluate
from ansatz.typing import Key, Point, Points


class Chain(eqx.Module):
    """f(x) = last(... second(first(x))).

    Example:
        >>> import jax.numpy as jnp
        >>> from ansatz.embedding import Standardize
        >>> from ansatz.models import Frozen, Linear
        >>> chain = Chain(Frozen(Standardize(jnp.array([1.0]), jnp.array([2.0]))),
        ...               Linear(jnp.array([3.0]), jnp.array(0.0)))
        >>> chain(jnp.array([5.0])).item()
        6.0
    """

    links: tuple[PyTree, ...]

    def __init__(self, *links: PyTree) -> None:
        self.links = links

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """The answer for one point."""
        for link, own in zip(self.links, self._keys(key), strict=True):
            x = link(x, key=own)
        return x

    def many(self, points: Points, *, key: Key | None = None) -> Points:
        """The answers for many points, each link by its own way for many."""
        for link, own in zip(self.links, self._keys(key), strict=True):
            points = evaluate(link, points, own)
        return points

    def _keys(self, key: Key | None) -> list[Key | None]:
        return [None] * len(self.links) if key is None else list(jax.random.split(key, len(self.links)))
