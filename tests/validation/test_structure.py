"""Judging what was found without a target: beside scikit-learn and SciPy, and on samples whose answer is known."""

import jax
import numpy as np
import pytest
from scipy.spatial import procrustes
from scipy.special import gamma
from sklearn.decomposition import PCA
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, silhouette_samples
from sklearn.neighbors import NearestNeighbors

from ansatz.errors import InputError
from ansatz.problems import Manifold
from ansatz.validation.structure import (
    agreement,
    ball_fraction,
    choose_clusters,
    choose_components,
    describe_groups,
    intrinsic_dimension,
    levina_bickel,
    likeness,
    near_the_edge,
    nearest_in_cube,
    neighbor_agreement,
    silhouettes,
    spread_ratio,
    two_nn,
)

KEY = jax.random.key(2)
RNG = np.random.default_rng(5)
CENTERS = np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 6.0]])
TRUTH = np.repeat([0, 1, 2], [40, 30, 20])
ROWS = CENTERS[TRUTH] + RNG.normal(size=(90, 2))
ONES = np.ones(90)


def test_agreement_is_that_of_scikit_learn():
    """The Rand index takes pairs with replacement, so that it agrees for many events; the information exactly."""
    a, b = RNG.integers(0, 4, 3000), RNG.integers(0, 3, 3000)
    b = np.where(RNG.random(3000) < 0.6, a % 3, b)
    found = agreement(a, b, replicas=20, key=KEY)
    assert found.rand.value == pytest.approx(adjusted_rand_score(a, b), abs=2e-3)
    assert found.information.value == pytest.approx(normalized_mutual_info_score(a, b), rel=1e-9)


def test_agreement_knows_no_order_no_names_and_no_scale_of_weights():
    other = np.where(RNG.random(90) < 0.2, 0, TRUTH)
    times, turn = RNG.integers(1, 4, 90), RNG.permutation(90)
    once = agreement(TRUTH, other, 7.0 * times, replicas=2, key=KEY)
    often = agreement(np.repeat(TRUTH, times), np.repeat(other, times), replicas=2, key=KEY)
    renamed = agreement(5 - TRUTH[turn], other[turn], times[turn], replicas=2, key=KEY)
    assert once.rand.value == pytest.approx(often.rand.value) == pytest.approx(renamed.rand.value)
    assert once.information.value == pytest.approx(often.information.value) == pytest.approx(renamed.information.value)


def test_an_interval_of_agreement_covers_that_of_many_events():
    """At one sigma, over 60 samples: 41 on average, 3.6 standard deviation."""
    rng = np.random.default_rng(1)

    def pair(n):
        a = rng.integers(0, 3, n)
        return a, np.where(rng.random(n) < 0.3, rng.integers(0, 3, n), a)

    truth = agreement(*pair(200_000), replicas=1, key=KEY).rand.value
    intervals = [agreement(*pair(150), replicas=60, key=key).rand for key in jax.random.split(KEY, 60)]
    assert 29 <= sum(i.low <= truth <= i.high for i in intervals) <= 53


def test_silhouettes_are_those_of_scikit_learn():
    np.testing.assert_allclose(silhouettes(ROWS, TRUTH), silhouette_samples(ROWS, TRUTH), rtol=1e-9)
    noisy = np.where(np.arange(90) < 5, -1, TRUTH)
    found = silhouettes(ROWS, noisy)
    assert np.isnan(found[:5]).all()
    np.testing.assert_allclose(found[5:], silhouette_samples(ROWS[5:], TRUTH[5:]), rtol=1e-9)


def test_what_makes_a_group_is_told_by_its_means():
    first = describe_groups(ROWS, ("u", "v"), TRUTH, ONES)
    told = {(one.group, one.column): one for one in first}
    assert told[1, "u"].mean.value == pytest.approx(ROWS[TRUTH == 1, 0].mean())
    assert told[1, "u"].mean.error == pytest.approx(ROWS[TRUTH == 1, 0].std() / np.sqrt(30), rel=1e-4)
    apart = (ROWS[TRUTH == 1, 0].mean() - ROWS[TRUTH != 1, 0].mean()) / ROWS[:, 0].std()
    assert told[1, "u"].separation.value == pytest.approx(apart)
    assert next(one.column for one in first if one.group == 1) == "u"


def test_the_ratio_of_widths_covers_the_truth():
    """Groups 1 and 3 wide; 68 % of 60 intervals are 41, give or take 3.6."""
    rng = np.random.default_rng(8)
    inside = 0
    for _ in range(60):
        x = np.concatenate([rng.normal(size=(60, 2)), 20 + 3 * rng.normal(size=(60, 2))])
        ratio, _ = spread_ratio(x, np.repeat([0, 1], 60), np.ones(120))
        inside += ratio.low <= 3.0 <= ratio.high
    assert 29 <= inside <= 53


def test_the_number_of_groups_is_found_by_every_criterion():
    found = {c.name: c for c in choose_clusters(ROWS, ONES, most=4, replicas=4, references=6, key=KEY)}
    assert {name: c.chosen.value for name, c in found.items()} == dict.fromkeys(found, 3.0)
    assert set(found) == {"gap", "silhouette", "bic", "held-out likelihood"}


def test_one_cloud_is_one_group():
    even = np.random.default_rng(4).normal(size=(120, 2))
    found = {c.name: c for c in choose_clusters(even, np.ones(120), most=3, replicas=3, references=8, key=KEY)}
    assert found["gap"].chosen.value == found["bic"].chosen.value == 1.0


def test_the_number_of_components_and_its_likelihood_are_those_of_scikit_learn():
    x = RNG.normal(size=(240, 3)) @ RNG.normal(size=(3, 8)) * 2 + 0.3 * RNG.normal(size=(240, 8))
    found = choose_components(x, np.ones(240), most=6, key=KEY)
    assert found.chosen.value == 3.0
    part = np.random.default_rng(0).permutation(240) % 4
    theirs = np.mean([PCA(3).fit(x[part != k]).score(x[part == k]) for k in range(4)])
    assert found.value[2] == pytest.approx(theirs, abs=0.2)


def test_likeness_of_maps_is_that_of_procrustes():
    a, b = RNG.normal(size=(2, 50, 2))
    b = a + 0.5 * b
    assert likeness(a, b) == pytest.approx(1 - procrustes(a, b)[2], rel=1e-9)


def test_neighbors_of_one_label_are_counted_as_scikit_learn_finds_them():
    near = NearestNeighbors(n_neighbors=6).fit(ROWS).kneighbors(ROWS, return_distance=False)[:, 1:]
    expected = (TRUTH[near] == TRUTH[:, None]).mean()
    assert neighbor_agreement(ROWS, TRUTH, ONES, neighbors=5).value == pytest.approx(expected)


@pytest.mark.parametrize("estimate", [two_nn, levina_bickel])
def test_intervals_of_the_dimension_cover_that_of_known_surfaces(estimate):
    """Sixteen samples of surfaces with edges and without: 68 % at one sigma would be 11, give or take 1.9."""
    surfaces = [("sphere", 1), ("sphere", 3), ("torus", 2), ("cube", 2), ("cube", 4), ("cube", 6), ("swiss-roll", 2)]
    surfaces = [*surfaces, ("sphere", 6)]
    pulls = []
    for k, (shape, dimension) in enumerate(2 * surfaces):
        x = Manifold(shape=shape, dimension=dimension, columns=dimension + 6).draw(jax.random.key(k), 400).x
        found = estimate(x, key=jax.random.key(100 + k))
        pulls.append((found.value - dimension) / found.error)
    pulls = np.abs(pulls)
    assert (pulls < 1).sum() >= 8
    assert (pulls < 2.5).sum() >= 15


@pytest.mark.slow
def test_published_dimensions_are_found():
    """Swiss roll 2, sphere in ten columns 9, digits between 7 and 12 (E. Facco et al., arXiv:1803.06992)."""
    from ansatz.problems import Digits

    roll = Manifold().draw(KEY, 2000).x
    sphere = Manifold(shape="sphere", dimension=9).draw(KEY, 2000).x
    for name in ("two nearest neighbors", "likelihood of neighbors"):
        for x, truth in ((roll, 2), (sphere, 9)):
            found = intrinsic_dimension(x, key=KEY)[name]
            assert abs(found.value - truth) < 2 * found.error
            assert found.error < 0.15 * truth
    digits = Digits().draw(KEY, 1797).x.reshape(1797, -1)
    found = intrinsic_dimension(digits, key=KEY)
    assert 7 < found["two nearest neighbors"].value < 12
    assert 6 < found["likelihood of neighbors"].value < 12


@pytest.mark.parametrize("dimension", [2, 5, 9])
def test_volumes_are_the_shares_of_random_points(dimension):
    x = np.random.default_rng(dimension).random((40_000, dimension))
    for share, inside in (
        (ball_fraction(dimension), ((x - 0.5) ** 2).sum(axis=1) < 0.25),
        (near_the_edge(dimension, 0.1), (np.minimum(x, 1 - x) < 0.1).any(axis=1)),
    ):
        assert abs(inside.mean() - share) < 4 * np.sqrt(share * (1 - share) / len(x))
    assert ball_fraction(dimension) == pytest.approx(np.pi ** (dimension / 2) / gamma(dimension / 2 + 1) / 2**dimension)


def test_the_nearest_neighbor_in_one_dimension_is_half_a_spacing():
    """n points on a circle: the nearest to a fixed place is 1 / (2 n) away."""
    assert nearest_in_cube(1, 50) == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: two_nn(np.zeros((30, 2)), key=KEY), "at least 20 distinct points"),
        (lambda: choose_clusters(ROWS[:10], ONES[:10], most=4, key=KEY), "needs at least 12 rows"),
        (lambda: choose_components(ROWS[:, :1], ONES, key=KEY), "at least two columns"),
    ],
)
def test_bad_input_gives_one_clear_line(ask, message):
    with pytest.raises(InputError, match=message):
        ask()
