"""Densities, scores of unusual events, and generative classifiers: closed forms, scikit-learn, weights, storage."""

import jax
import numpy as np
import pytest
from scipy.stats import gaussian_kde, multivariate_normal
from sklearn.covariance import EmpiricalCovariance
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import LocalOutlierFactor

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.problems import Clumps, Gaussians
from ansatz.training import ANOMALY, DENSITY, generative, load_fit, save_fit
from ansatz.validation import roc_auc

KEY = jax.random.key(3)
RNG = np.random.default_rng(6)
ROWS = RNG.normal(size=(120, 2)) @ np.array([[2.0, 0.5], [0.0, 0.3]]) + 5.0
SMALL = {"autoencoder": {"epochs": 20, "width": 8, "components": 1}, "isolation-forest": {"trees": 20}}
OPTIONS = {"pca": {"components": 1}, **SMALL}
CROWD = Clumps(dimensions=3, unusual=0.1).draw(jax.random.key(8), 400)


def dense(kind, data, **options):
    return DENSITY[kind](**options)(data, KEY)


def scored(kind, data, **options):
    return ANOMALY[kind](**{**OPTIONS.get(kind, {}), **options})(data, KEY)


@pytest.mark.parametrize("kind", DENSITY)
def test_a_density_is_one_of_the_columns_in_their_units(kind):
    """It integrates to one over the plane, and a change of units divides it."""
    fit = dense(kind, Dataset(ROWS))
    axes = [np.linspace(c.min() - 4, c.max() + 4, 161) for c in ROWS.T]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)
    cell = np.prod([a[1] - a[0] for a in axes])
    assert np.exp(fit.predict(grid)).sum() * cell == pytest.approx(1.0, abs=2e-3)
    scale = np.array([1000.0, 0.01])
    other = dense(kind, Dataset(ROWS * scale))
    np.testing.assert_allclose(other.predict(ROWS * scale), fit.predict(ROWS) - np.log(scale).sum(), atol=1e-3)


def test_densities_are_those_of_scipy_and_scikit_learn():
    one = dense("gaussian", Dataset(ROWS))
    expected = multivariate_normal(ROWS.mean(axis=0), np.cov(ROWS.T, ddof=0)).logpdf(ROWS)
    np.testing.assert_allclose(one.predict(ROWS), expected, atol=1e-6)
    ours = dense("kernel-density", Dataset(ROWS), width=0.4 * np.sqrt(120 / 119)).predict(ROWS)
    np.testing.assert_allclose(ours, np.log(gaussian_kde(ROWS.T, bw_method=0.4)(ROWS.T)), atol=1e-6)
    mixture = dense("gaussian-mixture", Dataset(ROWS), components=2)
    sklearn = GaussianMixture(2, n_init=5, tol=1e-6, max_iter=2000, random_state=0).fit(ROWS).score(ROWS)
    assert mixture.predict(ROWS).mean() == pytest.approx(sklearn, abs=0.01)


def test_the_width_of_kernels_is_best_for_rows_left_out():
    def left_out(width):
        total = 0.0
        for i in range(0, 40):
            rest = np.delete(ROWS[:40], i, axis=0)
            spread = np.cov(ROWS[:40].T, ddof=0) * width**2
            parts = multivariate_normal(np.zeros(2), spread).pdf(ROWS[i] - rest)
            total += np.log(parts.mean()) / 40
        return total

    fit = dense("kernel-density", Dataset(ROWS[:40]))
    best = fit.details["width"]
    assert left_out(best) > max(left_out(0.8 * best), left_out(1.25 * best))


@pytest.mark.parametrize("kind", DENSITY)
def test_draws_are_as_likely_as_events(kind):
    """The mean and covariance of draws are those of the density, by the events themselves for one Gaussian."""
    fit = dense(kind, Dataset(ROWS))
    model, preparation = fit.predictor.model.model, fit.predictor.preparation
    drawn = preparation.shift + preparation.scale * model.sample(4000, np.random.default_rng(0))
    error = ROWS.std(axis=0) / np.sqrt(4000)
    assert np.all(np.abs(drawn.mean(axis=0) - ROWS.mean(axis=0)) < 5 * error)
    assert np.corrcoef(drawn.T)[0, 1] == pytest.approx(np.corrcoef(ROWS.T)[0, 1], abs=0.08)


@pytest.mark.parametrize(("make", "kind"), [*((dense, k) for k in DENSITY), *((scored, k) for k in ANOMALY)])
def test_weights_are_copies_order_is_nothing_and_storage_keeps_all(make, kind, tmp_path):
    times = RNG.integers(1, 4, size=len(ROWS))
    turn = RNG.permutation(len(ROWS))
    if kind == "local-outlier-factor":
        one, other = make(kind, Dataset(ROWS)), make(kind, Dataset(ROWS[turn]))
    else:
        one = make(kind, Dataset(ROWS, weight=7.0 * times))
        other = make(kind, Dataset(np.repeat(ROWS, times, axis=0)[np.random.default_rng(1).permutation(times.sum())]))
    np.testing.assert_allclose(one.predict(ROWS), other.predict(ROWS), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(load_fit(save_fit(one, tmp_path / "fit")).predict(ROWS), one.predict(ROWS))


@pytest.mark.parametrize("kind", ANOMALY)
def test_events_far_from_all_others_are_more_unusual(kind):
    fit = scored(kind, CROWD.replace(y=None, classes=None))
    assert roc_auc(CROWD.y, fit.predict(CROWD.x)).low > 0.55
    assert fit.predictor.link == "anomaly"


def test_scores_are_those_of_scikit_learn():
    one = scored("gaussian-mixture", Dataset(ROWS), components=1).predict(ROWS)
    distance = EmpiricalCovariance().fit(ROWS).mahalanobis(ROWS)
    np.testing.assert_allclose(np.ptp(2 * one - distance), 0.0, atol=2e-2)
    standard = (ROWS - ROWS.mean(axis=0)) / ROWS.std(axis=0)
    theirs = LocalOutlierFactor(20, novelty=True).fit(standard).score_samples(standard)
    np.testing.assert_allclose(scored("local-outlier-factor", Dataset(ROWS)).predict(ROWS), -theirs, rtol=1e-9)


def test_an_excess_among_others_is_not_unusual_to_a_density():
    """Unusual is not the same as improbable."""
    data = Clumps(dimensions=3, unusual=0.05, kind="narrow").draw(KEY, 600)
    fit = scored("kernel-density", data.replace(y=None, classes=None))
    assert roc_auc(data.y, fit.predict(data.x)).value < 0.4
    assert roc_auc(data.y, data.observers["log likelihood ratio"]).value > 0.9


def test_the_known_density_of_the_clumps_is_the_density_of_its_events():
    """Its mean over events is that of their histogram, within statistics."""
    problem = Clumps(dimensions=1)
    data = problem.draw(KEY, 20_000)
    counts, edges = np.histogram(data.x, bins=60)
    middle = (edges[1:] + edges[:-1])[:, None] / 2
    expected = np.exp(problem.ordinary.log_density(middle)) * np.diff(edges) * len(data)
    pulls = (counts - expected)[expected > 20] / np.sqrt(expected[expected > 20])
    assert (pulls**2).sum() < len(pulls) + 5 * np.sqrt(2 * len(pulls))


@pytest.mark.parametrize("density", ["mixture", "kernels"])
def test_generative_classifiers_come_near_the_best_decision(density):
    problem = Gaussians(separation=2.0)
    data, fresh = problem.draw(jax.random.key(1), 600), problem.draw(jax.random.key(2), 2000)
    fit = generative(density=density, components=1)(data, KEY)
    accuracy = (fit.predict(fresh.x) == fresh.y).mean()
    assert accuracy > problem.bayes_accuracy() - 0.03
    best = problem.probability(fresh.x)
    assert np.abs(fit.probability(fresh.x)[:, 1] - best).mean() < 0.06


def test_p_of_x_of_a_generative_classifier_knows_what_it_never_saw(tmp_path):
    data = Gaussians(separation=2.0).draw(KEY, 300)
    fit = load_fit(save_fit(generative(components=1)(data, KEY), tmp_path / "fit"))
    usual, strange = fit.predictor.log_density(data.x), fit.predictor.log_density(np.array([[9.0, -9.0]]))
    assert strange[0] < usual.min()
    densities = [np.exp(d.response(data.x)[0]) for d in fit.predictor.densities]
    np.testing.assert_allclose(np.exp(usual), fit.predictor.prior @ densities, rtol=1e-9)


@pytest.mark.parametrize(
    ("make", "data", "message"),
    [
        (lambda d: dense("kernel-density", d), Dataset(np.c_[ROWS, ROWS[:, 0]]), "there is no density in x0, x1, x2"),
        (lambda d: dense("kernel-density", d), Dataset(ROWS[:2]), "at least three distinct rows"),
        (lambda d: dense("gaussian-mixture", d, components=121), Dataset(ROWS), "121 clusters were asked for"),
        (lambda d: dense("gaussian", d), Dataset(ROWS, weight=-np.ones(120)), "negative event weights"),
        (lambda d: scored("pca", d, components=2), Dataset(ROWS), "2 components leave nothing over"),
        (lambda d: scored("local-outlier-factor", d, neighbors=120), Dataset(ROWS), "below the number of rows"),
        (lambda d: generative()(d, KEY), Dataset(ROWS), "for classification"),
        (lambda d: generative(density="kernels")(d, KEY), CROWD.replace(weight=-np.ones(400)), "negative event"),
    ],
)
def test_bad_input_gives_one_clear_line(make, data, message):
    with pytest.raises(InputError, match=message):
        make(data)
