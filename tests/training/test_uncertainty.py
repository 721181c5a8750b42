"""One way to ask for an uncertainty: what bands, sets and calibrations mean, and that bad requests say so."""

import numpy as np
import pytest

import zoo
from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.training import (
    UNCERTAINTIES,
    Bootstrap,
    ClosedForm,
    ConformalizedQuantile,
    CVPlus,
    Ensemble,
    Heteroscedastic,
    LastLayerLaplace,
    MonteCarloDropout,
    QuantileRegression,
    Replicas,
    SplitConformal,
    Spread,
    jackknife_plus,
    linear_descent,
    load_fit,
    mlp,
    save_fit,
    with_uncertainty,
)
from ansatz.training.classical import CLASSICAL
from ansatz.training.uncertainty.quantile import conformal_quantile
from ansatz.training.uncertainty.rows import fold_numbers, set_aside

PLAIN = {"learning_rate": 0.03, "epochs": 60, "batch_size": None, "validation": 0.0}
BANDED = [name for name in zoo.UNCERTAIN if name not in ("temperature", "platt", "isotonic", "conformal-sets")]


def noisy_line(n=200, seed=0, error=0.5):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1, 1, size=(n, 1))
    return Dataset(x, y=1 + 2 * x[:, 0] + error * rng.normal(size=n), observers={"error": np.full(n, error)})


@pytest.mark.parametrize("name", BANDED)
def test_a_band_grows_with_its_level_and_survives_the_disk(name, tmp_path):
    data = zoo.numbers()
    fit = zoo.LEARNERS[name]()(data, zoo.key(1))
    again = load_fit(save_fit(fit, tmp_path / "fit"))
    (low, high), (lower, higher) = (fit.predict_interval(data.x, level) for level in (0.6827, 0.9))
    np.testing.assert_array_equal(again.predict_interval(data.x, 0.9), (lower, higher))
    assert low.shape == data.y.shape
    assert np.all((lower <= low) & (low <= high) & (high <= higher))
    assert fit.uncertainty.startswith("band of")


@pytest.mark.parametrize("name", [n for n in BANDED if "classification" in zoo.LEARNERS[n]().tasks])
def test_the_band_of_a_classifier_surrounds_its_score(name):
    data = zoo.two_classes()
    fit = zoo.LEARNERS[name]()(data, zoo.key(1))
    low, high = fit.predict_interval(data.x)
    assert np.all((low <= fit.score(data.x)) & (fit.score(data.x) <= high))


@pytest.mark.parametrize("name", [n for n in BANDED if n not in ("ensemble", "bootstrap", "replicas")])
def test_bands_do_not_depend_on_the_scale_of_the_weights(name):
    data = zoo.numbers()
    fit, other = (zoo.LEARNERS[name]()(data.replace(weight=f * data.weight), zoo.key(1)) for f in (1, 7))
    np.testing.assert_allclose(fit.predict_interval(data.x), other.predict_interval(data.x), rtol=2e-3, atol=0.05)


def test_one_fit_alone_says_what_to_do_for_a_band():
    fit = ClosedForm()(zoo.numbers(), zoo.key())
    with pytest.raises(InputError, match="population = 20, or an uncertainty: 'ensemble'"):
        fit.predict_interval(zoo.numbers().x)
    with pytest.raises(InputError, match="conformal-sets"):
        fit.predict_set(zoo.numbers().x)


@pytest.mark.parametrize("ask", ["predict", "members", "score", "predict_interval"])
@pytest.mark.parametrize("shape", [(4, 2), (3,), (4, 3, 1)])
def test_other_columns_than_those_fitted_are_one_line(ask, shape):
    fit = SplitConformal(ClosedForm())(zoo.numbers(), zoo.key())
    message = r"fitted on 3 columns \(x0, x1, x2\), but the events have shape .*; give an array of shape \(events, 3\)"
    with pytest.raises(InputError, match=message) as caught:
        getattr(fit, ask)(np.ones(shape))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("level", [0.0, 1.0, 68])
def test_a_level_is_a_probability(level):
    fit = SplitConformal(ClosedForm())(zoo.numbers(), zoo.key())
    with pytest.raises(InputError, match="between 0 and 1"):
        fit.predict_interval(zoo.numbers().x, level)


def test_the_spread_of_few_members_follows_student():
    """A truth from the same normal distribution as the members lies inside with the probability promised."""

    class Members:
        link = "identity"

        def response(self, x):
            return x

    rng, trials = np.random.default_rng(0), 20_000
    low, high = Spread().interval(Members(), rng.normal(size=(4, trials)), 0.9)
    truth = rng.normal(size=trials)
    assert abs(np.mean((low < truth) & (truth < high)) - 0.9) < 3 * np.sqrt(0.9 * 0.1 / trials)


def test_replicas_of_a_line_have_its_textbook_error():
    r"""Var f(x) = sigma^2 a(x)^T (A^T A)^{-1} a(x), and the deviation of m members has an error of 1/sqrt(2 m)."""
    data, members = noisy_line(), 200
    fit = Replicas(ClosedForm(), members, noise="error")(data, zoo.key(1))
    design = np.column_stack([np.ones(len(data)), data.x])
    textbook = 0.5 * np.sqrt(np.einsum("ni,ij,nj->n", design, np.linalg.inv(design.T @ design), design))
    np.testing.assert_allclose(fit.members(data.x).std(axis=0, ddof=1), textbook, rtol=4 / np.sqrt(2 * members))


def test_replicas_of_a_network_are_one_population_of_their_targets():
    data = noisy_line(1000)
    learner = Replicas(linear_descent(**{**PLAIN, "epochs": 200, "learning_rate": 0.1}), 8, noise=0.5)
    fit = learner(data, zoo.key(1))
    assert fit.history["train/squared_error"].shape[0] == 8
    design = np.column_stack([np.ones(len(data)), data.x])
    textbook = 0.5 * np.sqrt(np.einsum("ni,ij,nj->n", design, np.linalg.inv(design.T @ design), design))
    ratio = fit.members(data.x).std(axis=0, ddof=1).mean() / textbook.mean()
    assert abs(ratio - 1) < 3 / np.sqrt(2 * 7)


def test_unknown_noise_is_taken_from_events_not_trained_on():
    found = Replicas(ClosedForm(), 2)(noisy_line(2000), zoo.key(1)).details["noise"]
    assert abs(found - 0.5) < 3 * 0.5 / np.sqrt(2 * 2000)


def test_an_ensemble_without_chance_says_so():
    assert "nothing in this method is random" in Ensemble(ClosedForm(), 2)(zoo.numbers(), zoo.key()).message


def test_the_conformal_quantile_is_the_textbook_order_statistic():
    scores = np.random.default_rng(0).normal(size=99)
    for level in (0.5, 0.6827, 0.95):
        rank = int(np.ceil(100 * level - 1e-9))
        assert conformal_quantile(scores, np.ones(99), level) == np.sort(scores)[rank - 1]
    assert conformal_quantile(scores, 7 * np.ones(99), 0.9) == conformal_quantile(scores, np.ones(99), 0.9)


def test_a_weighted_conformal_quantile_is_that_of_the_weighted_distribution():
    rng = np.random.default_rng(0)
    scores = rng.uniform(size=20_000)
    found = conformal_quantile(scores, 2 * scores, 0.64)
    effective = 0.75 * len(scores)
    assert abs(found**2 - 0.64) < 3 * np.sqrt(0.64 * 0.36 / effective)


def test_a_conformal_quantile_takes_weights_of_either_sign():
    """Signs given at random change the quantile by its statistical error, and seven times the weights by nothing."""
    rng = np.random.default_rng(0)
    scores, weight = rng.uniform(size=20_000), np.where(rng.uniform(size=20_000) < 0.15, -1.0, 1.0)
    found = conformal_quantile(scores, weight, 0.64)
    effective = weight.sum() ** 2 / len(weight)
    assert abs(found - 0.64) < 3 * np.sqrt(0.64 * 0.36 / effective)
    assert conformal_quantile(scores, 7 * weight, 0.64) == found


def test_split_conformal_is_the_quantile_of_fresh_residuals():
    data = noisy_line()
    fit = SplitConformal(ClosedForm(), fraction=0.3)(data, zoo.key(2))
    low, high = fit.predict_interval(data.x, 0.8)
    np.testing.assert_allclose((low + high) / 2, fit.predict(data.x))
    inside = np.sum(fit.band.score <= (high - low)[0] / 2 * (1 + 1e-9))
    assert (len(fit.band.score), inside) == (60, int(np.ceil(61 * 0.8)))


def test_jackknife_plus_is_its_definition():
    """The ends are order statistics of all f_{-i}(x) -+ |y_i - f_{-i}(x_i)|, found here by sorting."""
    data = noisy_line(30)
    fit = jackknife_plus(ClosedForm())(data, zoo.key())
    rest = [ClosedForm()(data[np.arange(30) != i], zoo.key()) for i in range(30)]
    residual = np.array([abs(data.y[i] - part.predict(data.x[i : i + 1])[0]) for i, part in enumerate(rest)])
    at = np.array([[-0.5], [0.9]])
    values = np.stack([part.predict(at) for part in rest])
    rank = int(np.ceil(31 * 0.8)) - 1
    low, high = fit.predict_interval(at, 0.8)
    np.testing.assert_allclose(high, np.sort(values + residual[:, None], axis=0)[rank], atol=1e-9)
    np.testing.assert_allclose(low, np.sort(values - residual[:, None], axis=0)[29 - rank], atol=1e-9)


def test_too_few_events_for_a_level_give_an_unbounded_band():
    low, high = SplitConformal(ClosedForm(), fraction=0.5)(noisy_line(20), zoo.key()).predict_interval(
        np.zeros((1, 1)), 0.95
    )
    assert (low[0], high[0]) == (-np.inf, np.inf)


def test_equal_rows_stay_together():
    data = noisy_line(40)
    twice = data[np.repeat(np.arange(40), 2)]
    train, fresh = set_aside(twice, 0.25, key=zoo.key())
    assert not set(train.y) & set(fresh.y)
    number = fold_numbers(twice, 5, key=zoo.key())
    np.testing.assert_array_equal(number[::2], number[1::2])


def test_a_network_learns_mean_and_noise_in_physical_units():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, size=(1000, 1))
    spread = 30 * np.exp(x[:, 0])
    data = Dataset(x, y=500 + 100 * x[:, 0] + spread * rng.normal(size=1000))
    fit = Heteroscedastic(linear_descent(**{**PLAIN, "epochs": 300}))(data, zoo.key())
    at = np.array([[-0.8], [0.0], [0.8]])
    low, high = fit.predict_interval(at)
    np.testing.assert_allclose(fit.predict(at), 500 + 100 * at[:, 0], atol=8)
    np.testing.assert_allclose((high - low) / 2, 30 * np.exp(at[:, 0]), rtol=0.15)


def test_quantiles_are_those_of_the_noise():
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, size=(1000, 1))
    data = Dataset(x, y=5 * x[:, 0] + rng.exponential(size=1000))
    fit = QuantileRegression(linear_descent(**{**PLAIN, "epochs": 300}))(data, zoo.key())
    low, high = fit.predict_interval(np.zeros((1, 1)), 0.6827)
    errors = [np.sqrt(q * (1 - q) / 1000) / (1 - q) for q in (0.15865, 0.84135)]
    assert abs(low[0] + np.log(0.84135)) < 4 * errors[0]
    assert abs(high[0] + np.log(0.15865)) < 4 * errors[1]


@pytest.mark.parametrize(
    "learner",
    [
        SplitConformal(ClosedForm()),
        CVPlus(ClosedForm(), 4),
        Replicas(ClosedForm(), 3),
        Heteroscedastic(linear_descent(**PLAIN)),
        ConformalizedQuantile(CLASSICAL["boosted-trees"](trees=5)),
    ],
)
def test_bands_of_several_targets_have_their_shape(learner):
    data = zoo.numbers()
    both = data.replace(y=np.column_stack([data.y, -2 * data.y]), target=("a", "b"))
    low, high = learner(both, zoo.key()).predict_interval(both.x)
    assert low.shape == high.shape == both.y.shape
    assert np.all(low <= high)


def test_laplace_of_a_line_is_its_textbook_error():
    data = noisy_line(1000)
    fit = LastLayerLaplace(linear_descent(**{**PLAIN, "epochs": 300}))(data, zoo.key())
    low, high = fit.predict_interval(data.x)
    design = np.column_stack([np.ones(len(data)), data.x])
    sigma = np.std(data.y - fit.predict(data.x))
    textbook = sigma * np.sqrt(np.einsum("ni,ij,nj->n", design, np.linalg.inv(design.T @ design), design))
    np.testing.assert_allclose((high - low) / 2, textbook, rtol=0.03)


def test_laplace_of_classes_is_that_of_logistic_regression():
    """The covariance of the maximum-likelihood fit, from the Fisher information worked out here."""
    data = zoo.two_classes(1000).replace(weight=None)
    fit = LastLayerLaplace(linear_descent(**{**PLAIN, "epochs": 300, "learning_rate": 0.2}))(data, zoo.key())
    p = fit.score(data.x)
    design = np.column_stack([np.ones(len(data)), data.x])
    covariance = np.linalg.inv((design * (p * (1 - p))[:, None]).T @ design)
    error = np.sqrt(np.einsum("ni,ij,nj->n", design, covariance, design))
    low, high = fit.predict_interval(data.x)
    logit = np.log(high / (1 - high)) - np.log(low / (1 - low))
    typical = (p > 0.01) & (p < 0.99)
    np.testing.assert_allclose(logit[typical] / 2, error[typical], rtol=0.1)


def test_laplace_of_many_classes_stays_between_0_and_1():
    rng = np.random.default_rng(0)
    y = rng.integers(3, size=300)
    data = Dataset(rng.normal(size=(300, 2)) + y[:, None], y=y, classes=("a", "b", "c"))
    fit = LastLayerLaplace(linear_descent(**PLAIN))(data, zoo.key())
    low, high = fit.predict_interval(data.x)
    p = fit.probability(data.x)
    assert np.all((low >= 0) & (low < p) & (p < high) & (high <= 1))


def test_dropout_members_are_one_function_each():
    learner = MonteCarloDropout(mlp(width=16, depth=1, dropout=0.2, **PLAIN), samples=4)
    fit = learner(noisy_line(), zoo.key(1))
    point = np.array([[0.3]])
    together = fit.members(np.repeat(point, 5, axis=0))
    np.testing.assert_array_equal(together, np.repeat(fit.members(point), 5, axis=1))
    assert np.ptp(together[:, 0]) > 0


def test_a_population_has_the_band_of_its_spread():
    fit = zoo.LEARNERS["mlp-population"]()(zoo.numbers(), zoo.key(1))
    low, high = fit.predict_interval(zoo.numbers().x)
    assert np.all(low < high)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Heteroscedastic(ClosedForm()), "for networks"),
        (lambda: LastLayerLaplace(CLASSICAL["tree"]()), "for networks"),
        (lambda: QuantileRegression(ClosedForm()), "boosted-trees"),
        (lambda: Bootstrap(ClosedForm(), 1), "at least 2 members"),
        (lambda: Spread(shape="oval"), "'gaussian' or 'percentile'"),
        (lambda: with_uncertainty(ClosedForm(), "replica"), "did you mean 'replicas'"),
        (lambda: SplitConformal(ClosedForm())(zoo.two_classes(), zoo.key()), "for regression"),
        (lambda: SplitConformal(ClosedForm(), 2.0)(zoo.numbers(), zoo.key()), "between 0 and 1"),
        (lambda: CVPlus(ClosedForm(), 200)(zoo.numbers(), zoo.key()), "folds = 200"),
        (lambda: Replicas(ClosedForm(), noise="eror")(noisy_line(), zoo.key()), "no column 'eror'"),
        (lambda: Replicas(ClosedForm(), noise=-1.0)(noisy_line(), zoo.key()), "positive number"),
        (lambda: MonteCarloDropout(linear_descent(**PLAIN))(noisy_line(), zoo.key()), "needs a network with dropout"),
        (lambda: Heteroscedastic(linear_descent(loss="poisson", **PLAIN))(noisy_line(), zoo.key()), "counts"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(make, message):
    with pytest.raises(InputError, match=message) as error:
        make()
    assert "\n" not in str(error.value)


def test_every_way_has_a_name():
    network = mlp(width=8, dropout=0.1)
    assert all(wrap(network).tasks for wrap in UNCERTAINTIES.values())
