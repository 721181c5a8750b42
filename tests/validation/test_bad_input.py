"""Bad input gives one clear line."""

import jax
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.validation import (
    classification_scores,
    confusion_matrix,
    precision_recall_curve,
    regression_scores,
    roc_auc,
    roc_curve,
    separation,
)

Y = np.array([0, 1, 0, 1])
S = np.array([0.1, 0.8, 0.3, 0.6])

CASES = {
    "one class only": (np.ones(4, int), S, None, "all 4 events are of class 1"),
    "zero total weight": (Y, S, np.array([1, -1, 1, -1]), "sum to 0; a sample needs a positive sum"),
    "a class without weight": (Y, S, np.array([1, 1, 1, -1]), "positive class .signal. sum to nothing"),
    "weight that is not finite": (Y, S, np.array([1, np.inf, 1, 1]), "1 event weights are not finite"),
    "too few weights": (Y, S, np.ones(3), "3 event weights for 4 events"),
    "lengths that differ": (Y, S[:3], None, "3 entries but there are 4 events"),
    "score that is not finite": (
        Y,
        np.array([0.1, np.nan, 0.3, 0.6]),
        None,
        "score of 1 of 4 events is not a finite number",
    ),
    "classes that are no numbers": (np.array([0, 1, 2, 1]), S, None, "whole numbers 0 to 1"),
    "half a class": (np.array([0, 1, 0.5, 1]), S, None, "whole numbers 0 to 1"),
    "no events": (np.zeros(0, int), np.zeros(0), None, "no events"),
}


@pytest.mark.parametrize("name", CASES)
def test_classification(name):
    y, score, weight, message = CASES[name]
    with pytest.raises(InputError, match=message) as caught:
        classification_scores(y, score, weight=weight, key=jax.random.key(0))
    assert "\n" not in str(caught.value)


def test_classification_without_answers():
    with pytest.raises(InputError, match="scores or probabilities"):
        classification_scores(Y, key=jax.random.key(0))


def test_regression():
    with pytest.raises(InputError, match=r"shape \(3,\) but the targets have \(4,\)"):
        regression_scores(S, S[:3], key=jax.random.key(0))
    with pytest.raises(InputError, match="value of 1 of 4 events is not a finite number"):
        regression_scores(S, [1, 2, np.nan, 4], key=jax.random.key(0))
    with pytest.raises(InputError, match="every sigma must be positive"):
        regression_scores(S, S, sigma=0.0, key=jax.random.key(0))


@pytest.mark.parametrize("curve", [roc_curve, precision_recall_curve])
def test_curves(curve):
    with pytest.raises(InputError, match="no events of the positive class"):
        curve(np.zeros(4), S)
    with pytest.raises(InputError, match="3 scores for 4 events"):
        curve(Y, S[:3])
    with pytest.raises(InputError, match="not finite"):
        curve(Y, [1, np.inf, 2, 3])


def test_area():
    with pytest.raises(InputError, match="no events of the other class"):
        roc_auc(np.ones(4), S)


def test_confusion():
    with pytest.raises(InputError, match="whole numbers 0 to 1"):
        confusion_matrix(Y, [0, 1, 2, 1], classes=2)
    with pytest.raises(InputError, match="4 targets, 3 decisions"):
        confusion_matrix(Y, [0, 1, 2])


def test_separation():
    with pytest.raises(InputError, match="impute first"):
        separation([1, np.nan, 2, 3], Y, key=jax.random.key(0))
    with pytest.raises(InputError, match="one class only"):
        separation(S, np.ones(4), key=jax.random.key(0))


def test_huge_and_tiny_weights_do_no_harm():
    small, large = (classification_scores(Y, S, weight=np.full(4, w), key=jax.random.key(0)) for w in (1e-300, 1e300))
    assert small["auc"] == large["auc"]


def test_constant_scores_are_a_coin():
    found = classification_scores(np.arange(100) % 2, np.zeros(100), key=jax.random.key(0))
    assert found["auc"].value == 0.5
    assert found["auc"].error == 0  # all ties: no other sample could give another area
