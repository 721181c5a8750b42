"""Strategies for negative weights keep what the weights mean, and let any method train."""

import jax
import numpy as np
import pytest

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.studies import parse_study
from ansatz.studies.analyses.collider.negative_weights import moved_by
from ansatz.studies.catalogue import build_learner
from ansatz.training import Unsigned, annihilated, mlp, reweighted
from ansatz.training.classical import CLASSICAL, svm
from ansatz.training.classical.weighted.cut import weighted_auc

KEY = jax.random.key(0)
SHIFT = np.array([1.0, 0.5])


def signed(seed, n=4000, part=0.15):
    """Two Gaussians; where signal and background mislead, as many events of +1 as of -1."""
    rng, m = np.random.default_rng(seed), int(part * n)
    y = np.arange(n) % 2
    y[n - 2 * m :] = np.tile(np.arange(m) % 2, 2)
    x = rng.normal(size=(n, 2)) + y[:, None] * SHIFT
    wrong = 0.6 * rng.normal(size=(2 * m, 2)) + np.where(y[n - 2 * m :, None] == 1, [-1.5, -1.0], [2.0, 1.5])
    x[n - 2 * m :] = wrong
    return Dataset(x, y=y, weight=np.repeat([1.0, 1.0, -1.0], [n - 2 * m, m, m]), classes=("background", "signal"))


def positive(seed, n=1960):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    return Dataset(rng.normal(size=(n, 2)) + y[:, None] * SHIFT, y=y, classes=("background", "signal"))


@pytest.fixture(scope="module")
def sample():
    return signed(0)


def test_annihilation_keeps_the_sum_of_every_class_and_leaves_nothing_negative(sample):
    found = annihilated(sample)
    assert found.weight.min() >= 0
    for k in (0, 1):
        assert found.weight[found.y == k].sum() == pytest.approx(sample.weight[sample.y == k].sum())
    assert moved_by(sample, found) < 0.7


def test_a_cell_is_the_fewest_neighbors_that_make_up_for_the_weight():
    x = np.array([[0.0], [1.0], [2.5], [4.5], [30.0]])
    data = Dataset(x, y=np.zeros(5, int), weight=np.array([-2.0, 1.5, 1.0, 3.0, 1.0]), classes=("a",))
    total = np.array([2.0, 1.5, 1.0]) * 0.5 / 4.5
    np.testing.assert_allclose(annihilated(data).weight, [*total, 3.0, 1.0])


def test_classes_do_not_cancel_each_other():
    data = Dataset(
        np.zeros((4, 1)), y=np.array([0, 0, 1, 1]), weight=np.array([-1.0, 3.0, 2.0, 2.0]), classes=("a", "b")
    )
    np.testing.assert_allclose(annihilated(data).weight, [0.5, 1.5, 2.0, 2.0])


def test_the_network_learns_the_mean_weight():
    """Weights of +1 and -1 whose mean is known everywhere: r(x) = tanh(x)^2 / 2 + 1/4."""
    rng = np.random.default_rng(1)
    x = rng.uniform(-2, 2, (8_000, 1))
    truth = np.tanh(x[:, 0]) ** 2 / 2 + 0.25
    weight = np.where(rng.random(8_000) < (1 + truth) / 2, 1.0, -1.0)
    data = Dataset(x, y=np.zeros(8_000, int), weight=weight, classes=("a",))
    found = reweighted(data, mlp(width=16, epochs=25, learning_rate=1e-2), KEY)
    assert found.weight.min() > 0
    assert found.weight.sum() == pytest.approx(weight.sum())
    assert np.sqrt(np.mean((found.weight - truth) ** 2)) < 0.07


@pytest.mark.parametrize(
    ("name", "strategy"),
    [
        ("tree", "annihilate"),
        ("knn", "annihilate"),
        pytest.param("tree", "reweight", marks=pytest.mark.slow),
        pytest.param("svm", "annihilate", marks=pytest.mark.slow),
        pytest.param("knn", "reweight", marks=pytest.mark.slow),
    ],
)
def test_methods_that_refuse_negative_weights_train_as_on_the_positive_truth(name, strategy):
    """Within two standard errors of the mean over three samples; the network has to be small and quick here."""
    fresh = positive(99, 10_000)
    learner = {"tree": CLASSICAL["tree"](smallest_leaf=0.02), "svm": svm(), "knn": CLASSICAL["knn"](neighbors=60)}[name]
    network = mlp(width=24, epochs=30, learning_rate=1e-2, patience=30)
    way = Unsigned(learner, strategy, network)

    def areas(make, draw):
        fits = [make(draw(seed), jax.random.key(seed)) for seed in range(3)]
        return np.array([weighted_auc(fit.score(fresh.x), fresh.y == 1, fresh.weight) for fit in fits])

    ours, truth = areas(way, signed), areas(learner, positive)
    error = np.sqrt((ours.var(ddof=1) + truth.var(ddof=1)) / 3 + 0.004**2)
    assert ours.mean() > truth.mean() - 2 * error


def test_regressions_cancel_near_in_the_target_too():
    rng = np.random.default_rng(0)
    x, bad = rng.uniform(-1, 1, (1500, 1)), rng.uniform(-1, 1, (500, 1))
    y = np.concatenate([2 * x[:, 0], np.full(1000, 5.0)]) + 0.1 * rng.normal(size=2500)
    data = Dataset(np.concatenate([x, bad, bad]), y=y, weight=np.repeat([1.0, 1.0, -1.0], [1500, 500, 500]))
    fit = Unsigned(CLASSICAL["forest"](trees=20, smallest_leaf=0.01), "annihilate")(data, KEY)
    assert np.mean((fit.predict(x) - 2 * x[:, 0]) ** 2) < 0.1


def test_bad_input_is_refused_in_one_line(sample):
    with pytest.raises(InputError, match="did you mean 'annihilate'"):
        Unsigned(svm(), "anihilate")
    with pytest.raises(InputError, match="class 'signal' sum to"):
        annihilated(sample.replace(weight=np.where(sample.y == 1, -1.0, 1.0)))
    with pytest.raises(InputError, match="in tables"):
        annihilated(sample.replace(x=np.zeros((len(sample), 2, 2)), columns=()))


def test_a_study_names_the_strategy():
    study = parse_study(
        {"title": "x", "data": {"problem": "xnor"}, "models": {"a": {"kind": "knn", "negative": "annihilate"}}}
    )
    learner = build_learner("a", study.models["a"])
    assert learner.negative_weights
    assert learner.strategy == "annihilate"
