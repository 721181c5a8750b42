"""What `predict` writes for methods without a target: groups, coordinates, densities and scores of new events."""

import jax
import numpy as np
import pytest

from ansatz.data import Dataset
from ansatz.studies.analyses.table import methods_of
from ansatz.studies.predict import answer_table

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
