"""Principal components beside scikit-learn's, by blocks, and with weights."""

import jax
import numpy as np
import pytest
from sklearn.decomposition import PCA as Sklearn

from ansatz.embedding import PCA
from ansatz.errors import InputError

RNG = np.random.default_rng(5)
ROWS = RNG.normal(size=(400, 6)) @ RNG.normal(size=(6, 6)) + 3.0


def test_it_agrees_with_scikit_learn():
    ours, theirs = PCA.of(ROWS), Sklearn(svd_solver="full").fit(ROWS)
    np.testing.assert_allclose(ours.explained, theirs.explained_variance_ratio_, rtol=1e-12)
    np.testing.assert_allclose(ours.variance * 400 / 399, theirs.explained_variance_, rtol=1e-12)
    np.testing.assert_allclose(np.abs(np.sum(ours.axes * theirs.components_, axis=1)), 1.0, rtol=1e-12)


def test_all_components_give_the_points_back():
    pca = PCA.of(ROWS)
    np.testing.assert_allclose(pca.restore(pca.transform(ROWS)), ROWS, atol=1e-12)


def test_blocks_give_what_all_rows_give():
    weight = RNG.uniform(0.1, 3.0, size=400)
    whole = PCA.of(ROWS, weight)
    parts = PCA.streamed((ROWS[i : i + 7], weight[i : i + 7]) for i in range(0, 400, 7))
    np.testing.assert_allclose(parts.variance, whole.variance, rtol=1e-12)
    np.testing.assert_allclose(parts.axes, whole.axes, atol=1e-10)
    np.testing.assert_allclose(parts.mean, whole.mean, rtol=1e-12)


@pytest.mark.parametrize("rows", [400, 4])
def test_a_weight_is_a_number_of_copies_and_its_scale_is_nothing(rows):
    x, times = ROWS[:rows], RNG.integers(1, 4, size=rows)
    weighted, copied = PCA.of(x, 7.0 * times), PCA.of(np.repeat(x, times, axis=0))
    kept = min(rows - 1, 6)
    np.testing.assert_allclose(weighted.variance[:kept], copied.variance[:kept], rtol=1e-10)
    np.testing.assert_allclose(weighted.axes[:kept], copied.axes[:kept], atol=1e-9)


def test_a_negative_weight_takes_an_event_away():
    doubled = np.concatenate([ROWS, ROWS[:50], ROWS[:50]])
    weight = np.concatenate([np.ones(400), np.ones(50), -np.ones(50)])
    np.testing.assert_allclose(PCA.of(doubled, weight).variance, PCA.of(ROWS).variance, rtol=1e-9)


def test_small_variances_are_right_beside_large_ones():
    """A root of the scatter matrix keeps what the matrix itself would lose: 1e-20 beside 1."""
    x = RNG.normal(size=(500, 2)) * [1.0, 1e-10]
    np.testing.assert_allclose(PCA.of(x).variance[1], 1e-20, rtol=0.2)


def test_one_point_and_many_points_agree():
    pca = PCA.of(ROWS, components=2)
    with jax.enable_x64(True):
        one = np.asarray(pca(jax.numpy.asarray(ROWS[0])))
    np.testing.assert_allclose(one, pca.transform(ROWS[:1])[0], rtol=1e-12)


def test_fields_are_flattened():
    fields = RNG.choice([-1, 1], size=(30, 4, 4))
    assert PCA.of(fields, components=3).transform(fields).shape == (30, 3)


@pytest.mark.parametrize(
    ("x", "options", "message"),
    [
        (ROWS, {"components": 7}, "between 1 and 6"),
        (ROWS[:1], {}, "at least two events"),
        (np.array([[1.0], [np.nan]]), {}, "finite"),
        (ROWS, {"weight": np.where(np.arange(400) < 300, -1.0, 1.0)}, "sum to -200"),
    ],
)
def test_bad_input_gives_one_clear_line(x, options, message):
    with pytest.raises(InputError, match=message):
        PCA.of(x, **options)
