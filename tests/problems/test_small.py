"""XNOR, the noisy polynomial, the digits and the two Gaussians know their truth."""

import jax
import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.problems import PROBLEMS, Digits, Gaussians, NoisyPolynomial, Xnor

N = 100_000


@pytest.mark.parametrize("problem", [Xnor(), Xnor(noise=0.2), Xnor(noise=0.5, flip=0.1), Xnor(flip=0.25)])
def test_xnor_probability_is_calibrated(problem):
    data = problem.draw(jax.random.key(1), N)
    p = problem.probability(data.x)
    bins = np.clip((p * 10).astype(int), 0, 9)
    excess = np.bincount(bins, data.y - p, 10)
    variance = np.bincount(bins, p * (1 - p), 10)
    used = variance > 1
    assert abs(excess[~used]).max(initial=0) < 10
    assert (excess[used] ** 2 / variance[used]).sum() <= used.sum() + 4 * np.sqrt(2 * used.sum())


@pytest.mark.parametrize("problem", [Xnor(), Xnor(noise=0.2), Xnor(noise=0.5, flip=0.1)])
def test_xnor_bayes_accuracy(problem):
    data = problem.draw(jax.random.key(2), N)
    accuracy = ((problem.probability(data.x) > 0.5) == data.y).mean()
    best = problem.bayes_accuracy()
    assert abs(accuracy - best) <= 4 * np.sqrt(best * (1 - best) / N)


def test_xnor_far_outside_the_square():
    far = np.array([[50.0, 40.0], [-50.0, 40.0], [-3.0, -3.0], [1e6, 1e6]])
    np.testing.assert_allclose(Xnor(noise=0.3).probability(far), [1, 0, 1, 1], atol=1e-6)


def test_a_line_fails_on_xnor():
    data = Xnor().draw(jax.random.key(3), N)
    for j in range(2):
        assert abs(np.corrcoef(data.x[:, j], data.y)[0, 1]) < 4 / np.sqrt(N)


def test_polynomial_noise_is_the_smallest_risk():
    problem = NoisyPolynomial(noise=0.7)
    data = problem.draw(jax.random.key(4), N)
    np.testing.assert_allclose(problem.truth(data.x), data.observers["truth"])
    risk = (data.y - problem.truth(data.x)) ** 2
    assert abs(risk.mean() - problem.bayes_risk()) < 4 * risk.std() / np.sqrt(N)


@pytest.mark.parametrize("degree", [0, 1, 3, 5, 10])
def test_polynomial_best_risk_is_a_fit_to_a_dense_grid(degree):
    problem = NoisyPolynomial(noise=0.5, low=-0.3, high=1.1)
    x = np.linspace(-0.3, 1.1, 20_001)
    truth = problem.truth(x[:, None])
    fitted = np.polynomial.Chebyshev.fit(x, truth, degree)(x)
    assert problem.best_risk(degree) == pytest.approx(0.25 + np.mean((truth - fitted) ** 2), rel=2e-3)


def test_digits_are_drawn_once_each():
    data = Digits().draw(jax.random.key(5), 1797)
    assert len(np.unique(data.row)) == 1797
    assert data.classes == tuple("0123456789")
    assert data.x.min() == 0
    assert data.x.max() == 16


def test_digits_keep_the_labels_of_scikit_learn():
    from sklearn.datasets import load_digits

    pixels, digit = load_digits(return_X_y=True)
    some = Digits(only=(9, 4)).draw(jax.random.key(6), 100)
    names = np.array(some.classes)[some.y].astype(int)
    chosen = np.isin(digit, (4, 9))
    np.testing.assert_array_equal(names, digit[chosen][some.row])
    np.testing.assert_array_equal(some.x, pixels[chosen][some.row])


def test_digits_as_images_are_the_flat_ones_folded():
    flat, images = (Digits(flat=flat).draw(jax.random.key(7), 20) for flat in (True, False))
    assert images.x.shape == (20, 8, 8, 1)
    np.testing.assert_array_equal(images.x.reshape(20, 64), flat.x)


def test_gaussians_agree_with_their_closed_forms():
    problem = Gaussians(separation=1.3, dimensions=5, signal=0.3)
    data = problem.draw(jax.random.key(8), N)
    ratio = problem.log_likelihood_ratio(data.x)
    signal, background = ratio[data.y == 1], ratio[data.y == 0]
    auc = np.searchsorted(np.sort(background), signal).mean() / len(background)
    assert abs(auc - problem.optimal_auc()) < 4 * np.sqrt(auc * (1 - auc) / len(signal))
    accuracy = ((problem.probability(data.x) > 0.5) == data.y).mean()
    best = problem.bayes_accuracy()
    assert abs(accuracy - best) < 4 * np.sqrt(best * (1 - best) / N)


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_problem_draws_what_it_says(name):
    problem = PROBLEMS[name]()
    data = problem.draw(jax.random.key(9), 50)
    assert len(data) == 50
    assert data.task == problem.task
    assert np.isfinite(data.x).all()
    assert problem.events > 0
    assert all(entry.startswith("@") for entry in problem.citations)
    again = PROBLEMS[name]().draw(jax.random.key(9), 50)
    np.testing.assert_array_equal(data.x, again.x)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Xnor(noise=-1.0), "noise is a standard deviation"),
        (lambda: Xnor(flip=0.5), "flip is a probability"),
        (lambda: NoisyPolynomial(coefficients=()), "coefficients is empty"),
        (lambda: NoisyPolynomial(low=1.0, high=1.0), "low must be below high"),
        (lambda: Digits(only=(4,)), "two or more different digits"),
        (lambda: Digits(only=(4, 11)), "two or more different digits"),
        (lambda: Digits().draw(jax.random.key(0), 1798), "there are 1797 images"),
        (lambda: Gaussians(dimensions=0), "dimensions must be one or more"),
        (lambda: Gaussians(signal=0.0), "signal is a part"),
    ],
)
def test_bad_parameters_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
