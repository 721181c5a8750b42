r"""The linear function $f(x) = Wx + b$."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from ansatz.models.networks.initializations import initialize
from ansatz.typing import Key, Point


class Linear(eqx.Module):
    r"""$f(x) = Wx + b$.

    Attributes:
        weight: W, shape (outputs, inputs); (inputs,) for one scalar output.
        bias: b, shape (outputs,); () for one scalar output.

    Example:
        >>> Linear(jnp.array([2.0, 0.0]), jnp.array(1.0))(jnp.array([3.0, 5.0])).item()
        7.0
    """

    weight: Float[Array, "..."]
    bias: Float[Array, "..."]

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """W x + b for one point of shape (inputs,)."""
        return self.weight @ x + self.bias


def linear(inputs: int, outputs: int | None, *, initialization: str = "glorot", scale: float = 1.0, key: Key) -> Linear:
    """A linear function at its starting point; `outputs=None` gives one scalar output.

    Raises:
        InputError: if there is no such initialization.
    """
    weight = initialize(initialization, outputs or 1, inputs, scale=scale, key=key)
    if outputs is None:
        return Linear(weight[0], jnp.zeros(()))
    return Linear(weight, jnp.zeros(outputs))
