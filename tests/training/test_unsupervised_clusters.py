"""Groups without a target: beside scikit-learn and SciPy, with weights, with other metrics, on new events."""

import jax
import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist, squareform
from sklearn.cluster import DBSCAN, KMeans, SpectralClustering
from sklearn.datasets import make_circles, make_moons
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from ansatz.data import Dataset
from ansatz.embedding import Euclidean, Given
from ansatz.errors import InputError
from ansatz.training import CLUSTERING, load_fit, save_fit
from ansatz.training.unsupervised.hierarchy import agglomerate, cut

KEY = jax.random.key(3)
RNG = np.random.default_rng(1)
CENTERS = np.array([[0.0, 0.0, 0.0], [4.0, 0.0, 1.0], [0.0, 5.0, 2.0]])
ROWS = np.concatenate([RNG.normal(size=(50, 3)) * 0.6 + center for center in CENTERS])
TRUTH = np.repeat([0, 1, 2], 50)
SMALL = {"k-means": {"starts": 3}, "hdbscan": {"smallest": 5}, "dbscan": {"share": 0.04}}
WEIGHTED = [kind for kind in CLUSTERING if kind != "hdbscan"]


def learned(kind, data, **options):
    return CLUSTERING[kind](**{**SMALL.get(kind, {}), **options})(data, KEY)


def same_groups(a, b):
    return adjusted_rand_score(a, b) == pytest.approx(1.0)


@pytest.mark.parametrize("kind", CLUSTERING)
def test_every_method_finds_three_clear_groups_and_knows_them_again(kind, tmp_path):
    fit = learned(kind, Dataset(ROWS))
    fresh = np.concatenate([RNG.normal(size=(20, 3)) * 0.5 + center for center in CENTERS])
    assert fit.predictor.link == "group"
    group = fit.predict(ROWS)
    assert adjusted_rand_score(TRUTH[group >= 0], group[group >= 0]) == 1.0
    assert (group >= 0).mean() > 0.9
    new = fit.predict(fresh)
    assert adjusted_rand_score(np.repeat([0, 1, 2], 20)[new >= 0], new[new >= 0]) == 1.0
    np.testing.assert_array_equal(load_fit(save_fit(fit, tmp_path / "fit")).predict(fresh), new)


@pytest.mark.parametrize("kind", WEIGHTED)
def test_a_weight_is_a_number_of_copies_and_its_scale_is_nothing(kind):
    times = RNG.integers(1, 4, size=len(ROWS))
    weighted = learned(kind, Dataset(ROWS, weight=7.0 * times)).predict(ROWS)
    copied = learned(kind, Dataset(np.repeat(ROWS, times, axis=0))).predict(ROWS)
    np.testing.assert_array_equal(weighted, copied)


@pytest.mark.parametrize("method", ["single", "complete", "average", "ward"])
def test_the_tree_of_merges_is_that_of_scipy(method):
    expected = linkage(ROWS, method)
    ours = agglomerate(squareform(pdist(ROWS)), np.ones(len(ROWS)), method)
    np.testing.assert_allclose(ours[:, 2:], expected[:, 2:], rtol=1e-9)
    np.testing.assert_allclose(np.sort(ours[:, :2]), np.sort(expected[:, :2]))
    for count in (2, 3, 7):
        assert same_groups(cut(ours, count), fcluster(expected, count, "maxclust"))


@pytest.mark.parametrize("method", ["average", "ward"])
def test_the_heights_of_a_weighted_tree_are_those_of_copies(method):
    x, times = ROWS[::5], RNG.integers(1, 4, size=30)
    copied = np.repeat(x, times, axis=0)
    once = agglomerate(squareform(pdist(x)), times, method)
    often = linkage(copied, method)
    np.testing.assert_allclose(once[:, 2], often[-29:, 2], rtol=1e-9)


def test_k_means_reaches_what_scikit_learn_and_an_own_metric_reach():
    ours = learned("k-means", Dataset(ROWS), standardize=False)
    theirs = KMeans(3, n_init=3, random_state=0).fit(ROWS)
    own = learned("k-means", Dataset(ROWS), standardize=False, metric=Given(Euclidean().between))
    assert ours.details["cost"] * len(ROWS) == pytest.approx(theirs.inertia_, rel=1e-6)
    assert same_groups(ours.predict(ROWS), own.predict(ROWS))


def test_a_mixture_reaches_the_likelihood_of_scikit_learn():
    for ours, theirs in (("full", "full"), ("diagonal", "diag"), ("tied", "tied"), ("spherical", "spherical")):
        fit = learned("gaussian-mixture", Dataset(ROWS), covariance=ours, standardize=False)
        expected = GaussianMixture(3, covariance_type=theirs, tol=1e-7, random_state=0).fit(ROWS)
        assert fit.details["log_likelihood"] == pytest.approx(expected.score(ROWS), abs=1e-4)


def test_the_probabilities_of_a_mixture_are_those_of_bayes():
    fit = learned("gaussian-mixture", Dataset(ROWS))
    model, x = fit.predictor.model, fit.predictor.preparation.apply(ROWS)
    np.testing.assert_allclose(model.probability(x).sum(axis=1), 1.0, rtol=1e-12)
    np.testing.assert_array_equal(model.probability(x).argmax(axis=1), fit.predict(ROWS))


def test_dense_regions_are_those_of_scikit_learn():
    fit = learned("dbscan", Dataset(ROWS), radius=0.9, share=5 / 150, standardize=False)
    theirs = DBSCAN(eps=0.9, min_samples=5).fit(ROWS)
    cores = theirs.core_sample_indices_
    assert same_groups(fit.predict(ROWS[cores]), theirs.labels_[cores])
    np.testing.assert_array_equal(fit.predict(ROWS) < 0, theirs.labels_ < 0)


def test_shapes_that_k_means_cannot_tell_apart_are_told_by_connection():
    """Two moons and two rings; and scikit-learn's spectral clustering agrees."""
    for x, y in (
        make_moons(200, noise=0.04, random_state=0),
        make_circles(240, noise=0.02, factor=0.4, random_state=0),
    ):
        data = Dataset(x)
        assert same_groups(learned("hierarchical", data, clusters=2, linkage="single").predict(x), y)
        assert same_groups(learned("spectral", data, clusters=2, step=0.12, standardize=False).predict(x), y)
        assert adjusted_rand_score(y, learned("k-means", data, clusters=2).predict(x)) < 0.6
        theirs = SpectralClustering(2, gamma=1 / (2 * 0.12**2), random_state=0).fit_predict(x)
        assert same_groups(theirs, y)


def test_angles_that_cross_the_end_of_the_circle_are_one_group():
    angle = np.concatenate([RNG.normal(0.0, 5.0, 40) % 360, RNG.normal(180.0, 5.0, 40)])[:, None]
    truth = np.repeat([0, 1], 40)
    around = learned("k-means", Dataset(angle), clusters=2, metric="periodic", period=[360.0])
    assert same_groups(around.predict(angle), truth)
    assert not same_groups(learned("k-means", Dataset(angle), clusters=2).predict(angle), truth)


def test_a_large_sample_is_grouped_by_k_means_before_it_is_merged():
    fit = learned("hierarchical", Dataset(ROWS), first=20)
    assert "k-means made 20 small groups" in fit.message
    assert same_groups(fit.predict(ROWS), TRUTH)


def test_what_may_be_done_about_columns_is_said():
    x = np.c_[ROWS, np.full(len(ROWS), 3.0), ROWS[:, 0]]
    message = learned("k-means", Dataset(x, columns=("a", "b", "c", "d", "e"))).message
    assert "'d' is constant" in message
    assert "'e' is a copy of 'a'" in message


@pytest.mark.parametrize(
    ("kind", "options", "data", "message"),
    [
        ("k-means", {"clusters": 151}, Dataset(ROWS), "151 clusters were asked for, but there are only 150 distinct"),
        ("k-means", {"metric": "x0_1 - x0_2"}, Dataset(ROWS), "is not symmetric"),
        ("k-means", {"metric": "periodic"}, Dataset(ROWS), "needs the period of each of the 3 columns"),
        ("k-means", {}, Dataset(np.ones((9, 2))), "every one of the 2 columns of 'data' is constant"),
        ("k-means", {}, Dataset(ROWS, weight=np.where(TRUTH == 0, -0.1, 1.0)), "cannot take negative event weights"),
        ("hdbscan", {}, Dataset(ROWS, weight=1.0 + TRUTH), "cannot use event weights"),
        ("dbscan", {"radius": 1e-6}, Dataset(ROWS), "no row has 0.04 of the weight within 1e-06"),
        (
            "gaussian-mixture",
            {"floor": 0.0},
            Dataset(np.c_[ROWS, ROWS[:, 0]]),
            "has no inverse in x0, x1, x2, x3: a column is constant there or a sum",
        ),
    ],
)
def test_bad_input_gives_one_clear_line(kind, options, data, message):
    with pytest.raises(InputError, match=message):
        learned(kind, data, **options)


def test_ward_is_for_the_euclidean_metric():
    with pytest.raises(InputError, match="'ward' is made for the Euclidean metric"):
        CLUSTERING["hierarchical"](metric="periodic", period=[1.0])
