"""A run: what it leaves behind, and that its numbers are those of the models that it stored."""

import jax
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.problems import Gaussians
from ansatz.studies import run_study
from ansatz.studies.execution.parts import divide
from ansatz.studies.schema.study import Split
from ansatz.training.classical import trees


def test_a_run_directory_holds_all_that_a_report_needs(finished):
    for file in ("study.toml", "run.json", "data.json", "results.json", "arrays.npz"):
        assert (finished.path / file).is_file(), file
    assert finished.status == "finished"
    assert finished.models == ("cut", "line", "tree", "network")
    assert {"title", "seed", "versions", "command", "data_sha256", "task", "classes", "evaluated_on"} <= set(
        finished.run
    )
    assert not [p for p in finished.path.rglob("*") if p.name.startswith(".")]


def test_a_stored_model_gives_the_answers_that_were_judged(finished):
    arrays = finished.arrays
    for name in finished.models:
        answers = finished.model(name).members(arrays["x"]).mean(axis=0)
        np.testing.assert_allclose(answers, arrays[f"response/{name}"], rtol=1e-6)


def test_the_area_is_scikit_learns(finished):
    arrays = finished.arrays
    for name in ("line", "network"):
        area = roc_auc_score(arrays["y"], arrays[f"response/{name}"][:, 1])
        assert finished.results["models"][name]["metrics"]["auc"]["value"] == pytest.approx(area, abs=1e-12)


def test_test_rows_are_no_training_rows(finished):
    arrays = finished.arrays
    assert not set(arrays["row"]) & set(arrays["train/row"])
    assert len(arrays["row"]) == 100
    assert len(arrays["train/row"]) == 300
    assert finished.data["duplicates_across_parts"] == 0


def test_every_number_has_an_interval(finished):
    for model in finished.results["models"].values():
        for interval in model["metrics"].values():
            assert interval["low"] <= interval["value"] <= interval["high"]


def test_a_population_leaves_its_members_and_their_learning_curves(finished):
    assert finished.arrays["members/network"].shape == (2, 100, 2)
    mean = finished.arrays["members/network"].mean(axis=0)
    np.testing.assert_allclose(mean, finished.arrays["response/network"], rtol=1e-6)
    assert finished.history("network")["train/risk"].shape == (2, 3)
    assert finished.history("cut") == {}


def test_the_optimum_is_shown_and_not_beaten(finished):
    optimum = finished.results["models"]["exact likelihood ratio"]
    assert optimum["kind"] == "reference"
    for name in finished.models:
        found = finished.results["models"][name]["metrics"]["auc"]
        assert found["value"] < optimum["metrics"]["auc"]["high"] + 0.02
    assert finished.results["winner"] in finished.models


def test_two_runs_of_one_study_agree(small, tmp_path, without_times):
    first, second = (run_study(small(), tmp_path / name) for name in ("a", "b"))
    assert without_times(first) == without_times(second)


def test_adding_a_model_changes_no_other(small, tmp_path):
    one = run_study(small(models={"tree": {"kind": "tree"}}), tmp_path / "a")
    two = run_study(small(models={"cut": {"kind": "threshold"}, "tree": {"kind": "tree"}}), tmp_path / "b")
    assert one.results["models"]["tree"]["metrics"] == two.results["models"]["tree"]["metrics"]


def test_without_test_rows_folds_judge(small, tmp_path):
    run = run_study(small(test=0, folds=3), tmp_path / "run")
    assert run.run["evaluated_on"] == "folds"
    assert len(run.arrays["y"]) == 300
    assert np.bincount(run.arrays["fold"]).tolist() == [100, 100, 100]
    area = roc_auc_score(run.arrays["y"], run.arrays["response/line"][:, 1])
    assert run.results["models"]["line"]["metrics"]["auc"]["value"] == pytest.approx(area, abs=1e-12)
    seen = run.model("line").members(run.arrays["x"])[0]
    assert not np.allclose(seen, run.arrays["response/line"])


def test_a_model_that_cannot_be_fitted_does_not_stop_the_others(small, tmp_path, monkeypatch):
    def broken(reading):
        raise InputError("this one is broken")

    monkeypatch.setattr(trees, "tree", broken)
    run = run_study(small(), tmp_path / "run")
    assert run.results["failures"] == {"tree": "tree: this one is broken"}
    assert run.results["beliefs"][0]["mark"] == "red"
    assert set(run.results["models"]) >= {"cut", "line"}


def test_all_weights_times_seven_change_nothing(tmp_path, small):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(240, 2))
    y = (x[:, 0] + rng.normal(size=240) > 0).astype(int)
    weight = rng.choice([1.0, 2.0, -0.5], size=240, p=[0.6, 0.3, 0.1])
    found = []
    for factor in (1, 7):
        table = np.column_stack([x, y, factor * weight])
        np.savetxt(tmp_path / f"{factor}.csv", table, delimiter=",", header="a,b,y,w", comments="")
        data = {"source": str(tmp_path / f"{factor}.csv"), "target": "y", "weight": "w", "split": {"folds": 2}}
        run = run_study(
            small(models={"cut": {"kind": "threshold"}, "line": {"kind": "logistic"}}, data=data),
            tmp_path / f"{factor}",
        )
        found.append(run)
    one, seven = found
    for name in ("cut", "line"):
        for metric, interval in one.results["models"][name]["metrics"].items():
            other = seven.results["models"][name]["metrics"][metric]
            for end in ("value", "low", "high"):
                assert float(other[end]) == pytest.approx(float(interval[end]), rel=1e-5, abs=1e-6), metric
    np.testing.assert_allclose(one.arrays["response/line"], seven.arrays["response/line"], rtol=1e-6)


def test_a_folder_in_use_is_left_alone(small, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="exists and is not empty"):
        run_study(small(), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["notes.txt"]


def test_parts_hold_every_row_once():
    data = Gaussians().draw(jax.random.key(0), 97)
    parts = divide(data, Split(test=0.2, folds=4), by=None, key=named(jax.random.key(0), "rows"))
    assert sorted([*parts.train, *parts.judged]) == list(range(97))
    assert sorted(row for _, held in parts.folds for row in held) == parts.train.tolist()
    with pytest.raises(InputError, match="nothing is left to judge on"):
        divide(data, Split(test=0, folds=0), by=None, key=jax.random.key(0))


@pytest.fixture
def runs_of_events(tmp_path):
    """A study of a file with a group and a time in it."""
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=200)
    columns = {"x": y + rng.normal(size=200), "run": rng.integers(20, size=200), "t": rng.permutation(200), "y": y}
    table = np.column_stack(list(columns.values()))
    np.savetxt(tmp_path / "runs.csv", table, delimiter=",", header=",".join(columns), comments="")
    return {"source": str(tmp_path / "runs.csv"), "target": "y", "split": {"test": 0.3, "folds": 2}}, columns


def test_rows_of_a_group_stay_together(small, tmp_path, runs_of_events):
    data, columns = runs_of_events
    run = run_study(small(models={"cut": {"kind": "threshold"}}, data={**data, "group": "run"}), tmp_path / "run")
    train, test = (set(columns["run"][run.arrays[name]]) for name in ("train/row", "row"))
    assert not train & test
    assert run.arrays["columns"].tolist() == ["x", "t"]


def test_the_latest_rows_are_the_test(small, tmp_path, runs_of_events):
    data, columns = runs_of_events
    run = run_study(small(models={"cut": {"kind": "threshold"}}, data={**data, "time": "t"}), tmp_path / "run")
    train, test = (columns["t"][run.arrays[name]] for name in ("train/row", "row"))
    assert train.max() < test.min()


def test_a_regression_is_judged_by_its_errors(small, tmp_path):
    data = {"problem": "noisy-polynomial", "events": 300, "noise": 0.5, "split": {"test": 0.3, "folds": 2}}
    models = {"mean": {"kind": "constant"}, "line": {"kind": "linear"}, "curve": {"kind": "polynomial", "degree": 10}}
    run = run_study(small(models=models, data=data), tmp_path / "run")
    assert (run.results["primary_metric"], run.results["winner"], run.results["baseline"]) == ("rmse", "curve", "mean")
    arrays, metrics = run.arrays, run.results["models"]["curve"]["metrics"]
    error = np.sqrt(np.mean((arrays["response/curve"] - arrays["y"]) ** 2))
    assert metrics["rmse"]["value"] == pytest.approx(error, rel=1e-9)
    law = run.results["models"]["true law"]["metrics"]["mse"]
    assert law["value"] == pytest.approx(0.25, abs=4 * 0.25 * np.sqrt(2 / 90))


def test_several_targets_are_learned_at_once(small, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 2))
    table = np.column_stack([x, x @ [1.0, 2.0], x @ [3.0, -1.0]])
    np.savetxt(tmp_path / "a.csv", table, delimiter=",", header="a,b,u,v", comments="")
    data = {"source": str(tmp_path / "a.csv"), "target": ["u", "v"], "split": {"folds": 2}}
    run = run_study(small(models={"line": {"kind": "linear"}}, data=data), tmp_path / "run")
    assert run.arrays["response/line"].shape == (50, 2)
    assert run.results["models"]["line"]["metrics"]["rmse[v]"]["value"] == pytest.approx(0, abs=1e-9)


def test_missing_values_are_filled_in_from_training_rows(small, tmp_path):
    rng = np.random.default_rng(0)
    y = rng.integers(2, size=200)
    x = np.column_stack([y + rng.normal(size=200), np.where(rng.random(200) < 0.1, np.nan, rng.normal(size=200))])
    np.savetxt(tmp_path / "a.csv", np.column_stack([x, y]), delimiter=",", header="a,b,y", comments="")
    data = {"source": str(tmp_path / "a.csv"), "target": "y", "missing": "impute", "split": {"folds": 2}}
    run = run_study(small(models={"line": {"kind": "logistic"}, "tree": {"kind": "tree"}}, data=data), tmp_path / "run")
    assert run.results["models"]["line"]["metrics"]["auc"]["value"] > 0.6
    assert run.data["missing"]["columns"] == {"b": int(np.isnan(x[:, 1]).sum())}


def test_images_are_no_table_and_work_too(small, tmp_path):
    data = {"problem": "digits", "events": 200, "flat": False, "only": [0, 1], "split": {"folds": 2}}
    run = run_study(small(models={"tree": {"kind": "tree"}}, data=data), tmp_path / "run")
    assert run.arrays["x"].shape[1:] == (8, 8, 1)
    assert run.results["ranking"] == []
