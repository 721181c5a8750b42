"""Ansatz: boosted trees of its own, or of a library behind its interface."""

import sys

import jax
import numpy as np
import stopwatch

from ansatz.data import Dataset
from ansatz.training.classical import CLASSICAL
from ansatz.training.methods import METHODS

KINDS = {**CLASSICAL, **METHODS}
GIVEN = {
    "boosted-trees": {"leaves": 31, "learning_rate": 0.1, "early_stopping": False},
    "xgboost": {"leaves": 31, "learning_rate": 0.1},
    "lightgbm": {"leaves": 31, "learning_rate": 0.1},
    "flat-boosting": {"depth": 5, "learning_rate": 0.1, "strength": 0.0, "protected": ["place"]},
}


def main(name, path, trees):
    """Train, judge, report."""
    task = np.load(path)
    observers = {"place": np.zeros(len(task["y"]))} if name == "flat-boosting" else {}
    data = Dataset(task["x"], y=task["y"], classes=("background", "signal"), observers=observers)
    learner = KINDS[name](trees=trees, **GIVEN[name])
    KINDS[name](trees=2, **GIVEN[name])(data[np.arange(500)], jax.random.key(1))
    fit, cpu, wall = stopwatch.clocked(lambda: learner(data, jax.random.key(0)))
    answers = stopwatch.classified(task, lambda x: fit.probability(x)[:, 1])
    stopwatch.report(cpu=cpu, wall=wall, **answers)


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
