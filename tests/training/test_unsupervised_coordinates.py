"""Coordinates without a target: new events, weights, storage, and what every method is for."""

import importlib.util

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
    "autoencoder": {"epochs": 40, "width": 16, "learning_rate": 2e-2, "batch_size": 32},
    "sne": {"perplexity": 20.0},
    "tsne": {"iterations": 400, "perplexity": 20.0},
}
KINDS = [kind for kind in REDUCTION if kind != "umap"]
CURVED = {"kernel-pca", "diffusion-map"}
"""Methods whose second coordinate may be an overtone of the first."""
WEIGHTED = ["pca", "kernel-pca", "diffusion-map", "sne", "kohonen"]


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


def lost(fit, x):
    """The part of the variance that does not come back."""
    prepared, coder = fit.predictor.preparation.apply(x), fit.predictor.model
    back = coder.restore(coder.answer(prepared))
    return ((back - prepared) ** 2).sum() / ((prepared - prepared.mean(axis=0)) ** 2).sum()


@pytest.mark.slow
def test_an_auto_encoder_gives_back_more_than_principal_components_of_a_curve():
    """A parabola has one coordinate, but no straight one."""
    t = RNG.uniform(-1.5, 1.5, 160)
    x = np.c_[t, t**2] + 0.02 * RNG.normal(size=(160, 2))
    fit = learned("autoencoder", Dataset(x), components=1, epochs=80, activation="tanh")
    part = learned("pca", Dataset(x), components=1, standardize=True).details["explained"][0]
    assert lost(fit, x) < 0.3 * (1 - part)


def test_a_linear_auto_encoder_finds_the_plane_of_the_principal_components():
    """P. Baldi and K. Hornik, Neural Netw. 2 (1989) 53: its only minimum without a worse one beside it."""
    x = RNG.normal(size=(160, 5)) * np.array([3.0, 2.0, 0.5, 0.3, 0.2])
    whole = {"batch_size": 160, "epochs": 400, "validation": 0.0}
    fit = learned("autoencoder", Dataset(x), activation="identity", standardize=False, **whole)
    axes = PCA(2).fit(x)
    assert lost(fit, x) == pytest.approx(1 - axes.explained_variance_ratio_.sum(), rel=0.02)
    coder = fit.predictor.model
    plane = coder.restore(np.eye(2)) - coder.restore(np.zeros((2, 2)))
    inside = plane @ axes.components_.T @ axes.components_
    assert np.linalg.norm(inside) == pytest.approx(np.linalg.norm(plane), rel=5e-3)


@pytest.mark.slow
def test_a_denoising_auto_encoder_fills_in_what_was_dropped():
    """All columns say the same thing, so that a lost one can be known from the others."""
    x = RNG.normal(size=(200, 1)) * np.ones(4)
    fit = learned("autoencoder", Dataset(x), components=1, corruption=0.25, epochs=60, activation="tanh")
    shown = fit.predictor.preparation.apply(x)
    gone = shown.copy()
    gone[:, 0] = 0.0
    coder = fit.predictor.model
    assert np.mean((coder.restore(coder.answer(gone))[:, 0] - shown[:, 0]) ** 2) < 0.25


@pytest.mark.slow
def test_the_bound_of_a_linear_variational_auto_encoder_is_the_likelihood_of_probabilistic_components():
    """J. Lucas et al., arXiv:1911.02469: the Gaussian posterior is exact there; and scikit-learn's PCA scores it."""
    x = RNG.normal(size=(200, 1)) @ np.array([[2.0, 1.0, -1.0]]) + 0.5 * RNG.normal(size=(200, 3))
    options = {"code": "variational", "components": 1, "activation": "identity", "validation": 0.0, "epochs": 900}
    fit = learned("autoencoder", Dataset(x), standardize=False, batch_size=200, **options)
    bound = fit.history["train/reconstruction"] + fit.history["train/divergence"]
    scale = fit.predictor.model.scale
    assert -np.mean(bound[-100:]) - 3 * np.log(scale) == pytest.approx(PCA(1).fit(x).score(x), abs=0.03)


@pytest.mark.slow
def test_the_code_of_a_variational_auto_encoder_is_normal_as_a_whole():
    fit = learned("autoencoder", Dataset(PLANE), code="variational")
    z = fit.predict(PLANE)
    assert z.shape == (160, 2)
    assert np.all(np.abs(z.mean(axis=0)) < 0.5)
    assert np.all((z.std(axis=0) > 0.4) & (z.std(axis=0) < 1.4))


@pytest.mark.slow
def test_a_convolutional_auto_encoder_looks_at_fields(tmp_path):
    """A bump at one of many places: two coordinates say where it is."""
    place = RNG.uniform(1.5, 4.5, size=(200, 2))
    sites = np.stack(np.meshgrid(np.arange(6), np.arange(6), indexing="ij"), axis=-1).reshape(-1, 2)
    x = np.exp(-((place[:, None] - sites) ** 2).sum(axis=2) / 2)
    data = Dataset(x, columns=tuple(f"pixel_{i}_{j}" for i, j in sites))
    options = {"code": "convolutional", "channels": [6], "standardize": False, "epochs": 60}
    fit = learned("autoencoder", data, **options)
    assert lost(fit, x) < 0.6 * (1 - PCA(2).fit(x).explained_variance_ratio_.sum())
    np.testing.assert_array_equal(load_fit(save_fit(fit, tmp_path / "fit")).predict(x), fit.predict(x))


def test_umap_is_asked_for_politely_where_it_is_missing():
    if importlib.util.find_spec("umap"):
        z = learned("umap", Dataset(PLANE)).predict(PLANE)
        assert kept_neighbors(PLANE, z, 10).trustworthiness.mean() > 0.9
    else:
        with pytest.raises(InputError, match=r"needs umap.*ansatz-ml\[umap\]"):
            learned("umap", Dataset(PLANE))


@pytest.mark.parametrize(
    ("kind", "options", "data", "message"),
    [
        ("pca", {"components": 6}, Dataset(PLANE), "6 components were asked for"),
        ("ica", {"components": 6}, Dataset(PLANE), "6 components were asked for"),
        ("nmf", {}, Dataset(PLANE), "columns that are never negative, but 'x0' is"),
        ("sne", {"perplexity": 200.0}, Dataset(PLANE), "perplexity must be above 1 and below"),
        ("tsne", {"perplexity": 160.0}, Dataset(PLANE), "perplexity must be below the number of rows"),
        ("kohonen", {"sheet": [1, 4]}, Dataset(PLANE), "one or two numbers of nodes, each at least 2"),
        ("kohonen", {}, Dataset(PLANE[:, :1]), "a sheet of 2 axes needs as many columns, not 1"),
        ("isomap", {"neighbors": 160}, Dataset(PLANE), "neighbors must be below the number of rows"),
        ("diffusion-map", {"step": 1e-9}, Dataset(PLANE), "no row reaches another"),
        ("tsne", {}, Dataset(PLANE, weight=np.arange(160.0) + 1), "cannot use event weights"),
        ("pca", {}, Dataset(np.ones((5, 2))), "constant"),
        ("autoencoder", {"code": "convolutional"}, Dataset(PLANE), "the 5 columns are none by their names"),
        ("autoencoder", {"code": "convolutional", "shape": [2, 2]}, Dataset(PLANE), "has 4 sites, but there are 5"),
        ("autoencoder", {"code": "variational", "corruption": 0.1}, Dataset(PLANE), "has its own noise"),
    ],
)
def test_bad_input_gives_one_clear_line(kind, options, data, message):
    with pytest.raises(InputError, match=message):
        learned(kind, data, **options)
