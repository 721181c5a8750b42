"""What `predict` writes for methods without a target: groups, coordinates, densities and scores of new events."""

import jax
import numpy as np
import pytest

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.studies import parse_study, run_study
from ansatz.studies.analyses.table import methods_of
from ansatz.studies.predict import answer_table, predict_file

RNG = np.random.default_rng(3)
TRAIN, FRESH = (Dataset(RNG.normal(size=(n, 2)), columns=("a", "b")) for n in (60, 7))


@pytest.mark.parametrize(
    ("task", "kind", "options", "columns"),
    [
        ("cluster", "k-means", {"clusters": 2, "starts": 1}, ["row", "group"]),
        ("cluster", "dbscan", {"share": 0.1}, ["row", "group"]),
        ("reduce", "pca", {}, ["row", "coordinate_0", "coordinate_1"]),
        ("density", "kernel-density", {}, ["row", "log_density"]),
        ("anomaly", "neighbors", {"share": 0.1}, ["row", "anomaly"]),
    ],
)
def test_each_task_has_its_own_columns(task, kind, options, columns):
    fit = methods_of(task)[kind](**options)(TRAIN, jax.random.key(0))
    table = answer_table(fit, FRESH)
    assert table.column_names == columns
    answers = np.column_stack([table[name].to_numpy() for name in columns[1:]])
    np.testing.assert_array_equal(answers, fit.predict(FRESH.x).reshape(7, -1))


def test_of_several_methods_none_is_taken_unasked(tmp_path):
    """Methods without a target have no winner, so that a person has to choose; a single one needs no choice."""
    events = tmp_path / "events.csv"
    np.savetxt(events, TRAIN.x, delimiter=",", header="a,b", comments="")
    data = {"source": str(events), "task": "reduce", "split": {"test": 0.2, "folds": 0}}
    both = {"one": {"kind": "pca", "components": 1}, "two": {"kind": "pca"}}
    run = run_study(parse_study({"title": "t", "data": data, "models": both}), tmp_path / "run")
    with pytest.raises(InputError, match="choose one by --model: one, two"):
        predict_file(run, str(events), tmp_path / "out.csv")
    assert predict_file(run, str(events), tmp_path / "out.csv", model="two").model == "two"
