"""What must be true of every function of one point."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from ansatz.models import evaluate

functions = pytest.mark.parametrize("make", zoo.FUNCTIONS.values(), ids=zoo.FUNCTIONS)


@functions
def test_many_points_are_one_point_many_times(make):
    model = make(zoo.key())
    x = zoo.points()
    together = np.asarray(evaluate(model, jnp.asarray(x)))
    alone = np.stack([np.asarray(model(jnp.asarray(point))) for point in x[:3]])
    np.testing.assert_allclose(together[:3], alone, rtol=2e-5, atol=1e-6)


@functions
def test_without_a_key_nothing_is_random(make):
    model = make(zoo.key())
    point = zoo.points(1)[0]
    np.testing.assert_array_equal(np.asarray(model(point)), np.asarray(model(point)))


@functions
def test_derivatives_are_finite(make):
    model = make(zoo.key())
    point = zoo.points(1)[0]
    jacobian = np.asarray(jax.jacrev(lambda x: model(x))(jnp.asarray(point)))
    assert np.isfinite(jacobian).all()
