"""Directions for looking at a landscape of many parameters."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.models import MLP, filter_normalized, principal_directions, values_on_plane


def test_each_unit_is_moved_by_the_length_of_its_weights():
    network = MLP(4, 3, width=6, depth=1, key=jax.random.key(0))
    direction = filter_normalized(network.layers, key=jax.random.key(1))
    for layer, moved in zip(network.layers, direction, strict=True):
        assert np.allclose(np.linalg.norm(moved.weight, axis=1), np.linalg.norm(layer.weight, axis=1), rtol=1e-5)
        assert not np.asarray(moved.bias).any()


def test_the_picture_does_not_change_when_a_relu_network_is_rescaled():
    """Doubling one layer and halving the next changes no answer, so it must not change the landscape."""
    w1, w2 = jnp.array([[1.0, -0.5], [0.3, 0.8]]), jnp.array([[0.7, -1.1]])

    def risk(weights):
        return jnp.sum((weights[1] @ jax.nn.relu(weights[0] @ jnp.array([0.4, 1.0])) - 2.0) ** 2)

    def surface(center):
        d1, d2 = (filter_normalized(center, key=jax.random.key(seed)) for seed in (1, 2))
        return values_on_plane(risk, center, d1, d2, np.linspace(-1, 1, 5), np.linspace(-1, 1, 4))

    plain = surface((w1, w2))
    assert plain.shape == (4, 5)
    assert np.allclose(plain, surface((4 * w1, w2 / 4)), rtol=1e-4)


def test_the_plane_of_a_path_holds_a_plane_path():
    rng = np.random.default_rng(0)
    frame = np.linalg.qr(rng.normal(size=(7, 2)))[0].T
    path = rng.normal(size=(30, 2)) @ frame + rng.normal(size=7)
    directions, shares = principal_directions(path)
    assert np.allclose(directions @ directions.T, np.eye(2), atol=1e-12)
    assert abs(shares.sum() - 1) < 1e-12
    away = path - path[-1]
    assert np.allclose(away @ directions.T @ directions, away, atol=1e-12)


def test_a_path_of_two_places_spans_no_plane():
    with pytest.raises(InputError, match="three places"):
        principal_directions(np.zeros((2, 5)))
