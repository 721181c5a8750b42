"""Rules that know the curvature, in `fit`: exact ends, the same record and look-back, what they refuse."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.models import MLP, linear
from ansatz.optimizers import (
    BFGS,
    LBFGS,
    SECOND_ORDER,
    GaussNewton,
    LevenbergMarquardt,
    NaturalGradient,
    Newton,
)
from ansatz.risk import L1, L2, Chi2, Expected, Smoothness, composed, cross_entropy, residuals, squared_error, total
from ansatz.studies import check_study, parse_study
from ansatz.training import Population, fit, linear_descent, mlp
from ansatz.training.population import replicas

RISK = Expected(squared_error)
RULES = [BFGS(), LBFGS(), Newton("line"), Newton("trust"), GaussNewton(), LevenbergMarquardt(), NaturalGradient()]
named = pytest.mark.parametrize(
    "rule", RULES, ids=lambda rule: f"{type(rule).__name__}-{getattr(rule, 'safeguard', '')}"
)


def line(key):
    return linear(zoo.INPUTS, None, initialization="zero", key=key)


def network(key):
    return MLP(zoo.INPUTS, None, width=4, depth=1, activation="tanh", key=key)


def centered(n=96, seed=0):
    data = zoo.numbers(n, seed)
    return data.replace(y=(data.y - 100) / 20)


def normal_equations(data, strength=0.0):
    """Predictions of weighted least squares with a ridge on the coefficients."""
    weight = data.weight / data.weight.sum()
    design = np.column_stack([data.x, np.ones(len(data))])
    ridge = strength * np.diag([1.0] * zoo.INPUTS + [0.0])
    return design @ np.linalg.solve(design.T @ (weight[:, None] * design) + ridge, design.T @ (weight * data.y))


@named
def test_a_line_is_fitted_to_rounding_in_a_few_steps(rule):
    data = centered()
    found = fit(line, RISK + 0.3 * L2(), data, optimizer=rule, epochs=60, key=zoo.key())
    np.testing.assert_allclose(found.predict(data.x), normal_equations(data, 0.3), atol=1e-9)
    assert (found.stopped, found.converged) == ("converged", True)
    assert np.isfinite(found.history["train/risk"]).sum() <= 35


def test_newton_needs_one_step_for_a_line():
    found = fit(line, RISK, centered(), optimizer=Newton("none"), epochs=1, key=zoo.key())
    np.testing.assert_allclose(found.predict(centered().x), normal_equations(centered()), atol=1e-12)


def test_the_risk_that_is_written_down_is_that_of_the_model():
    data = centered()
    found = fit(network, RISK + 0.1 * L2(), data, optimizer=LevenbergMarquardt(), epochs=12, key=zoo.key())
    weight = data.weight / data.weight.mean()
    mean = np.mean(weight * (found.predict(data.x) - data.y) ** 2)
    assert found.history["train/squared_error"][-1] == pytest.approx(mean, rel=1e-9)
    assert set(found.history) == {"train/squared_error", "train/l2", "train/risk"}
    assert (np.diff(found.history["train/risk"]) <= 0).all()
    assert found.best_epoch[0] == 11


@pytest.mark.parametrize("rule", [LevenbergMarquardt(), LBFGS()], ids=lambda rule: type(rule).__name__)
def test_look_back_keeps_the_best_model_seen(rule):
    data, fresh = centered(40), centered(200, seed=5)
    found = fit(
        lambda key: MLP(zoo.INPUTS, None, width=12, depth=1, activation="tanh", key=key),
        RISK,
        data,
        validation=fresh,
        optimizer=rule,
        epochs=100,
        patience=8,
        key=zoo.key(),
    )
    curve = found.history["validation/risk"]
    best = int(np.nanargmin(curve))
    assert found.stopped == "patience"
    assert found.best_epoch[0] == best
    score = np.mean(fresh.weight / fresh.weight.mean() * (found.predict(fresh.x) - fresh.y) ** 2)
    assert score == pytest.approx(curve[best], rel=1e-9)


def test_members_of_a_population_are_fits_of_their_own():
    data = centered()
    targets = replicas(data.y, np.full(len(data), 0.1), 3, key=zoo.key(4))
    together = fit(
        line,
        RISK,
        data,
        optimizer=LevenbergMarquardt(),
        epochs=30,
        population=Population(3, target=targets),
        key=zoo.key(),
    )
    for member, target in zip(together.members(data.x), targets, strict=True):
        np.testing.assert_allclose(member, normal_equations(data.replace(y=target)), atol=1e-9)


def test_the_natural_gradient_and_newton_end_where_a_logistic_regression_does():
    data = zoo.two_classes()
    risk = Expected(cross_entropy) + 0.05 * L2()
    ends = [
        fit(line, risk, data, optimizer=rule, epochs=60, head="sigmoid", key=zoo.key()).score(data.x)
        for rule in (NaturalGradient(), Newton("trust"), BFGS())
    ]
    np.testing.assert_allclose(ends[0], ends[1], atol=1e-7)
    np.testing.assert_allclose(ends[2], ends[1], atol=1e-7)


@pytest.mark.parametrize("rule", [BFGS(), Newton("trust")], ids=lambda rule: type(rule).__name__)
def test_negative_weights_cancel_events(rule):
    data = centered()
    wrong = data.replace(y=data.y + 7)
    both = Dataset(
        np.concatenate([data.x, wrong.x, wrong.x]),
        y=np.concatenate([data.y, wrong.y, wrong.y]),
        weight=np.concatenate([data.weight, wrong.weight, -wrong.weight]),
    )
    found = fit(line, RISK, both, optimizer=rule, epochs=60, key=zoo.key())
    np.testing.assert_allclose(found.predict(data.x), normal_equations(data), atol=1e-8)


def test_chi2_with_a_covariance_is_a_sum_of_squares():
    """Generalized least squares in closed form."""
    rng = np.random.default_rng(0)
    x, root = rng.normal(size=(20, zoo.INPUTS)), rng.normal(size=(20, 20))
    covariance, y = root @ root.T + np.eye(20), rng.normal(size=20)
    with jax.enable_x64(True):
        risk = Chi2(y, covariance)
    found = fit(line, risk, Dataset(x, y=y), optimizer=LevenbergMarquardt(), epochs=40, key=zoo.key())
    design, inverse = np.column_stack([x, np.ones(20)]), np.linalg.inv(covariance)
    exact = design @ np.linalg.solve(design.T @ inverse @ design, design.T @ inverse @ y)
    np.testing.assert_allclose(found.predict(x), exact, atol=1e-6)


@pytest.mark.parametrize(
    "risk",
    [RISK, Expected(squared_error, unit=jnp.asarray(2.0)) + 0.3 * L2(), 2.0 * (RISK + 0.2 * Smoothness())],
    ids=["plain", "in-units-with-ridge", "scaled-with-smoothness"],
)
def test_residuals_and_composition_are_the_risk(risk):
    batch, model = centered().batch(), network(zoo.key())
    value = float(total(risk.terms(model, batch, None)))
    assert float(jnp.sum(residuals(risk, model, batch) ** 2)) == pytest.approx(value, rel=1e-5)
    inner, outer = composed(risk + 0.1 * L1(), batch)
    assert float(outer(inner(model))) == pytest.approx(float((risk + 0.1 * L1())(model, batch, None)), rel=1e-5)


@pytest.mark.parametrize("name", SECOND_ORDER)
def test_a_study_may_name_each_of_them(name):
    assert type(mlp(optimizer=name).optimizer) is type(SECOND_ORDER[name]())


def test_a_line_in_physical_units_is_fitted_by_name():
    data = zoo.numbers()
    found = linear_descent(optimizer="levenberg-marquardt", epochs=40, validation=0.0)(data, zoo.key())
    np.testing.assert_allclose(found.predict(data.x), normal_equations(data), rtol=1e-6)


STUDY = {
    "title": "Refused",
    "data": {"problem": "gaussians", "events": 60, "split": {"test": 0.5}},
    "models": {"net": {"kind": "mlp", "optimizer": "levenberg-marquardt"}},
}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: check_study(parse_study(STUDY)), r"models.net: LevenbergMarquardt needs a sum of squares, and 'cross"),
        (
            lambda: fit(line, RISK + 0.1 * L1(), centered(), optimizer=GaussNewton(), key=zoo.key()),
            "needs a sum of squares, and 'l1' is none",
        ),
        (
            lambda: fit(
                line,
                RISK,
                centered().replace(weight=np.linspace(-1, 9, 96)),
                optimizer=NaturalGradient(),
                key=zoo.key(),
            ),
            "cannot be trained with negative event weights, and 10 events have one; take Newton",
        ),
        (
            lambda: fit(line, RISK, centered().replace(y=np.full(96, 1e300)), optimizer=BFGS(), key=zoo.key()),
            "not finite at the start; look for extreme values",
        ),
        (
            lambda: fit(
                lambda key: MLP(zoo.INPUTS, None, width=300, depth=3, key=key),
                RISK,
                centered(),
                optimizer=Newton(),
                key=zoo.key(),
            ),
            "Newton would need a matrix of 182,101 by 182,101 numbers",
        ),
        (
            lambda: fit(
                lambda key: MLP(zoo.INPUTS, None, width=4, dropout=0.1, key=key),
                RISK,
                centered(),
                optimizer=BFGS(),
                key=zoo.key(),
            ),
            "leave out the dropout",
        ),
        (lambda: mlp(optimizer="l-bfgs", dropout=0.1), "l-bfgs needs a risk that is not random; leave out dropout"),
    ],
)
def test_what_is_impossible_is_refused_in_one_line(call, message):
    with pytest.raises(InputError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


@pytest.mark.slow
@pytest.mark.parametrize("rule", [LevenbergMarquardt(), NaturalGradient()], ids=lambda rule: type(rule).__name__)
def test_curvature_reaches_a_hundredth_of_the_risk_of_adam_in_the_same_time(rule):
    """CPU seconds after compilation, on a curve without noise; see the benchmark for the table."""
    import time

    from ansatz.optimizers import Recipe

    x = np.linspace(-1, 1, 500)[:, None]
    data = Dataset(x, y=np.sin(3 * x[:, 0]) + 0.5 * np.cos(7 * x[:, 0]))

    def curve(optimizer, epochs):
        def once():
            return fit(
                lambda key: MLP(1, None, width=20, depth=1, activation="tanh", key=key),
                RISK,
                data,
                optimizer=optimizer,
                epochs=epochs,
                batch_size=None,
                key=zoo.key(),
            )

        once()
        began = time.process_time()
        return once().history["train/risk"][-1], time.process_time() - began

    risk, seconds = curve(rule, 400)
    recipe = Recipe("adam", learning_rate=1e-2, schedule="cosine")
    _, each = curve(recipe, 2_000)
    adam, spent = curve(recipe, int(2_000 * seconds / each))
    assert spent > 0.7 * seconds
    assert risk < adam / 100
