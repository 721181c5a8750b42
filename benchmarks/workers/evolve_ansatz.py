"""Ansatz: BIPOP-CMA-ES with its defaults."""

import sys

import bbob
import jax
import numpy as np
import stopwatch

from ansatz.optimizers import CMAES, BlackBox, Stop, minimize

OPTIMIZER = CMAES(sigma=2.0, restarts="bipop", region=(-4.0, 4.0))


def solve(problem, start, budget, seed):
    """One problem, with restarts until it is solved or the budget is spent."""

    def values(points):
        found = np.array([problem(point) for point in points])
        return np.where(problem.final_target_hit, -1e300, found)

    stop = Stop(evaluations=budget, target=-1e299)
    key = jax.random.key(seed)
    minimize(BlackBox(values, batched=True), start, optimizer=OPTIMIZER, stop=stop, path=False, key=key)


dimension, instances, per_dimension = map(int, sys.argv[1:4])
stopwatch.report(**bbob.measured(solve, dimension, instances, per_dimension))
