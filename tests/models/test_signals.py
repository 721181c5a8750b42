"""What is large and what is small in deep networks at their start, against what wide layers must do."""

import jax
import numpy as np
import pytest

from ansatz.models import expected_signals, measured_signals


@pytest.mark.parametrize(
    ("activation", "initialization"),
    [
        ("sigmoid", "glorot"),
        ("tanh", "glorot"),
        ("relu", "he"),
        ("relu", "glorot"),
        ("gelu", "he"),
        ("sigmoid", "random"),
    ],
)
def test_wide_networks_do_what_the_recursion_says(activation, initialization):
    found = measured_signals(activation, initialization, width=150, depth=8, draws=12, key=jax.random.key(3))
    expected = expected_signals(activation, initialization, width=150, depth=8)
    assert np.allclose(found.inputs, expected.inputs, rtol=0.15)
    assert abs(found.factor / expected.factor - 1) < 0.06


def test_relu_keeps_errors_with_he_and_halves_their_square_with_glorot():
    assert abs(expected_signals("relu", "he").factor - 1) < 1e-12
    assert abs(expected_signals("relu", "glorot").factor - 0.5**0.5) < 1e-12


def test_sigmoid_errors_fall_at_least_fourfold_a_layer():
    assert 0.15 < expected_signals("sigmoid", "glorot").factor < 0.25


@pytest.mark.parametrize(("activation", "initialization"), [("perceptron", "glorot"), ("tanh", "zero")])
def test_no_error_comes_back(activation, initialization):
    key = jax.random.key(0)
    assert measured_signals(activation, initialization, width=10, depth=4, draws=2, key=key).factor == 0
    assert expected_signals(activation, initialization, width=10, depth=4).factor == 0
