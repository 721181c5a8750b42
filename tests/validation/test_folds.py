import jax
import numpy as np
import pytest

from ansatz.data import Dataset, folds
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.validation import Answers, compare_learners, cross_validate, learning_curve


def classes(key, n=240, negative=0.0):
    rng = generator(key)
    y = np.arange(n) % 2
    weight = np.where(rng.random(n) < negative, -1.0, 1.0)
    return Dataset(rng.normal(size=(n, 3)) + 0.7 * y[:, None], y=y, weight=weight, classes=("background", "signal"))


def line(key, n=200, noise=0.5):
    rng = generator(key)
    x = rng.normal(size=(n, 2))
    return Dataset(x, y=1 + x @ [2.0, -1.0] + noise * rng.normal(size=n))


@pytest.fixture
def data():
    return classes(jax.random.key(0))


@pytest.fixture
def parts(data):
    return folds(data, 5, key=jax.random.key(1))


def test_every_row_is_answered_by_a_model_that_had_not_seen_it(data, parts, toys):
    result = cross_validate(toys.mean, data, parts, key=jax.random.key(0))
    assert result.rows.tolist() == list(range(len(data)))
    for number, (train, test) in enumerate(parts):
        assert set(result.rows[result.fold == number]) == set(test)
        known = toys.mean(data[train], None).members(data.x[test])
        np.testing.assert_allclose(result.response[:, np.isin(result.rows, test)], known)


def test_nearest_neighbor_is_perfect_on_training_rows_alone(data, parts, toys):
    """What the folds are there to reveal."""
    result = cross_validate(toys.neighbor, data, parts, training=True, key=jax.random.key(0))
    for fold in result.folds:
        assert np.all((fold.train_response[0] > 0) == (data.y[fold.train_rows] == 1))
    assert result.scores(key=jax.random.key(0))["accuracy"].value < 0.95


def test_error_out_of_fold_is_that_of_fresh_data(toys):
    """Least squares with three coefficients: noise^2 (1 + 3 / n) on average; z < 4."""
    data = line(jax.random.key(2))
    result = cross_validate(toys.line, data, folds(data, 10, key=jax.random.key(3)), key=jax.random.key(0))
    mse = result.scores(key=jax.random.key(0))["mse"]
    assert abs(mse.value - 0.25 * (1 + 3 / 180)) < 4 * mse.error
    assert np.mean(result.fold_values("mse")) == pytest.approx(mse.value)


def test_a_stopped_run_goes_on_where_it_was(data, parts, toys):
    seen, done = [], {}

    def stop_after_two(finished, total):
        seen.append((finished, total))
        if finished == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cross_validate(toys.mean, data, parts, done=done, progress=stop_after_two, key=jax.random.key(0))
    assert sorted(done) == [0, 1]
    kept = done[0]
    resumed = cross_validate(toys.mean, data, parts, done=done, key=jax.random.key(0))
    whole = cross_validate(toys.mean, data, parts, key=jax.random.key(0))
    assert resumed.folds[0] is kept
    np.testing.assert_array_equal(resumed.response, whole.response)


def test_folds_in_time_leave_the_earliest_rows_out(data, toys):
    timed = data.replace(observers={"time": np.arange(len(data))})
    parts = folds(timed, 4, how="time", by="time", key=jax.random.key(0))
    result = cross_validate(toys.mean, timed, parts, key=jax.random.key(0))
    assert result.rows.min() > 0
    assert len(result.answers) == len(result.rows)


def test_comparison_names_the_winner(data, parts, toys):
    learners = {"mean": toys.mean, "neighbor": toys.neighbor}
    found = compare_learners(learners, data, parts, metric="auc", key=jax.random.key(0))
    assert found.winner == "mean"
    [pair] = found.comparisons
    assert pair.significant()
    interval, p = found.over_folds["mean", "neighbor"]
    assert interval.value > 0
    assert 0 < p < 1


def test_adding_a_learner_changes_no_other(data, parts, toys):
    alone = compare_learners({"mean": toys.mean}, data, parts, metric="auc", key=jax.random.key(0))
    both = compare_learners(
        {"neighbor": toys.neighbor, "mean": toys.mean}, data, parts, metric="auc", key=jax.random.key(0)
    )
    assert not alone.comparisons
    np.testing.assert_array_equal(alone.results["mean"].response, both.results["mean"].response)


def test_leakage_is_refused(data, toys):
    rows = np.arange(len(data))
    with pytest.raises(InputError, match="leakage"):
        cross_validate(toys.mean, data, [(rows, rows[:120]), (rows[:120], rows[120:])], key=jax.random.key(0))
    with pytest.raises(InputError, match="tested in two folds"):
        cross_validate(toys.mean, data, [(rows[:9], rows[9:])] * 2, key=jax.random.key(0))


def test_negative_weights_are_refused_before_anything_runs(parts, toys):
    data = classes(jax.random.key(0), negative=0.2)
    with pytest.raises(InputError, match="NearestNeighbor cannot be trained with negative"):
        compare_learners(
            {"mean": toys.mean, "neighbor": toys.neighbor}, data, parts, metric="auc", key=jax.random.key(0)
        )


def test_task_must_fit(data, parts, toys):
    with pytest.raises(InputError, match="LeastSquares does regression"):
        cross_validate(toys.line, data, parts, key=jax.random.key(0))


def test_more_data_brings_training_and_test_together(toys):
    data, fresh = line(jax.random.key(4), n=400), line(jax.random.key(5), n=2000)
    curve = learning_curve(toys.line, data, fresh, metric="mse", sizes=[6, 20, 400], repeats=20, key=jax.random.key(0))
    gap = [t.value - s.value for s, t in zip(curve.train, curve.test, strict=True)]
    assert gap[0] > gap[1] > gap[2]
    assert abs(curve.test[2].value - 0.25) < 4 * curve.test[2].error
    with pytest.raises(InputError, match="between 2 and the 400"):
        learning_curve(toys.line, data, fresh, metric="mse", sizes=[500], key=jax.random.key(0))


def test_answers_of_a_part_keep_their_kind(data, parts, toys):
    result = cross_validate(toys.mean, data, parts, key=jax.random.key(0))
    part = result.answers[result.fold == 0]
    assert isinstance(part, Answers)
    assert part.weight.mean() == pytest.approx(1)


def test_fisher_reaches_the_optimum_of_two_gaussians():
    """Means 0.7 apart in each of three columns: the area of the likelihood ratio is Phi(0.7 sqrt(3 / 2))."""
    from scipy.special import ndtr

    from ansatz.training.classical import lda, logistic

    data = classes(jax.random.key(6), n=3000)
    parts = folds(data, 3, key=jax.random.key(7))
    found = compare_learners(
        {"fisher": lda(), "logistic": logistic()}, data, parts, metric="auc", key=jax.random.key(0)
    )
    best = float(ndtr(0.7 * np.sqrt(3 / 2)))
    for result in found.results.values():
        area = result.scores(key=jax.random.key(1))["auc"]
        assert abs(area.value - best) < 4 * area.error
    assert not found.comparisons[0].significant(0.001)
