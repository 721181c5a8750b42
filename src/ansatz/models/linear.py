r"""The linear function $f(x) = Wx + b$."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ansatz.models.networks.initializations import initialize
from ansatz.typing import Key, Point, Scalar


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


def linear(
    inputs: int,
    outputs: int | None,
    *,
    initialization: str = "glorot",
    scale: float | Scalar = 1.0,
    spread: float | Scalar | None = None,
    key: Key,
) -> Linear:
    r"""A linear function at its starting point; `outputs=None` gives one scalar output.

    Args:
        inputs: number of components of a point.
        outputs: number of outputs, or None for one scalar.
        initialization: where the weights start, see `ansatz.models.VARIANCES`.
        scale: factor on the starting standard deviation of the weights.
        spread: the biases start anywhere within $\pm$ this; None for biases zero.
        key: decides the starting point.

    Raises:
        InputError: if there is no such initialization.
    """
    shape = () if outputs is None else (outputs,)
    if spread is None:
        weight, bias = initialize(initialization, outputs or 1, inputs, scale=scale, key=key), jnp.zeros(shape)
    else:
        first, second = jax.random.split(key)
        weight = initialize(initialization, outputs or 1, inputs, scale=scale, key=first)
        bias = spread * jax.random.uniform(second, shape, minval=-1.0)
    return Linear(weight[0] if outputs is None else weight, bias)
