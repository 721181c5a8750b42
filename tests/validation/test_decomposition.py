"""Bias, variance and noise against their closed forms; complexity curves, and the peak at the interpolation threshold.

Where a random number is held against a law, it is to within four standard errors.
"""

import jax
import numpy as np
import pytest

import zoo
from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.problems import Digits, Gaussians, NoisyPolynomial, Teacher
from ansatz.training import ClosedForm, RandomFeatures, linear_descent, mlp
from ansatz.training.random_features import _smallest
from ansatz.validation import complexity_curve, decompose, double_descent, experiments_of

N, P, SIGMA = 30, 4, 0.5
SLOPES = np.array([1.0, -2.0, 0.5, 3.0])


def gaussian(features, shift=0.0):
    """A linear law in standard normal features, of which a learner sees the first few."""

    def draw(key):
        rng = generator(key)
        x = rng.normal(size=(N + 60, P))
        law = 1 + x @ SLOPES
        data = Dataset(x[:, :features], y=law + SIGMA * rng.normal(size=len(x)))
        return data[:N], data[N:], law[N:] + shift

    return draw


def least_squares_variance(noise, features):
    """Of least squares with intercept on normal features, where new features are as the old ones."""
    return noise * ((N + 1) * (N - 2) / (N * (N - features - 2)) - 1)


def assert_near(interval, value, sigmas=4):
    assert abs(interval.value - value) < sigmas * interval.error, f"{interval} against {value}"


@pytest.mark.parametrize("features", [P, 2])
def test_least_squares_has_its_textbook_bias_and_variance(features):
    """What a learner does not see of a linear law is its bias, and to its fits it is noise."""
    found = decompose(ClosedForm(), gaussian(features), experiments=60, key=zoo.key(1))
    hidden = np.sum(SLOPES[features:] ** 2)
    variance = least_squares_variance(SIGMA**2 + hidden, features)
    assert_near(found.bias, hidden)
    assert_near(found.variance, variance)
    assert_near(found.noise, SIGMA**2)
    assert_near(found.risk, hidden + variance + SIGMA**2)
    assert_near(found.gap, 0)


def test_training_events_flatter_least_squares():
    found = decompose(ClosedForm(), gaussian(P), experiments=60, key=zoo.key(2))
    assert_near(found.train, SIGMA**2 * (N - P - 1) / N)


def test_a_wrong_law_is_noticed():
    found = decompose(ClosedForm(), gaussian(P, shift=0.5), experiments=40, key=zoo.key(3))
    assert_near(found.gap, 2 * 0.5**2)
    assert found.adds_up > 5


@pytest.fixture(scope="module")
def polynomials():
    draw = experiments_of(NoisyPolynomial(), 50, 40)
    return complexity_curve(
        "degree", lambda d: ClosedForm(degree=int(d)), (1, 3, 10), draw, experiments=40, key=zoo.key()
    )


def test_the_parts_of_polynomials_add_up(polynomials):
    assert all(abs(part.adds_up) < 4 for part in polynomials.parts)


def test_stiff_polynomials_are_biased_and_flexible_ones_vary(polynomials):
    problem = NoisyPolynomial()
    bias, variance = polynomials.means("bias"), polynomials.means("variance")
    for place, degree in enumerate((1, 3)):
        assert bias[place] > 0.9 * (problem.best_risk(degree) - 1)
    assert abs(bias[2]) < 4 * polynomials.errors("bias")[2]
    assert variance[0] < variance[1] < variance[2]
    assert np.all(np.diff(polynomials.means("train")) < 0)
    for noise in polynomials.of("noise"):
        assert_near(noise, 1)


def test_the_parts_of_a_network_add_up():
    network = mlp(width=8, depth=1, activation="tanh", learning_rate=0.03, epochs=60, batch_size=None, validation=0.0)
    found = decompose(network, experiments_of(NoisyPolynomial(), 50, 60), experiments=12, key=zoo.key(4))
    assert abs(found.adds_up) < 4
    assert found.variance.value > 0
    assert found.x.shape == (6 * 60, 1)
    assert found.mean.shape == found.spread.shape == found.truth.shape


def test_the_brier_score_of_a_classifier_comes_apart():
    """A logistic function is the law of two normal classes of one covariance, so its bias goes away."""
    problem = Gaussians()
    learner = linear_descent(learning_rate=0.1, epochs=150, batch_size=None, validation=0.0)
    found = decompose(learner, experiments_of(problem, 300, 200), experiments=10, key=zoo.key(5))
    assert abs(found.adds_up) < 4
    assert found.bias.value < 0.2 * found.noise.value


@pytest.mark.slow
def test_the_error_of_the_gap_is_its_scatter():
    """40 decompositions: the spread of a normal deviate is one within 1/sqrt(80), here to three of these."""
    keys = jax.random.split(zoo.key(6), 40)
    pulls = [decompose(ClosedForm(), gaussian(2), experiments=10, key=key).adds_up for key in keys]
    assert abs(np.std(pulls) - 1) < 3 / np.sqrt(80)
    assert abs(np.mean(pulls)) < 3 / np.sqrt(40)


def test_events_of_weight_two_are_events_that_come_twice():
    def twice(key):
        train, fresh, law = gaussian(P)(key)
        weight = 1.0 + (np.arange(len(fresh)) % 2)
        return train, fresh.replace(weight=7 * weight), law

    def copied(key):
        train, fresh, law = gaussian(P)(key)
        rows = np.repeat(np.arange(len(fresh)), 1 + np.arange(len(fresh)) % 2)
        return train, fresh[rows], law[rows]

    found, other = (decompose(ClosedForm(), draw, experiments=4, key=zoo.key(7)) for draw in (twice, copied))
    for term in ("bias", "variance", "noise", "risk"):
        assert getattr(found, term).value == pytest.approx(getattr(other, term).value, rel=1e-9)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: decompose(ClosedForm(), gaussian(P), experiments=3, key=zoo.key()), "at least 4"),
        (lambda: experiments_of(Digits(), 10, 10), "knows neither its law"),
        (lambda: complexity_curve("degree", ClosedForm, (3, 1), gaussian(P), key=zoo.key()), "in rising order"),
        (lambda: RandomFeatures(0), "at least one"),
        (lambda: RandomFeatures()(zoo.numbers().replace(y=np.zeros((96, 2))), zoo.key()), "one number"),
        (lambda: Teacher(inputs=0), "at least 1"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(make, message):
    with pytest.raises(InputError, match=message) as error:
        make()
    assert "\n" not in str(error.value)


def test_without_a_law_nothing_can_be_told_apart():
    def draw(key):
        return *gaussian(P)(key)[:2], None

    with pytest.raises(InputError, match="draw must give it"):
        decompose(ClosedForm(), draw, experiments=4, key=zoo.key())


def test_the_solution_of_smallest_norm_is_the_pseudoinverse():
    rng = np.random.default_rng(0)
    for shape in ((30, 10), (10, 30)):
        phi, y = rng.normal(size=shape), rng.normal(size=shape[0])
        theta, _ = _smallest(phi, y, np.full(len(y), 1 / len(y)), 0.0)
        np.testing.assert_allclose(theta, np.linalg.pinv(phi) @ y, rtol=1e-9)


def test_ridge_is_ridge():
    rng = np.random.default_rng(1)
    phi, y = rng.normal(size=(20, 30)), rng.normal(size=20)
    theta, _ = _smallest(phi, y, np.full(20, 1 / 20), 0.3)
    np.testing.assert_allclose(theta, np.linalg.solve(phi.T @ phi / 20 + 0.3 * np.eye(30), phi.T @ y / 20), rtol=1e-9)


@pytest.mark.parametrize("p", [10, 60, 160])
def test_the_risk_without_ridge_is_known_on_both_sides_of_the_threshold(p):
    r"""$\sigma^2 p/(n-p-1)$ below it, $|\beta|^2 (1 - n/p) + \sigma^2 n/(p-n-1)$ above (Hastie et al., 1903.08560)."""
    n, trials = 30, 400
    rng = np.random.default_rng(p)
    beta = np.full(p, 1 / np.sqrt(p))
    excess = np.zeros(trials)
    for trial in range(trials):
        phi = rng.normal(size=(n, p))
        theta, _ = _smallest(phi, phi @ beta + SIGMA * rng.normal(size=n), np.full(n, 1 / n), 0.0)
        excess[trial] = np.sum((theta - beta) ** 2)
    law = SIGMA**2 * p / (n - p - 1) if p < n else (1 - n / p) + SIGMA**2 * n / (p - n - 1)
    assert abs(excess.mean() - law) < 4 * excess.std() / np.sqrt(trials)


def test_random_features_descend_twice():
    n = 40
    draw = experiments_of(Teacher(inputs=6), n, 40)
    curve = complexity_curve(
        "features", lambda p: RandomFeatures(int(p)), (10, n, 400), draw, experiments=12, key=zoo.key(8)
    )
    found = double_descent(curve, n)
    assert found.seen, found
    assert (found.peak, found.threshold) == (n, n)
    assert found.at_peak.value > 3 * found.after.value
    assert curve.means("train")[2] < 1e-8
    assert all(abs(part.adds_up) < 4 for part in curve.parts)


def test_a_curve_without_a_peak_has_none():
    draw = experiments_of(Teacher(inputs=6), 40, 40)
    curve = complexity_curve(
        "features", lambda p: RandomFeatures(int(p), strength=0.03), (10, 40, 400), draw, experiments=12, key=zoo.key(8)
    )
    assert not double_descent(curve, 40).seen
    with pytest.raises(InputError, match="both sides"):
        double_descent(curve, 1000)


@pytest.mark.parametrize("weighted", [False, True])
def test_random_features_take_weights_as_copies(weighted):
    data = zoo.numbers(20).replace(weight=None)
    rows = np.repeat(np.arange(20), 1 + np.arange(20) % 2)
    given = data.replace(weight=7.0 * (1 + np.arange(20) % 2)) if weighted else data[rows]
    fit = RandomFeatures(5)(given, zoo.key())
    reference = RandomFeatures(5)(data[rows], zoo.key())
    np.testing.assert_allclose(fit.predict(data.x), reference.predict(data.x), rtol=1e-9)
