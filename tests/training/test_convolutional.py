"""Convolutional learners: fields, tables of pixels, channels, storage."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.training import convolutional, load_fit, save_fit
from ansatz.training.networks.convolutional import channel_moments


def stripes(n=240, seed=0):
    """Fields of 6 x 6 with noise: horizontal or vertical waves at a random place."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    wave = np.sin(2 * np.pi * np.arange(6) / 3 + rng.uniform(0, 6, n)[:, None])[:, :, None] * np.ones((1, 1, 6))
    x = np.where(y[:, None, None] == 1, wave, wave.swapaxes(1, 2)) + 0.3 * rng.normal(size=(n, 6, 6))
    return Dataset(x, y=y, classes=("across", "along"))


@pytest.fixture(scope="module")
def learner():
    return convolutional(channels=8, padding="periodic", width=8, epochs=15, batch_size=32, learning_rate=0.02)


@pytest.fixture(scope="module")
def fitted(learner):
    return learner(stripes(), jax.random.key(0))


def test_it_tells_stripes_apart_wherever_they_are(fitted):
    fresh = stripes(seed=1)
    assert np.mean(fitted.predict(fresh.x) == fresh.y) > 0.95
    np.testing.assert_allclose(fitted.score(np.roll(fresh.x, 2, axis=1)), fitted.score(fresh.x), atol=1e-5)


def test_a_table_of_pixels_is_the_same_field(learner):
    data = stripes()
    table = Dataset(data.x.reshape(len(data), -1), y=data.y, classes=data.classes)
    field = learner.model(data)(jax.random.key(0))
    pixels = convolutional(shape=[6, 6], channels=8, padding="periodic", width=8).model(table)(jax.random.key(0))
    np.testing.assert_allclose(pixels(jnp.asarray(table.x[0])), field(jnp.asarray(data.x[0])), atol=1e-6)


def test_it_is_stored_and_read_back(fitted, tmp_path):
    x = stripes(seed=2).x
    np.testing.assert_array_equal(load_fit(save_fit(fitted, tmp_path / "fit")).score(x), fitted.score(x))


def test_channels_are_scaled_one_by_one():
    x = np.random.default_rng(0).normal(size=(50, 9, 2)) * [1.0, 100.0] + [0.0, 5.0]
    mean, spread = channel_moments(x, np.ones(50))
    np.testing.assert_allclose(mean, x.mean(axis=(0, 1)), rtol=1e-5)
    np.testing.assert_allclose(spread, x.std(axis=(0, 1)), rtol=1e-5)
    gaps = x.copy()
    gaps[3, 4, 0] = np.nan
    assert np.isfinite(channel_moments(gaps, np.ones(50))[1]).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: convolutional(kernel=0), "kernel is one or more, not 0"),
        (lambda: convolutional(channels=[4, 0]), "channels is one or more, not 0"),
        (lambda: convolutional(dropout=1.0), r"in \[0, 1\)"),
        (lambda: convolutional(shape=[5, 6])(stripes(), jax.random.key(0)), "no field of shape"),
        (
            lambda: convolutional()(
                Dataset(np.ones((9, 4)), y=np.arange(9) % 2, classes=("a", "b")), jax.random.key(0)
            ),
            "say which with shape",
        ),
    ],
)
def test_bad_input_is_one_line(make, message):
    with pytest.raises(InputError, match=message):
        make()
