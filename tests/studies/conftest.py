"""Small studies and a finished run that many tests look at."""

import json

import pytest

from ansatz.studies import parse_study, run_study

MODELS = {
    "cut": {"kind": "threshold"},
    "line": {"kind": "logistic"},
    "tree": {"kind": "tree", "depth": 3},
}


def make(events=300, test=0.25, folds=2, models=MODELS, **tables):
    data = {"problem": "gaussians", "events": events, "split": {"test": test, "folds": folds}}
    return parse_study({"title": "Two Gaussians", "name": "small", "data": data, "models": models} | tables)


@pytest.fixture(scope="session")
def small():
    """Makes a study of two Gaussians that takes a fraction of a second."""
    return make


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A run with a population of networks beside classical models."""
    network = {"kind": "mlp", "width": 8, "depth": 1, "epochs": 3, "population": 2}
    return run_study(
        make(events=400, models={**MODELS, "network": network}), tmp_path_factory.mktemp("runs") / "small-001"
    )


@pytest.fixture(scope="session")
def without_times():
    """Results of a run apart from how long everything took."""

    def strip(run):
        text = json.dumps(run.results)
        return json.loads(text, object_hook=lambda d: {k: v for k, v in d.items() if not k.endswith("seconds")})

    return strip
