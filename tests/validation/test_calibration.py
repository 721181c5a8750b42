import jax
import numpy as np
import pytest

from ansatz.keys import generator
from ansatz.validation import Answers, brier_decomposition, calibration_curve
from ansatz.validation.classifiers.calibration import calibration_error, equal_bins


def sample(key, n, shift=0.0, negative=0.0):
    """Events whose class is 1 with probability p, and a model that says p + shift."""
    rng = generator(key)
    p = rng.uniform(0.1, 0.9, n)
    weight = np.where(rng.random(n) < negative, -1.0, 1.0)
    return Answers.classified(rng.random(n) < p, probability=np.clip(p + shift, 0, 1), weight=weight)


def test_bins_hold_equal_weight_and_keep_equal_values_together():
    rng = generator(jax.random.key(0))
    values, weight = np.round(rng.normal(size=5000), 2), rng.uniform(0, 2, 5000)
    number = equal_bins(values, weight, 10)
    held = np.bincount(number, weight) / weight.sum()
    np.testing.assert_allclose(held, 0.1, atol=0.02)
    assert np.all(np.bincount(np.unique(np.column_stack([values, number]), axis=0)[:, 1].astype(int)) > 0)
    assert len(np.unique(np.column_stack([values, number]), axis=0)) == len(np.unique(values))


def test_plain_error_is_the_textbook_sum():
    a = sample(jax.random.key(1), 500)
    error = calibration_error(a, bins=5)
    p, gap = a.probability[:, 1], 0.0
    for rows in np.array_split(np.argsort(p), 5):
        gap += len(rows) / 500 * abs(p[rows].mean() - a.y[rows].mean())
    assert float(error(a.weight)) == pytest.approx(gap)


@pytest.mark.parametrize("negative", [0.0, 0.1])
def test_noise_is_subtracted(negative):
    """A calibrated model has no error; the plain sum shows the noise, the debiased one most of it not."""
    found = []
    for key in jax.random.split(jax.random.key(2), 100):
        a = sample(key, 1000, negative=negative)
        error = calibration_error(a)
        found.append([float(error(a.weight)), float(error.debiased(a.weight))])
    plain, debiased = np.mean(found, axis=0)
    assert debiased < 0.4 * plain


def test_a_shift_is_found_in_full():
    a = sample(jax.random.key(3), 20_000, shift=0.08)
    curve = calibration_curve(a, key=jax.random.key(0))
    assert abs(curve.error.value - 0.08) < 4 * curve.error.error
    assert curve.p_value < 1e-6


def test_error_interval_covers():
    """100 samples with a shift of 0.08; one sigma holds it within 4 binomial errors."""
    covered = 0
    for key in jax.random.split(jax.random.key(6), 100):
        curve = calibration_curve(sample(key, 1500, shift=0.08), key=jax.random.fold_in(key, 1))
        covered += not curve.error.excludes(0.08)
    assert abs(covered / 100 - 0.6827) < 4 * np.sqrt(0.6827 * 0.3173 / 100)


def test_p_value_is_uniform_for_a_calibrated_model():
    """200 samples: the fraction below 0.3 is binomial; z < 4."""
    keys = jax.random.split(jax.random.key(4), 200)
    p = [calibration_curve(sample(key, 500), replicas=2, key=jax.random.key(0)).p_value for key in keys]
    assert abs(np.mean(np.array(p) < 0.3) - 0.3) < 4 * np.sqrt(0.3 * 0.7 / 200)


def test_curve_has_wilson_bands(samples):
    for kind in ("binary", "multi"):
        curve = calibration_curve(samples[kind], key=jax.random.key(0))
        assert len(curve.observed) == len(curve.predicted) == len(curve.count)
        assert all(point.low <= point.value <= point.high for point in curve.observed)
        assert np.all(np.diff(curve.predicted) > 0)


@pytest.mark.parametrize("negative", [0.0, 0.1])
def test_parts_of_the_brier_score_add_up(negative):
    a = sample(jax.random.key(5), 2000, shift=0.05, negative=negative)
    part = {name: interval.value for name, interval in brier_decomposition(a).items()}
    total = part["reliability"] - part["resolution"] + part["uncertainty"] + part["within"]
    assert total == pytest.approx(part["brier"], rel=1e-12)
    assert part["uncertainty"] == pytest.approx(
        np.average(a.y, weights=a.weight) * (1 - np.average(a.y, weights=a.weight))
    )
    assert abs(part["within"]) < 0.1 * part["brier"]
