"""pycma: BIPOP-CMA-ES with its defaults."""

import sys
import warnings

import stopwatch

warnings.simplefilter("ignore")

import bbob
import cma
import numpy as np


def solve(problem, start, budget, seed):
    starts = np.random.default_rng(seed)
    draws = iter([start])

    def where():
        return next(draws, starts.uniform(-4, 4, len(start)))

    cma.fmin2(
        problem,
        where,
        2.0,
        {"maxfevals": budget, "verbose": -9, "seed": seed, "termination_callback": lambda es: problem.final_target_hit},
        restarts=9,
        bipop=True,
    )


dimension, instances, per_dimension = map(int, sys.argv[1:4])
stopwatch.report(**bbob.measured(solve, dimension, instances, per_dimension))
