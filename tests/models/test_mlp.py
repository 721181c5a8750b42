"""The feed-forward network: what it computes, and where its parameters start."""

import jax
import numpy as np
import pytest

from ansatz.models import MLP

N = 400


@pytest.fixture(scope="module")
def gentle():
    return MLP(N, 1, width=N, depth=1, key=jax.random.key(0)).layers


def test_it_is_activation_after_linear_map_and_linear_at_the_end():
    network = MLP(3, 2, width=(5, 4), activation="tanh", key=jax.random.key(1))
    x = np.linspace(-1, 1, 3)
    (w1, b1), (w2, b2), (w3, b3) = [(np.asarray(layer.weight), np.asarray(layer.bias)) for layer in network.layers]
    np.testing.assert_allclose(network(x), w3 @ np.tanh(w2 @ np.tanh(w1 @ x + b1) + b2) + b3, rtol=1e-5)


def test_a_gentle_start_spreads_the_biases_of_hidden_units_evenly(gentle):
    """Uniform within +-1/sqrt(n): the variance 1/(3 n) within 4 standard errors, of relative size sqrt(4/5 / n)."""
    scaled = np.asarray(gentle[0].bias) * N**0.5
    assert 0.95 < np.abs(scaled).max() <= 1
    assert abs(np.var(scaled) * 3 - 1) < 4 * np.sqrt(0.8 / N)


def test_a_gentle_start_has_glorots_weights_and_half_of_them_in_the_end(gentle):
    """Variances within 4 standard errors, of relative size sqrt(2 / count)."""
    for weight, variance in ((gentle[0].weight, 1 / N), (gentle[1].weight, 0.25 * 2 / (N + 1))):
        assert abs(np.var(weight) / variance - 1) < 4 * np.sqrt(2 / weight.size)
    assert not np.asarray(gentle[1].bias).any()


def test_a_start_by_name_has_biases_zero_and_its_variance_in_all_layers():
    """Variance 2/n within 4 standard errors."""
    for layer in MLP(N, N, width=N, depth=1, initialization="he", key=jax.random.key(2)).layers:
        assert not np.asarray(layer.bias).any()
        assert abs(np.var(layer.weight) * N / 2 - 1) < 4 * np.sqrt(2 / layer.weight.size)


def test_the_scale_multiplies_weights_and_spread_alike():
    one, three = (MLP(2, None, width=8, depth=1, scale=s, key=jax.random.key(3)).layers[0] for s in (1.0, 3.0))
    np.testing.assert_allclose(three.weight, 3 * one.weight, rtol=1e-6)
    np.testing.assert_allclose(three.bias, 3 * one.bias, rtol=1e-6)
