import jax
import numpy as np
import pytest
from sklearn import metrics as sk

from ansatz.keys import generator
from ansatz.validation import confusion_matrix, precision_recall_curve, roc_curve


def test_curve_is_that_of_scikit_learn(positive_samples):
    a = positive_samples["binary"]
    background, signal, threshold = sk.roc_curve(a.y, a.score, sample_weight=a.weight, drop_intermediate=False)
    curve = roc_curve(a.y, a.score, a.weight)
    np.testing.assert_allclose(curve.background, background, atol=1e-12)
    np.testing.assert_allclose(curve.signal, signal, atol=1e-12)
    np.testing.assert_allclose(curve.threshold, threshold)


def test_negative_weights_are_summed_as_they_are():
    curve = roc_curve([1, 1, 1, 0], [4.0, 3.0, 2.0, 1.0], [2.0, -1.0, 1.0, 1.0])
    np.testing.assert_allclose(curve.signal, [0, 1, 0.5, 1, 1])


def test_area_under_the_curve_is_the_area(binary):
    curve = roc_curve(binary.y, binary.score, binary.weight)
    assert np.trapezoid(curve.signal, curve.background) == pytest.approx(curve.auc.value, rel=1e-12)


def test_band_covers_at_each_point():
    """300 samples of two normal classes; the true curve is Phi(1.5 + Phi^-1(background))."""
    from scipy.special import ndtr, ndtri

    at = np.array([0.05, 0.2, 0.5])
    truth = ndtr(1.5 + ndtri(at))
    covered = np.zeros(3)
    for key in jax.random.split(jax.random.key(0), 300):
        rng = generator(key)
        y = np.arange(800) < 400
        curve = roc_curve(y, rng.normal(size=800) + 1.5 * y)
        place = np.searchsorted(curve.background, at, side="right") - 1
        covered += (curve.low[place] <= truth) & (truth <= curve.high[place])
    assert np.all(np.abs(covered / 300 - 0.6827) < 4 * np.sqrt(0.6827 * 0.3173 / 300))


def test_thinned_curve_keeps_its_ends_and_the_small_rates():
    rng = generator(jax.random.key(1))
    y = np.arange(20_000) % 2
    curve = roc_curve(y, rng.normal(size=20_000) + 2 * y)
    thin = curve.thinned(300)
    assert len(thin) <= 301
    assert (thin.signal[0], thin.signal[-1], thin.background[-1]) == (0, 1, 1)
    assert np.sum((thin.background > 0) & (thin.background < 0.01)) > 20
    assert np.interp(0.1, thin.background, thin.signal) == pytest.approx(
        np.interp(0.1, curve.background, curve.signal), abs=0.01
    )
    assert np.all(np.isinf(thin.rejection) == (thin.background == 0))


def test_precision_recall_is_that_of_scikit_learn(positive_samples):
    a = positive_samples["binary"]
    precision, recall, _ = sk.precision_recall_curve(a.y, a.score, sample_weight=a.weight)
    curve = precision_recall_curve(a.y, a.score, a.weight)
    np.testing.assert_allclose(curve.precision[::-1], precision[:-1], atol=1e-12)
    np.testing.assert_allclose(curve.recall[::-1], recall[:-1], atol=1e-12)
    assert np.all((curve.low <= curve.precision) & (curve.precision <= curve.high))
    assert curve.prevalence == pytest.approx(np.average(a.y, weights=a.weight))


def test_confusion_matrix_of_weights(samples):
    a = samples["multi"]
    found = confusion_matrix(a.y, a.decision, a.weight)
    np.testing.assert_allclose(found.counts, sk.confusion_matrix(a.y, a.decision, sample_weight=a.weight))
    np.testing.assert_allclose(found.errors**2, sk.confusion_matrix(a.y, a.decision, sample_weight=a.weight**2))
    for k, row in enumerate(found.rates):
        assert sum(rate.value for rate in row) == pytest.approx(1)
        assert row[k].value == pytest.approx(found.counts[k, k] / found.counts[k].sum())


def test_absent_class_has_no_rates():
    found = confusion_matrix([0, 0, 1], [0, 1, 1], classes=3)
    assert found.counts.shape == (3, 3)
    assert found.rates[2] == (None, None, None)


def test_half_a_million_events_take_no_time():
    """By sorting, not by pairs: well under a second."""
    import time

    rng = generator(jax.random.key(2))
    y = rng.integers(2, size=400_000)
    score = rng.normal(size=400_000) + y
    start = time.process_time()
    roc_curve(y, score)
    assert time.process_time() - start < 2


def test_a_band_stays_narrow_near_one_with_weights_of_both_signs():
    rng = np.random.default_rng(3)
    y = rng.integers(0, 2, 4000)
    curve = roc_curve(y, y + rng.normal(size=4000), np.where(rng.random(4000) < 0.1, -1.0, 1.0))
    high = (curve.signal > 0.98) & (curve.signal < 1)
    assert (curve.high - curve.low)[high].max() < 0.1
