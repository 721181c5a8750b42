"""Whatever is wrong with the input is said in one clear line, and nothing else happens."""

import gzip
import re
import sys

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import uproot

from ansatz.data import load, read
from ansatz.errors import InputError

EVENTS = {"pt": np.linspace(10, 50, 2000), "eta": np.linspace(-3, 3, 2000), "y": np.arange(2000) % 2}


def refused(match, source, **options):
    with pytest.raises(InputError, match=match) as caught:
        load(source, **options)
    assert "\n" not in str(caught.value)


def test_a_missing_file_suggests_a_near_one(tmp_path):
    (tmp_path / "events.csv").write_text("a\n1\n")
    refused("there is no file .*did you mean 'events.csv'", tmp_path / "event.csv")
    refused("there is no folder", tmp_path / "nowhere" / "event.csv")
    refused(r"no file matches", f"{tmp_path}/*.root")


def test_a_folder_of_nothing_or_of_everything(tmp_path):
    refused("holds no data file", tmp_path)
    (tmp_path / "a.csv").write_text("a\n1\n")
    np.save(tmp_path / "b.npy", np.zeros(3))
    refused("mixes NumPy and text files", tmp_path)


def written(tmp_path):
    with uproot.recreate(tmp_path / "a.root") as file:
        file["Events"] = EVENTS
        file["Other"] = EVENTS
    with uproot.recreate(tmp_path / "one.root") as file:
        file["Events"] = EVENTS
    pq.write_table(pa.table(EVENTS), tmp_path / "a.parquet")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name, values in EVENTS.items():
            file.create_dataset(name, data=values, compression="gzip")
    np.savez_compressed(tmp_path / "a.npz", **EVENTS)
    pd.DataFrame(EVENTS).to_csv(tmp_path / "a.csv.gz", index=False)
    return tmp_path


@pytest.mark.parametrize("name", ["one.root", "a.parquet", "a.h5", "a.npz", "a.csv.gz"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.98])
def test_a_truncated_file(tmp_path, name, share):
    path = written(tmp_path) / name
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    refused(f"{name}.*(cut short or damaged|cannot be read)", path)


@pytest.mark.parametrize("name", ["a.root", "a.parquet", "a.h5", "a.npz", "a.fits"])
def test_a_text_under_a_wrong_name(tmp_path, name):
    (tmp_path / name).write_text("a,b\n1,2\n")
    refused("is not what its name says: expected .*, found a text table", tmp_path / name)


def test_another_format_under_a_wrong_name(tmp_path):
    (written(tmp_path) / "a.parquet").rename(tmp_path / "b.csv")
    refused("expected a text table, found a Parquet file", tmp_path / "b.csv")


def test_bytes_that_are_no_format(tmp_path):
    (tmp_path / "a.dat").write_bytes(bytes(range(256)) * 20)
    refused("not a text table", tmp_path / "a.dat")


def test_empty_files(tmp_path):
    for name, content in {
        "a.csv": b"",
        "b.csv": b"a,b\n",
        "c.csv": b"# nothing\n",
        "d.csv.gz": gzip.compress(b""),
    }.items():
        (tmp_path / name).write_bytes(content)
        refused("is empty|no rows", tmp_path / name)
    pq.write_table(pa.table({"a": pa.array([], pa.float64())}), tmp_path / "a.parquet")
    refused("a.parquet has no rows", tmp_path / "a.parquet")


def test_trees_and_groups_are_listed(tmp_path):
    folder = written(tmp_path)
    refused("has no tree 'Evnts'; did you mean 'Events'", f"{folder}/a.root:Evnts")
    refused("several trees: Events, Other; name the tree", folder / "a.root")
    refused("has no '/ptt'.*did you mean 'pt'", f"{folder}/a.h5:/ptt")
    refused("has no array 'z'; there are: pt, eta, y", f"{folder}/a.npz:z")


def test_unknown_columns_everywhere():
    for role in (
        {"features": ["ptt"]},
        {"target": "ptt"},
        {"weight": "ptt"},
        {"observers": ["ptt"]},
        {"select": "ptt > 1"},
    ):
        refused("there is no column 'ptt'; did you mean 'pt'", EVENTS, **role)
    refused("units names 'ptt'.*did you mean 'pt'", EVENTS, units={"ptt": "GeV"})


def test_columns_named_twice(tmp_path):
    (tmp_path / "a.csv").write_text("a,b,a\n1,2,3\n")
    refused("two columns of the name 'a'", tmp_path / "a.csv")
    refused("names two columns alike: 'a'", pd.DataFrame(np.zeros((2, 2)), columns=["a", "a"]))


def test_words_among_numbers(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n3,oops\n5,6\n")
    refused("column 'b' should hold numbers but row 2 has 'oops'", tmp_path / "a.csv")
    refused("column 'b' should hold numbers but row 2 has 'oops'", tmp_path / "a.csv", features=["b"])
    refused("a column of the data frame mixes types", pd.DataFrame({"a": [1.0, "x"]}))


def test_rows_of_different_length(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n3\n5,6\n")
    refused("Expected 2 columns, got 1", tmp_path / "a.csv")
    refused("names lists 3 columns but", tmp_path / "a.csv", names=["a", "b", "c"])


def test_text_as_feature_or_weight():
    events = {**EVENTS, "kind": np.array(["a", "b"] * 1000, dtype=object)}
    refused("'kind' holds text and cannot be a feature", events, features=["kind"])
    refused("the weight 'kind' holds text", events, weight="kind")
    refused("no regression can learn", events, target="kind", task="regression")


def test_selections_that_keep_nothing():
    refused("keeps none of the 2000 rows; 'pt > 60'", EVENTS, select="eta > 0 and pt > 60 and y == 1")
    refused("gives numbers", EVENTS, select="pt + 1")
    refused("__import__", EVENTS, select="__import__('os').system('true')")


def test_targets_and_weights_that_teach_nothing():
    refused(r"one class only \('1'\) in 1000 rows", EVENTS, target="y", select="y == 1")
    refused("weights sum to 0", EVENTS, weight="0 * pt")
    refused("weights sum to -", EVENTS, weight="-pt")
    refused("every row has a missing value", EVENTS, new={"z": "log(-pt)"}, missing="drop")
    refused("a feature and the target", EVENTS, features=["pt", "y"], target="y")


def test_options_that_there_are_not():
    refused("missing = 'dorp'; did you mean 'drop'", EVENTS, missing="dorp")
    refused("task = 'clasification'; did you mean", EVENTS, task="clasification")
    refused("features should be a list", EVENTS, features="pt")
    refused("features is empty", EVENTS, features=[])
    refused("new column 'pt' is in", EVENTS, new={"pt": "eta"})
    refused("a file has no 'lable'; did you mean 'label'", {"file": "a.csv", "lable": 1})
    refused("is no data", 3)
    refused("is no data", None)


def test_files_that_do_not_go_together(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "b.csv").write_text("a,c\n1,2\n")
    refused("there is no column 'b'", [tmp_path / "a.csv", tmp_path / "b.csv"])
    refused("b.csv has none; label all files or none", [{"file": tmp_path / "a.csv", "label": 1}, tmp_path / "b.csv"])
    both = [{"file": tmp_path / f"{n}.csv", "label": n} for n in "ab"]
    refused("the files have labels", both, target="a")
    refused("the scale of .* is nan", [{"file": tmp_path / "a.csv", "label": 1, "scale": float("nan")}])
    (tmp_path / "a.weight").write_text("1\n2\n")
    (tmp_path / "c.csv").write_text("a\n1\n2\n3\n")
    refused("there are 2 weights beside c.csv", {"file": tmp_path / "c.csv", "weights": tmp_path / "a.weight"})
    refused("there are 2 weights beside a.csv", {"file": tmp_path / "a.csv", "weights": tmp_path / "a.weight"})


def test_python_objects_are_not_loaded(tmp_path):
    np.savez(tmp_path / "a.npz", a=np.array([{"x": 1}], dtype=object))
    refused("holds Python objects, which are not safe", tmp_path / "a.npz")


def test_branches_that_cannot_be_used(tmp_path):
    events = {"a": np.zeros(3), "b": np.array([np.datetime64("2020-01-01")] * 3).astype("M8[D]"), "c": np.zeros(2)}
    refused(r"column 'c' of the arrays cannot be used: it has 2 rows, not 3", events, features=["c"])
    assert list(read(events)) == ["a"]


def test_fits_without_astropy_names_the_remedy(tmp_path, monkeypatch):
    (tmp_path / "a.fits").write_bytes(b"SIMPLE  =                    T")
    monkeypatch.setitem(sys.modules, "astropy.io", None)
    refused(re.escape("pip install 'ansatz-ml[astro]'"), tmp_path / "a.fits")
