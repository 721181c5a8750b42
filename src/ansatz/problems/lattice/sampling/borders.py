"""Periodic arrays with a border of one site that repeats the opposite edge, so that neighbors are plain slices.

Arrays are in rows: shape (n1, ..., n_last * replicas), the replicas of a site side by side. A compiler turns slices of
such arrays into loops over contiguous memory, with vector instructions; an index modulo the side would need a branch.
"""

from __future__ import annotations

import jax.numpy as jnp
from jax import Array, lax

Shape = tuple[int, ...]


def rows(sites: Array) -> Array:
    """(*shape, replicas) to rows."""
    return sites.reshape(*sites.shape[:-2], -1)


def border(shape: Shape, inner: Array) -> Array:
    """Rows with a border of one site on each side.

    Example:
        >>> border((3,), jnp.array([1, 2, 3])).tolist()
        [3, 1, 2, 3, 1]
    """
    width = inner.shape[-1] // shape[-1]
    return jnp.pad(inner, [(1, 1)] * (len(shape) - 1) + [(width, width)], mode="wrap")


def shifted(shape: Shape, bordered: Array, offset: Shape) -> Array:
    """The value at each site's neighbor at `offset` (at most one site along each axis), in rows without a border.

    Example:
        >>> shifted((3,), border((3,), jnp.array([1, 2, 3])), (1,)).tolist()
        [2, 3, 1]
    """
    width = bordered.shape[-1] // (shape[-1] + 2)
    sizes = (*shape[:-1], shape[-1] * width)
    starts = [*(1 + o for o in offset[:-1]), (1 + offset[-1]) * width]
    return lax.slice(bordered, starts, [start + size for start, size in zip(starts, sizes, strict=True)])


def inside(shape: Shape, bordered: Array) -> Array:
    """Rows without their border."""
    return shifted(shape, bordered, (0,) * len(shape))


def opposite(offset: Shape) -> Shape:
    """The offset of the way back."""
    return tuple(-o for o in offset)
