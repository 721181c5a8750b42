"""Ansatz: boosting with a flatness loss."""

import sys

import jax
import numpy as np
import stopwatch

from ansatz.data import Dataset
from ansatz.training.boosting import flat_boosting


def main(path):
    """Train, judge, report."""
    task = np.load(path)
    observers = dict(zip(("M2AB", "M2AC"), task["plane"].T, strict=True))
    data = Dataset(task["x"], y=task["y"], classes=("background", "signal"), observers=observers)
    learner = flat_boosting(protected=["M2AB", "M2AC"], flat="signal", strength=4.0)
    fit, cpu, wall = stopwatch.clocked(lambda: learner(data, jax.random.key(0)))
    score = fit.score(task["x_test"])
    own = task["y_test"] == 1
    stopwatch.report(
        cpu=cpu,
        wall=wall,
        auc=stopwatch.auc(task["y_test"], score),
        sde=stopwatch.unevenness(score[own], task["plane_test"][own]),
    )


main(sys.argv[1])
