"""Chi2 per point with its expected scatter, its p-value, and the alarm for a side scaled by itself."""

import numpy as np
import pytest
from scipy import stats

from ansatz.errors import InputError
from ansatz.validation import chi2_test

rng = np.random.default_rng(11)
N = 20
COVARIANCE = np.diag(rng.uniform(0.5, 2.0, N)) + 0.3
ROOT = np.linalg.cholesky(COVARIANCE)
TRUTH = rng.uniform(20, 40, N)


def test_chi2_and_its_p_value_agree_with_scipy():
    values = TRUTH + ROOT @ rng.normal(size=N)
    found = chi2_test(TRUTH, values, COVARIANCE, parameters=3)
    residual = values - TRUTH
    assert found.chi2 == pytest.approx(residual @ np.linalg.inv(COVARIANCE) @ residual)
    assert found.p_value == pytest.approx(stats.chi2.sf(found.chi2, N - 3))
    assert found.per_point.error == pytest.approx(np.sqrt(2 / (N - 3)))


def test_p_values_of_the_truth_are_uniform():
    p = [chi2_test(TRUTH, TRUTH + ROOT @ rng.normal(size=N), COVARIANCE).p_value for _ in range(150)]
    assert stats.kstest(p, "uniform").pvalue > 1e-3


def test_the_truth_rarely_looks_rescaled():
    tests = [chi2_test(TRUTH, TRUTH + ROOT @ rng.normal(size=N), COVARIANCE) for _ in range(150)]
    assert not any(test.rescaled for test in tests)


def test_a_side_scaled_by_itself_is_named():
    """As in the lecture's notebook, where a perfect model shows chi2/N = 6.8."""
    values = TRUTH + ROOT @ rng.normal(size=N)
    test = chi2_test(1.3 * TRUTH, values, COVARIANCE)
    assert test.rescaled
    assert test.factor == pytest.approx(1 / 1.3, abs=0.04)
    assert "if all predictions are multiplied by 0." in str(test)
    assert "was a side scaled by itself?" in str(test)


def test_a_wrong_shape_is_not_taken_for_a_wrong_scale():
    values = TRUTH + ROOT @ rng.normal(size=N)
    assert not chi2_test(TRUTH[::-1], values, COVARIANCE).rescaled


@pytest.mark.parametrize(
    ("prediction", "measurement", "covariance", "message"),
    [
        (TRUTH[:3], TRUTH, COVARIANCE, "shape"),
        (np.where(np.arange(N) == 4, np.nan, TRUTH), TRUTH, COVARIANCE, "predictions must be finite; row 4"),
        (TRUTH, TRUTH, -COVARIANCE, "variance of row 0"),
        (TRUTH, TRUTH, COVARIANCE[:, :2], "has shape"),
    ],
)
def test_bad_input_is_one_line(prediction, measurement, covariance, message):
    with pytest.raises(InputError, match=message):
        chi2_test(prediction, measurement, covariance)
