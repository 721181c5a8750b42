"""Methods that claim to take negative event weights learn from them what they should.

A sample in which 15 % of the events have weight -1: beside events of the true densities there are as many events of
weight +1 as of weight -1 in places where they mislead. In the weighted sum these cancel, so the truth is known.
"""

import jax
import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from ansatz.data import Dataset
from ansatz.training.classical import CLASSICAL, SIGNED

NEGATIVE = 0.15
EVENTS = 4000
SEEDS = range(4)
SHIFT = np.array([1.0, 0.5])
SETTINGS = {"boosted-trees": {"trees": 200}, "extra-trees": {"trees": 50}}
RANKING = [name for name in SIGNED if name != "constant"]


def truth(rng, n):
    """Two unit Gaussians, which a plane tells apart with AUC Phi(|shift| / sqrt 2)."""
    y = np.arange(n) % 2
    return rng.normal(size=(n, 2)) + y[:, None] * SHIFT, y


def misleading(rng, n):
    """Signal where background is, background where signal is."""
    y = np.arange(n) % 2
    return 0.6 * rng.normal(size=(n, 2)) + np.where(y[:, None] == 1, [-1.5, -1.0], [2.0, 1.5]), y


def signed_sample(rng):
    m = int(NEGATIVE * EVENTS)
    parts = [truth(rng, EVENTS - 2 * m), misleading(rng, m), misleading(rng, m)]
    x, y = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    weight = np.repeat([1.0, 1.0, -1.0], [EVENTS - 2 * m, m, m])
    return Dataset(x, y=y, weight=weight, classes=("background", "signal"))


def positive_sample(rng):
    """As many events as the signed sample is worth: (sum w)^2 / sum w^2."""
    x, y = truth(rng, int((1 - 2 * NEGATIVE) ** 2 * EVENTS))
    return Dataset(x, y=y, classes=("background", "signal"))


def areas(learner, draw, test):
    x, y = test
    fits = [learner(draw(np.random.default_rng(seed)), jax.random.key(seed)) for seed in SEEDS]
    return np.array([roc_auc_score(y, fit.score(x)) for fit in fits]), fits


@pytest.mark.parametrize("name", RANKING)
def test_negative_weights_cancel_what_misleads(name):
    """Not worse than with positive weights; nor better than possible (0.0046 is the error of the test's AUC)."""
    learner = CLASSICAL[name](**SETTINGS.get(name, {}))
    test = truth(np.random.default_rng(99), 10_000)
    signed, fits = areas(learner, signed_sample, test)
    positive, _ = areas(learner, positive_sample, test)
    error = np.sqrt((signed.var(ddof=1) + positive.var(ddof=1)) / len(SEEDS) + 0.001**2)
    assert signed.mean() > positive.mean() - 3 * error
    assert signed.max() < norm.cdf(np.linalg.norm(SHIFT) / np.sqrt(2)) + 3 * 0.0046
    for fit in fits:
        assert np.isfinite(fit.members(test[0])).all()
        if fit.predictor.link == "probability":
            share = fit.probability(test[0])
            assert share.min() >= 0
            np.testing.assert_allclose(share.sum(axis=1), 1)


def test_without_their_sign_these_weights_do_mislead():
    """The sample would show a method that ignores the sign."""
    learner = CLASSICAL["logistic"]()
    test = truth(np.random.default_rng(99), 10_000)
    blind, _ = areas(learner, lambda rng: (d := signed_sample(rng)).replace(weight=np.abs(d.weight)), test)
    assert (blind < norm.cdf(np.linalg.norm(SHIFT) / np.sqrt(2)) - 0.2).all()


def test_the_logistic_plane_is_the_bayes_classifier():
    """ln(s/b) = shift . x - |shift|^2 / 2; the error is that of a mean of four, from their spread (plus 1/sqrt(n))."""
    slopes = [
        CLASSICAL["logistic"](strength=0.0)(signed_sample(np.random.default_rng(s)), jax.random.key(s)).details
        for s in SEEDS
    ]
    found = np.array([[*d["coefficients"], d["intercept"]] for d in slopes])
    error = found.std(axis=0, ddof=1) / 2 + 1 / np.sqrt(EVENTS)
    assert (np.abs(found.mean(axis=0) - [*SHIFT, -0.625]) < 3 * error).all()


@pytest.mark.parametrize("name", ["boosted-trees", "extra-trees"])
def test_probabilities_of_trees_stay_away_from_certainty(name):
    """Leaves in which weights cancel run away, but not to a loss without bound."""
    x, y = truth(np.random.default_rng(99), 10_000)
    fit = CLASSICAL[name](**SETTINGS[name])(signed_sample(np.random.default_rng(0)), jax.random.key(0))
    loss = -np.log(fit.probability(x)[np.arange(len(y)), y])
    assert loss.max() < np.log(EVENTS)
    assert loss.mean() < np.log(2)


def test_regressions_too():
    """A line seen through cancelling outliers."""
    rng = np.random.default_rng(0)
    x, bad = rng.uniform(-1, 1, (3000, 1)), rng.uniform(-1, 1, (1000, 1))
    everything = np.concatenate([x, bad, bad])
    y = np.concatenate([2 * x[:, 0], np.full(2000, 5.0)]) + 0.1 * rng.normal(size=5000)
    data = Dataset(everything, y=y, weight=np.repeat([1.0, 1.0, -1.0], [3000, 1000, 1000]))
    for name in ("boosted-trees", "extra-trees"):
        fit = CLASSICAL[name](**SETTINGS[name])(data, jax.random.key(0))
        assert np.mean((fit.predict(x) - 2 * x[:, 0]) ** 2) < 0.1 * np.var(2 * x)
