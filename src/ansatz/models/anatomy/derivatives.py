r"""Derivatives $g'(z)$ of the activation functions, written out: what backpropagation multiplies errors with."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array

from ansatz.models.networks.activations import ACTIVATIONS

Elementwise = Callable[[Array], Array]


def _sigmoid(z: Array) -> Array:
    s = jax.nn.sigmoid(z)
    return s * (1 - s)


def _gelu(z: Array) -> Array:
    r"""Of $z (1 + t)/2$ with $t = \tanh(c (z + .044715 z^3))$ and $c = \sqrt{2/\pi}$, as JAX computes it."""
    c = jnp.sqrt(2 / jnp.pi).astype(z.dtype)
    t = jnp.tanh(c * (z + 0.044715 * z**3))
    return 0.5 * (1 + t) + 0.5 * z * (1 - t**2) * c * (1 + 3 * 0.044715 * z**2)


def _silu(z: Array) -> Array:
    s = jax.nn.sigmoid(z)
    return s * (1 + z * (1 - s))


DERIVATIVES: dict[str, Elementwise] = {
    "perceptron": jnp.zeros_like,
    "sigmoid": _sigmoid,
    "tanh": lambda z: 1 - jnp.tanh(z) ** 2,
    "relu": lambda z: (z > 0).astype(z.dtype),
    "leaky-relu": lambda z: jnp.where(z > 0, 1.0, 0.01).astype(z.dtype),
    "elu": lambda z: jnp.exp(jnp.minimum(z, 0)),
    "gelu": _gelu,
    "silu": _silu,
    "softplus": jax.nn.sigmoid,
    "identity": jnp.ones_like,
}
"""The derivative of each activation function, by the name of the function."""


def derivative_of(activation: Elementwise) -> Elementwise:
    """The derivative of an activation function: the formula of `DERIVATIVES`, or autodiff for one without a name.

    Example:
        >>> derivative_of(ACTIVATIONS["tanh"])(jnp.array(0.0)).item(), derivative_of(jnp.sin)(jnp.array(0.0)).item()
        (1.0, 1.0)
    """
    known = {ACTIVATIONS[name]: formula for name, formula in DERIVATIVES.items()}
    if activation in known:
        return known[activation]
    return lambda z: jax.jvp(activation, (z,), (jnp.ones_like(z),))[1]
