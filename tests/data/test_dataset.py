"""The laws of the finite source."""

import jax
import numpy as np
import pytest

from ansatz.data import Dataset, Source, concatenate, unit_mean


@pytest.fixture
def data():
    rng = np.random.default_rng(1)
    return Dataset(
        rng.normal(size=(12, 2)),
        y=np.arange(12) % 3,
        weight=rng.normal(1.0, 0.5, 12),
        columns=("pt", "eta"),
        classes=("a", "b", "c"),
        observers={"mass": rng.normal(size=12)},
        units={"pt": "GeV"},
    )


@pytest.mark.parametrize("rows", [np.array([3, 1, 1]), np.arange(12) % 2 == 0, slice(2, 7)])
def test_some_events_of_a_dataset_are_a_dataset(data, rows):
    some = data[rows]
    assert isinstance(some, Dataset)
    for field in ("x", "y", "weight", "row"):
        assert np.array_equal(getattr(some, field), getattr(data, field)[rows])
    assert np.array_equal(some.observers["mass"], data.observers["mass"][rows])
    assert (some.columns, some.classes, some.units) == (data.columns, data.classes, data.units)


def test_rows_remember_where_they_came_from(data):
    assert data[np.array([5, 7])][np.array([1])].row.tolist() == [7]


def test_seven_times_the_weights_give_the_same_batch(data):
    one, seven = data.batch(), data.replace(weight=7 * data.weight).batch()
    assert np.allclose(one.weight, seven.weight, rtol=1e-14)
    assert np.isclose(one.weight.mean(), 1.0)


def test_a_batch_carries_the_observers_asked_for(data):
    assert np.array_equal(data.batch(["mass"]).observers["mass"], data.column("mass"))
    assert data.batch().observers == {}


def test_draws_come_from_the_sample_and_from_the_key_alone(data):
    a, b = (data.draw(jax.random.key(3), 50) for _ in range(2))
    assert np.array_equal(a.x, b.x)
    assert np.array_equal(a.x, data.x[a.row])
    assert len(np.unique(a.row)) > 6
    assert isinstance(data, Source)


def test_draws_are_uniform(data):
    n = 60_000
    counts = np.bincount(data.draw(jax.random.key(4), n).row, minlength=12)
    error = np.sqrt(n * (1 / 12) * (11 / 12))
    assert np.all(np.abs(counts - n / 12) < 4.5 * error)


def test_parts_put_together_are_the_whole(data):
    whole = concatenate([data[:5], data[5:]])
    assert np.array_equal(whole.x, data.x)
    assert np.array_equal(whole.column("mass"), data.column("mass"))


@pytest.mark.parametrize(
    ("change", "message"),
    [({"columns": ("eta", "pt")}, "differ"), ({"classes": ("x", "y", "z")}, "differ")],
)
def test_samples_of_other_columns_do_not_mix(data, change, message):
    with pytest.raises(ValueError, match=message):
        concatenate([data, data.replace(**change)])


def test_tasks():
    x = np.zeros((3, 1))
    assert Dataset(x).task == "none"
    assert Dataset(x, y=np.zeros((3, 2)), target=("a", "b")).outputs == 2
    assert Dataset(x, y=np.array([0, 1, 0]), classes=("b", "s")).outputs == 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"y": np.zeros(2)}, "y has 2 entries but x has 3"),
        ({"weight": np.ones(4)}, "weight has 4"),
        ({"columns": ("a",)}, "names 1 features"),
        ({"columns": ("a", "a")}, "given twice: a"),
        ({"observers": {"m": np.zeros(1)}}, "m has 1"),
    ],
)
def test_what_does_not_fit_together_is_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        Dataset(np.zeros((3, 2)), **fields)


@pytest.mark.parametrize("weight", [np.zeros(3), np.array([1.0, -2.0, 0.5]), np.array([1.0, np.nan, 1.0])])
def test_weights_without_a_positive_sum_are_refused(weight):
    with pytest.raises(ValueError, match="weights sum to"):
        unit_mean(weight)


def test_an_unknown_column_is_told(data):
    with pytest.raises(KeyError, match="there is no column 'phi'"):
        data.column("phi")
