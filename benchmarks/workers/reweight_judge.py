"""Judges weights of a sample: what a fresh classifier still sees, and the effective part of the events."""

import sys

import jax
import numpy as np
import stopwatch

from ansatz.data import Dataset
from ansatz.inference import closure
from ansatz.training.classical import boosted_trees


def main(path, answer, seed):
    """Judge, report."""
    task, weight = np.load(path), np.load(answer)
    judge = boosted_trees(trees=150, learning_rate=0.05, early_stopping=False, smallest_leaf=100)
    left = closure(Dataset(task["fresh"], weight=weight), Dataset(task["goal"]), judge, jax.random.key(int(seed)))
    stopwatch.report(auc=left.value, kept=float(weight.sum() ** 2 / (weight @ weight) / len(weight)))


main(*sys.argv[1:])
