"""The description against NumPy by hand; duplicates against brute force; leaks found, honest columns not."""

import json

import numpy as np
import pytest

from ansatz.data import Dataset, describe, describe_weights, duplicates_across, effective_size, fingerprint
from ansatz.data.duplicates import duplicates
from ansatz.data.statistics import correlations, median, moments
from ansatz.data.suspicion import suspicious

RNG = np.random.default_rng(6)
N = 400
X = RNG.normal(size=(N, 3)) @ np.array([[1, 0.5, 0], [0, 1, 0.3], [0, 0, 2.0]]) + [1, 0, 5]
W = np.where(RNG.random(N) < 0.15, -1.0, 1.0) * RNG.uniform(0.5, 2, N)
Y = (RNG.random(N) < 0.3).astype(int)
DATA = Dataset(X, y=Y, weight=W, columns=("a", "b", "c"), classes=("background", "signal"), units={"a": "GeV"})


def by_hand(x, w):
    mean = (w * x).sum() / w.sum()
    return mean, np.sqrt((w * (x - mean) ** 2).sum() / w.sum())


def test_columns_are_described_with_weights():
    about = describe(DATA)
    for i, name in enumerate("abc"):
        column = about["columns"][name]
        assert np.allclose([column["mean"], column["std"]], by_hand(X[:, i], W), rtol=1e-12)
        assert (column["min"], column["max"]) == (X[:, i].min(), X[:, i].max())
        assert column["distinct"] == N
        assert (column["missing"], column["infinite"], column["constant"]) == (0, 0, False)
    assert about["columns"]["a"]["unit"] == "GeV"


@pytest.mark.parametrize("n", [1, 2, 7, 10])
def test_equal_weights_have_the_plain_median(n):
    x = RNG.normal(size=n)
    assert np.isclose(median(x, np.full(n, 3.0)), np.median(x))


def test_the_weighted_median_is_that_of_repeated_rows():
    x, times = RNG.normal(size=30), RNG.integers(1, 6, 30)
    assert np.isclose(median(x, times.astype(float)), np.median(np.repeat(x, times)))


def test_correlations_by_hand_of_all_and_by_class():
    about = describe(DATA)["correlation"]
    for rows, matrix in [(slice(None), about["all"]), (Y == 1, about["classes"]["signal"])]:
        w, x = W[rows], X[rows]
        centered = x - (w[:, None] * x).sum(0) / w.sum()
        covariance = (w[:, None] * centered).T @ centered / w.sum()
        sigma = np.sqrt(np.diag(covariance))
        assert np.allclose(matrix, covariance / np.outer(sigma, sigma), atol=2e-6)
    assert describe(DATA)["most_correlated"][0]["a"] in "abc"


def test_missing_values_leave_the_other_rows_of_a_pair():
    x = X.copy()
    x[:50, 0], x[40:90, 1] = np.nan, np.inf
    matrix = correlations(x, np.ones((1, N)))[0]
    assert np.isclose(matrix[0, 1], np.corrcoef(x[90:, 0], x[90:, 1])[0, 1])
    assert np.isclose(matrix[0, 2], np.corrcoef(x[50:, 0], x[50:, 2])[0, 1])
    column = describe(DATA.replace(x=x))["columns"]["b"]
    assert (column["missing"], column["infinite"]) == (0, 50)
    assert np.isclose(column["mean"], by_hand(np.delete(x[:, 1], range(40, 90)), np.delete(W, range(40, 90)))[0])


def test_the_scale_of_weights_changes_nothing_and_a_repeated_row_is_a_weight_of_two():
    one, seven = (describe(DATA.replace(weight=s * W))["columns"]["b"] for s in (1, 7))
    assert np.allclose([one["mean"], one["std"], one["median"]], [seven["mean"], seven["std"], seven["median"]])
    twice = DATA[np.r_[0:N, 0]]
    heavy = DATA.replace(weight=np.r_[2 * W[0], W[1:]])
    a, b = (describe(data)["columns"]["b"] for data in (twice, heavy))
    assert np.allclose([a["mean"], a["std"], a["median"]], [b["mean"], b["std"], b["median"]])


def test_weights_and_classes():
    about = describe(DATA)
    assert np.isclose(about["weights"]["effective"], W.sum() ** 2 / (W**2).sum())
    assert about["weights"]["negative_fraction"] == np.mean(W < 0)
    assert np.isclose(about["per_class"]["signal"]["sum"], W[Y == 1].sum())
    assert about["per_class"]["signal"]["rows"] == Y.sum()
    assert describe_weights(np.zeros(0))["rows"] == 0


def test_effective_size_is_the_ratio_of_variances():
    """The variance of a weighted mean of unit-variance values is 1 / effective_size, within 5 sigma."""
    means = [np.average(RNG.normal(size=N), weights=np.abs(W)) for _ in range(2000)]
    ratio = np.var(means) * effective_size(np.abs(W))
    assert abs(ratio - 1) < 5 * np.sqrt(2 / 2000)


def test_extreme_values():
    mean, std = moments(np.array([1e300, -1e300, 1e300]), np.ones(3))
    assert np.allclose([mean / 1e300, std / 1e300], by_hand(np.array([1.0, -1, 1]), np.ones(3)))
    x = np.stack([np.full(9, 3.0), 1e8 + np.arange(9.0), 1e30 * np.arange(9)], axis=1)
    about = describe(Dataset(x, columns=("same", "offset", "large")))
    assert [about["columns"][c]["constant"] for c in ("same", "offset", "large")] == [True, False, False]
    assert [about["columns"][c]["float32_loss"] for c in ("same", "offset", "large")] == [False, True, False]
    assert about["correlation"]["all"][0] == [None, None, None]
    assert np.isclose(about["correlation"]["all"][1][2], 1.0)
    json.dumps(about, allow_nan=False)


@pytest.mark.parametrize(
    "data",
    [
        Dataset(RNG.normal(size=(5, 4, 4)).astype(np.float32), y=np.arange(5.0)),
        Dataset(np.full((5, 2), np.nan)),
        Dataset(np.zeros((3, 1)), y=np.zeros((3, 2)), target=("u", "v")),
        Dataset(np.zeros((2, 1)), observers={"name": np.array(["p", None], object)}),
        Dataset(RNG.normal(size=(9, 70))),
        Dataset(np.zeros((3, 2)), weight=np.zeros(3)),
    ],
)
def test_every_description_is_json(data):
    about = json.loads(json.dumps(describe(data), allow_nan=False))
    assert about["rows"] == len(data)


def test_duplicates_by_brute_force():
    x = RNG.integers(0, 3, size=(60, 3)).astype(float)
    x[x == 2] = np.nan
    y = RNG.integers(0, 2, 60)
    rows = [tuple("nan" if np.isnan(v) else v for v in row) for row in x]
    repeated = sum(row in rows[:i] for i, row in enumerate(rows))
    assert duplicates(Dataset(x, y=y, classes=("a", "b")))["rows"] == repeated
    train, test = Dataset(x[:30]), Dataset(x[30:])
    assert duplicates_across(train, test) == sum(row in rows[:30] for row in rows[30:])


def test_a_field_is_described_as_a_whole(monkeypatch):
    x = RNG.normal(3, 2, size=(50, 6, 6))
    x[7, 2, 2] = np.nan
    data = Dataset(x, weight=np.ones(50), units={"x": "K"})
    about = describe(data)["columns"]["x"]
    assert np.isclose(about["mean"], np.nanmean(x))
    assert (about["unit"], about["shape"], about["missing"]) == ("K", [6, 6], 1)
    monkeypatch.setattr("ansatz.data.description.FIELD_VALUES", 10 * 36)
    some = x[np.linspace(0, 49, 10).astype(int)]
    assert np.isclose(describe(data)["columns"]["x"]["std"], np.nanstd(some))


def test_no_zero_is_negative_and_columns_do_not_commute():
    assert duplicates(Dataset(np.array([[0.0, 1.0], [-0.0, 1.0]])))["rows"] == 1
    assert duplicates(Dataset(np.array([[1.0, 2.0], [2.0, 1.0]])))["rows"] == 0
    assert duplicates(Dataset(RNG.normal(size=(10_000, 2))))["rows"] == 0


def test_conflicting_twins_are_counted():
    x = np.array([[1.0], [1.0], [2.0], [2.0]])
    assert duplicates(Dataset(x, y=np.array([0, 1, 1, 1]), classes=("a", "b"))) == {"rows": 2, "conflicting": 1}


@pytest.mark.parametrize("name", ["copy", "shifted", "code", "rare"])
def test_a_column_that_knows_the_class_is_suspicious(name):
    y = (RNG.random(900) < 0.1).astype(int)
    leaks = {
        "copy": y.astype(float),
        "shifted": -y + 0.01 * RNG.random(900),
        "code": np.array([3.0, 1.0, 2.0])[np.where(y == 1, 1, RNG.choice([0, 2], 900))],
        "rare": np.where(y == 1, RNG.normal(5, 0.1, 900), RNG.normal(0, 0.1, 900)),
    }
    x = np.stack([RNG.normal(size=900) + 2 * y, leaks[name]], axis=1)
    data = Dataset(x, y=y, columns=("honest", name), classes=("a", "b"))
    assert [s["column"] for s in suspicious(data)] == [name]
    assert any(f"'{name}' may leak" in warning for warning in describe(data)["warnings"])


def test_a_column_that_orders_the_target_is_suspicious():
    y = RNG.exponential(size=300)
    x = np.stack([y + 0.3 * RNG.normal(size=300), np.log(y)], axis=1)
    assert [s["column"] for s in suspicious(Dataset(x, y=y, columns=("honest", "log")))] == ["log"]


def test_the_fingerprint_is_of_the_content():
    assert fingerprint(DATA) == fingerprint(DATA.replace(name="b", row=np.arange(N)[::-1]))
    big_endian = DATA.replace(x=X.astype(">f8"))
    assert fingerprint(big_endian) == fingerprint(DATA)
    changes = [
        {"x": X + 1e-15},
        {"weight": 2 * W},
        {"columns": ("a", "b", "d")},
        {"y": 1 - Y},
        {"observers": {"o": W}},
        {"units": {}},
    ]
    assert len({fingerprint(DATA.replace(**change)) for change in changes} | {fingerprint(DATA)}) == 7
