"""scikit-learn, XGBoost or LightGBM by themselves: boosted trees of at most 31 leaves, one thread."""

import sys

import numpy as np
import stopwatch


def made(library, trees):
    """The library's classifier."""
    if library == "XGBoost":
        from xgboost import XGBClassifier

        limits = {"max_depth": 6, "max_leaves": 31, "tree_method": "hist"}
        return XGBClassifier(n_estimators=trees, learning_rate=0.1, n_jobs=1, **limits)
    if library == "LightGBM":
        from lightgbm import LGBMClassifier

        return LGBMClassifier(n_estimators=trees, num_leaves=31, learning_rate=0.1, n_jobs=1, verbose=-1)
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(max_iter=trees, learning_rate=0.1, max_leaf_nodes=31, early_stopping=False)


def main(library, path, trees):
    """Train, judge, report."""
    task = np.load(path)
    made(library, 2).fit(task["x"][:500], task["y"][:500])
    model, cpu, wall = stopwatch.clocked(lambda: made(library, trees).fit(task["x"], task["y"]))
    answers = stopwatch.classified(task, lambda x: model.predict_proba(x)[:, 1])
    stopwatch.report(cpu=cpu, wall=wall, **answers)


main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
