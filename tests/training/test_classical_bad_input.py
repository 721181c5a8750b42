"""Every sample or setting that cannot be used gets one clear line."""

import jax
import numpy as np
import pytest

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.training.classical import (
    CLASSICAL,
    constant,
    decision_tree,
    gaussian_process,
    knn,
    lda,
    linear,
    logistic,
    svm,
    threshold,
)

X = np.arange(12.0).reshape(6, 2)
Y = np.array([0, 0, 0, 1, 1, 1])
DATA = Dataset(X, y=Y, columns=("pt", "eta"), classes=("background", "signal"), name="events")


def changed(values, at, new):
    values = np.array(values, dtype=float)
    values[at] = new
    return values


@pytest.mark.parametrize(
    ("learner", "data", "message"),
    [
        (logistic(), DATA[:0], "no events with a weight"),
        (logistic(), DATA[:3], "all 3 events of 'events' are 'background'"),
        (logistic(), DATA.replace(y=None), "is none"),
        (logistic(), DATA.replace(classes=None), "'logistic' is for classification, but 'events' is regression"),
        (linear(), DATA, "'linear' is for regression, but 'events' is classification"),
        (logistic(), DATA.replace(x=changed(X, (2, 1), np.inf)), "column 'eta' of 'events' is infinite .first: row 2"),
        (logistic(), DATA.replace(weight=changed(np.ones(6), 4, np.nan)), "weight of 'events' is NaN or infinite in 1"),
        (linear(), DATA.replace(y=changed(Y, 1, np.nan), classes=None), "target of 'events' is NaN or infinite in 1"),
        (logistic(), DATA.replace(weight=np.zeros(6)), "no events with a weight"),
        (logistic(), DATA.replace(weight=changed(np.ones(6), 0, -9)), "sum to -4"),
        (logistic(), DATA.replace(weight=np.array([1, -1, -1, 1, 1, 1])), "class 'background' .* sum to zero or less"),
        (logistic(), DATA.replace(y=Y + 1), "class numbers of 'events' must be 0 to 1, but 2"),
        (logistic(), DATA.replace(x=np.array([["a", "b"]] * 6)), "must be numbers"),
        (logistic(columns=["etta"]), DATA, "there is no column 'etta' among pt, eta; did you mean 'eta'"),
        (threshold(), DATA.replace(y=Y + (np.arange(6) > 4), classes=("a", "b", "c")), "tells two classes apart"),
        (gaussian_process(), DATA.replace(classes=None, weight=np.arange(1.0, 7)), "cannot use event weights"),
        (knn(), DATA.replace(weight=np.array([1, 1, -0.5, 1, 1, 1])), "negative event weights, which 1 of 6"),
        (lda(), DATA.replace(weight=np.array([1, 1, -1.5, 1, 1, -1.5])), "weights cancel"),
    ],
)
def test_a_sample_that_cannot_be_used(learner, data, message):
    with pytest.raises(InputError, match=message) as caught:
        learner(data, jax.random.key(0))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: logistic(penalty="l3"), "penalty must be one of l2, l1, elastic, not 'l3'"),
        (lambda: logistic(strength=-1), "strength must be at least 0, not -1"),
        (lambda: svm(kernel="rfb"), "did you mean 'rbf'"),
        (lambda: svm(strength=0), "strength must be at least 1e-12"),
        (lambda: decision_tree(smallest_leaf=0.7), "smallest_leaf must be between 0 and 0.5"),
        (lambda: knn(neighbors=0), "neighbors must be at least 1"),
        (lambda: threshold(cut=3.0), "a cut at 3 needs a column"),
        (lambda: linear(columns=[]), "columns must be a list of one or more names"),
        (lambda: linear(columns="pt"), "columns must be a list of one or more names"),
        *[(lambda n=n: CLASSICAL[n](trees=0), "trees must be at least 1") for n in ("forest", "boosted-trees")],
    ],
)
def test_a_setting_that_cannot_be_used(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_events_that_do_not_fit_the_model():
    fit = logistic()(DATA, jax.random.key(0))
    with pytest.raises(InputError, match=r"fitted on 2 columns .*, but the events have shape \(4, 3\)"):
        fit.predict(np.zeros((4, 3)))
    with pytest.raises(InputError, match="1 events have an infinite feature .first: number 1"):
        fit.predict(changed(X, (1, 0), -np.inf))


@pytest.mark.parametrize("name", CLASSICAL)
def test_huge_values_and_constant_columns_do_no_harm(name):
    learner = CLASSICAL[name]()
    rng = np.random.default_rng(0)
    x = np.column_stack([1e30 * rng.normal(size=50), np.full(50, 0.1), rng.normal(size=50)])
    y = (x[:, 2] > 0).astype(int) if "classification" in learner.tasks else 1e30 * x[:, 2]
    data = Dataset(x, y=y, classes=("no", "yes") if "classification" in learner.tasks else None)
    assert np.isfinite(learner(data, jax.random.key(0)).members(x)).all()


def test_columns_that_are_not_used_may_be_infinite():
    data = DATA.replace(x=changed(X, (2, 1), np.inf))
    assert logistic(columns=["pt"])(data, jax.random.key(0)).predict(data.x).shape == (6,)


def test_a_method_that_never_beats_nothing_still_answers():
    assert constant()(DATA, jax.random.key(0)).probability(X)[0].tolist() == [0.5, 0.5]
