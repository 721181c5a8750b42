import math

import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.validation import Interval, effective_count, normal, proportion, quantile, wilson


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (0.97712, 0.97589, 0.97833, "0.9771 ± 0.0012"),
        (293081.46, 288000.0, 298162.92, "293100 ± 5100"),
        (1.23456e9, 1.23e9, 1.23912e9, "(1.2346 ± 0.0046)e+09"),
        (0.0, -0.0123, 0.0123, "0.000 ± 0.012"),
        (3.2e-6, 3.1e-6, 3.3e-6, "(3.20 ± 0.10)e-06"),
        (0.5, 0.49004, 0.50996, "0.500 ± 0.010"),
        (410.2, 360.0, 480.0, "410 +70 -50"),
        (1.0, 0.98, 1.0, "1.000 +0.000 -0.020"),
        (math.inf, 210.0, math.inf, "> 210"),
        (0.0, -math.inf, math.inf, "undetermined"),
        (2.0, 2.0, 2.0, "2 ± 0"),
    ],
)
def test_text_shows_two_digits_of_the_error(value, low, high, text):
    assert str(Interval(value, low, high)) == text


def test_record_survives_json_even_when_infinite():
    import json

    interval = Interval(math.inf, 12.5, math.inf, 0.95, "Wilson")
    text = json.dumps(interval.to_dict(), allow_nan=False)
    assert Interval.from_dict(json.loads(text)) == interval


@pytest.mark.parametrize(
    ("passed", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (29, 29, 0.8830, 1.0)],
)
def test_wilson_agrees_with_the_published_examples(passed, n, low, high):
    """R. G. Newcombe, Statist. Med. 17 (1998) 857, table I, method 3."""
    interval = wilson(passed / n, n, level=0.95)
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_weighted_fraction_of_equal_weights_is_the_plain_one():
    passed = np.arange(50) < 20
    plain, weighted = proportion(passed), proportion(passed, np.full(50, 7.0))
    known = wilson(0.4, 50)
    np.testing.assert_allclose([plain.low, plain.high], [known.low, known.high])
    np.testing.assert_allclose([weighted.low, weighted.high], [known.low, known.high])


def test_fraction_outside_the_unit_range_keeps_its_error():
    """Negative weights can give an efficiency above one; it is shown as it is."""
    interval = proportion(np.array([True, True, False]), np.array([2.0, 1.0, -1.0]))
    assert interval.value == 1.5
    assert interval.low < 1.5 < interval.high


def test_logit_interval_stays_inside():
    interval = normal(0.999, 0.01, level=0.95, scale="logit")
    assert 0 < interval.low < 0.999 < interval.high < 1


def test_levels_are_those_of_the_normal_law():
    assert quantile(0.6827) == pytest.approx(1, abs=1e-4)
    assert quantile(0.9545) == pytest.approx(2, abs=1e-3)


def test_effective_count_does_not_see_the_scale():
    weight = np.array([1.0, 2.0, -0.5, 3.0])
    assert effective_count(7 * weight) == pytest.approx(effective_count(weight))
    assert effective_count(np.full(12, 3.0)) == pytest.approx(12)


@pytest.mark.parametrize("level", [0.0, 1.0, 68.0])
def test_level_must_be_a_probability(level):
    with pytest.raises(InputError, match="between 0 and 1"):
        wilson(0.5, 10, level=level)
