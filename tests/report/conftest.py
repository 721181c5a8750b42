"""Small run directories, written as a run writes them, with answers that are drawn and not fitted."""

import json

import jax
import numpy as np
import pytest

from ansatz.data import Dataset
from ansatz.files import plain
from ansatz.report import write_report
from ansatz.training import ClosedForm
from ansatz.training.store import save_fit
from ansatz.validation import Answers, compare, overtraining, scores, verdict

STUDY = """title = "A study"
seed = 3

[data]
source = "events.csv"
target = "y"

[report]
notes = ""
"""


def probabilities(rng, y, classes, sharpness):
    """Calibrated-looking probabilities of the true class, sharper for better models."""
    logit = rng.normal(size=(len(y), classes)) + sharpness * np.eye(classes)[y]
    power = np.exp(sharpness * logit)
    return power / power.sum(axis=1, keepdims=True)


def drawn_classes(rng, rows, columns, classes):
    """Features that shift with the class, classes, and weights of both signs."""
    y = rng.integers(0, classes, rows)
    x = rng.normal(size=(rows, columns)) + 0.7 * y[:, None] * np.linspace(1, 0.2, columns)
    return x, y, rng.choice([-0.5, 1.0, 1.0, 1.5], rows)


def model_record(kind, test, train, classes, link):
    key = jax.random.key(7)
    tests = overtraining(train, test, classes=classes, permutations=50, key=key)
    found = scores(test, key=key)
    metric = next(iter(found))
    return {
        "kind": kind,
        "link": link,
        "metrics": {name: i.to_dict() for name, i in found.items()},
        "train_metrics": {name: i.to_dict() for name, i in scores(train, key=key).items()},
        "folds": {metric: [found[metric].value + 0.01 * d for d in (-1, 0, 1)]},
        "verdict": verdict(train, test).to_dict(),
        "overtraining": {name: t.to_dict() for name, t in tests.items()},
        "converged": True,
        "stopped": "patience",
        "message": "",
        "seconds": 1.25,
        "compile_seconds": 2.5,
        "epochs": 40,
    }


def arrays_of(part, x, y, weight, responses):
    prefix = "train/" if part == "train" else ""
    base = {"x": x, "y": y, "weight": weight, "row": np.arange(len(y))}
    answers = {f"response/{name}": response for name, response in responses.items()}
    return {prefix + name: values for name, values in {**base, **answers}.items()}


def write_run(path, *, run, columns, arrays, models, answers, metric, extra=None, description=None):
    path.mkdir(parents=True)
    names = list(models)
    found = compare(answers, metric=metric, key=jax.random.key(1), replicas=50)
    results = {
        "models": models,
        "failures": {},
        "primary_metric": metric,
        "winner": names[-1],
        "baseline": names[0],
        "runner_up": names[0],
        "comparisons": [c.to_dict() for c in found],
        "ranking": [],
        "beliefs": [
            {"name": "Convergence", "mark": "green", "value": "2 of 2 models", "sentence": "Every fit finished."},
            {"name": "Calibration", "mark": "amber", "value": "0.03 ± 0.01", "sentence": "Probabilities are off."},
        ],
        **(extra or {}),
    }
    record = {
        "title": "A study",
        "name": "study",
        "seed": 3,
        "status": "finished",
        "started": "2026-01-01T00:00:00Z",
        "finished": "2026-01-01T00:01:00Z",
        "seconds": 60.0,
        "versions": {"ansatz-ml": "0.1.0"},
        "command": "ansatz run study.toml",
        "data_sha256": "ab" * 32,
        "evaluated_on": "test",
        "citations": ["@article{who1900what,\n  title = {What}\n}"],
        **run,
    }
    tables = "".join(f'\n[models."{name}"]\nkind = "{record["kind"]}"\n' for name, record in models.items())
    (path / "study.toml").write_text(STUDY + tables)
    for name, value in {"run": record, "results": results, "data": description or {}}.items():
        (path / f"{name}.json").write_text(json.dumps(plain(value)))
    np.savez(path / "arrays.npz", columns=np.array(columns), **arrays)
    return path


def write_history(path, name, epochs=30, members=3):
    rng = np.random.default_rng(5)
    fall = np.exp(-np.arange(epochs) / 8)
    curves = {
        "train/cross_entropy": 0.3 + fall + 0.01 * rng.normal(size=(members, epochs)),
        "validation/cross_entropy": 0.4 + fall + 0.02 * rng.normal(size=(members, epochs)),
        "train/risk": 0.35 + fall + np.zeros((members, 1)),
    }
    folder = path / "models" / name
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / "history.npz", **curves)


def classification_run(path, classes, *, rows=600, columns=("pt", "eta", "mass"), scale=1.0, title="A study"):
    rng = np.random.default_rng(11)
    link = {"cut": "score" if len(classes) == 2 else "probability", "network": "probability"}
    sharpness = {"cut": 0.6, "network": 1.5}
    arrays, answers = {}, {"train": {}, "test": {}}
    for part in ("test", "train"):
        x, y, weight = drawn_classes(rng, rows, len(columns), len(classes))
        responses = {}
        for name in link:
            p = probabilities(rng, y, len(classes), sharpness[name])
            responses[name] = p[:, 1] - 0.5 if link[name] == "score" else p
            answers[part][name] = Answers.classified(y, weight=weight, **{link[name]: responses[name]})
        arrays |= arrays_of(part, x, y, scale * weight, responses)
    kinds = {"cut": "threshold", "network": "mlp"}
    models = {n: model_record(kinds[n], answers["test"][n], answers["train"][n], classes, link[n]) for n in link}
    ends = {"value": 0.3, "low": 0.2, "high": 0.4}
    rank = [{"column": c, **{end: v / (i + 1) for end, v in ends.items()}} for i, c in enumerate(columns)]
    models["network"]["importance"] = rank
    cut = {"cut": "pt > 25", "rows": 300, "sum_weights": 300.0, "efficiency": 0.5, "error": 0.02}
    line = {**cut, "total": 0.5, "total_error": 0.02}
    units = {"pt": "GeV", "mass": "GeV"}
    description = {
        "rows": 2 * rows,
        "weights": {"negative_fraction": 0.25},
        "duplicates": {"rows": 0},
        "splits": {"test": {"rows": rows, "sum_weights": float(rows), "effective": 400.0}},
        "cutflow": [{**line, "cut": "all events", "rows": 600, "total": 1.0, "total_error": 0.0}, line],
        "n_minus_one": [cut],
        "columns": {c: {"unit": units.get(c), "mean": 0.1, "min": -3.0, "max": 3.0, "missing": 0} for c in columns},
    }
    metric = "auc" if len(classes) == 2 else "accuracy"
    write_run(
        path,
        run={"task": "classification", "classes": list(classes), "title": title},
        columns=columns,
        arrays=arrays,
        models=models,
        answers=answers["test"],
        metric=metric,
        extra={"ranking": rank},
        description=description,
    )
    write_history(path, "network")
    return path


def regression_run(path, *, rows=300):
    rng = np.random.default_rng(2)
    arrays, answers, weight = {}, {"train": {}, "test": {}}, np.ones(rows)
    for part in ("test", "train"):
        x = rng.uniform(0, 10, (rows, 1))
        y = 1 + 2 * x[:, 0] + rng.normal(0, 0.5, rows)
        responses = {"mean": np.full(rows, 11.0) + 0.01 * x[:, 0], "line": 1 + 2 * x[:, 0]}
        answers[part] = {name: Answers.predicted(y, value) for name, value in responses.items()}
        arrays |= arrays_of(part, x, y, weight, responses)
    kinds = {"mean": "constant", "line": "least-squares"}
    models = {n: model_record(kinds[n], answers["test"][n], answers["train"][n], None, "identity") for n in kinds}
    fit = ClosedForm()(Dataset(arrays["train/x"], arrays["train/y"], columns=("time",)), jax.random.key(0))
    models["line"]["details"] = dict(fit.details)
    write_run(
        path,
        run={"task": "regression", "classes": None},
        columns=["time"],
        arrays=arrays,
        models=models,
        answers=answers["test"],
        metric="rmse",
        description={"columns": {"time": {"unit": "s"}}, "targets": {"height": {"unit": "m"}}},
    )
    (path / "models").mkdir()
    save_fit(fit, path / "models" / "line")
    return path


@pytest.fixture(scope="session")
def binary_run(tmp_path_factory):
    return classification_run(tmp_path_factory.mktemp("runs") / "binary", ("background", "signal"))


@pytest.fixture(scope="session")
def several_run(tmp_path_factory):
    return classification_run(tmp_path_factory.mktemp("runs") / "several", ("gluon", "quark", "top"))


@pytest.fixture(scope="session")
def binary_page(binary_run):
    """The report of the run with two classes, as text."""
    return write_report(binary_run).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def make_run():
    """Writes a classification run with names of one's own."""
    return classification_run


@pytest.fixture(scope="session")
def line_run(tmp_path_factory):
    return regression_run(tmp_path_factory.mktemp("runs") / "line")
