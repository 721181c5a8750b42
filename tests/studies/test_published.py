"""What the course and the literature say, seen to hold from the study to the last number."""

import json

import numpy as np
import pytest

import zoo
from ansatz.problems import Xnor
from ansatz.studies import run_study
from ansatz.studies.catalogue import find_study
from ansatz.training import mlp
from ansatz.training.classical import decision_tree


def results(name, tmp_path, changes=(), data=None):
    """The numbers of a study of the catalogue, with changes."""
    run_study(find_study(name, changes=changes, data=data), tmp_path / "run")
    return json.loads((tmp_path / "run" / "results.json").read_text())


def metric(found, model, name):
    return found["models"][model]["metrics"][name]


@pytest.fixture(scope="module")
def quadrants():
    data = Xnor(noise=0.05).draw(zoo.key(), 1000)
    return data[:500], data[500:]


def accuracy(learner, quadrants):
    train, test = quadrants
    return np.mean(learner(train, zoo.key(1)).predict(test.x) == test.y)


def network(**options):
    return mlp(learning_rate=0.01, batch_size=32, epochs=300, patience=60, **options)


def test_one_unit_cannot_do_xnor(quadrants):
    assert accuracy(network(width=1, depth=1), quadrants) < 0.8


def test_a_hundred_units_can(quadrants):
    assert accuracy(network(width=100, depth=1), quadrants) > 0.95


def test_two_layers_of_ten_can(quadrants):
    assert accuracy(network(width=[10, 10], activation="tanh"), quadrants) > 0.95


def test_a_tree_can_and_is_told_node_by_node(quadrants):
    learner = decision_tree(depth=4)
    assert accuracy(learner, quadrants) > 0.95
    tree = learner(quadrants[0], zoo.key(1)).details["tree"]
    assert len(tree["feature"]) == len(tree["threshold"]) >= 7


@pytest.mark.slow
def test_a_network_comes_near_the_exact_likelihood_ratio(tmp_path):
    found = results("resonance", tmp_path, ["models.boosted-trees.kind='constant'", "data.split.folds=2"])
    best, reached = (metric(found, name, "auc")["value"] for name in ("exact likelihood ratio", "network"))
    assert 0 < best - reached < 0.003
    assert metric(found, "one-observable", "auc")["value"] < best - 0.1


@pytest.mark.slow
def test_pulsars_reach_the_published_area_and_the_winner_is_named(tmp_path, shared):
    changes = ["models.network.population=1", "models.forest.kind='constant'"]
    found = results("pulsars", tmp_path, changes, data=str(shared / "hep" / "htru2.csv"))
    best = metric(found, found["winner"], "auc")
    assert best["value"] >= 0.977
    assert 0 < best["high"] - best["low"] < 0.01
    pair = next(c for c in found["comparisons"] if {c["a"], c["b"]} == {found["winner"], found["runner_up"]})
    assert 0 <= pair["p_value"] <= 1
