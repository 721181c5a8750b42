"""The methods known from TMVA against closed forms and brute force."""

import jax
import numpy as np
import pytest

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.problems import Gaussians
from ansatz.training.classical.weighted.cut import weighted_auc
from ansatz.training.multivariate import (
    h_matrix,
    pde_neighbors,
    pde_range_search,
    projective_likelihood,
    rectangular_cuts,
)
from ansatz.training.multivariate.bitmaps import Bitmaps
from ansatz.training.multivariate.range_search import NeighborDensity, RangeSearch

KEY = jax.random.key(0)
PROBLEM = Gaussians(separation=2.0, dimensions=3)
LEARNERS = {
    "projective-likelihood": projective_likelihood(),
    "pde-range-search": pde_range_search(),
    "pde-neighbors": pde_neighbors(neighbors=60),
}


@pytest.fixture(scope="module")
def drawn():
    data = PROBLEM.draw(jax.random.key(1), 9000)
    return data[:6000], data[6000:]


def area(data, score):
    return weighted_auc(score, data.y == 1, data.weight)


@pytest.mark.parametrize("name", LEARNERS)
def test_two_gaussians_are_told_apart_as_well_as_can_be(name, drawn):
    """Independent columns, so the projective likelihood too is exact; densities from neighbors lose up to .012."""
    train, test = drawn
    fit = LEARNERS[name](train, KEY)
    assert area(test, PROBLEM.probability(test.x)) - area(test, fit.score(test.x)) < 0.012
    loss, best = (
        -np.log(np.where(test.y == 1, p, 1 - p)).mean() for p in (fit.score(test.x), PROBLEM.probability(test.x))
    )
    assert loss < best + 0.04


def test_the_box_search_counts_the_events_in_the_box():
    rng = np.random.default_rng(0)
    x, y, w = rng.normal(size=(300, 2)), rng.integers(0, 2, 300), rng.uniform(0.5, 2, 300)
    asked = rng.normal(size=(20, 2))
    found = RangeSearch(events=25, kernel="box").fit(x, y, w).predict_proba(asked)
    distance = np.abs(asked[:, None] - x).max(axis=2)
    inside = distance <= np.sort(distance, axis=1)[:, 24:25]
    signal = inside @ (w * y) / (inside @ w)
    np.testing.assert_allclose(found[:, 1], signal)


@pytest.mark.parametrize(("kernel", "form"), [("teepee", lambda r: 1 - r), ("gauss", lambda r: np.exp(-2 * r**2))])
def test_kernels_fall_to_the_walls_of_the_box(kernel, form):
    rng = np.random.default_rng(0)
    x, y, w = rng.normal(size=(200, 2)), rng.integers(0, 2, 200), rng.uniform(0.5, 2, 200)
    distance = np.abs(x - [[0.3, 0.1]]).max(axis=1)
    near = distance <= np.sort(distance)[29]
    factor = np.where(near, form(distance / np.sort(distance)[29]), 0.0) * w
    found = RangeSearch(events=30, kernel=kernel).fit(x, y, w).predict_proba(np.array([[0.3, 0.1]]))
    assert found[0, 1] == pytest.approx((factor * y).sum() / factor.sum())


def test_the_neighbor_density_compares_the_balls_of_the_classes():
    rng = np.random.default_rng(0)
    x, y, w = rng.normal(size=(300, 2)), rng.integers(0, 2, 300), rng.uniform(0.5, 2, 300)
    density = []
    for k in (0, 1):
        order = np.argsort(np.linalg.norm(x[y == k], axis=1))[:20]
        weights = w[y == k][order]
        density.append((weights.sum() - weights[-1] / 2) / np.linalg.norm(x[y == k], axis=1)[order[-1]] ** 2)
    found = NeighborDensity(neighbors=20).fit(x, y, w).predict_proba(np.zeros((1, 2)))
    assert found[0, 1] == pytest.approx(density[1] / sum(density))


def test_the_h_matrix_is_its_formula(drawn):
    train, test = drawn
    square = []
    for k in (0, 1):
        own = train.x[train.y == k]
        d = test.x - own.mean(axis=0)
        square.append(np.einsum("ni,ij,nj->n", d, np.linalg.inv(np.cov(own.T, ddof=0)), d))
    expected = (square[0] - square[1]) / (square[0] + square[1])
    np.testing.assert_allclose(h_matrix()(train, KEY).score(test.x), expected, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("options", [{}, {"search": "genetic", "steps": 8, "generations": 25}])
def test_cuts_find_the_box_that_was_put_there(options):
    rng = np.random.default_rng(3)
    y = np.arange(4000) % 2
    inside = rng.uniform([-0.5, -1, 0.2], [0.5, 0.3, 1], size=(4000, 3))
    x = np.where((y == 1)[:, None], inside, rng.uniform(-1, 1, size=(4000, 3)))
    fit = rectangular_cuts(**options)(Dataset(x, y=y, classes=("b", "s")), KEY)
    best = int(np.argmax(np.array(fit.details["efficiency"]) - fit.details["background"]))
    volume = 1.0 * 1.3 * 0.8 / 8
    assert fit.details["efficiency"][best] > 0.85
    assert fit.details["background"][best] < 1.3 * volume
    assert area(Dataset(x, y=y), fit.score(x)) > 0.88


def test_boxes_lie_inside_each_other_and_keep_what_they_say(drawn):
    train, _ = drawn
    details = rectangular_cuts()(train, KEY).details
    low, high = np.array(details["low"]), np.array(details["high"])
    assert (low[1:] >= low[:-1]).all()
    assert (high[1:] <= high[:-1]).all()
    for l, h, kept in zip(low, high, details["efficiency"], strict=True):  # noqa: E741
        held = ((train.x > l) & (train.x <= h)).all(axis=1)
        assert held[train.y == 1].mean() == pytest.approx(kept)


def test_the_best_cut_on_one_column_is_found(drawn):
    """Two Gaussians in one column: the efficiency of each box is that of a one-sided cut."""
    data = Gaussians(separation=1.5, dimensions=1).draw(KEY, 8000)
    fit = rectangular_cuts()(data, KEY)
    assert area(data, fit.score(data.x)) == pytest.approx(area(data, data.x[:, 0]), abs=0.01)


def test_three_classes_are_refused_by_what_knows_two():
    data = Dataset(np.random.default_rng(0).normal(size=(90, 2)), y=np.arange(90) % 3, classes=("a", "b", "c"))
    for learner in (rectangular_cuts(), h_matrix()):
        with pytest.raises(InputError, match="two classes"):
            learner(data, KEY)


@pytest.mark.parametrize("events", [0, 1, 13, 400])
def test_bits_count_what_lies_in_a_box(events):
    rng = np.random.default_rng(0)
    code, weights = rng.integers(2, 9, (3, events)), rng.normal(size=(2, events))
    bits = Bitmaps(code, weights)
    for _ in range(50):
        box = np.sort(rng.integers(0, 11, (2, 3)), axis=0)
        inside = ((code >= box[0][:, None]) & (code <= box[1][:, None])).all(axis=0)
        np.testing.assert_allclose(bits.sums(box), weights[:, inside].sum(axis=1), atol=1e-12)
