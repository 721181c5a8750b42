"""What a run writes for other programs is what it holds."""

import json

import numpy as np
import pyarrow.parquet as parquet
import pytest
import uproot

from ansatz.errors import InputError
from ansatz.export.tables import write_table
from ansatz.studies import parse_study, run_study
from ansatz.studies.exporting import KINDS, export_run

pytest.importorskip("onnxruntime")
pytest.importorskip("hist")

MODELS = {"line": {"kind": "logistic"}, "cut": {"kind": "threshold"}, "near": {"kind": "knn"}}


@pytest.fixture(scope="module")
def run(samples, tmp_path_factory):
    """A run of samples with expected events."""
    data = {"samples": list(samples.values()), "features": ["x", "noise"], "luminosity": 2.0}
    data |= {"split": {"test": 0.5, "folds": 2}}
    study = {"title": "S", "name": "s", "data": data, "models": MODELS, "significance": {"replicas": 20}}
    return run_study(parse_study(study), tmp_path_factory.mktemp("exported") / "run")


def test_onnx(run):
    import onnxruntime

    done = export_run(run, "onnx", model="line")
    assert "to " in done.told
    session = onnxruntime.InferenceSession(str(done.path), providers=["CPUExecutionProvider"])
    found = session.run(None, {"x": run.arrays["x"].astype(float)})[0]
    np.testing.assert_allclose(found, run.arrays["response/line"], atol=1e-6)


def test_predictions_carry_the_row_of_every_event(run):
    table = parquet.read_table(export_run(run, "parquet").path).to_pydict()
    place = {row: number for number, row in enumerate(table["row"])}
    rows = [place[row] for row in run.arrays["row"]]
    np.testing.assert_allclose(np.array(table["line"])[rows], run.arrays["response/line"][:, 1], rtol=1e-9)
    assert set(np.array(table["fold"])[rows]) == {-1}
    assert set(table["sample"]) == {"signal", "top", "dibosons"}
    with uproot.open(export_run(run, "root").path) as file:
        tree = file["predictions"]
        np.testing.assert_array_equal(tree["line"].array(library="np"), table["line"])
        names = str(file["sample_names"]).split("\n")
        np.testing.assert_array_equal(np.array(names)[tree["sample"].array(library="np")], table["sample"])


def test_histograms_hold_expected_events(run):
    with uproot.open(export_run(run, "hist").path) as file:
        found = file["score/line/top"].to_hist()
    np.testing.assert_allclose(
        found.values(), run.significance["score/line/count"][list(run.results["significance"]["expected"]).index("top")]
    )
    assert found.values().sum() == pytest.approx(run.results["significance"]["expected"]["top"])
    assert np.all(found.variances() >= 0)


def test_the_workspace(run):
    spec = json.loads(export_run(run, "workspace", model="cut").path.read_text())
    assert [sample["name"] for sample in spec["channels"][0]["samples"]] == ["signal", "top", "dibosons"]


def test_histograms_without_expected_events(finished):
    with uproot.open(export_run(finished, "hist").path) as file:
        names = [key.split(";")[0] for key in file.keys(recursive=True)]
    assert "line/signal/true_background" in names


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("onx", {}, "no export to 'onx'; did you mean 'onnx'"),
        ("onnx", {"model": "lin"}, "has no model 'lin'; did you mean 'line'"),
        ("onnx", {"model": "near"}, "ONNX has no word yet for the method 'Votes'"),
        ("xgboost", {"model": "line"}, "only boosted trees have a form"),
        ("onnx", {"model": "line", "output": "model.txt"}, "should end in .onnx"),
    ],
)
def test_what_cannot_be_written_is_one_line(run, kind, options, message, tmp_path):
    if "output" in options:
        options = {**options, "output": tmp_path / options["output"]}
    with pytest.raises(InputError, match=message):
        export_run(run, kind, **options)


def test_files_are_not_written_over(run, tmp_path):
    path = tmp_path / "line.onnx"
    export_run(run, "onnx", model="line", output=path)
    with pytest.raises(InputError, match="exists; give another name"):
        export_run(run, "onnx", model="line", output=path)
    export_run(run, "onnx", model="line", output=path, force=True)


def test_a_run_without_expected_events_has_no_workspace(finished):
    with pytest.raises(InputError, match="has no workspace"):
        export_run(finished, "workspace")
    assert "workspace" in KINDS


def test_the_ending_decides_the_format(tmp_path):
    import pyarrow as pa

    with pytest.raises(InputError, match="should end in .parquet, .csv or .root"):
        write_table(pa.table({"a": [1]}), tmp_path / "a.txt")
