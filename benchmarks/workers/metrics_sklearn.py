"""scikit-learn: AUC, which comes without an interval."""

import sys

import numpy as np
import stopwatch
from sklearn.metrics import roc_auc_score


def main(path):
    """Judge, report."""
    task = np.load(path)
    y, score, weight = task["y"], task["score"], task["weight"]
    roc_auc_score(y[:1000], score[:1000])
    value, cpu, wall = stopwatch.clocked(lambda: roc_auc_score(y, score))
    weighted, weighted_cpu, _ = stopwatch.clocked(lambda: roc_auc_score(y, score, sample_weight=weight))
    stopwatch.report(cpu=cpu, wall=wall, weighted_cpu=weighted_cpu, auc=value, weighted_auc=weighted, error=None)


main(sys.argv[1])
