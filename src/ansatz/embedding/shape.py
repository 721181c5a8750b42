"""Changing the shape of a point without changing its numbers."""

from __future__ import annotations

import equinox as eqx

from ansatz.typing import Key, Point


class Flatten(eqx.Module):
    """An image or field as one vector.

    Example:
        >>> import jax.numpy as jnp
        >>> Flatten()(jnp.zeros((8, 8))).shape
        (64,)
    """

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """One point of shape (components,)."""
        return x.reshape(-1)


class Reshape(eqx.Module):
    """A vector as a field, or a field with an axis for its one channel.

    Example:
        >>> import jax.numpy as jnp
        >>> Reshape((8, 8, 1))(jnp.zeros(64)).shape
        (8, 8, 1)
    """

    shape: tuple[int, ...] = eqx.field(static=True)

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """One point of another shape."""
        return x.reshape(self.shape)
