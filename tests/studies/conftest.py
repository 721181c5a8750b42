"""Small studies and a finished run that many tests look at."""

import json

import numpy as np
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


def _sample(path, seed, n, centre):
    """Events whose columns vary with a systematic, some with negative weights; x is what tells samples apart."""
    rng = np.random.default_rng(seed)
    x, weight = rng.normal(centre, 1.0, n), rng.choice([-1.0, 2.0], n, p=[0.1, 0.9])
    columns = [x, rng.normal(size=n), weight, 1.2 * weight, 0.8 * weight, x + 0.1, x - 0.1]
    names = "x,noise,w,w_up,w_down,x_up,x_down"
    np.savetxt(path, np.column_stack(columns), delimiter=",", header=names, comments="")
    return str(path)


@pytest.fixture(scope="session")
def samples(tmp_path_factory):
    """Tables of [[data.samples]]: a rare signal and two backgrounds, of which about 2 and 2,500 events are expected."""
    folder = tmp_path_factory.mktemp("samples")
    plan = {"signal": ("signal", 1.5, 0.002), "top": ("background", -0.5, 0.2), "dibosons": ("background", 0.5, 0.05)}
    return {
        name: {
            "name": name,
            "label": label,
            "files": _sample(folder / f"{name}.csv", seed, 600, centre),
            "cross_section": cross,
        }
        for seed, (name, (label, centre, cross)) in enumerate(plan.items())
    }
