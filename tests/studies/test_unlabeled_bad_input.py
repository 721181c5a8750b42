"""Studies without a target that cannot work: one clear line, with the place in the study, before anything is fitted."""

import numpy as np
import pytest

from ansatz.errors import InputError
from ansatz.studies import check_study, parse_study, run_study

RNG = np.random.default_rng(0)


@pytest.fixture
def events(tmp_path):
    """Forty events: two columns, a constant one, a copy, weights, weights of either sign."""
    a, b = RNG.normal(size=(2, 40))
    rows = [f"{x},{y},3,{x},{w},{w - 1.2}" for x, y, w in zip(a, b, RNG.uniform(0.5, 2, 40), strict=True)]
    path = tmp_path / "events.csv"
    path.write_text("\n".join(["a,b,c,d,w,s", *rows]))
    return path


def study(path, task, features, model, weight=None):
    data = {"source": str(path), "task": task, "features": features, "split": {"test": 0.25, "folds": 0}}
    data |= {"weight": weight} if weight else {}
    return parse_study({"title": "t", "data": data, "models": {"m": model}})


@pytest.mark.parametrize(
    ("task", "features", "model", "weight", "message"),
    [
        ("cluster", ["c"], {"kind": "k-means"}, None, "models.m: column 'c' of .* is constant"),
        ("cluster", ["a", "b"], {"kind": "hdbscan"}, "w", "models.m: 'hdbscan' cannot use event weights"),
        ("density", ["a", "b"], {"kind": "gaussian"}, "s", "models.m: this method cannot take negative event weights"),
        ("anomaly", ["a"], {"kind": "neighbors", "columns": ["aa"]}, None, "no column 'aa' .*did you mean 'a'"),
        ("cluster", ["a"], {"kind": "kmeans"}, None, "models.m.kind: there is no 'kmeans'; did you mean 'k-means'"),
        ("reduce", ["a"], {"kind": "pca", "component": 1}, None, "models.m.component: .*did you mean 'components'"),
        ("cluster", ["a", "b"], {"kind": "k-means", "clusters": 50}, None, "m: 50 clusters .* only 30 distinct rows"),
        ("cluster", ["a"], {"kind": "gaussian-mixture", "clusters": 31}, None, "m: 31 clusters .* only 30 distinct"),
        ("cluster", ["a", "b"], {"kind": "k-means", "metric": "a_1 - a_2"}, None, "m: the metric .* is not symmetric"),
        ("cluster", ["a"], {"kind": "dbscan", "metric": "abs(a_1 - q_2)"}, None, "m: .*there is no column 'q_2'"),
        (
            "cluster",
            ["a"],
            {"kind": "k-medoids", "metric": "periodic"},
            None,
            "m: the periodic metric needs",
        ),
        ("reduce", ["a", "b"], {"kind": "pca", "components": 7}, None, "m: 7 components were asked for"),
        ("reduce", ["a", "b"], {"kind": "nmf"}, None, "m: 'nmf' is for columns that are never negative"),
    ],
)
def test_the_check_of_a_study_says_so(events, task, features, model, weight, message):
    with pytest.raises(InputError, match=message):
        check_study(study(events, task, features, model, weight), timed=False)


@pytest.mark.parametrize(
    ("task", "features", "model", "message"),
    [
        ("cluster", ["a", "b"], {"kind": "k-means", "clusters": 50}, "models.m: 50 clusters .* only 30 distinct rows"),
        ("density", ["a", "d"], {"kind": "kernel-density"}, "models.m: there is no density in a, d: a column is"),
    ],
)
def test_a_run_says_so(events, tmp_path, task, features, model, message):
    with pytest.raises(InputError, match=message):
        run_study(study(events, task, features, model), tmp_path / "run")


def test_a_method_that_cannot_work_leaves_no_folder_behind(events, tmp_path):
    with pytest.raises(InputError, match="models.m: 50 clusters"):
        run_study(study(events, "cluster", ["a", "b"], {"kind": "k-means", "clusters": 50}), tmp_path / "run")
    assert not (tmp_path / "run" / "study.toml").exists()


def test_a_constant_and_a_copied_column_are_told_in_the_report(events, tmp_path):
    model = {"kind": "k-means", "clusters": 2, "starts": 1}
    run = run_study(study(events, "cluster", ["a", "b", "c", "d"], model), tmp_path / "run")
    [told] = [b for b in run.results["beliefs"] if b["name"] == "cluster: Columns"]
    assert "'c' is constant" in told["value"]
    assert "'d' is a copy of 'a'" in told["value"]
