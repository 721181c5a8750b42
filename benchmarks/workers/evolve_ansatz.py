"""Ansatz: BIPOP-CMA-ES with its defaults."""

import sys

import stopwatch

import bbob
import jax
import numpy as np
from ansatz.optimizers import CMAES, BlackBox, Stop, minimize

OPTIMIZER = CMAES(sigma=2.0, restarts="bipop", region=(-4.0, 4.0))


def solve(problem, start, budget, seed):
    def values(points):
        found = [problem(point) for point in points]
        return np.array(found) - (1e300 if problem.final_target_hit else 0)

    minimize(
        BlackBox(values, batched=True),
        start,
        optimizer=OPTIMIZER,
        stop=Stop(evaluations=budget, target=-1e299),
        path=False,
        key=jax.random.key(seed),
    )


dimension, instances, per_dimension = map(int, sys.argv[1:4])
stopwatch.report(**bbob.measured(solve, dimension, instances, per_dimension))
