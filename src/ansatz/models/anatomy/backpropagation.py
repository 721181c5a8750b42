r"""Backpropagation laid open: activations forward, errors backward, gradients layer by layer.

With $z^{(l)} = W^{(l)} a^{(l-1)} + b^{(l)}$ and $a^{(l)} = g(z^{(l)})$, the error of a layer is
$\Delta^{(l)} = \partial E / \partial z^{(l)}$, and the chain rule runs from the last layer to the first:

$$\Delta^{(L)} = \frac{\partial E}{\partial a^{(L)}}\, g_L'(z^{(L)}), \qquad
\Delta^{(l)} = \big(W^{(l+1)}\big)^T \Delta^{(l+1)} \odot g'(z^{(l)}), \qquad
\frac{\partial E}{\partial W^{(l)}} = \Delta^{(l)} \big(a^{(l-1)}\big)^T, \qquad
\frac{\partial E}{\partial b^{(l)}} = \Delta^{(l)}.$$

Fits differentiate by JAX; this is the same by hand, to be looked at and to be checked against.

Source: D. Rumelhart, G. Hinton and R. Williams, Nature 323 (1986) 533.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array

from ansatz.models.anatomy.derivatives import derivative_of
from ansatz.models.linear import Linear
from ansatz.models.networks.activations import activation
from ansatz.models.networks.mlp import MLP
from ansatz.typing import Point, Scalar

Loss = Callable[[Point, Point], Scalar]


class Backpropagation(NamedTuple):
    r"""What one forward and one backward pass of a network of L layers compute.

    Attributes:
        risk: E, the loss of this point.
        activations: $a^{(0)} = x, a^{(1)}, \dots, a^{(L)}$.
        inputs: $z^{(1)}, \dots, z^{(L)}$, what each layer gives to its activation function.
        errors: $\Delta^{(1)}, \dots, \Delta^{(L)}$; they are the gradients of the biases, too.
        weights: $\partial E / \partial W^{(1)}, \dots$, shaped as the weights.
    """

    risk: Scalar
    activations: tuple[Array, ...]
    inputs: tuple[Array, ...]
    errors: tuple[Array, ...]
    weights: tuple[Array, ...]


def half_squares(prediction: Point, target: Point) -> Scalar:
    r"""$\tfrac12 \sum_j (\hat y_j - y_j)^2$, whose error at a linear output is $\hat y - y$.

    Example:
        >>> half_squares(jnp.array([1.0, 2.0]), jnp.array([0.0, 0.0])).item()
        2.5
    """
    return 0.5 * jnp.sum((prediction - target) ** 2)


@eqx.filter_jit
def backpropagate(
    network: MLP, x: Point, y: Point, *, loss: Loss = half_squares, output: str = "identity"
) -> Backpropagation:
    r"""Activations, errors and gradients of a network at one point.

    Args:
        network: a feed-forward network (dropout is idle).
        x: the point, shape (inputs,).
        y: its target.
        loss: of the output and the target.
        output: activation function $g_L$ of the last layer, see `ansatz.models.ACTIVATIONS`.

    Raises:
        InputError: if there is no such activation function.

    Example:
        >>> network = MLP(3, 1, width=3, depth=1, activation="sigmoid", key=jax.random.key(0))
        >>> found = backpropagate(network, jnp.ones(3), jnp.zeros(1))
        >>> [error.shape for error in found.errors], [gradient.shape for gradient in found.weights]
        ([(3,), (1,)], [(3, 3), (1, 3)])
    """
    activations, inputs = forward(network, x, output=output)
    last = jax.grad(loss)(activations[-1], y) * derivative_of(activation(output))(inputs[-1])
    errors = [last]
    slope = derivative_of(network.activation)
    for layer, z in zip(network.layers[:0:-1], inputs[-2::-1], strict=True):
        errors.insert(0, _matrix(layer).T @ jnp.atleast_1d(errors[0]) * slope(z))
    weights = [
        jnp.outer(jnp.atleast_1d(error), a).reshape(layer.weight.shape)
        for layer, error, a in zip(network.layers, errors, activations, strict=False)
    ]
    return Backpropagation(loss(activations[-1], y), activations, inputs, tuple(errors), tuple(weights))


def forward(network: MLP, x: Point, *, output: str = "identity") -> tuple[tuple[Array, ...], tuple[Array, ...]]:
    """The activations of all layers, the point first, and what went into their activation functions."""
    activations, inputs = [x], []
    functions = [network.activation] * (len(network.layers) - 1) + [activation(output)]
    for layer, function in zip(network.layers, functions, strict=True):
        inputs.append(layer(activations[-1]))
        activations.append(function(inputs[-1]))
    return tuple(activations), tuple(inputs)


class GradientCheck(NamedTuple):
    """How far the recursion is from two other ways to the gradient, in units of the largest component.

    Attributes:
        autodiff: largest distance to JAX's reverse mode.
        differences: largest distance to central finite differences.
        explicit: the gradient by the recursion, all weights and biases in one vector, layer by layer.
        by_autodiff: the same by JAX.
        by_differences: the same by finite differences.
    """

    autodiff: float
    differences: float
    explicit: np.ndarray
    by_autodiff: np.ndarray
    by_differences: np.ndarray


def check_gradient(
    network: MLP,
    x: np.ndarray,
    y: np.ndarray,
    *,
    loss: Loss = half_squares,
    output: str = "identity",
    step: float = 1e-6,
) -> GradientCheck:
    r"""Compares the recursion with autodiff and with $(E(\theta + h) - E(\theta - h)) / 2h$, in float64.

    Rounding limits finite differences to about $10^{-16} E / h$ and curvature to $h^2$; an activation function with a
    kink is off by more where a unit sits on it.

    Args:
        network: a feed-forward network.
        x: one point, shape (inputs,).
        y: its target.
        loss: of the output and the target.
        output: activation function of the last layer.
        step: h.

    Example:
        >>> network = MLP(3, 1, width=3, depth=1, activation="tanh", key=jax.random.key(0))
        >>> check = check_gradient(network, np.ones(3), np.zeros(1))
        >>> check.autodiff < 1e-14, check.differences < 1e-8
        (True, True)
    """
    with jax.enable_x64(True):
        network = jax.tree.map(lambda leaf: leaf.astype(float) if eqx.is_inexact_array(leaf) else leaf, network)
        x, y = jnp.asarray(x, float), jnp.asarray(y, float)
        found = _three_ways(network, x, y, loss, output, jnp.asarray(step))
        explicit, automatic, numeric = (np.asarray(gradient) for gradient in found)
    scale = max(float(np.abs(automatic).max()), np.finfo(float).tiny)
    distances = (float(np.abs(explicit - other).max()) / scale for other in (automatic, numeric))
    return GradientCheck(*distances, explicit, automatic, numeric)


@eqx.filter_jit
def _three_ways(network: MLP, x: Array, y: Array, loss: Loss, output: str, step: Scalar) -> tuple[Array, Array, Array]:
    """The gradient by the recursion, by autodiff and by differences."""
    theta, build = ravel_pytree(network.layers)

    def risk(theta: Array) -> Scalar:
        changed = eqx.tree_at(lambda n: n.layers, network, build(theta))
        return loss(forward(changed, x, output=output)[0][-1], y)

    found = backpropagate(network, x, y, loss=loss, output=output)
    layers = tuple(Linear(w, e) for w, e in zip(found.weights, found.errors, strict=True))
    shifts = step * jnp.eye(len(theta))
    numeric = jax.lax.map(lambda shift: (risk(theta + shift) - risk(theta - shift)) / (2 * step), shifts)
    return ravel_pytree(layers)[0], jax.grad(risk)(theta), numeric


def _matrix(layer: Linear) -> Array:
    return jnp.atleast_2d(layer.weight)
