"""Coordinates without a target: new events, weights, storage, and what every method is for."""

import jax
import numpy as np
import pytest
from sklearn.decomposition import PCA, FastICA
from sklearn.manifold import TSNE, trustworthiness

from ansatz.data import Dataset
from ansatz.embedding.reduction import kept_neighbors
from ansatz.errors import InputError
from ansatz.training import REDUCTION, load_fit, save_fit
from ansatz.training.classical.threads import threads_for

KEY = jax.random.key(3)
RNG = np.random.default_rng(4)
PLANE = RNG.normal(size=(160, 2)) @ RNG.normal(size=(2, 5)) + 0.02 * RNG.normal(size=(160, 5))
SMALL = {
    "autoencoder": {"epochs": 60, "width": 24, "learning_rate": 1e-2},
    "sne": {"perplexity": 20.0},
    "tsne": {"iterations": 400, "perplexity": 20.0},
}
KINDS = [kind for kind in REDUCTION if kind != "umap"]
CURVED = {"kernel-pca", "diffusion-map"}
"""Methods whose second coordinate may be an overtone of the first."""
WEIGHTED = ["pca", "kernel-pca", "diffusion-map", "sne"]


def learned(kind, data, **options):
    return REDUCTION[kind](**{**SMALL.get(kind, {}), **options})(data, KEY)


def sample(kind, **options):
    """Points near a plane; for sums of parts, sums of two parts."""
    x = PLANE if kind != "nmf" else np.abs(RNG.normal(size=(160, 2))) @ np.abs(RNG.normal(size=(2, 5)))
    return Dataset(x, **options)


@pytest.mark.parametrize("kind", KINDS)
def test_every_method_keeps_the_neighborhoods_of_a_plane(kind, tmp_path):
    data = sample(kind)
    fit = learned(kind, data)
    z = fit.predict(data.x)
    assert fit.predictor.link == "coordinates"
    assert z.shape == (160, 2)
    before = (data.x - data.x.mean(axis=0)) / data.x.std(axis=0)
    assert kept_neighbors(before, z, 10).trustworthiness.mean() > (0.8 if kind in CURVED else 0.9)
    np.testing.assert_array_equal(load_fit(save_fit(fit, tmp_path / "fit")).predict(data.x), z)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "autoencoder"])
def test_new_events_lie_among_training_events_like_them(kind):
    data = sample(kind)
    fit = learned(kind, data[:120])
    z, new = fit.predict(data.x[:120]), fit.predict(data.x[120:])
    scale = data.x.std(axis=0)
    nearest = [np.argmin(np.sum(((data.x[:120] - row) / scale) ** 2, axis=1)) for row in data.x[120:]]
    apart = np.linalg.norm(new - z[nearest], axis=1)
    everywhere = np.linalg.norm(z[:, None] - z[None], axis=2)
    assert np.median(apart) < 0.35 * np.median(everywhere)


@pytest.mark.parametrize("kind", WEIGHTED)
def test_a_weight_is_a_number_of_copies_and_its_scale_is_nothing(kind):
    x, times = PLANE[:60], RNG.integers(1, 4, size=60)
    weighted = learned(kind, Dataset(x, weight=7.0 * times)).predict(x)
    copied = learned(kind, Dataset(np.repeat(x, times, axis=0))).predict(x)
    np.testing.assert_allclose(weighted, copied, rtol=1e-6, atol=1e-9)


def test_principal_components_take_weights_of_either_sign():
    doubled = Dataset(np.concatenate([PLANE, PLANE[:20], PLANE[:20]]), weight=np.r_[np.ones(180), -np.ones(20)])
    once = learned("pca", Dataset(PLANE))
    np.testing.assert_allclose(learned("pca", doubled).predict(PLANE), once.predict(PLANE), atol=1e-9)


def test_components_and_independent_components_are_those_of_scikit_learn():
    ours = learned("pca", Dataset(PLANE)).predict(PLANE)
    np.testing.assert_allclose(np.abs(ours), np.abs(PCA(2).fit_transform(PLANE)), rtol=1e-6, atol=1e-9)
    mixed = RNG.uniform(-1, 1, size=(400, 2)) @ np.array([[1.0, 0.4], [0.3, 1.0]])
    ours = learned("ica", Dataset(mixed), standardize=False).predict(mixed)
    theirs = FastICA(2, whiten="unit-variance", random_state=0).fit_transform(mixed)
    assert np.sort(np.abs(np.corrcoef(ours.T, theirs.T)[:2, 2:]).max(axis=1))[0] > 0.999


def test_t_sne_keeps_as_much_as_that_of_scikit_learn():
    with threads_for(PLANE.size):
        theirs = TSNE(perplexity=20.0, max_iter=400, init="pca", random_state=0).fit_transform(PLANE)
    ours = learned("tsne", Dataset(PLANE), standardize=False)
    kept = [trustworthiness(PLANE, z, n_neighbors=10) for z in (ours.predict(PLANE), theirs)]
    assert kept[0] == pytest.approx(kept[1], abs=0.01)


def test_an_auto_encoder_gives_back_more_than_principal_components_of_a_curve():
    """A parabola has one coordinate, but no straight one."""
    t = RNG.uniform(-1.5, 1.5, 300)
    x = np.c_[t, t**2] + 0.02 * RNG.normal(size=(300, 2))
    fit = learned("autoencoder", Dataset(x), components=1, epochs=200, activation="tanh")
    prepared = fit.predictor.preparation.apply(x)
    coder = fit.predictor.model
    error = np.mean((coder.restore(coder.answer(prepared)) - prepared) ** 2)
    line = learned("pca", Dataset(prepared), components=1)
    left = np.mean((line.predictor.model.map.restore(line.predict(prepared)) - prepared) ** 2)
    assert error < 0.3 * left


def test_a_denoising_auto_encoder_fills_in_what_was_dropped():
    """All columns say the same thing, so that a lost one can be known from the others."""
    x = RNG.normal(size=(400, 1)) * np.ones(4)
    fit = learned("autoencoder", Dataset(x), components=1, corruption=0.25, epochs=120, activation="tanh")
    shown = fit.predictor.preparation.apply(x)
    lost = shown.copy()
    lost[:, 0] = 0.0
    coder = fit.predictor.model
    assert np.mean((coder.restore(coder.answer(lost))[:, 0] - shown[:, 0]) ** 2) < 0.25


def test_umap_is_asked_for_politely_where_it_is_missing():
    try:
        import umap  # noqa: F401
    except ImportError:
        with pytest.raises(InputError, match="install the extra"):
            learned("umap", Dataset(PLANE))
    else:
        z = learned("umap", Dataset(PLANE)).predict(PLANE)
        assert kept_neighbors(PLANE, z, 10).trustworthiness.mean() > 0.9


@pytest.mark.parametrize(
    ("kind", "options", "data", "message"),
    [
        ("pca", {"components": 6}, Dataset(PLANE), "6 components were asked for"),
        ("ica", {"components": 6}, Dataset(PLANE), "6 components were asked for"),
        ("nmf", {}, Dataset(PLANE), "columns that are never negative, but 'x0' is"),
        ("sne", {"perplexity": 200.0}, Dataset(PLANE), "perplexity must be above 1 and below"),
        ("tsne", {"perplexity": 160.0}, Dataset(PLANE), "perplexity must be below the number of rows"),
        ("isomap", {"neighbors": 160}, Dataset(PLANE), "neighbors must be below the number of rows"),
        ("diffusion-map", {"step": 1e-9}, Dataset(PLANE), "no row reaches another"),
        ("tsne", {}, Dataset(PLANE, weight=np.arange(160.0) + 1), "cannot use event weights"),
        ("pca", {}, Dataset(np.ones((5, 2))), "constant"),
    ],
)
def test_bad_input_gives_one_clear_line(kind, options, data, message):
    with pytest.raises(InputError, match=message):
        learned(kind, data, **options)
