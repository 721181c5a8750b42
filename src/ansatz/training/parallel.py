"""Members of a population on several cores: equal groups, one thread each, one compilation for all."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import PyTree


def group_count(members: int) -> int:
    """As many groups as there are cores to run them, at most one for each member; one on an accelerator."""
    if jax.default_backend() != "cpu":
        return 1
    return min(members, os.cpu_count() or 1)


def split(tree: PyTree, members: int, groups: int) -> list[PyTree]:
    """A stacked tree as `groups` stacked trees of one size; the last repeats its last member to fill up.

    Example:
        >>> [part.tolist() for part in split(jnp.arange(3), 3, 2)]
        [[0, 1], [2, 2]]
    """
    if groups == 1:
        return [tree]
    size = -(-members // groups)
    places = [jnp.minimum(jnp.arange(first, first + size), members - 1) for first in range(0, groups * size, size)]
    return [jax.tree.map(lambda leaf, p=p: leaf[p] if eqx.is_array(leaf) else leaf, tree) for p in places]


def join(parts: list[PyTree], members: int) -> PyTree:
    """The stacked tree that `split` took apart, without what filled up the last group.

    Example:
        >>> join(split(jnp.arange(3), 3, 2), 3).tolist()
        [0, 1, 2]
    """
    if len(parts) == 1:
        return parts[0]
    return jax.tree.map(
        lambda *leaves: jnp.concatenate(leaves)[:members] if eqx.is_array(leaves[0]) else leaves[0], *parts
    )


def at_once(function: Callable[[int], PyTree], groups: int) -> list[PyTree]:
    """The answers for groups 0, 1, ... in order, each from a thread of its own."""
    if groups == 1:
        return [function(0)]
    with ThreadPoolExecutor(groups) as pool:
        return list(pool.map(function, range(groups)))
