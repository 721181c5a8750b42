"""Parts share out the sample; classes in their shares, groups whole, times in order."""

import jax
import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold

from ansatz.data import Dataset, folds, split, split_rows
from ansatz.errors import InputError

RNG = np.random.default_rng(8)
N = 503
Y = np.sort(RNG.choice(3, N, p=[0.7, 0.25, 0.05]))
DATA = Dataset(
    RNG.normal(size=(N, 2)),
    y=Y,
    classes=("a", "b", "c"),
    observers={
        "run": RNG.integers(0, 40, N),
        "time": RNG.integers(0, 100, N).astype(float),
        "file": RNG.integers(0, 6, N),
        "site": np.array(["x", "y", "z", "u"], object)[RNG.integers(0, 4, N)],
    },
)
NUMBERS = DATA.replace(classes=None, y=DATA.x[:, 0])
KEY = jax.random.key(0)
WAYS = [("random", None), ("stratified", None), ("group", "run"), ("time", "time"), ("file", None), ("group", "site")]


@pytest.mark.parametrize(("how", "by"), WAYS)
def test_parts_share_out_the_sample(how, by):
    parts = split_rows(DATA, test=0.3, validation=0.2, how=how, by=by, key=jax.random.key(1))
    assert list(parts) == ["train", "validation", "test"]
    assert np.array_equal(np.sort(np.concatenate(list(parts.values()))), np.arange(N))
    assert all(np.all(np.diff(rows) > 0) for rows in parts.values())
    again = split_rows(DATA, test=0.3, validation=0.2, how=how, by=by, key=jax.random.key(1))
    assert all(np.array_equal(parts[name], again[name]) for name in parts)


@pytest.mark.parametrize(("how", "by"), [way for way in WAYS if way[0] != "time"])
def test_folds_share_out_the_sample(how, by):
    pairs = folds(DATA, 4, how=how, by=by, key=jax.random.key(2))
    assert np.array_equal(np.sort(np.concatenate([test for _, test in pairs])), np.arange(N))
    for train, test in pairs:
        assert np.array_equal(np.sort(np.concatenate([train, test])), np.arange(N))


@pytest.mark.parametrize("k", [2, 3, 7, 10])
def test_every_class_is_within_one_row_of_its_share(k):
    sizes = []
    for _, test in folds(DATA, k, key=jax.random.key(3)):
        share = np.bincount(Y, minlength=3) / k
        assert np.all(np.abs(np.bincount(Y[test], minlength=3) - share) < 1)
        sizes.append(len(test))
    assert max(sizes) - min(sizes) <= 1


def test_stratified_folds_are_as_even_as_those_of_scikit_learn():
    theirs = [np.bincount(Y[t], minlength=3) for _, t in StratifiedKFold(10).split(DATA.x, Y)]
    ours = [np.bincount(Y[t], minlength=3) for _, t in folds(DATA, 10, key=KEY)]
    assert np.ptp(ours, axis=0).max() <= np.ptp(theirs, axis=0).max()


@pytest.mark.parametrize("test", [0.1, 0.25, 1 / 3])
def test_a_split_is_stratified_by_default(test):
    parts = split(DATA, test=test, validation=0.1, key=jax.random.key(4))
    for name, share in {"test": test, "validation": 0.1, "train": 0.9 - test}.items():
        assert np.all(np.abs(np.bincount(parts[name].y, minlength=3) - share * np.bincount(Y)) < 1)
        assert abs(len(parts[name]) - share * N) <= 1


def test_numbers_are_split_at_random_and_counts_are_exact():
    parts = split(NUMBERS, test=100, validation=50, key=jax.random.key(5))
    assert {name: len(part) for name, part in parts.items()} == {"train": 353, "validation": 50, "test": 100}


def test_every_row_is_as_likely_to_be_tested():
    counts = np.zeros(N)
    for seed in range(200):
        counts[split_rows(NUMBERS, test=0.25, key=jax.random.key(seed))["test"]] += 1
    assert np.all(np.abs(counts - 50) < 5 * np.sqrt(200 * 0.25 * 0.75))


@pytest.mark.parametrize("by", ["run", "site", "file"])
def test_groups_never_straddle(by):
    group = DATA.column(by)
    for train, test in folds(DATA, 3, by=by, key=jax.random.key(6)):
        assert not set(group[train]) & set(group[test])
    parts = split_rows(DATA, test=0.3, how="group", by=by, key=jax.random.key(6))
    assert not set(group[parts["train"]]) & set(group[parts["test"]])
    biggest = np.unique(group, return_counts=True)[1].max()
    assert abs(len(parts["test"]) - 0.3 * N) <= biggest


def test_the_latest_rows_are_the_test():
    time = DATA.column("time")
    parts = split_rows(DATA, test=0.2, validation=0.2, how="time", by="time", key=KEY)
    assert time[parts["train"]].max() < time[parts["validation"]].min()
    assert time[parts["validation"]].max() < time[parts["test"]].min()
    assert abs(len(parts["test"]) - 0.2 * N) < 15
    for train, test in folds(DATA, 4, how="time", by="time", key=KEY):
        assert time[train].max() < time[test].min()


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda key: folds(DATA, 1, key=key), "folds = 1: expected at least 2"),
        (lambda key: folds(DATA, 504, key=key), "at most the 503 rows"),
        (lambda key: folds(DATA, 100, key=key), "class 'c' has .* rows but 100"),
        (lambda key: folds(DATA, 7, how="file", key=key), "'file' has 6 groups but 7"),
        (lambda key: folds(NUMBERS, 3, how="stratified", key=key), "needs a target of classes"),
        (lambda key: split(DATA, test=1.5, key=key), "test = 1.5"),
        (lambda key: split(DATA, test=0.6, validation=0.4, key=key), "leave nothing of 503 rows"),
        (lambda key: split(DATA, test=True, key=key), "test = True"),
        (lambda key: split(DATA[:3], test=0.01, how="random", key=key), "'test' would hold no rows"),
        (lambda key: split(DATA, how="stratifed", key=key), "did you mean 'stratified'"),
        (lambda key: split(DATA, how="group", key=key), "needs a column"),
        (lambda key: split(DATA, how="time", by="tme", key=key), "did you mean 'time'"),
        (lambda key: split(DATA.replace(observers={}), how="file", key=key), "read from several files"),
        (
            lambda key: split(DATA.replace(observers={"t": np.full(N, np.nan)}), how="time", by="t", key=key),
            "503 missing",
        ),
        (
            lambda key: split(DATA.replace(observers={"t": np.ones(N)}), how="time", by="t", key=key),
            "would hold no rows",
        ),
    ],
)
def test_what_cannot_be_split_is_told(call, match):
    with pytest.raises(InputError, match=match):
        call(jax.random.key(9))
