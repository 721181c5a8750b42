"""hep_ml: uniform gradient boosting with the flatness loss over nearest neighbors, as in its own example."""

import sys

import numpy as np
import pandas as pd
import stopwatch
from hep_ml.gradientboosting import UGradientBoostingClassifier
from hep_ml.losses import KnnFlatnessLossFunction


def frame(x, plane):
    """Features and the plane as columns."""
    names = [f"Y{i + 1}" for i in range(x.shape[1])]
    return pd.DataFrame(np.column_stack([x, plane]), columns=[*names, "M2AB", "M2AC"]), names


def main(path):
    """Train, judge, report."""
    task = np.load(path)
    (train, names), (test, _) = frame(task["x"], task["plane"]), frame(task["x_test"], task["plane_test"])
    loss = KnnFlatnessLossFunction(["M2AB", "M2AC"], fl_coefficient=3.0, power=1.3, uniform_label=1)
    limits = {"max_depth": 4, "n_estimators": 150, "learning_rate": 0.1, "random_state": 0}
    model = UGradientBoostingClassifier(loss=loss, train_features=names, **limits)
    _, cpu, wall = stopwatch.clocked(lambda: model.fit(train, task["y"]))
    score = model.predict_proba(test)[:, 1]
    own = task["y_test"] == 1
    stopwatch.report(
        cpu=cpu,
        wall=wall,
        auc=stopwatch.auc(task["y_test"], score),
        sde=stopwatch.unevenness(score[own], task["plane_test"][own]),
    )


main(sys.argv[1])
