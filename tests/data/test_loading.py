"""Roles of columns, targets, weights, the missing policy; a sample read in pieces is the sample read at once."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ansatz.data import Roles, load, load_recorded, read
from ansatz.errors import InputError

RNG = np.random.default_rng(4)
N = 1000
EVENTS = {
    "e": RNG.uniform(5, 9, N),
    "p": RNG.uniform(1, 4, N).astype(np.float32),
    "run": RNG.integers(1, 60, N),
    "kind": np.where(RNG.random(N) < 0.4, "signal", "background").astype(object),
    "w": np.where(RNG.random(N) < 0.1, -1.0, 1.0),
}


def test_features_are_the_numbers_that_play_no_other_part():
    data = load(EVENTS, target="kind", weight="2 * w", observers=["run"])
    assert data.columns == ("e", "p")
    assert data.classes == ("background", "signal")
    assert np.array_equal(data.weight, 2 * EVENTS["w"])
    assert np.array_equal(data.observers["run"], EVENTS["run"])


def test_new_columns_are_features_and_may_build_on_each_other():
    data = load(EVENTS, features=["m2", "`m`"], new={"m2": "e**2 - p**2", "m": "sqrt(m2)"}, select="m > 5")
    truth = np.sqrt(EVENTS["e"] ** 2 - EVENTS["p"].astype(float) ** 2)
    assert data.columns == ("m2", "m")
    assert np.allclose(data.column("m"), truth[truth > 5])


def test_pieces_make_the_same_sample_as_the_whole(tmp_path, monkeypatch):
    pq.write_table(pa.table(EVENTS), tmp_path / "a.parquet")
    roles = Roles(target="kind", weight="w", observers=["run"], select="e > 6 and p < 3")
    whole = load_recorded(tmp_path / "a.parquet", roles)
    monkeypatch.setattr("ansatz.data.readers.arrow.CELLS", 140)
    pieces = load_recorded(tmp_path / "a.parquet", roles)
    for field in ("x", "y", "weight", "row"):
        assert np.array_equal(getattr(whole.data, field), getattr(pieces.data, field))
    assert np.array_equal(whole.data.column("run"), pieces.data.column("run"))
    assert np.allclose(whole.cutflow.flow, pieces.cutflow.flow)
    assert whole.cutflow.groups == pieces.cutflow.groups == ("background", "signal")
    assert np.array_equal(whole.data.row, np.flatnonzero((EVENTS["e"] > 6) & (EVENTS["p"] < 3)))


def test_single_precision_stays_single():
    single = {f"x{i}": RNG.normal(size=9).astype(np.float32) for i in range(3)} | {"n": np.arange(9, dtype=np.int8)}
    assert load(single).x.dtype == np.float32
    assert load(single, new={"r": "x0 / x1"}).x.dtype == np.float32
    assert load(single | {"d": np.arange(9.0)}).x.dtype == np.float64
    assert load(single | {"d": np.arange(9) + 2**40}).x.dtype == np.float64


TARGETS = {
    "text": (np.array(["b", "s", "b"], object), ("b", "s"), [0, 1, 0]),
    "yes or no": (np.array([True, False, True]), ("False", "True"), [1, 0, 1]),
    "labels": (np.array([5, -5, 5]), ("-5", "5"), [1, 0, 1]),
    "labels as floats": (np.array([1.0, 0.0, 1.0], np.float32), ("0", "1"), [1, 0, 1]),
    "floats": (np.array([1.5, 0.0, 1.0]), None, [1.5, 0.0, 1.0]),
    "three floats": (np.array([2.0, 0.0, 1.0]), None, [2.0, 0.0, 1.0]),
}


@pytest.mark.parametrize("kind", TARGETS)
def test_what_a_target_means(kind):
    values, classes, y = TARGETS[kind]
    data = load({"x": np.arange(3.0), "y": values}, target="y")
    assert data.classes == classes
    assert data.y.tolist() == y


def test_the_task_may_be_forced():
    events = {"x": np.arange(4.0), "y": np.array([0, 1, 2, 2])}
    assert load(events, target="y").classes == ("0", "1", "2")
    assert load(events, target="y", task="regression").y.tolist() == [0.0, 1.0, 2.0, 2.0]
    floats = events | {"y": np.array([0.5, 1.5, 0.5, 2.0])}
    assert load(floats, target="y", task="classification").classes == ("0.5", "1.5", "2.0")
    assert load({"x": np.zeros(50), "y": np.arange(50)}, target="y").task == "regression"


def test_classes_may_be_ordered_and_named():
    assert load(EVENTS, target="kind", classes=["signal", "background"]).classes[1] == "background"
    events = {"x": np.zeros(3), "y": np.array([0, 1, 1])}
    named = load(events, target="y", classes=["background", "signal"])
    assert (named.classes, named.y.tolist()) == (("background", "signal"), [0, 1, 1])
    with pytest.raises(InputError, match="classes lists 'signl'.*did you mean 'signal'"):
        load(EVENTS, target="kind", classes=["signl", "background"])


def test_a_target_may_be_a_formula_or_several_numbers():
    data = load(EVENTS, target="kind == 'signal'", features=["e"])
    assert np.array_equal(data.y, EVENTS["kind"] == "signal")
    pair = load(EVENTS, target=["e", "p"], features=["run"])
    assert (pair.y.shape, pair.target, pair.task) == ((N, 2), ("e", "p"), "regression")


LACKING = {
    "a": np.array([1.0, np.nan, 3.0, np.inf, 5.0, 6.0]),
    "b": np.array([1.0, 2.0, 3.0, 4.0, np.nan, 6.0]),
    "y": np.array(["s", "b", "s", "b", "s", None], dtype=object),
    "w": np.array([1.0, 1.0, np.nan, 1.0, 1.0, 1.0]),
}


def test_missing_values_are_refused_and_counted():
    with pytest.raises(InputError) as caught:
        load(LACKING, target="y", weight="w")
    said = str(caught.value)
    assert "5 of 6 rows" in said
    assert "a: 2, b: 1, weight: 1, y: 1" in said
    assert "missing = 'drop'" in said


def test_missing_values_are_dropped():
    loaded = load_recorded(LACKING, Roles(features=["a", "b"], missing="drop"))
    assert loaded.data.row.tolist() == [0, 2, 5]
    assert (loaded.missing.rows, loaded.missing.dropped) == (3, 3)
    assert not loaded.impute


def test_missing_features_are_left_to_the_model():
    loaded = load_recorded(LACKING, Roles(target="y", weight="w", missing="impute"))
    assert loaded.data.row.tolist() == [0, 1, 3, 4]
    assert np.array_equal(np.isnan(loaded.data.x), [[0, 0], [1, 0], [1, 0], [0, 1]])
    assert loaded.impute
    assert loaded.missing.dropped == 2


def test_rows_that_a_cut_removes_may_lack_anything():
    assert len(load(LACKING, features=["a", "b"], select="isfinite(a) and isfinite(b)")) == 3


def test_the_record_is_json():
    loaded = load_recorded(EVENTS, Roles(target="kind", weight="w", select="e > 6"))
    about = json.loads(json.dumps(loaded.description(), allow_nan=False))
    assert about["rows_read"] == N
    assert about["rows_kept"] == len(loaded.data) == about["cutflow"][1]["rows"]
    assert set(about["cutflow"][1]["classes"]) == {"background", "signal"}
    assert about["n_minus_one"][0]["cut"] == "e > 6"


def test_left_out_columns_are_told():
    assert "they hold text: kind" in load_recorded(EVENTS, Roles()).messages[0]


def test_a_table_is_read_as_it_is():
    table = read(LACKING, ["a", "b + 1", "y"], select="b > 1")
    assert np.allclose(table["a"], [np.nan, 3, np.inf, 6], equal_nan=True)
    assert table["b + 1"].tolist() == [3, 4, 5, 7]
    assert table["y"].tolist() == ["b", "s", "b", None]


def test_large_values_pass():
    data = load({"x": np.array([1e30, -1e30, 0.0]), "y": np.array([0, 1, 0])}, target="y", select="x**2 < 1e61")
    assert data.x[:, 0].tolist() == [1e30, -1e30, 0.0]


def test_a_cut_on_a_missing_value_is_told():
    events = {"pt": np.array([30.0, np.nan, 10.0, -999.0]), "x": np.arange(4.0)}
    loaded = load_recorded(events, Roles(features=["x"], select=["x < 3.5", "pt > 25"], absent=(-999.0,)))
    assert len(loaded.data) == 1
    assert loaded.messages == ("2 rows fail the cut 'pt > 25', because a value that it looks at is missing",)
