"""Bad input: each is one clear line, exit code 1, and nothing lost."""

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def refused(ansatz, tmp_path):
    """Checks and runs `study.toml`: both refuse with the same line, and nothing is left that looks finished."""

    def complaint(*extra):
        line = ansatz("check", "study.toml", *extra).line
        assert ansatz("run", "study.toml", "-o", "out", *extra).line == line
        assert not (tmp_path / "out" / "results.json").exists()
        return line

    return complaint


def test_missing_file(refused, study, tmp_path):
    study(**{"events.csv": "evnts.csv"})
    assert refused() == f"there is no file '{tmp_path}/evnts.csv'; did you mean 'events.csv'?"


def test_not_the_format_its_name_says(refused, study, tmp_path):
    study(**{"events.csv": "events.parquet"})
    (tmp_path / "events.parquet").write_text("a,b,kind\n1,2,0\n")
    assert "is not what its name says: expected a Parquet file, found a text table" in refused()


@pytest.mark.parametrize("suffix", ["parquet", "root", "h5", "csv.gz"])
def test_truncated_file(refused, study, tmp_path, suffix, write_events):
    study(**{"events.csv": f"events.{suffix}"})
    whole = tmp_path / f"events.{suffix}"
    write_as(suffix, whole, (tmp_path / "events.csv").read_bytes())
    whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    line = refused()
    assert f"events.{suffix}" in line
    assert "cut short" in line or "damaged" in line


def write_as(suffix, path, text):
    """The same small table in another format."""
    rng = np.random.default_rng(0)
    columns = {"a": rng.normal(size=5000), "b": rng.normal(size=5000), "kind": rng.integers(2, size=5000)}
    if suffix == "csv.gz":
        path.write_bytes(gzip.compress(text))
    elif suffix == "parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        pq.write_table(pa.table(columns), path)
    elif suffix == "h5":
        import h5py

        with h5py.File(path, "w") as file:
            for name, values in columns.items():
                file[name] = values
    else:
        import uproot

        with uproot.recreate(path) as file:
            file["Events"] = columns


def test_unknown_column(refused, study):
    study(**{'target = "kind"': 'target = "kin"'})
    line = refused()
    assert "kin" in line
    assert "did you mean 'kind'" in line


def test_unknown_column_in_a_cut(refused, study):
    study(**{'target = "kind"': 'target = "kind"\nselect = "aa > 0"'})
    line = refused()
    assert "there is no column 'aa'" in line
    assert "did you mean 'a'" in line


@pytest.mark.parametrize("column", ["a", "kind", "w"])
@pytest.mark.parametrize("value", ["nan", "inf"])
def test_missing_values_are_refused_or_dropped(ansatz, refused, study, write_events, tmp_path, column, value):
    path = study(**{'target = "kind"': 'target = "kind"\nweight = "w"'})
    write_events(tmp_path / "events.csv", **{column: lambda c: [value, *c[column][1:]]})
    line = refused()
    assert column in line
    assert "1 " in line
    assert "drop" in line
    path.write_text(path.read_text().replace("[models.cut]", 'missing = "drop"\n[models.cut]', 1))
    assert json.loads(ansatz("check", path, "--json").out)["data"].startswith("119 events")


def test_missing_features_may_be_imputed(ansatz, study, write_events, tmp_path, no_report):
    study(**{'target = "kind"': 'target = "kind"\nmissing = "impute"'})
    write_events(tmp_path / "events.csv", a=lambda c: ["nan", *c["a"][1:]])
    assert ansatz("run", "study.toml", "-o", "out").code == 0


def test_empty_selection(refused, study):
    study(**{'target = "kind"': 'target = "kind"\nselect = "b < 100 and a > 1000"'})
    assert refused() == "the selection keeps none of the 120 rows; 'a > 1000' takes away the last of them"


def test_one_class_only(refused, study):
    study(**{'target = "kind"': 'target = "kind"\nselect = "kind == 1"'})
    assert "one class only" in refused()


def test_zero_total_weight(refused, study, write_events, tmp_path):
    study(**{'target = "kind"': 'target = "kind"\nweight = "w"'})
    write_events(tmp_path / "events.csv", w=lambda c: np.tile([1.0, -1.0], 60))
    assert "sum to 0" in refused()


def test_a_constant_column_and_huge_values_are_told_and_do_no_harm(ansatz, study, write_events, tmp_path, no_report):
    study()
    write_events(tmp_path / "events.csv", b=lambda c: [1e30, *c["b"][1:]])
    warnings = json.loads(ansatz("check", "study.toml", "--json").out)["warnings"]
    assert any("w" in w and "constant" in w for w in warnings)
    assert any("b" in w and "1e+15" in w for w in warnings)
    outcome = ansatz("run", "study.toml", "-o", "out", "--json")
    models = json.loads(outcome.out)["results"]["models"]
    assert models["cut"]["metrics"]["auc"]["value"] > 0.6


def test_text_where_numbers_should_be(refused, study, write_events, tmp_path):
    study()
    write_events(tmp_path / "events.csv", a=lambda c: [*c["a"][:17], "abc", *c["a"][18:]])
    line = refused()
    assert "'a'" in line
    assert "'abc'" in line
    assert "18" in line or "17" in line


def test_misspelt_keys(refused, study):
    study(**{'kind = "threshold"': 'kind = "threshold"\ncolum = "a"'})
    assert refused() == "models.cut.colum: there is no 'colum'; did you mean 'column'?"


def test_two_models_of_one_name(refused, study, tmp_path):
    study(**{"[models.line]": "[models.cut]"})
    assert refused() == "study.toml, line 9: [models.cut] is there twice; give each its own name"


CODE = ["__import__('os').system('touch hacked') == 0", "a.__class__", "(lambda: 1)()", "open('x')"]


@pytest.mark.parametrize("cut", CODE)
def test_a_cut_is_never_executed(refused, study, tmp_path, cut):
    study(**{'target = "kind"': f'target = "kind"\nselect = "{cut}"'})
    assert refused()
    assert not (tmp_path / "hacked").exists()


def test_a_method_that_cannot_take_negative_weights(refused, study, write_events, tmp_path):
    study(**{'target = "kind"': 'target = "kind"\nweight = "w"', 'kind = "logistic"': 'kind = "forest"'})
    write_events(tmp_path / "events.csv", w=lambda c: np.where(np.arange(120) % 9, 1.0, -1.0))
    line = refused()
    assert line.startswith("models.line: 'forest' cannot be trained with negative event weights")
    assert "boosted-trees" in line


def test_a_method_for_another_task(refused, study):
    study(**{'target = "kind"': 'target = "a"'})
    assert refused() == "models.cut: 'threshold' is for classification, but the target asks for regression"


def test_a_method_for_two_classes_only(refused, study, write_events, tmp_path):
    study()
    write_events(tmp_path / "events.csv", kind=lambda c: np.arange(120) % 3)
    assert refused() == "models.cut: 'threshold' tells two classes apart, but there are 3; leave it out"


def test_a_metric_for_another_task(refused, study):
    study(**{"importance = false": 'metric = "rmse"'})
    assert refused() == "report.metric: 'rmse' is for regression, but the target asks for classification"


def test_a_catalogue_study_that_needs_a_file_says_how_to_give_it(ansatz):
    line = ansatz("run", "pulsars").line
    assert "ansatz run pulsars --data htru2.csv" in line


def test_a_model_that_was_tampered_with(ansatz, run, tmp_path):
    model = tmp_path / "runs" / "first" / "models" / "line"
    inside = next(p for p in model.iterdir() if p.suffix == ".skops")
    inside.write_bytes(inside.read_bytes().replace(b"e", b"f", 1))
    line = ansatz("predict", "runs/first", "events.csv", "-o", "p.parquet", "--model", "line").line
    assert "was changed after it was written; the model is not loaded" in line
    assert not (tmp_path / "p.parquet").exists()


def test_predict_refuses_what_it_cannot_do(ansatz, run, tmp_path):
    assert "did you mean 'line'" in ansatz("predict", "runs/first", "events.csv", "-o", "p.csv", "-m", "lin").line
    assert "should end in .parquet, .csv or .root" in ansatz("predict", "runs/first", "events.csv", "-o", "p.txt").line
    (tmp_path / "few.csv").write_text("a,kind\n1,0\n")
    assert "'b'" in ansatz("predict", "runs/first", "few.csv", "-o", "p.csv").line
    (tmp_path / "p.csv").write_text("mine")
    assert "exists" in ansatz("predict", "runs/first", "events.csv", "-o", "p.csv").line
    assert (tmp_path / "p.csv").read_text() == "mine"


def test_a_run_is_not_written_over(ansatz, run, study):
    line = ansatz("run", study(), "-o", "runs/first").line
    assert line == "runs/first exists and is not empty; choose another -o, or go on with it by --resume"


def test_damaged_records_are_one_line(ansatz, run, tmp_path):
    (tmp_path / "runs" / "first" / "results.json").write_text("{")
    assert "results.json cannot be read" in ansatz("show", "runs/first").line
    (tmp_path / "runs" / "first" / "run.json").write_text("")
    assert "run.json cannot be read" in ansatz("show", "runs/first").line
    assert ansatz("list").code == 0


def test_a_place_that_cannot_be_written(ansatz, study, tmp_path):
    (tmp_path / "file").write_text("mine")
    assert "cannot write" in ansatz("run", study(), "-o", "file/run").line
    assert (tmp_path / "file").read_text() == "mine"


ENVIRONMENT = {**os.environ, "ANSATZ_CACHE": str(Path(__file__).parents[2] / ".jax-cache")}

LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (6000, 6000))
from ansatz.cli import main
main()
"""


def test_a_disk_that_refuses_to_write_more(ansatz, study, tmp_path, no_report):
    study()
    command = [sys.executable, "-c", LIMITED, "run", "study.toml", "-o", "out"]
    done = subprocess.run(command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "cannot write out/" in done.stderr
    assert "nothing that was finished is lost" in done.stderr
    assert ansatz("run", "study.toml", "-o", "out", "--resume").code == 0


def test_interrupted_it_says_how_to_go_on(ansatz, study, tmp_path, no_report):
    study(**{'kind = "logistic"': 'kind = "forest"\ntrees = 300'})
    command = [sys.executable, "-m", "ansatz.cli", "run", "study.toml", "-o", "out"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, cwd=tmp_path, env=ENVIRONMENT, **pipes)
    while not (tmp_path / "out" / "stages" / "line.fold-1.npz").exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err == "ansatz: interrupted; go on with: ansatz run out --resume\n"
    outcome = ansatz("run", "out", "--resume")
    assert outcome.code == 0, outcome.err
    assert "report: out/report.html" in outcome.out


def test_a_run_to_go_on_with_that_there_is_not(ansatz):
    assert ansatz("run", "runs/resonanc", "--resume").line == (
        "there is no run 'runs/resonanc' to go on with; did you mean 'resonance'?; see: ansatz list"
    )


@pytest.mark.parametrize("change", ["seed", "=3", ""])
def test_a_change_without_a_value_is_wrong_usage(ansatz, study, change):
    outcome = ansatz("check", study(), "--set", change)
    assert outcome.code == 2
    assert "is not PATH=VALUE, such as data.split.folds=10" in outcome.err


def test_an_unexpected_error_is_one_line_too(ansatz, monkeypatch):
    def fails():
        raise RuntimeError("surprise")

    monkeypatch.setattr("ansatz.studies.directory.all_runs", fails)
    line = ansatz("list").line
    assert line.startswith("unexpected error: RuntimeError: surprise (a fault of ansatz; its traceback is in ")
    assert "RuntimeError: surprise" in Path(line.split(" is in ")[1].rstrip(")")).read_text()


def test_what_is_no_address_of_a_cluster(ansatz, study, tmp_path):
    study()
    line = ansatz("run", "study.toml", "-o", "out", "--cluster", "localhost").line
    assert line == "a cluster has an address such as tcp://host:8786, not 'localhost'"
    assert not (tmp_path / "out").exists()
