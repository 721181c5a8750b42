"""Classes: calibration makes an over-confident model honest and keeps its ranking; sets hold the true class."""

import jax
import numpy as np
import pytest

import zoo
from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.training import Bootstrap, Calibrated, ClosedForm, ConformalSets, load_fit, save_fit
from ansatz.training.classical import CLASSICAL
from ansatz.training.uncertainty.sets import chance
from ansatz.validation import answers_of, calibration_curve, coverage, coverage_over, roc_auc, score

METHODS = ["temperature", "platt", "isotonic"]


def events(n=3000, seed=0, classes=2, copies=4):
    """Overlapping classes seen through copies of one column, which naive Bayes takes for independent evidence."""
    rng = np.random.default_rng(seed)
    y = rng.integers(classes, size=n)
    x = np.repeat((1.2 * y + rng.normal(size=n))[:, None], copies, axis=1) + 0.1 * rng.normal(size=(n, copies))
    return Dataset(x, y=y, weight=rng.uniform(0.5, 1.5, n), classes=tuple("abcd"[:classes]))


def judged(fit, data):
    answers = answers_of(fit, data)
    metrics = {name: score(answers, name, key=zoo.key()).value for name in ("log_loss", "auc")}
    return {**metrics, "calibration": calibration_curve(answers, key=zoo.key(1)).error.value}


@pytest.fixture(scope="module")
def overconfident():
    return judged(CLASSICAL["naive-bayes"]()(events(), zoo.key()), events(seed=1))


@pytest.mark.parametrize("method", METHODS)
def test_calibration_mends_an_overconfident_model(method, overconfident):
    fit = Calibrated(CLASSICAL["naive-bayes"](), method)(events(), zoo.key())
    found = judged(fit, events(seed=1))
    assert found["log_loss"] < 0.85 * overconfident["log_loss"]
    assert found["calibration"] < 0.3 * overconfident["calibration"]


@pytest.mark.parametrize("method", ["temperature", "platt"])
def test_a_monotone_calibration_keeps_the_ranking(method):
    fit = Calibrated(CLASSICAL["naive-bayes"](), method)(events(), zoo.key())
    fresh = events(seed=1)
    before, after = fit.predictor.inside.response(fresh.x)[0, :, 1], fit.score(fresh.x)
    assert np.all(np.diff(after[np.argsort(before)]) >= 0)
    areas = [roc_auc(fresh.y, ranking, fresh.weight).value for ranking in (before, after)]
    assert areas[1] == pytest.approx(areas[0], abs=1e-5)


def test_the_temperature_of_a_scaled_logit_is_found():
    """Probabilities whose logits were doubled need a temperature of 2."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(20_000, 1))
    y = (rng.uniform(size=len(x)) < 1 / (1 + np.exp(-x[:, 0]))).astype(int)

    class Doubled:
        link = "probability"
        model = None

        def response(self, x):
            p = 1 / (1 + np.exp(-2 * x[:, 0]))
            return np.stack([1 - p, p], axis=1)[None]

    class Learner:
        tasks = frozenset({"classification"})
        negative_weights = True

        def __call__(self, data, key):
            from ansatz.training import Fit

            return Fit(Doubled(), "classification", data.classes, data.columns)

    fit = Calibrated(Learner(), fraction=0.9)(Dataset(x, y=y, classes=("b", "s")), zoo.key())
    assert abs(fit.details["temperature"] - 2) < 0.1


@pytest.mark.parametrize("method", METHODS)
def test_probabilities_of_several_classes_sum_to_one_and_improve(method):
    fit = Calibrated(CLASSICAL["naive-bayes"](), method)(events(classes=3), zoo.key())
    fresh = events(classes=3, seed=1)
    np.testing.assert_allclose(fit.probability(fresh.x).sum(axis=1), 1)
    plain = CLASSICAL["naive-bayes"]()(events(classes=3), zoo.key())
    before, after = (score(answers_of(f, fresh), "log_loss", key=zoo.key()).value for f in (plain, fit))
    assert after < before


@pytest.mark.parametrize("method", METHODS)
def test_the_band_of_members_is_calibrated_with_them(method, tmp_path):
    data = events(400)
    fit = Calibrated(Bootstrap(CLASSICAL["naive-bayes"](), 5), method)(data, zoo.key())
    low, high = fit.predict_interval(data.x)
    p = fit.score(data.x)
    assert np.all((low - 1e-12 <= p) & (p <= high + 1e-12))
    again = load_fit(save_fit(fit, tmp_path / "fit"))
    np.testing.assert_array_equal(again.predict_interval(data.x), (low, high))


def test_scores_become_probabilities_by_platt_but_not_by_a_temperature():
    data = zoo.two_classes()
    fit = Calibrated(ClosedForm(), "platt")(data, zoo.key())
    assert fit.probability(data.x).shape == (96, 2)
    with pytest.raises(InputError, match="use 'platt'"):
        Calibrated(ClosedForm())(data, zoo.key())


def test_what_a_calibration_cannot_do_is_said():
    data = zoo.two_classes()
    assert not Calibrated(CLASSICAL["lda"](), "isotonic").negative_weights
    assert Calibrated(CLASSICAL["lda"](), "platt").negative_weights
    with pytest.raises(InputError, match="did you mean 'isotonic'"):
        Calibrated(CLASSICAL["lda"](), "isotonik")
    with pytest.raises(InputError, match="probabilities"):
        ConformalSets(ClosedForm())(data, zoo.key())
    with pytest.raises(InputError, match="for classification"):
        ConformalSets(ClosedForm())(zoo.numbers(), zoo.key())
    signed = events(300).replace(weight=np.where(np.arange(300) % 10 == 0, -1.0, 1.0))
    with pytest.raises(InputError, match="cannot take negative"):
        Calibrated(CLASSICAL["lda"](), "isotonic")(signed, zoo.key())


def test_chance_is_decided_by_the_event_and_uniform():
    x = np.random.default_rng(0).normal(size=(4000, 2))
    u = chance(x, 7)
    np.testing.assert_array_equal(u[:5], chance(x[:5], 7))
    counts = np.histogram(u, bins=10, range=(0, 1))[0]
    assert np.sum((counts - 400) ** 2 / 400) < 27.9
    assert abs(np.corrcoef(u, chance(x, 8))[0, 1]) < 4 / np.sqrt(4000)


def draw(key):
    data = events(300, seed=int(jax.random.randint(key, (), 0, 2**30)), classes=4, copies=1)
    return data[:200], data[200:], None


def test_sets_hold_the_true_class_as_promised():
    """50 pseudo-experiments of 100 fresh events; the error is that over the experiments."""
    learner = ConformalSets(CLASSICAL["naive-bayes"](), empty=True)
    curve = coverage_over(learner, draw, experiments=50, levels=(0.6827, 0.95), key=zoo.key(2))
    assert curve.kind == "set"
    slack = 1 / (1 + 0.8 * 50)
    errors = [interval.error for interval in curve.covered]
    for level, found, error in zip(curve.levels, curve.covered, errors, strict=True):
        assert level - 2 * error < found.value < level + slack + 2 * error


def test_sets_grow_with_the_level_and_are_never_empty():
    data = events(1000, classes=4)
    fit = ConformalSets(CLASSICAL["naive-bayes"]())(data, zoo.key())
    small, large = (fit.predict_set(data.x, level) for level in (0.5, 0.95))
    assert np.all(small.any(axis=1))
    assert np.all(small <= large)
    assert np.all(coverage(fit, events(1000, seed=1, classes=4)).pulls > -3)
