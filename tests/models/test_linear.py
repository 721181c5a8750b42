"""The linear map of many points: the same numbers and derivatives of every order as point by point."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ansatz.models import (
    MLP,
    AutoEncoder,
    Chain,
    ConvolutionalNetwork,
    Dropout,
    Endpoints,
    FixedIntegral,
    Frozen,
    Linear,
    evaluate,
)
from ansatz.models.linear import product

SHAPES = {"several outputs": (2, 3), "one scalar": (3,)}
RNG = np.random.default_rng(0)
POINTS = jnp.asarray(RNG.normal(size=(7, 3)), jnp.float32)
WEIGHTS = {name: jnp.asarray(RNG.normal(size=shape), jnp.float32) for name, shape in SHAPES.items()}
weights = pytest.mark.parametrize("weight", WEIGHTS.values(), ids=WEIGHTS)


def curved(weight, points):
    """A number that depends on all of a map, beyond second order."""
    return jnp.sum(jnp.tanh(product(weight, points.T)) ** 2)


def plain(weight, points):
    """The same without the rule for derivatives."""
    return jnp.sum(jnp.tanh(weight @ points.T) ** 2)


@weights
@pytest.mark.parametrize("number", [0, 1], ids=["of the weights", "of the points"])
def test_first_and_second_derivatives_are_those_of_the_plain_product(weight, number):
    for derivative in (jax.grad, jax.jacfwd, jax.hessian):
        ours, true = (derivative(function, number)(weight, POINTS) for function in (curved, plain))
        np.testing.assert_allclose(ours, true, rtol=1e-4, atol=1e-5)


@weights
def test_many_points_have_the_answers_of_each(weight):
    line = Linear(weight, jnp.arange(1.0, 3.0) if weight.ndim == 2 else jnp.asarray(1.0))
    np.testing.assert_allclose(evaluate(line, POINTS), np.stack([line(point) for point in POINTS]), rtol=1e-6)


def test_a_chain_hands_many_points_from_link_to_link():
    chain = Chain(Frozen(lambda x, key=None: 2 * x), MLP(3, None, width=4, depth=1, key=jax.random.key(0)))
    assert evaluate(chain, POINTS).shape == (7,)
    np.testing.assert_allclose(evaluate(chain, POINTS), jax.vmap(chain)(POINTS), rtol=1e-5)


MODELS = {
    "auto-encoder": (lambda key: AutoEncoder(3, 2, width=(4,), key=key), (3,)),
    "convolutional network": (lambda key: ConvolutionalNetwork((5, 4), 2, 3, channels=(3,), key=key), (5, 4, 2)),
    "ends in front": (lambda key: shape_of(key), (1,)),
    "fixed integral": (
        lambda key: FixedIntegral(shape_of(key), Frozen(NODES), Frozen(NODES[:, 0]), Frozen(HALF)),
        (1,),
    ),
}
NODES, HALF = jnp.asarray([[0.25], [0.75]]), jnp.asarray(0.5)


def shape_of(key):
    """A positive function of a fraction."""
    return Endpoints(
        Chain(MLP(2, None, width=4, depth=1, key=key), lambda z, key=None: jnp.exp(z)),
        jnp.asarray(-0.5),
        jnp.asarray(2.0),
    )


@pytest.mark.parametrize(("make", "shape"), MODELS.values(), ids=MODELS)
def test_models_with_a_way_for_many_points_answer_as_for_each(make, shape):
    model, points = make(jax.random.key(0)), jnp.asarray(RNG.uniform(0.1, 0.9, (6, *shape)), jnp.float32)
    assert hasattr(model, "many")
    np.testing.assert_allclose(evaluate(model, points), np.stack([model(p) for p in points]), rtol=1e-4, atol=1e-6)


def test_dropout_falls_on_every_point_anew_and_keeps_the_mean():
    """Within 4 standard errors of the share that is kept, and no two points have the same units dropped."""
    rate, width = 0.25, 40
    dropped = np.asarray(evaluate(Dropout(rate), jnp.ones((500, width)), jax.random.key(0))) == 0
    assert abs(dropped.mean() - rate) < 4 * np.sqrt(rate * (1 - rate) / dropped.size)
    network = MLP(3, None, width=width, depth=1, dropout=rate, key=jax.random.key(1))
    same = np.asarray(evaluate(network, jnp.ones((50, 3)), jax.random.key(2)))
    assert len(np.unique(same)) == 50
    assert len(np.unique(evaluate(network, jnp.ones((50, 3))))) == 1
