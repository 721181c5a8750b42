"""Classical methods against independent code, closed forms and published numbers."""

import jax
import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, Ridge
from sklearn.metrics import roc_auc_score
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor

from ansatz.data import Dataset
from ansatz.training import ClosedForm
from ansatz.training.classical import (
    decision_tree,
    elastic_net,
    gaussian_process,
    knn,
    lasso,
    lda,
    linear,
    logistic,
    naive_bayes,
    polynomial,
    qda,
    ridge,
    svm,
    threshold,
)

KEY = jax.random.key(0)


@pytest.fixture(scope="module")
def classes():
    """Two standardized Gaussian classes (in weighted moments too), with integer weights."""
    rng = np.random.default_rng(3)
    y = np.arange(400) % 2
    x = rng.normal(size=(400, 3)) @ np.array([[1, 0.5, 0], [0, 1, 0], [0, 0.3, 1]]) + y[:, None] * [1.0, 0.3, -0.5]
    weight = rng.integers(1, 4, 400).astype(float)
    x = (x - np.average(x, axis=0, weights=weight)) / np.sqrt(
        np.average((x - np.average(x, axis=0, weights=weight)) ** 2, axis=0, weights=weight)
    )
    return Dataset(x, y=y, weight=weight, classes=("b", "s"))


@pytest.fixture(scope="module")
def numbers(classes):
    rng = np.random.default_rng(4)
    x, w = classes.x, classes.weight
    y = 2 * x[:, 0] - x[:, 2] + rng.normal(size=len(x))
    y = (y - np.average(y, weights=w)) / np.sqrt(np.average((y - np.average(y, weights=w)) ** 2, weights=w))
    return Dataset(x, y=y, weight=w)


def test_house_prices(shared):
    table = np.genfromtxt(shared / "hep" / "portland_houses_47.csv", delimiter=",", names=True)
    x = np.column_stack([table[name] for name in table.dtype.names[:2]])
    data = Dataset(x, y=table[table.dtype.names[2]], columns=("area", "bedrooms"))
    fit = linear()(data, KEY)
    assert fit.predict(np.array([[1650.0, 3.0]]))[0] == pytest.approx(293_081.46, abs=0.005)
    theta = [fit.details["intercept"], *fit.details["coefficients"]]
    np.testing.assert_allclose(theta, [89597.91, 139.2107, -8738.02], rtol=1e-6)
    closed = ClosedForm()(data, KEY)
    np.testing.assert_allclose(theta, [closed.details["intercept"], *closed.details["coefficients"]], rtol=1e-9)


def test_salaries(shared):
    rows = [line.rsplit(",", 2) for line in (shared / "hep" / "salary_375.csv").read_text().splitlines()[1:]]
    pairs = np.array([[float(row[-2]), float(row[-1])] for row in rows if all(len(part) for part in row)])
    assert len(pairs) == 373
    details = linear()(Dataset(pairs[:, :1], y=pairs[:, 1], columns=("years",)), KEY).details
    assert details["coefficients"][0] == pytest.approx(6844.51, abs=0.005)
    assert details["intercept"] == pytest.approx(31921.2, abs=0.06)


def test_penalties_are_in_mean_form(numbers):
    """Mean squared error + strength * penalty, in scikit-learn's own parameters."""
    x, y, w = numbers.x, numbers.y, numbers.weight / numbers.weight.sum()
    for learner, other in (
        (ridge(strength=0.3), Ridge(alpha=0.3)),
        (lasso(strength=0.3), Lasso(alpha=0.15, tol=1e-10)),
        (elastic_net(strength=0.4, mixing=0.5), ElasticNet(alpha=0.3, l1_ratio=1 / 3, tol=1e-10)),
        (elastic_net(strength=0.4, mixing=0.0), Ridge(alpha=0.4)),
    ):
        expected = other.fit(x, y, sample_weight=w)
        np.testing.assert_allclose(learner(numbers, KEY).predict(x), expected.predict(x), atol=1e-6)


def test_logistic_penalties_are_in_mean_form(classes):
    x, y, w = classes.x, classes.y, classes.weight / classes.weight.mean()
    per_event = 1 / len(x)
    for learner, other in (
        (logistic(strength=0.01), {"C": 50 * per_event}),
        (logistic(strength=0.0), {"C": np.inf}),
        (logistic(strength=0.01, penalty="l1"), {"C": 100 * per_event, "l1_ratio": 1, "solver": "saga"}),
        (logistic(strength=0.01, penalty="elastic"), {"C": 100 / 1.5 * per_event, "l1_ratio": 1 / 3, "solver": "saga"}),
    ):
        expected = LogisticRegression(**other, tol=1e-8, max_iter=5000).fit(x, y, sample_weight=w).predict_proba(x)
        np.testing.assert_allclose(learner(classes, KEY).probability(x), expected, atol=1e-4)


def test_a_strong_lasso_leaves_columns_out(numbers):
    slopes = np.array(lasso(strength=0.5)(numbers, KEY).details["coefficients"])
    assert slopes[1] == 0
    assert slopes[0] > 0 > slopes[2]


def test_a_polynomial_is_found_again():
    x = np.linspace(-3, 5, 40)[:, None]
    y = 4 - x[:, 0] + 0.5 * x[:, 0] ** 3
    fit = polynomial(degree=3)(Dataset(x, y=y, columns=("t",)), KEY)
    np.testing.assert_allclose(fit.predict(x), y, atol=1e-9)
    assert fit.details["terms"] == ["t", "t^2", "t^3"]


def test_gaussian_classes_are_the_closed_form(classes):
    """Against scikit-learn for unit weights, and against repeated rows for integer weights."""
    copies = classes[np.repeat(np.arange(len(classes)), classes.weight.astype(int))]
    others = {lda(): LinearDiscriminantAnalysis(solver="lsqr"), naive_bayes(): GaussianNB()}
    for learner, other in others.items():
        expected = other.fit(copies.x, copies.y).predict_proba(classes.x)
        np.testing.assert_allclose(learner(classes, KEY).probability(classes.x), expected, atol=1e-6)


def test_the_quadratic_discriminant_is_bayes_rule_with_fitted_gaussians(classes):
    x, y, w = classes.x, classes.y, classes.weight
    joint = np.stack(
        [
            w[y == k].sum()
            * multivariate_normal.pdf(
                x, np.average(x[y == k], axis=0, weights=w[y == k]), np.cov(x[y == k].T, aweights=w[y == k], ddof=0)
            )
            for k in (0, 1)
        ],
        axis=1,
    )
    expected = joint / joint.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(qda()(classes, KEY).probability(x), expected, atol=1e-6)


@pytest.mark.parametrize("votes", ["equal", "distance"])
def test_neighbors_of_equal_weight_are_scikit_learns(classes, votes):
    data = classes.replace(x=classes.x / classes.x.std(axis=0), weight=np.ones(len(classes)))
    style = "uniform" if votes == "equal" else "distance"
    train, test = data[:300], data[300:]
    scaled = [(part.x - train.x.mean(axis=0)) / train.x.std(axis=0) for part in (train, test)]
    expected = KNeighborsClassifier(7, weights=style).fit(scaled[0], train.y).predict_proba(scaled[1])
    fit = knn(neighbors=7, votes=votes)(train, KEY)
    np.testing.assert_allclose(fit.probability(test.x), expected, atol=1e-9)
    values = knn(neighbors=7, votes=votes)(train.replace(y=train.x[:, 0], classes=None), KEY).predict(test.x)
    other = KNeighborsRegressor(7, weights=style).fit(scaled[0], train.x[:, 0]).predict(scaled[1])
    np.testing.assert_allclose(values, other, atol=1e-9)


def test_the_threshold_is_the_best_of_all_cuts(classes):
    fit = threshold()(classes, KEY)
    column, sign = fit.details["column"], 1 if fit.details["direction"] == "above" else -1
    values, y, w = classes.column(column), classes.y, classes.weight

    def balanced(cut):
        accepted = sign * values > sign * cut
        return (w[(y == 1) & accepted].sum() / w[y == 1].sum() + w[(y == 0) & ~accepted].sum() / w[y == 0].sum()) / 2

    assert fit.details["balanced_accuracy"] == pytest.approx(max(balanced(cut) for cut in values))
    assert fit.details["balanced_accuracy"] == pytest.approx(balanced(fit.details["cut"]))
    for name, area in fit.details["columns_auc"].items():
        assert area == pytest.approx(roc_auc_score(y, classes.column(name), sample_weight=w))


def test_a_given_threshold_is_kept(classes):
    fit = threshold(column="x2", cut=0.25, direction="below")(classes, KEY)
    assert (fit.details["cut"], fit.details["direction"]) == (0.25, "below")
    np.testing.assert_array_equal(fit.predict(classes.x), (classes.x[:, 2] < 0.25).astype(int))


def test_threshold_with_weights_of_either_sign_counts_pairs_with_sign():
    rng = np.random.default_rng(0)
    x, y, w = rng.integers(0, 9, (60, 1)).astype(float), rng.integers(0, 2, 60), rng.choice([-0.4, 1.0, 2.0], 60)
    pairs = np.sign(x[y == 1] - x[y == 0].T) / 2 + 0.5
    expected = w[y == 1] @ pairs @ w[y == 0] / (w[y == 1].sum() * w[y == 0].sum())
    details = threshold()(Dataset(x, y=y, weight=w, columns=("v",), classes=("b", "s")), KEY).details
    assert details["columns_auc"]["v"] == pytest.approx(expected)


def test_the_drawn_tree_gives_the_trees_answers(classes):
    fit = decision_tree(depth=3)(classes, KEY)
    tree = fit.details["tree"]

    def walk(row):
        node = 0
        while tree["left"][node] >= 0:
            below = np.float32(row[tree["feature"][node]]) <= tree["threshold"][node]
            node = tree["left" if below else "right"][node]
        return tree["value"][node]

    np.testing.assert_allclose([walk(row) for row in classes.x], fit.probability(classes.x))
    assert sum(share for share, left in zip(tree["share"], tree["left"], strict=True) if left < 0) == pytest.approx(1)


def test_xnor_is_beyond_a_plane_but_not_a_kernel_or_a_tree():
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, (500, 2))
    data = Dataset(x, y=(x[:, 0] * x[:, 1] > 0).astype(int), classes=("no", "yes"))
    right = {learner.name: np.mean(learner(data, KEY).predict(x) == data.y) for learner in (logistic(), svm(), knn())}
    assert right["logistic"] < 0.75
    assert min(right["svm"], right["knn"]) > 0.95
    assert np.mean(logistic(degree=2)(data, KEY).predict(x) == data.y) > 0.97


def test_a_gaussian_process_finds_length_and_noise():
    """A sine of standard deviation 0.707 with noise of 0.1; the noise has a standard error of 0.1 / sqrt(2 n)."""
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 10, (150, 1))
    details = gaussian_process()(Dataset(x, y=np.sin(x[:, 0]) + 0.1 * rng.normal(size=150)), KEY).details
    assert abs(details["noise"][0] - 0.1) < 3.5 * 0.1 / np.sqrt(2 * 140)
    assert 1 < details["length"][0][0] < 4
