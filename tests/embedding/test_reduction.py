"""Kernel, diffusion and neighbor maps beside scikit-learn and closed forms."""

import numpy as np
import pytest
from sklearn.decomposition import KernelPCA as SklearnKernelPCA
from sklearn.manifold import trustworthiness

from ansatz.embedding import PCA, Carried, DiffusionMap, KernelPCA
from ansatz.embedding.reduction import kept_neighbors, neighborhoods, sne

RNG = np.random.default_rng(7)
ROWS = RNG.normal(size=(120, 4)) * [3.0, 2.0, 1.0, 0.5]


@pytest.mark.parametrize(("ours", "theirs"), [("rbf", "rbf"), ("polynomial", "poly"), ("cosine", "cosine")])
def test_kernel_components_are_those_of_scikit_learn(ours, theirs):
    found = KernelPCA.of(ROWS, np.ones(120), kernel=ours, gamma=0.2, components=3)
    expected = SklearnKernelPCA(3, kernel=theirs, gamma=0.2, eigen_solver="dense").fit(ROWS)
    fresh = RNG.normal(size=(20, 4))
    for x in (ROWS, fresh):
        np.testing.assert_allclose(np.abs(found.transform(x)), np.abs(expected.transform(x)), atol=1e-6)


def test_a_linear_kernel_gives_principal_components():
    found = KernelPCA.of(ROWS, np.ones(120), kernel="linear", components=2)
    pca = PCA.of(ROWS, components=2)
    np.testing.assert_allclose(np.abs(found.transform(ROWS)), np.abs(pca.transform(ROWS)), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(found.explained, pca.explained, rtol=1e-9)


def test_a_weight_is_a_number_of_copies():
    times = RNG.integers(1, 4, size=120)
    copied = np.repeat(ROWS, times, axis=0)
    for make in (
        lambda x, w: KernelPCA.of(x, w, components=2),
        lambda x, w: DiffusionMap.of(x, w, components=2, step=1.5),
    ):
        once, often = make(ROWS, times.astype(float)), make(copied, np.ones(len(copied)))
        np.testing.assert_allclose(np.abs(once.transform(ROWS)), np.abs(often.transform(ROWS)), atol=1e-7)


def test_the_modes_of_a_circle_are_sine_and_cosine():
    """The Laplace operator on a circle: two equal eigenvalues, and a map that is again a circle."""
    angle = RNG.uniform(0, 2 * np.pi, 600)
    found = DiffusionMap.of(np.c_[np.cos(angle), np.sin(angle)], np.ones(600), components=2, step=0.2)
    radius = np.linalg.norm(found.modes, axis=1)
    assert found.values[1] / found.values[0] == pytest.approx(1.0, abs=0.01)
    assert radius.std() / radius.mean() < 0.05


def test_new_points_of_a_diffusion_map_lie_where_training_rows_do():
    found = DiffusionMap.of(ROWS, np.ones(120), components=2)
    np.testing.assert_allclose(found.transform(ROWS), found.modes * found.values, atol=1e-9)


def test_every_row_has_as_many_neighbors_as_asked_for():
    p = neighborhoods(ROWS, np.ones(120) / 120, 15.0)
    entropy = -np.sum(np.where(p > 0, p * np.log2(np.maximum(p, 1e-300)), 0.0), axis=1)
    np.testing.assert_allclose(2**entropy, 15.0, rtol=1e-6)


def test_sne_leaves_little_of_what_lies_in_a_plane():
    """Points of a plane fit into a plane: far less is lost than by a random placement."""
    flat = RNG.normal(size=(60, 2)) @ RNG.normal(size=(2, 5))
    found = sne(flat, np.ones(60), perplexity=12.0)
    assert found.converged
    assert found.divergence < 0.2
    assert kept_neighbors(flat, found.coordinates, 8).trustworthiness.mean() > 0.97


def test_trustworthiness_is_that_of_scikit_learn():
    flat = ROWS[:, :2]
    kept = kept_neighbors(ROWS, flat, 10)
    assert kept.trustworthiness.mean() == pytest.approx(trustworthiness(ROWS, flat, n_neighbors=10), rel=1e-12)
    assert kept.continuity.mean() == pytest.approx(trustworthiness(flat, ROWS, n_neighbors=10), rel=1e-12)


def test_training_rows_keep_the_coordinates_that_neighbors_carry():
    coordinates = RNG.normal(size=(120, 2))
    np.testing.assert_allclose(Carried(ROWS, coordinates).transform(ROWS), coordinates, atol=1e-9)
