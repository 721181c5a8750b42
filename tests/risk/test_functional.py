"""Chi2 with a covariance: against brute force, and what is left out, scaled or wrong."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate, stats

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.models import MLP, Linear
from ansatz.optimizers import Recipe
from ansatz.risk import Chi2, Convolution, Errors, MomentumSumRule, Positivity, SumRule, checked_covariance, errors_of
from ansatz.training import Population, fit
from ansatz.training.engine.rows import as_rows
from ansatz.training.population import stack

N = 20
rng = np.random.default_rng(3)
X = np.linspace(0.05, 0.95, N)[:, None]
ERRORS = Errors(
    rng.uniform(0.1, 0.3, N), additive=rng.normal(0, 0.2, (N, 2)), multiplicative=np.full((N, 1), 0.1) + 0.02 * X
)
TRUTH = 2.0 * X[:, 0] + 1.0
COVARIANCE = ERRORS.covariance(TRUTH)
Y = TRUTH + np.linalg.cholesky(COVARIANCE) @ rng.normal(size=N)
DATA = Dataset(X, y=Y, columns=("x",))


@pytest.fixture(scope="module")
def model():
    return MLP(1, None, width=4, depth=1, activation="tanh", key=jax.random.key(1))


def brute_force(residual, covariance):
    return residual @ np.linalg.inv(covariance) @ residual / len(residual)


def test_chi2_per_point_is_the_quadratic_form(model):
    residual = Y - np.asarray(jax.vmap(model)(X), float)
    found = Chi2(Y, COVARIANCE)(model, DATA.batch(), None)
    np.testing.assert_allclose(float(found), brute_force(residual, COVARIANCE), rtol=1e-4)


def test_a_weight_of_zero_leaves_a_measurement_out_with_its_correlations(model):
    kept = rng.random(N) < 0.6
    residual = (Y - np.asarray(jax.vmap(model)(X), float))[kept]
    found = Chi2(Y, COVARIANCE)(model, DATA.replace(weight=kept.astype(float)).batch(), None)
    np.testing.assert_allclose(float(found), brute_force(residual, COVARIANCE[np.ix_(kept, kept)]), rtol=1e-4)


def test_rows_that_only_pad_the_table_do_not_enter(model):
    rows = as_rows(DATA, dtype=np.dtype(np.float32), batch_size=16)
    assert len(rows.batch.weight) > N
    risk = Chi2(Y, COVARIANCE)
    np.testing.assert_allclose(float(risk(model, rows.batch, None)), float(risk(model, DATA.batch(), None)), rtol=1e-5)


def test_a_convolution_is_the_integral_of_the_model():
    t, w = np.polynomial.legendre.leggauss(8)
    nodes = (t[:, None] + 1) / 2
    powers = np.arange(3)
    moments = Convolution(0.5 * w * nodes[:, 0] ** powers[:, None], nodes)
    line = Linear(jnp.array([2.0]), jnp.array(1.0))
    truth = [integrate.quad(lambda x, k=k: x**k * (2 * x + 1), 0, 1)[0] for k in powers]
    np.testing.assert_allclose(moments.predict(line, jnp.zeros((3, 1)), None), truth, rtol=1e-6)


def test_several_functions_enter_one_observable():
    both = Convolution(np.array([[[1.0, 10.0]]]), np.array([[3.0]]))
    pair = Linear(jnp.array([[2.0], [1.0]]), jnp.zeros(2))
    assert both.predict(pair, jnp.zeros((1, 1)), None).tolist() == [36.0]


def test_fitting_a_line_gives_generalized_least_squares():
    """Descent through `fit` ends where the normal equations do, also for replicas with masks of their own."""
    masks = np.stack([np.ones(N), np.arange(N) % 4 != 0]).astype(float)
    targets = np.stack([Y, Y + 0.1])
    fitted = fit(
        Linear(jnp.zeros(1), jnp.array(0.0)),
        Chi2(Y, COVARIANCE),
        DATA,
        optimizer=Recipe("adam", learning_rate=0.05, schedule="cosine"),
        epochs=1500,
        population=Population(2, weight=masks, target=targets),
        key=jax.random.key(0),
    )
    for member, (mask, target) in enumerate(zip(masks > 0, targets, strict=True)):
        design = np.c_[X[mask], np.ones(mask.sum())]
        inverse = np.linalg.inv(COVARIANCE[np.ix_(mask, mask)])
        slope, offset = np.linalg.solve(design.T @ inverse @ design, design.T @ inverse @ target[mask])
        np.testing.assert_allclose(fitted.members(X)[member], slope * X[:, 0] + offset, atol=0.005)


def test_each_member_is_judged_on_its_own_rows():
    judged = np.stack([np.arange(N) < 5, np.arange(N) >= 5]).astype(float)
    line = Linear(jnp.array([2.0]), jnp.array(1.0))
    fitted = fit(
        line,
        Chi2(Y, COVARIANCE),
        DATA,
        optimizer=Recipe("sgd", learning_rate=1e-12),
        epochs=1,
        validation=DATA,
        population=Population(2, weight=1 - judged, validation_weight=judged),
        key=jax.random.key(0),
    )
    for name, masks in (("train", 1 - judged), ("validation", judged)):
        for member, mask in enumerate(masks > 0):
            expected = brute_force((Y - TRUTH)[mask], COVARIANCE[np.ix_(mask, mask)])
            np.testing.assert_allclose(fitted.history[f"{name}/chi2"][member, 0], expected, rtol=1e-4)


def test_a_risk_of_measurements_can_be_stacked_for_a_population(model):
    assert stack(Chi2(Y, COVARIANCE), 3).errors.shape == (3, N)


def test_scaled_targets_are_refused():
    """The lecture's notebook divides test data by their own mean; that cannot happen here."""
    scaled = DATA.replace(y=Y / Y.mean())
    with pytest.raises(InputError, match="not the measurements that the errors belong to .* do not scale"):
        fit(Linear(jnp.zeros(1), jnp.array(0.0)), Chi2(Y, COVARIANCE), scaled, epochs=1, key=jax.random.key(0))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d[:5], "chi2 of 20 measurements met 5 rows"),
        (lambda d: d.replace(weight=np.arange(N) + 1.0), "weights of one"),
    ],
)
def test_other_rows_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        Chi2(Y, COVARIANCE).check(change(DATA))


def test_measurements_are_not_resampled_as_events():
    with pytest.raises(InputError, match="noise replicas"):
        fit(
            Linear(jnp.zeros(1), jnp.array(0.0)),
            Chi2(Y, COVARIANCE),
            DATA,
            population=Population(2, "bootstrap"),
            key=jax.random.key(0),
        )


def changed(entries):
    covariance = COVARIANCE.copy()
    for place, value in entries.items():
        covariance[place] = value
    return covariance


@pytest.mark.parametrize(
    ("covariance", "message"),
    [
        (changed({(3, 7): 9.0}), r"not symmetric: entry \(3, 7\) is 9 but \(7, 3\) is"),
        (changed({(4, 4): -1.0}), "the variance of row 4 is -1"),
        (changed({(2, 5): 3.0, (5, 2): 3.0}), "not positive definite: .* mostly of rows .*2, 5"),
        (changed({(1, 1): np.nan}), r"must be finite; entry \(1, 1\)"),
        (np.ones((N, 3)), r"has shape \(20, 20\), not \(20, 3\)"),
        (np.r_[np.ones(N - 1), -1.0], "a standard deviation is a positive number; row 19 is -1"),
        (np.ones(3), r"have shape \(20,\), not \(3,\)"),
    ],
)
def test_a_bad_covariance_is_told_by_its_rows(covariance, message):
    with pytest.raises(InputError, match=message):
        Chi2(Y, covariance)


def test_errors_come_back_from_the_columns_of_a_dataset():
    data = DATA.replace(observers=ERRORS.observers())
    rows = np.array([3, 1, 7])
    np.testing.assert_allclose(
        errors_of(data[rows]).covariance(TRUTH[rows]), COVARIANCE[np.ix_(rows, rows)], rtol=1e-12
    )
    with pytest.raises(InputError, match="no column 'error'"):
        errors_of(DATA)


def test_units_change_measurements_and_errors_alike(model):
    scaled = Errors.times(ERRORS, 1000.0).covariance(1000 * TRUTH)
    np.testing.assert_allclose(scaled, 1e6 * COVARIANCE, rtol=1e-12)


def best_constant(values, covariance):
    """The constant with the smallest chi2."""
    weight = np.linalg.inv(covariance).sum(axis=0)
    return weight @ values / weight.sum()


def test_normalizations_as_fractions_of_the_data_pull_a_fit_down_and_t0_does_not():
    """D'Agostini's example: 8.0 and 8.5, each to 2 %, with a common normalization of 10 %: 7.87 instead of 8.23."""
    values = np.array([8.0, 8.5])
    errors = Errors(0.02 * values, multiplicative=np.full((2, 1), 0.1))
    biased = best_constant(values, errors.covariance(values))
    assert biased == pytest.approx(7.87, abs=0.01)
    reference = values
    for _ in range(3):
        reference = np.full(2, best_constant(values, errors.covariance(reference)))
    assert reference[0] == pytest.approx(np.average(values, weights=values**-2.0), rel=1e-9)


def test_t0_is_unbiased_over_many_pseudo_experiments():
    truth, n, trials = 10.0, 30, 400
    errors = Errors(np.full(n, 0.5), multiplicative=np.full((n, 1), 0.1))
    root = np.linalg.cholesky(errors.covariance(np.full(n, truth)))
    values = truth + rng.normal(size=(trials, n)) @ root.T
    t0 = np.array([best_constant(v, errors.covariance(np.full(n, v.mean()))) for v in values])
    naive = np.array([best_constant(v, errors.covariance(v)) for v in values])
    error = t0.std() / np.sqrt(trials)
    assert abs(t0.mean() - truth) < 4 * error
    assert naive.mean() < truth - 20 * error


def test_a_sum_rule_holds_the_integral_of_a_fit():
    rule = SumRule(X, np.full(N, 1 / N), value=2.5, tolerance=0.01)
    fitted = fit(
        Linear(jnp.zeros(1), jnp.array(0.0)),
        Chi2(Y, COVARIANCE) + 10 * rule,
        DATA,
        optimizer=Recipe("adam", learning_rate=0.05, schedule="cosine"),
        epochs=1500,
        key=jax.random.key(0),
    )
    assert fitted.predict(X).mean() == pytest.approx(2.5, abs=1e-3)
    assert abs(Y.mean() - 2.5) > 0.1


@pytest.mark.parametrize("low", [-0.5, -0.2, 0.3])
def test_the_momentum_is_the_beta_function(low):
    truth = stats.beta(low + 1, 6).pdf
    found = MomentumSumRule(1.0).integral(lambda x: x[0] ** low * (1 - x[0]) ** 5)
    exact = np.exp(-np.log(truth(0.3)) + low * np.log(0.3) + 5 * np.log(0.7))
    np.testing.assert_allclose(float(found), exact, rtol=1e-5)


def test_positivity_asks_nothing_of_a_positive_function():
    nodes = np.linspace(-1, 1, 9)[:, None]
    line = Linear(jnp.array([1.0]), jnp.array(2.0))
    assert float(Positivity(nodes)(line, None, None)) == 0
    assert float(Positivity(nodes + 0.0)(Linear(jnp.array([1.0]), jnp.array(0.0)), None, None)) > 0


def test_laws_judge_no_data():
    risk = Chi2(Y, COVARIANCE) + 10 * MomentumSumRule(0.4) + Positivity(X)
    assert risk.names() == ("chi2", "momentum_sum_rule", "positivity")
    assert risk.expected().names() == ("chi2",)


def test_standard_deviations_are_a_diagonal_covariance():
    assert checked_covariance(np.array([2.0, 3.0]), 2).tolist() == [[4.0, 0.0], [0.0, 9.0]]
