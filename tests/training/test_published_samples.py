"""Trees and networks on the public samples of the field, beside the values that are quoted for them."""

import jax
import numpy as np
import pytest

from ansatz.data import Dataset, folds, load, split
from ansatz.training import mlp
from ansatz.training.classical import boosted_trees, logistic
from ansatz.validation import compare_learners, roc_auc


@pytest.mark.slow
def test_boosted_trees_on_the_dalitz_plane(shared):
    source = shared / "hep" / "hepml_dalitzdata.root"
    data = load(str(source), target="labels", features=["Y1", "Y2", "Y3"])
    parts = split(data, test=0.25, key=jax.random.key(0))
    found = boosted_trees(trees=400, learning_rate=0.03, leaves=15)(parts["train"], jax.random.key(1))
    area = roc_auc(parts["test"].y, found.score(parts["test"].x))
    assert abs(area.value - 0.939) < 2 * area.error


@pytest.mark.slow
def test_a_network_beside_trees_on_the_higgs_sample(shared):
    files = [shared / "hep" / f"higgs_uci_binary.{part}" for part in ("train", "test")]
    table = np.concatenate([np.loadtxt(f"{file}.gz") for file in files])
    weight = np.concatenate([np.loadtxt(f"{file}.weight") for file in files])
    data = Dataset(table[:, 1:], y=table[:, 0].astype(int), weight=weight, classes=("background", "signal"))
    network = mlp(width=32, activation="gelu", initialization="glorot", l2=1e-3, learning_rate=3e-3, population=2)
    learners = {"line": logistic(), "trees": boosted_trees(), "network": network}
    keys = jax.random.split(jax.random.key(0), 2)
    found = compare_learners(learners, data, folds(data, 5, key=keys[0]), metric="auc", key=keys[1])
    area = {name: one.scores(key=jax.random.key(2))["auc"] for name, one in found.results.items()}
    assert abs(area["trees"].value - 0.783) < area["trees"].error
    assert area["network"].value > area["line"].value + 3 * area["line"].error
