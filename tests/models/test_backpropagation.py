"""The recursion of the lectures is the gradient: against formulae written out, autodiff and finite differences."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ansatz.models import ACTIVATIONS, DERIVATIVES, MLP, Linear, backpropagate, check_gradient, derivative_of
from ansatz.models.anatomy.backpropagation import half_squares

POINTS = np.array([-30.0, -3.0, -0.7, -0.1, 0.2, 1.3, 4.0, 25.0])


def network(activation, *, outputs=2, depth=3, seed=0):
    return MLP(
        3, outputs, width=5, depth=depth, activation=activation, initialization="glorot", key=jax.random.key(seed)
    )


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def three_three_one(theta1, bias1, theta2, bias2):
    """The network of the lecture: three inputs, three sigmoid units, one sigmoid output."""
    start = MLP(3, 1, width=3, depth=1, activation="sigmoid", key=jax.random.key(0))
    return eqx.tree_at(lambda n: n.layers, start, (Linear(theta1, bias1), Linear(theta2, bias2)))


def test_the_lectures_3_3_1_network_written_out():
    rng = np.random.default_rng(1)
    w, b, v, c, x = (rng.normal(size=s) for s in ((3, 3), 3, (1, 3), 1, 3))
    y = 0.3
    with jax.enable_x64(True):
        arrays = (jnp.asarray(a) for a in (w, b, v, c))
        found = backpropagate(three_three_one(*arrays), jnp.asarray(x), jnp.asarray([y]), output="sigmoid")
    hidden = [sigmoid(x[0] * w[j, 0] + x[1] * w[j, 1] + x[2] * w[j, 2] + b[j]) for j in range(3)]
    answer = sigmoid(hidden[0] * v[0, 0] + hidden[1] * v[0, 1] + hidden[2] * v[0, 2] + c[0])
    delta2 = (answer - y) * answer * (1 - answer)
    delta1 = np.array([delta2 * v[0, j] * hidden[j] * (1 - hidden[j]) for j in range(3)])
    assert np.allclose(found.activations[2], answer, rtol=1e-14)
    assert np.allclose(found.risk, (answer - y) ** 2 / 2, rtol=1e-14)
    assert np.allclose(found.errors[1], delta2, rtol=1e-13)
    assert np.allclose(found.errors[0], delta1, rtol=1e-13)
    assert np.allclose(found.weights[1], delta2 * np.array(hidden)[None], rtol=1e-13)
    assert np.allclose(found.weights[0], delta1[:, None] * x, rtol=1e-13)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_derivatives_written_out_are_those_of_autodiff(activation):
    with jax.enable_x64(True):
        z = jnp.asarray(POINTS)
        exact = jax.vmap(jax.grad(ACTIVATIONS[activation]))(z)
        assert np.allclose(derivative_of(ACTIVATIONS[activation])(z), exact, rtol=1e-12, atol=1e-14)


def test_every_activation_has_its_derivative():
    assert DERIVATIVES.keys() == ACTIVATIONS.keys()


@pytest.mark.parametrize("activation", ["sigmoid", "relu", "gelu"])
def test_the_recursion_is_the_gradient(activation):
    check = check_gradient(network(activation), np.array([0.3, -1.2, 0.8]), np.array([0.5, -0.4]))
    assert check.autodiff < 1e-13
    assert check.differences < 1e-7
    assert np.abs(check.explicit).max() > 1e-3


def test_another_loss_enters_by_the_last_error_alone():
    def cross_entropy(p, y):
        return -jnp.sum(y * jnp.log(p) + (1 - y) * jnp.log(1 - p))

    x, y = np.array([0.3, -1.2, 0.8]), np.array([1.0, 0.0])
    assert check_gradient(network("tanh"), x, y, loss=cross_entropy, output="sigmoid").autodiff < 1e-12
    found = backpropagate(network("tanh"), x, y, loss=cross_entropy, output="sigmoid")
    assert np.allclose(found.errors[-1], found.activations[-1] - y, atol=1e-6)


def test_a_network_of_one_scalar_output_is_laid_open_too():
    check = check_gradient(network("elu", outputs=None), np.array([0.3, -1.2, 0.8]), np.array(0.5))
    assert check.autodiff < 1e-13


def test_a_perceptron_passes_no_error_back():
    found = backpropagate(network("perceptron"), jnp.ones(3), jnp.zeros(2))
    assert float(jnp.abs(found.errors[-1]).max()) > 0
    assert all(float(jnp.abs(error).max()) == 0 for error in found.errors[:-1])


def test_equal_units_get_equal_gradients():
    """Why zero is no start: what is equal stays equal."""
    same = jax.tree.map(lambda leaf: jnp.full_like(leaf, 0.3), network("tanh"))
    found = backpropagate(same, jnp.array([0.3, -1.2, 0.8]), jnp.array([0.5, 0.5]))
    for gradient in found.weights[:-1]:
        assert np.allclose(gradient, gradient[:1])


def test_half_squares_give_the_lectures_error():
    found = backpropagate(network("tanh"), jnp.ones(3), jnp.array([0.1, 0.2]))
    assert np.allclose(found.errors[-1], found.activations[-1] - jnp.array([0.1, 0.2]), atol=1e-6)
    assert np.allclose(found.risk, half_squares(found.activations[-1], jnp.array([0.1, 0.2])))
