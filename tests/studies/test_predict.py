"""Predictions from a run directory are those of the model that was judged."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from ansatz.errors import InputError
from ansatz.studies import predict, run_study
from ansatz.studies.predict import predict_file


def as_csv(path, columns, x):
    np.savetxt(path, x, delimiter=",", header=",".join(columns), comments="", fmt="%.17g")
    return str(path)


def test_a_population_has_a_band(finished, tmp_path):
    arrays = finished.arrays
    source = as_csv(tmp_path / "new.csv", arrays["columns"], arrays["x"])
    assert predict_file(finished, source, tmp_path / "p.parquet", model="network")[::2] == (100, "network")
    table = pq.read_table(tmp_path / "p.parquet").to_pydict()
    classes = finished.run["classes"]
    for k, name in enumerate(classes):
        np.testing.assert_allclose(table[f"probability_{name}"], arrays["response/network"][:, k], rtol=1e-5)
        spread = arrays["members/network"][..., k].std(axis=0, ddof=1)
        np.testing.assert_allclose(table[f"spread_{name}"], spread, rtol=1e-3, atol=1e-7)
    chosen = np.array(classes)[arrays["response/network"].argmax(axis=1)]
    assert table["prediction"] == chosen.tolist()


def test_the_winner_is_taken_if_none_is_named(finished, tmp_path):
    source = as_csv(tmp_path / "new.csv", finished.arrays["columns"], finished.arrays["x"][:5])
    assert predict_file(finished, source, tmp_path / "p.parquet") == (5, 5, finished.results["winner"])


def test_derived_columns_and_cuts_are_applied_to_new_events(small, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.uniform(1, 2, (150, 2))
    source = as_csv(tmp_path / "a.csv", ["a", "b", "y"], np.column_stack([x, x[:, 0] / x[:, 1]]))
    data = {"source": source, "target": "y", "new": {"ratio": "a / b"}, "features": ["ratio"], "select": "a > 1.5"}
    run = run_study(small(models={"line": {"kind": "linear"}}, data={**data, "split": {"folds": 2}}), tmp_path / "run")
    new = as_csv(tmp_path / "new.csv", ["a", "b"], x[:20])
    count, read, _ = predict_file(run, new, tmp_path / "p.parquet")
    assert read == 20
    table = pq.read_table(tmp_path / "p.parquet").to_pydict()
    passed = np.flatnonzero(x[:20, 0] > 1.5)
    assert count == len(passed)
    assert table["row"] == passed.tolist()
    np.testing.assert_allclose(table["prediction"], (x[:, 0] / x[:, 1])[passed], rtol=1e-9)


def test_a_failure_leaves_an_older_file_as_it_was(finished, tmp_path, monkeypatch):
    def fails(fit, events):
        raise InputError("no")

    monkeypatch.setattr(predict, "answer_table", fails)
    (tmp_path / "p.parquet").write_text("mine")
    source = as_csv(tmp_path / "new.csv", finished.arrays["columns"], finished.arrays["x"][:5])
    with pytest.raises(InputError):
        predict_file(finished, source, tmp_path / "p.parquet", force=True)
    assert (tmp_path / "p.parquet").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 2


def test_a_model_may_know_its_uncertainty(small, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.uniform(0, 1, 400)
    source = as_csv(tmp_path / "a.csv", ["x", "y"], np.column_stack([x, 3 * x + rng.normal(size=400)]))
    models = {"line": {"kind": "linear", "uncertainty": "split-conformal"}}
    run = run_study(small(models=models, data={"source": source, "target": "y", "split": {"folds": 2}}), tmp_path / "r")
    count, _, _ = predict_file(run, source, tmp_path / "p.parquet")
    table = {name: np.array(values) for name, values in pq.read_table(tmp_path / "p.parquet").to_pydict().items()}
    inside = np.mean((table["low"] <= 3 * x) & (3 * x <= table["high"]))
    covered = np.mean(np.abs(rng.normal(size=400)) < (table["high"] - table["low"]) / 2)
    assert count == 400
    assert inside > 0.95
    assert abs(covered - 0.6827) < 4 * np.sqrt(0.6827 * 0.3173 / 100)


def test_an_unknown_uncertainty_is_named_by_its_path(small):
    from ansatz.studies.catalogue import build_learner

    study = small(models={"line": {"kind": "linear", "uncertainty": "split-conformel"}})
    with pytest.raises(InputError, match=r"models\.line\.uncertainty: .*did you mean 'split-conformal'"):
        build_learner("line", study.models["line"])


def test_predictions_never_take_the_place_of_the_events(finished, tmp_path):
    source = as_csv(tmp_path / "new.csv", finished.arrays["columns"], finished.arrays["x"][:5])
    before = (tmp_path / "new.csv").read_text()
    with pytest.raises(InputError, match="is the data file itself"):
        predict_file(finished, source, tmp_path / "new.csv", force=True)
    assert (tmp_path / "new.csv").read_text() == before
