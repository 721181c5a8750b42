r"""The linear function $f(x) = Wx + b$."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Shaped

from ansatz.models.networks.initializations import initialize
from ansatz.typing import Key, Point, Points, Scalar

Columns = Shaped[Array, "..."]
"""Many points, one in each column; of scalars, one after another."""


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

    def many(self, points: Points, *, key: Key | None = None) -> Points:
        """W x + b for many points, shape (n, inputs)."""
        return self.columns(points.T).T

    def columns(self, columns: Columns) -> Columns:
        """W X + b for many points as the columns of X, shape (inputs, n)."""
        bias = self.bias if self.bias.ndim == 0 else self.bias[:, None]
        return product(self.weight, columns) + bias


@jax.custom_jvp
def product(weight: Array, columns: Columns) -> Columns:
    """W X for points as columns, and a gradient in which no large matrix is transposed.

    Of the three products of a training step, those with the transposed factor in front are a third slower on a CPU
    (65 against 96 float32 GFLOP/s for 64 x 64 and 256 points). With points as columns only W^T comes in front, which
    is small: it is written out before, where the compiler would read it crosswise (`optimization_barrier`).
    """
    return weight @ columns


@product.defjvp
def _product_jvp(primals: tuple[Array, Array], tangents: tuple[Array, Array]) -> tuple[Array, Array]:
    """d(W X) = dW X + W dX, with W as the transpose of W^T, for W^T is what the gradient multiplies by."""
    (weight, columns), (d_weight, d_columns) = primals, tangents
    transposed = jax.lax.optimization_barrier(weight.T)
    return weight @ columns, d_weight @ columns + transposed.T @ d_columns


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
