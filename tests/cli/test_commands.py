"""Each command does what its help says."""

import csv
import json
import re
import tomllib

import numpy as np
import pyarrow.parquet as pq
import pytest

from ansatz.studies import open_run


def test_run_says_what_came_out_and_where_the_report_is(run, tmp_path):
    assert "Can I believe this?" in run.out
    assert "report: runs/first/report.html" in run.out
    assert "<html" in (tmp_path / "runs" / "first" / "report.html").read_text()
    assert run.err == ""


def test_runs_are_numbered(ansatz, study, no_report):
    for number in (1, 2):
        assert ansatz("run", study(), "--set", "name=mine").code == 0
        assert open_run(f"runs/mine-{number:03d}").status == "finished"
    listed = json.loads(ansatz("list", "--json").out)
    assert [r["run"] for r in listed["runs"]] == ["runs/mine-001", "runs/mine-002"]
    assert {"resonance", "pulsars", "xnor"} <= {s["name"] for s in listed["studies"]}


def test_show_prints_what_was_found(ansatz, run):
    assert "line" in ansatz("show", "runs/first").out
    shown = json.loads(ansatz("show", "first", "--json").out)
    assert shown["results"] == open_run("runs/first").results


def test_compare_tells_what_differs(ansatz, study, run, no_report):
    assert ansatz("run", study(), "-o", "runs/second", "--set", "seed=2").code == 0
    found = json.loads(ansatz("compare", "runs/first", "runs/second", "--json").out)
    assert ["seed", "1", "2"] in found["settings"]
    assert found["same_data"] is True
    assert {"cut", "line"} == {m["model"] for m in found["metrics"]}
    assert "difference / sigma" in ansatz("compare", "runs/first", "runs/second").out


def test_runs_that_judged_the_same_events_are_compared_in_pairs(ansatz, study, run, no_report):
    assert ansatz("run", study(), "-o", "runs/weaker", "--set", "models.line.strength=100.0").code == 0
    paired = json.loads(ansatz("compare", "runs/first", "runs/weaker", "--json").out)["paired"]
    assert paired["cut"]["difference"]["value"] == 0
    models = [open_run(f"runs/{name}").results["models"]["line"]["metrics"]["auc"] for name in ("first", "weaker")]
    assert paired["line"]["difference"]["value"] == pytest.approx(models[1]["value"] - models[0]["value"])


def test_predict_gives_each_row_its_answer(ansatz, run, tmp_path):
    outcome = ansatz("predict", "runs/first", "events.csv", "-o", "p.parquet", "--model", "line")
    assert outcome.out == "wrote p.parquet: 120 events, model 'line'\n"
    table = pq.read_table(tmp_path / "p.parquet").to_pydict()
    with (tmp_path / "events.csv").open() as file:
        rows = list(csv.DictReader(file))
    x = np.array([[float(r["a"]), float(r["b"]), float(r["w"])] for r in rows])
    answer = open_run("runs/first").model("line").members(x)[0]
    np.testing.assert_allclose(table["probability_1"], answer[:, 1], rtol=1e-9)
    assert table["row"] == list(range(120))
    assert set(table["prediction"]) == {"0", "1"}


def test_predict_takes_a_file_without_the_target_and_writes_csv(ansatz, run, tmp_path):
    lines = [line.rsplit(",", 1)[0] for line in (tmp_path / "events.csv").read_text().splitlines()]
    (tmp_path / "new.csv").write_text("\n".join(lines[:11]) + "\n")
    assert ansatz("predict", "runs/first", "new.csv", "-o", "p.csv", "-m", "cut").code == 0
    with (tmp_path / "p.csv").open() as file:
        found = list(csv.DictReader(file))
    assert list(found[0]) == ["row", "score", "prediction"]
    assert len(found) == 10


def test_report_is_made_again(ansatz, run, tmp_path):
    (tmp_path / "runs" / "first" / "report.html").unlink()
    assert ansatz("report", "runs/first").out.startswith("wrote runs/first/report.html")
    assert (tmp_path / "runs" / "first" / "report.html").is_file()


def test_check_says_what_will_run(ansatz, study):
    plan = json.loads(ansatz("check", study(), "--json").out)
    assert [(m["name"], m["kind"], m["fits"]) for m in plan["models"]] == [
        ("cut", "threshold", 3),
        ("line", "logistic", 3),
    ]
    assert plan["data"].startswith(
        "120 events, 3 features, 2 classes (0, 1); 90 training rows in 2 folds, 30 test rows"
    )
    assert 0 <= plan["seconds"] < 60
    assert any("constant" in w for w in plan["warnings"])
    assert not list((study().parent).glob("runs"))


def test_new_writes_a_study_that_runs(ansatz, write_events, tmp_path):
    write_events(tmp_path / "mine.csv")
    assert ansatz("new", "mine.csv", "--target", "kind").code == 0
    text = (tmp_path / "mine.toml").read_text()
    assert "# " in text
    plan = json.loads(ansatz("check", "mine.toml", "--json").out)
    assert {m["kind"] for m in plan["models"]} >= {"threshold", "logistic", "boosted-trees", "mlp"}
    again = ansatz("new", "mine.csv", "--target", "kind")
    assert again.line == "mine.toml exists; give another name by -o, or --force to write over it"
    assert (tmp_path / "mine.toml").read_text() == text
    assert ansatz("new", "mine.csv", "--target", "a", "--force").code == 0
    assert "regression" in (tmp_path / "mine.toml").read_text()


def test_new_chooses_models_that_take_negative_weights(ansatz, write_events, tmp_path):
    write_events(tmp_path / "mine.csv", w=lambda c: np.where(np.arange(120) % 9, 1.0, -1.0))
    for target in ("kind", "a"):
        assert ansatz("new", "mine.csv", "--target", target, "--weight", "w", "--force").code == 0
        assert ansatz("check", "mine.toml").code == 0


def test_new_sets_aside_what_is_no_feature(ansatz, write_events, tmp_path):
    write_events(tmp_path / "mine.csv", event=lambda c: np.arange(120), mc_weight=lambda c: np.ones(120))
    assert ansatz("new", "mine.csv", "--target", "kind").code == 0
    text = (tmp_path / "mine.toml").read_text()
    assert "event names an event; mc_weight looks like an event weight" in text
    assert tomllib.loads(text)["data"]["features"] == ["a", "b"]


def test_new_names_the_columns_of_a_file_without_a_header(ansatz, tmp_path):
    rows = np.random.default_rng(3).normal(size=(60, 2))
    np.savetxt(tmp_path / "bare.csv", np.column_stack([rows, rows[:, 0] > 0]), delimiter=",")
    assert ansatz("new", "bare.csv", "--target", "kind", "--names", "a, b, kind").code == 0
    plan = json.loads(ansatz("check", "bare.toml", "--json").out)
    assert plan["data"].startswith("60 events, 2 features, 2 classes")


def test_a_change_and_a_data_file_may_come_from_the_command_line(ansatz, study, write_events, tmp_path):
    write_events(tmp_path / "other.csv", rows=80)
    outcome = ansatz("check", study(), "--data", "other.csv", "--set", "data.split.folds=4", "--json")
    assert json.loads(outcome.out)["data"].startswith(
        "80 events, 3 features, 2 classes (0, 1); 60 training rows in 4 folds"
    )


def test_every_help_has_an_example(ansatz):
    commands = re.findall(r"^  (\w+)  ", ansatz("--help").out, flags=re.MULTILINE)
    assert {"new", "run", "predict", "export"} <= set(commands)
    for command in commands:
        outcome = ansatz(command, "--help")
        assert outcome.code == 0
        assert f"Example:  ansatz {command}" in outcome.out


@pytest.mark.parametrize("arguments", [(), ("run",), ("lisst",), ("run", "x", "--nope"), ("predict", "a", "b")])
def test_wrong_usage_is_exit_code_two(ansatz, arguments):
    outcome = ansatz(*arguments)
    assert outcome.code == 2
    assert "Usage:" in outcome.err + outcome.out
