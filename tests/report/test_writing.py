"""Reports and figures are written whole, for every kind of run, also where parts of a run are missing."""

import json
import shutil

import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.report import open_story, sections_of, write_figures, write_report


def names(run):
    return [section.name for section in sections_of(open_story(run))]


def pictures(run, section):
    found = {s.name: s for s in sections_of(open_story(run))}
    return [picture.name for picture in found[section].pictures]


def test_a_regression_shows_curve_residuals_and_pulls(line_run):
    found = pictures(line_run, "task")
    assert {"curve-line-time", "predicted-line-height", "residuals-line-height", "pulls-line-height"} <= set(found)


def test_the_fitted_line_is_the_line_of_the_fit(line_run):
    story = open_story(line_run)
    task = next(s for s in sections_of(story) if s.name == "task")
    table = next(p for p in task.pictures if p.name.startswith("curve-line")).table
    fit = story.fit("line")
    np.testing.assert_allclose(table["height"], fit.predict(np.asarray(table["time"])[:, None]), rtol=1e-6)


def test_several_classes_are_each_set_against_the_rest(several_run):
    found = pictures(several_run, "task")
    assert {"roc", "calibration", "confusion-network", "response-network-quark"} <= set(found)
    assert "rejection" not in found


def test_the_same_run_gives_the_same_report(line_run):
    first, second = (write_report(line_run).read_bytes() for _ in range(2))
    assert first == second


def test_a_run_with_the_bare_results_still_has_a_report(binary_run, tmp_path):
    run = tmp_path / "bare"
    shutil.copytree(binary_run, run)
    shutil.rmtree(run / "models")
    (run / "data.json").write_text("{}")
    (run / "report.html").unlink(missing_ok=True)
    results = json.loads((run / "results.json").read_text())
    kept = {
        name: {"kind": m["kind"], "link": m["link"], "metrics": m["metrics"]} for name, m in results["models"].items()
    }
    bare = {"models": kept, "primary_metric": "auc", "winner": "network", "baseline": "cut", "runner_up": None}
    (run / "results.json").write_text(json.dumps(bare))
    with np.load(run / "arrays.npz") as stored:
        few = {name: stored[name] for name in stored.files if not name.startswith("train/") and name != "response/cut"}
    np.savez(run / "arrays.npz", **few)
    assert names(run) == ["belief", "result", "data", "models", "task", "again"]


def test_a_run_without_results_is_refused_in_one_line(binary_run, tmp_path):
    run = tmp_path / "unfinished"
    shutil.copytree(binary_run, run)
    (run / "results.json").unlink()
    old = (run / "report.html").read_text(encoding="utf-8") if (run / "report.html").exists() else None
    with pytest.raises(InputError, match=r"results\.json"):
        write_report(run)
    assert old is None or (run / "report.html").read_text(encoding="utf-8") == old
    assert not list(run.glob(".report*"))


def test_figures_are_written_for_a_paper_with_their_numbers(line_run, tmp_path):
    files = write_figures(line_run, tmp_path / "paper", formats=("pdf",))
    pdfs = [f for f in files if f.suffix == ".pdf"]
    assert len(pdfs) * 2 == len(files)
    assert all(f.read_bytes().startswith(b"%PDF") for f in pdfs)
    assert "task-residuals-line-height.csv" in {f.name for f in files}
