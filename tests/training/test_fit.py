"""The training program: pure, compiled once for like fits, safe against divergence, right for populations."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import zoo
from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.models import MLP, Chain, Frozen, linear
from ansatz.optimizers import Recipe
from ansatz.risk import L2, Expected, squared_error
from ansatz.training import NonFiniteRisk, Population, fit, mlp
from compiling import compilations

RISK = Expected(squared_error)


def line(key):
    return linear(zoo.INPUTS, None, initialization="zero", key=key)


def network(key):
    return MLP(zoo.INPUTS, None, width=4, depth=1, key=key)


def centered(n=96, seed=0):
    data = zoo.numbers(n, seed)
    return data.replace(y=(data.y - 100) / 20)


def test_full_batch_descent_converges_to_the_normal_equations():
    data = centered()
    found = fit(
        line,
        RISK,
        data,
        optimizer=Recipe("adam", learning_rate=0.1, schedule="cosine"),
        epochs=300,
        batch_size=None,
        key=zoo.key(),
    )
    root = np.sqrt(data.weight)[:, None]
    design = np.column_stack([data.x, np.ones(len(data))])
    exact = np.linalg.lstsq(root * design, root[:, 0] * data.y, rcond=None)[0]
    np.testing.assert_allclose(found.predict(data.x), design @ exact, atol=2e-4)


def test_mini_batches_come_to_the_same_place():
    data = centered(400)
    found = fit(
        line,
        RISK,
        data,
        optimizer=Recipe("adam", learning_rate=0.05, schedule="cosine"),
        epochs=60,
        batch_size=32,
        key=zoo.key(),
    )
    root = np.sqrt(data.weight)[:, None]
    design = np.column_stack([data.x, np.ones(len(data))])
    exact = np.linalg.lstsq(root * design, root[:, 0] * data.y, rcond=None)[0]
    np.testing.assert_allclose(found.predict(data.x), design @ exact, atol=0.01)


def test_negative_weights_cancel_events():
    data = centered()
    wrong = data.replace(y=data.y + 7)
    both = Dataset(
        np.concatenate([data.x, wrong.x, wrong.x]),
        y=np.concatenate([data.y, wrong.y, wrong.y]),
        weight=np.concatenate([data.weight, wrong.weight, -wrong.weight]),
    )
    recipe = Recipe("adam", learning_rate=0.1, schedule="cosine")
    plain, cancelled = (
        fit(line, RISK, d, optimizer=recipe, epochs=300, batch_size=None, key=zoo.key()) for d in (data, both)
    )
    np.testing.assert_allclose(cancelled.predict(data.x), plain.predict(data.x), atol=1e-3)


def test_like_fits_share_one_compilation():
    def once(n, learning_rate, epochs, seed):
        fit(
            network,
            RISK + 0.1 * seed * L2(),
            centered(n, seed),
            validation=centered(n // 2, seed),
            patience=seed + 1,
            optimizer=Recipe("adam", learning_rate=learning_rate, weight_decay=1e-3 * seed),
            epochs=epochs,
            batch_size=32,
            key=zoo.key(seed),
        )

    once(100, 0.01, 3, 1)
    assert compilations(lambda: once(98, 0.003, 5, 2)) == 0


def test_look_back_keeps_the_best_model_seen():
    data, fresh = centered(40), centered(200, seed=5)
    found = fit(
        network,
        RISK,
        data,
        validation=fresh,
        epochs=60,
        patience=8,
        batch_size=8,
        optimizer=Recipe("adam", learning_rate=0.1),
        key=zoo.key(),
    )
    curve = found.history["validation/risk"]
    best = int(np.nanargmin(curve))
    assert found.best_epoch[0] == best
    assert found.stopped == "patience"
    assert len(curve) <= 60
    assert np.isnan(curve[best + 9 :]).all()
    score = np.mean(fresh.weight / fresh.weight.mean() * (found.predict(fresh.x) - fresh.y) ** 2)
    assert score == pytest.approx(curve[best], rel=1e-4)


def test_history_has_every_term():
    found = fit(network, RISK + 0.1 * L2(), centered(), validation=centered(50, 3), epochs=12, key=zoo.key())
    assert set(found.history) == {
        "train/squared_error",
        "train/l2",
        "train/risk",
        "validation/squared_error",
        "validation/risk",
    }
    total = found.history["train/squared_error"] + found.history["train/l2"]
    np.testing.assert_allclose(found.history["train/risk"], total, rtol=1e-5)


def test_a_risk_that_is_not_finite_stops_with_the_last_good_model():
    with pytest.raises(NonFiniteRisk, match=r"step \d+ of epoch \d+ \(term: squared_error\).*learning rate") as caught:
        fit(line, RISK, centered(), optimizer=Recipe("sgd", learning_rate=1e6), epochs=80, key=zoo.key())
    assert np.isfinite(caught.value.fit.predict(centered().x)).all()
    assert "\n" not in str(caught.value)


def test_settings_that_all_diverged_are_named():
    rates = {"learning_rate": np.array([1e6, 2e6])}
    with pytest.raises(NonFiniteRisk, match=r"all 2 members diverged \(learning_rate = 1e\+06; learning"):
        fit(
            line,
            RISK,
            centered(),
            optimizer=Recipe("sgd", learning_rate=1e6),
            epochs=80,
            population=Population(2, hyperparameters=rates),
            key=zoo.key(),
        )


def test_frozen_numbers_stay_as_they_are():
    shift = Frozen(linear(zoo.INPUTS, zoo.INPUTS, key=zoo.key(9)))
    found = fit(
        lambda key: Chain(shift, line(key)),
        RISK,
        centered(),
        epochs=3,
        optimizer=Recipe("adamw", weight_decay=0.5),
        key=zoo.key(),
    )
    kept = found.model.links[0].inside.weight[0]
    np.testing.assert_array_equal(np.asarray(kept), np.asarray(shift.inside.weight))


def test_progress_is_told():
    seen = []
    fit(line, RISK, centered(), epochs=5, progress=seen.append, key=zoo.key())
    assert seen[-1].epoch == seen[-1].epochs == 5
    assert set(seen[-1].risks) == {"train/squared_error", "train/risk"}


def test_float64_is_kept_where_it_is_switched_on():
    with jax.enable_x64(True):
        found = fit(line, RISK, centered(), epochs=2, key=zoo.key())
        assert found.model.weight.dtype == jnp.float64
    assert found.predict(centered().x).dtype == np.float64


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 2, "steps": 3}, "epochs or steps, not both"),
        ({"epochs": 0}, "at least 1"),
        ({"epochs": -1}, "at least 1"),
    ],
)
def test_contradictions_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        fit(line, RISK, centered(), key=zoo.key(), **options)


def test_no_events_are_refused():
    with pytest.raises(InputError, match="no events"):
        fit(line, RISK, centered()[:0], key=zoo.key())


@pytest.mark.parametrize("n", [9, 33, 100])
@pytest.mark.parametrize("batch_size", [8, None])
def test_the_training_risk_is_the_expectation_over_the_rows_however_many(n, batch_size):
    data = centered(n)
    still = Recipe("sgd", learning_rate=1e-12)
    found = fit(line, RISK, data, validation=data, optimizer=still, epochs=1, batch_size=batch_size, key=zoo.key())
    mean = np.mean(data.weight / data.weight.mean() * data.y**2)
    assert found.history["validation/risk"][0] == pytest.approx(mean, rel=1e-4)
    last = n % 8 if batch_size and n % 8 else 0
    tolerance = 1e-4 if not last else 1.0
    assert found.history["train/risk"][0] == pytest.approx(mean, rel=tolerance)


def test_the_last_batch_counts_as_its_rows_do():
    data = centered(9).replace(weight=np.ones(9), y=np.ones(9))
    still = Recipe("sgd", learning_rate=1e-12)
    found = fit(line, RISK, data, optimizer=still, epochs=1, batch_size=8, key=zoo.key())
    assert found.history["train/risk"][0] == pytest.approx(1.0, rel=1e-5)


def test_a_population_in_float64_is_fitted_in_float64():
    with jax.enable_x64(True):
        found = fit(line, RISK, centered(), epochs=2, population=3, key=zoo.key())
        assert found.model.weight.dtype == jnp.float64


def test_a_gap_that_training_never_saw_is_filled_all_the_same():
    data = centered()
    found = mlp(width=4, depth=1, epochs=2)(data, zoo.key())
    gap = np.array([[np.nan, 0.0, 0.0]])
    filled = np.array([[np.median(data.x[:, 0]), 0.0, 0.0]])
    assert np.isfinite(found.predict(gap)).all()
    np.testing.assert_allclose(found.predict(gap), found.predict(filled), atol=0.2)
