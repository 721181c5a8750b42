"""Classical methods on real data with published reference values."""

import jax
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from ansatz.data import Dataset
from ansatz.training.classical import boosted_trees, logistic, threshold


@pytest.fixture(scope="module")
def pulsars(shared):
    table = np.genfromtxt(shared / "hep" / "htru2.csv", delimiter=",", skip_header=1)
    return Dataset(table[:, :8], y=table[:, 8].astype(int), classes=("noise", "pulsar"))


@pytest.fixture(scope="module")
def higgs(shared):
    parts = [shared / "hep" / f"higgs_uci_binary.{part}" for part in ("train", "test")]
    table = np.concatenate([np.loadtxt(f"{part}.gz") for part in parts])
    weight = np.concatenate([np.loadtxt(f"{part}.weight") for part in parts])
    return Dataset(table[:, 1:], y=table[:, 0].astype(int), weight=weight, classes=("background", "signal"))


def cross_validated(learner, data, folds):
    """Mean AUC over stratified folds, and its standard error."""
    areas = []
    for fold, (train, test) in enumerate(StratifiedKFold(folds, shuffle=True, random_state=1).split(data.x, data.y)):
        fit = learner(data[train], jax.random.key(fold))
        areas.append(roc_auc_score(data.y[test], fit.score(data.x[test])))
    return np.mean(areas), np.std(areas, ddof=1) / np.sqrt(folds)


def test_pulsars_by_logistic_regression(pulsars):
    area, _ = cross_validated(logistic(), pulsars, 10)
    assert area == pytest.approx(0.9759, abs=0.0015)


def test_pulsars_by_one_cut(pulsars):
    area, error = cross_validated(threshold(), pulsars, 10)
    assert area < 0.9759 - error


@pytest.mark.slow
def test_pulsars_by_boosted_trees(pulsars):
    area, error = cross_validated(boosted_trees(), pulsars, 10)
    assert abs(area - 0.9771) < 3 * error
    assert area >= 0.977


@pytest.mark.slow
@pytest.mark.parametrize("weighted", [True, False])
def test_higgs_by_boosted_trees(higgs, weighted):
    data = higgs if weighted else higgs.replace(weight=None)
    area, error = cross_validated(boosted_trees(), data, 5)
    assert abs(area - 0.783) < error
