"""Convolutions agree with SciPy, know symmetries, and refuse what leaves nothing of a field."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.ndimage import correlate

from ansatz.errors import InputError
from ansatz.models import ConvolutionalNetwork, Pooling, convolution


def fresh(seed=0):
    """A key that nobody has used."""
    return jax.random.key(seed)


@pytest.mark.parametrize(("padding", "mode"), [("periodic", "wrap"), ("zero", "constant")])
@pytest.mark.parametrize(("sides", "kernel"), [((7,), 2), ((6, 5), 3), ((6, 5), 2), ((4, 3, 5), 2)])
def test_convolution_is_that_of_scipy(padding, mode, sides, kernel):
    layer = convolution(2, 3, dimension=len(sides), kernel=kernel, padding=padding, key=fresh())
    x = np.random.default_rng(0).normal(size=(*sides, 2))
    found = np.asarray(eqx.filter_jit(layer)(jnp.asarray(x)))
    weight = np.asarray(layer.weight).reshape(3, *(kernel,) * len(sides), 2)
    # a window of an even side reaches one site further ahead than behind; SciPy's is the other way round
    origin = -1 if kernel % 2 == 0 else 0
    for output in range(3):
        expected = sum(correlate(x[..., c], weight[output, ..., c], mode=mode, origin=origin) for c in range(2))
        np.testing.assert_allclose(found[..., output], expected, atol=1e-5)


def test_stride_takes_every_second_window():
    one, two = (convolution(1, 2, dimension=2, stride=stride, key=fresh()) for stride in (1, 2))
    x = jax.random.normal(fresh(1), (7, 6, 1))
    np.testing.assert_allclose(eqx.filter_jit(two)(x), eqx.filter_jit(one)(x)[::2, ::2], atol=1e-6)


def test_without_padding_the_field_shrinks():
    assert convolution(1, 4, dimension=2, kernel=3, padding="none", key=fresh())(jnp.ones((7, 5, 1))).shape == (5, 3, 4)


def test_pooling_takes_windows_side_by_side():
    x = jnp.arange(12.0).reshape(3, 4, 1)
    assert Pooling(2, "max")(x).ravel().tolist() == [5.0, 7.0]
    assert Pooling(2, "mean")(x).ravel().tolist() == [2.5, 4.5]


def test_periodic_network_does_not_see_a_shift():
    network = ConvolutionalNetwork((8, 6), 1, None, channels=(3, 4), padding="periodic", key=fresh())
    x = jax.random.normal(fresh(1), (8, 6, 1))
    for shift in ((1, 0), (3, 5)):
        assert network(jnp.roll(x, shift, axis=(0, 1))) == pytest.approx(float(network(x)), abs=1e-5)
    pooled = ConvolutionalNetwork((8, 8), 1, None, channels=(3,), padding="periodic", pooling="max", key=fresh())
    x = jax.random.normal(fresh(1), (8, 8, 1))
    assert pooled(jnp.roll(x, (2, 4), axis=(0, 1))) == pytest.approx(float(pooled(x)), abs=1e-5)
    assert pooled(jnp.roll(x, (1, 0), axis=(0, 1))) != pytest.approx(float(pooled(x)), abs=1e-5)


@pytest.mark.parametrize("summary", ["mean", "max", "flatten"])
def test_outputs_have_their_shape(summary):
    network = ConvolutionalNetwork((6, 6), 2, 3, channels=(4,), stride=2, summary=summary, width=(), key=fresh())
    assert network(jnp.ones((6, 6, 2))).shape == (3,)


def test_a_convolution_can_be_the_energy_of_a_lattice():
    """Relu(s + s' - 1) is one for two spins up, so that a mean over sites counts the bonds."""
    spins = jnp.asarray(np.where(np.random.default_rng(1).random((6, 6, 1)) < 0.5, 1.0, -1.0))
    layer = convolution(1, 4, dimension=2, kernel=2, padding="periodic", key=fresh())
    taps = jnp.array([[1, 0, 1, 0], [-1, 0, -1, 0], [1, 1, 0, 0], [-1, -1, 0, 0]], float)
    layer = type(layer)(taps, -jnp.ones(4), 2, 1, "periodic")
    alike = jnp.maximum(layer(spins), 0).mean(axis=(0, 1)).sum()
    energy = -jnp.mean(spins * (jnp.roll(spins, 1, 0) + jnp.roll(spins, 1, 1)))
    assert 2 - 2 * alike == pytest.approx(float(energy), abs=1e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: convolution(1, 2, dimension=2, kernel=0, key=fresh()), "kernel is one or more, not 0"),
        (lambda: convolution(1, 2, dimension=2, padding="wrap", key=fresh()), "no padding 'wrap'"),
        (lambda: ConvolutionalNetwork((4, 4), 1, None, summary="men", key=fresh()), "did you mean 'mean'"),
        (lambda: ConvolutionalNetwork((4, 4), 1, None, pooling="median", key=fresh()), "no pooling 'median'"),
        (
            lambda: ConvolutionalNetwork((4, 4), 1, None, channels=(2, 2, 2), padding="none", key=fresh()),
            "nothing is left of a field of 4 x 4 sites after 3 convolutions",
        ),
    ],
)
def test_bad_input_is_one_line(make, message):
    with pytest.raises(InputError, match=message):
        make()
