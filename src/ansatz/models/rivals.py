"""Two networks that play against each other in one descent; for the world outside they are the first of them."""

from __future__ import annotations

import equinox as eqx
from jaxtyping import PyTree

from ansatz.typing import Key, Point


class Rivals(eqx.Module):
    """A function, and a rival that only a risk looks at.

    Example:
        >>> import jax.numpy as jnp
        >>> from ansatz.models import Linear
        >>> pair = Rivals(Linear(jnp.array([2.0]), jnp.array(1.0)), Linear(jnp.array([0.0]), jnp.array(0.0)))
        >>> pair(jnp.array([3.0])).item()
        7.0
    """

    player: PyTree
    rival: PyTree

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """The answer of the player."""
        return self.player(x, key=key)
