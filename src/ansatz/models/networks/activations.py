"""Activation functions by name: what a unit does with its input."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array

from ansatz.errors import InputError, suggest


def perceptron(z: Array) -> Array:
    """The step of the perceptron: 1 where z > 0, else 0. Its derivative is zero, so gradients cannot train through it.

    Source: F. Rosenblatt, Psychological Review 65 (1958) 386.
    """
    return jnp.where(z > 0, 1.0, 0.0).astype(z.dtype)


def leaky_relu(z: Array) -> Array:
    """Max(z, z/100): a ReLU that keeps a small slope below zero."""
    return jnp.where(z > 0, z, 0.01 * z)


def relu(z: Array) -> Array:
    """Max(z, 0), with slope 0 at 0: the slope of a plain maximum there, 1/2, costs a division in every unit."""
    return jax.nn.relu(z)


def sigmoid(z: Array) -> Array:
    """1/(1 + exp(-z))."""
    return jax.nn.sigmoid(z)


def tanh(z: Array) -> Array:
    """The hyperbolic tangent."""
    return jnp.tanh(z)


def elu(z: Array) -> Array:
    """Z above zero, exp(z) - 1 below."""
    return jax.nn.elu(z)


def silu(z: Array) -> Array:
    """Z times its sigmoid."""
    return jax.nn.silu(z)


def softplus(z: Array) -> Array:
    """ln(1 + exp(z)): a smooth ReLU."""
    return jax.nn.softplus(z)


def identity(z: Array) -> Array:
    """Z itself: a layer that stays linear."""
    return z


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "perceptron": perceptron,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "leaky-relu": leaky_relu,
    "elu": elu,
    "gelu": jax.nn.gelu,
    "silu": silu,
    "softplus": softplus,
    "identity": identity,
}
"""Name of each activation function."""


def activation(name: str) -> Callable[[Array], Array]:
    """The activation function of that name.

    Raises:
        InputError: if there is none.

    Example:
        >>> activation("relu")(jnp.array([-1.0, 2.0])).tolist()
        [0.0, 2.0]
    """
    if name not in ACTIVATIONS:
        raise InputError(
            f"there is no activation '{name}'{suggest(name, ACTIVATIONS)}; there are: {', '.join(ACTIVATIONS)}"
        )
    return ACTIVATIONS[name]
