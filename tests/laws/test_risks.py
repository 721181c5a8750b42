"""What must be true of every risk."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from ansatz.data import Batch
from ansatz.models import MLP, linear
from ansatz.risk import L2, Expected, squared_error

risks = pytest.mark.parametrize("make", zoo.RISKS.values(), ids=zoo.RISKS)


@pytest.fixture(scope="module")
def batch():
    return jax.tree.map(lambda a: jnp.asarray(a, jnp.float32), zoo.numbers().batch())


@pytest.fixture(scope="module")
def model():
    return MLP(zoo.INPUTS, None, width=4, depth=1, activation="tanh", key=zoo.key())


@risks
def test_a_risk_is_the_sum_of_its_named_terms(make, model, batch):
    risk = make()
    terms = risk.terms(model, batch, None)
    assert tuple(terms) == risk.names()
    np.testing.assert_allclose(float(risk(model, batch, None)), sum(map(float, terms.values())), rtol=1e-6)


@risks
def test_a_number_times_a_risk_multiplies_its_value(make, model, batch):
    risk = make()
    np.testing.assert_allclose(
        float((2.5 * risk)(model, batch, None)), 2.5 * float(risk(model, batch, None)), rtol=1e-6
    )


@risks
def test_the_score_has_no_regularizers(make, model, batch):
    names = make().expected().names()
    assert not {"l1", "l2", "smoothness"} & set(names)
    assert names


def test_an_expected_risk_is_unbiased_over_batches(model, batch):
    risk = Expected(squared_error)
    whole = float(risk(model, batch, None))
    parts = [jax.tree.map(lambda a, i=i: a[i : i + 24], batch) for i in range(0, 96, 24)]
    np.testing.assert_allclose(np.mean([float(risk(model, part, None)) for part in parts]), whole, rtol=1e-5)


def test_two_terms_of_one_name_are_refused():
    with pytest.raises(ValueError, match="squared_error"):
        Expected(squared_error) + Expected(squared_error)


def test_penalties_touch_neither_biases_nor_frozen_numbers():
    from ansatz.embedding import Standardize
    from ansatz.models import Chain, Frozen

    line = linear(2, None, key=zoo.key())
    chain = Chain(Frozen(Standardize(jnp.full(2, 9.0), jnp.full(2, 9.0))), line)
    assert float(L2()(chain, None, None)) == pytest.approx(float(jnp.sum(line.weight**2)))


def test_weights_of_either_sign_enter_linearly():
    line = linear(1, None, key=zoo.key())
    x, y = jnp.ones((2, 1)), jnp.array([3.0, 3.0])
    value = Expected(squared_error)(line, Batch(x, y, jnp.array([3.0, -1.0])), None)
    one = Expected(squared_error)(line, Batch(x[:1], y[:1], jnp.ones(1)), None)
    np.testing.assert_allclose(float(value), float(one), rtol=1e-6)
