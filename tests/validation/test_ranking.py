import jax
import numpy as np
import pytest
from sklearn import metrics as sk

from ansatz.keys import generator
from ansatz.validation import (
    AreaUnderCurve,
    AveragePrecision,
    Ranking,
    WorkingPoint,
    delong,
    linear_error,
    roc_auc,
)
from ansatz.validation.classifiers.ranking import delong_interval


def brute_force(y, score, weight):
    """The sum over all pairs, as it is defined."""
    s, b = y == 1, y == 0
    pairs = np.outer(weight[s], weight[b])
    wins = (score[s][:, None] > score[b]) + 0.5 * (score[s][:, None] == score[b])
    return np.sum(pairs * wins) / np.sum(pairs)


@pytest.mark.parametrize("negative", [0.0, 0.2, 0.4])
@pytest.mark.parametrize("digits", [1, 15])
def test_area_equals_the_sum_over_all_pairs(negative, digits):
    rng = generator(jax.random.key(digits))
    y, weight = rng.integers(2, size=200), rng.uniform(0, 3, 200)
    weight *= np.where(rng.random(200) < negative, -1, 1)
    score = np.round(y + rng.normal(size=200), digits)
    assert roc_auc(y, score, weight).value == pytest.approx(brute_force(y, score, weight), rel=1e-12)


def test_area_may_leave_the_unit_range_with_negative_weights():
    y, score, weight = np.array([1, 1, 0]), np.array([2.0, 0.0, 1.0]), np.array([2.0, -1.0, 1.0])
    assert roc_auc(y, score, weight).value == pytest.approx(2.0)


def test_covariance_is_that_of_the_placements():
    """With unit weights: the sample covariances of the placement values, as DeLong wrote them."""
    rng = generator(jax.random.key(0))
    y = np.arange(90) % 3 == 0
    scores = [np.round(y + rng.normal(0, s, 90), 1) for s in (1, 2)]
    wins = [(s[y][:, None] > s[~y]) + 0.5 * (s[y][:, None] == s[~y]) for s in scores]
    signal, background = (np.cov([w.mean(axis=axis) for w in wins]) for axis in (1, 0))
    _, covariance = delong([AreaUnderCurve(Ranking.of(y, s)) for s in scores], np.ones(90))
    np.testing.assert_allclose(covariance, signal / y.sum() + background / (~y).sum(), rtol=1e-12)


@pytest.mark.parametrize("statistic", [AreaUnderCurve, AveragePrecision])
def test_influence_is_the_derivative(statistic, binary):
    ranked = statistic(Ranking.of(binary.y == 1, binary.score))
    step = 1e-6 * np.eye(len(binary))[::17]
    slope = (ranked(binary.weight + step) - ranked(binary.weight - step)) / 2e-6
    np.testing.assert_allclose(slope, ranked.influence(binary.weight)[::17], rtol=1e-5, atol=1e-9)


def interval_of(shift, n_signal, n_background, weighted, level, key):
    rng = generator(key)
    y = np.arange(n_signal + n_background) < n_signal
    weight = np.where(rng.random(len(y)) < 0.1, -1.0, 1.0) if weighted else np.ones(len(y))
    ranking = Ranking.of(y, rng.normal(size=len(y)) + shift * y)
    return delong_interval(AreaUnderCurve(ranking), weight, level=level)


@pytest.mark.parametrize(("level", "weighted"), [(0.6827, False), (0.95, False), (0.6827, True)])
def test_area_interval_covers(level, weighted):
    """400 samples of two normal classes; the area is Phi(shift / sqrt 2)."""
    truth = 0.8555778168267576  # Phi(1.5 / sqrt 2)
    keys = jax.random.split(jax.random.key(3), 400)
    found = [interval_of(1.5, 60, 120, weighted, level, key) for key in keys]
    covered = np.mean([i.low <= truth <= i.high for i in found])
    assert abs(covered - level) < 4 * np.sqrt(level * (1 - level) / 400)


@pytest.mark.parametrize("fixed", ["background", "signal"])
def test_working_point_interval_covers(fixed):
    """Efficiency at a fixed rate, the movement of the cut included; the truth is closed for two normal classes."""
    from scipy.special import ndtr, ndtri

    at, level = 0.2, 0.6827
    shift = 1.5 if fixed == "background" else -1.5
    truth = ndtr(shift - ndtri(1 - at))
    covered = 0
    for key in jax.random.split(jax.random.key(5), 300):
        rng = generator(key)
        y = np.arange(600) < 300
        point = WorkingPoint(Ranking.of(y, rng.normal(size=600) + 1.5 * y), at, fixed)
        covered += abs(point(np.ones(600)) - truth) < linear_error(point, np.ones(600))
    assert abs(covered / 300 - level) < 4 * np.sqrt(level * (1 - level) / 300)


def test_perfect_ranking_is_not_certain():
    interval = roc_auc([0] * 10 + [1] * 10, np.arange(20.0), level=0.95)
    assert interval.value == interval.high == 1
    assert interval.low == pytest.approx(0.7225, abs=1e-3)  # Wilson for 10 of 10


def test_agrees_with_scikit_learn(positive_samples):
    a = positive_samples["binary"]
    ranking = Ranking.of(a.y == 1, a.score)
    assert AreaUnderCurve(ranking)(a.weight) == pytest.approx(sk.roc_auc_score(a.y, a.score, sample_weight=a.weight))
    assert AveragePrecision(ranking)(a.weight) == pytest.approx(
        sk.average_precision_score(a.y, a.score, sample_weight=a.weight)
    )
    background, signal, _ = sk.roc_curve(a.y, a.score, sample_weight=a.weight, drop_intermediate=False)
    for at in (0.01, 0.1, 0.3):
        assert WorkingPoint(ranking, at)(a.weight) == pytest.approx(np.interp(at, background, signal), rel=1e-9)


def test_top_tagging_reference(shared):
    """Values published with the Top Tagging Reference Dataset, arXiv:1902.09914."""
    y = np.load(shared / "hep" / "toptag_ref_a.npz")["label"]
    score = np.load(shared / "hep" / "toptag_ref_c.npz")["EFP"]
    ranking = Ranking.of(y == 1, score)
    one = np.ones(len(y))
    assert AreaUnderCurve(ranking)(one) == 0.9803312707707597
    assert round(1 / float(WorkingPoint(ranking, 0.3, "signal")(one)), 2) == 383.87
    assert 1.5e-4 < roc_auc(y, score).error < 2.5e-4
