"""Ansatz: reweighting by boosted trees with their defaults."""

import sys

import jax
import numpy as np
import stopwatch

from ansatz.data import Dataset
from ansatz.inference import BoostedTrees, reweight


def main(path, answer):
    """Learn, reweight fresh events, report."""
    task = np.load(path)
    original, target, fresh = (Dataset(task[name]) for name in ("original", "target", "fresh"))
    BoostedTrees(trees=2)(original[np.arange(100)], target[np.arange(100)], jax.random.key(1))
    ratio, cpu, wall = stopwatch.clocked(lambda: BoostedTrees()(original, target, jax.random.key(0)))
    np.save(answer, reweight(ratio, fresh).weight)
    stopwatch.report(cpu=cpu, wall=wall)


main(*sys.argv[1:])
