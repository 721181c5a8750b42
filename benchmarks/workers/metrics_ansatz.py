"""Ansatz: AUC with DeLong's interval."""

import sys

import numpy as np
import stopwatch

from ansatz.validation import roc_auc


def main(path):
    """Judge, report."""
    task = np.load(path)
    roc_auc(task["y"][:1000], task["score"][:1000])
    interval, cpu, wall = stopwatch.clocked(lambda: roc_auc(task["y"], task["score"]))
    weighted, weighted_cpu, _ = stopwatch.clocked(lambda: roc_auc(task["y"], task["score"], task["weight"]))
    stopwatch.report(
        cpu=cpu,
        wall=wall,
        weighted_cpu=weighted_cpu,
        auc=interval.value,
        weighted_auc=weighted.value,
        error=(interval.high - interval.low) / 2,
    )


main(sys.argv[1])
