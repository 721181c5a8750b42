"""pycma: BIPOP-CMA-ES with its defaults."""

import sys
import warnings

import bbob
import cma
import numpy as np
import stopwatch

warnings.simplefilter("ignore")


def solve(problem, start, budget, seed):
    """One problem, with restarts until it is solved or the budget is spent."""
    starts = np.random.default_rng(seed)
    draws = iter([start])

    def where():
        return next(draws, starts.uniform(-4, 4, len(start)))

    done = {"maxfevals": budget, "termination_callback": lambda es: problem.final_target_hit}
    cma.fmin2(problem, where, 2.0, {"verbose": -9, "seed": seed, **done}, restarts=9, bipop=True)


dimension, instances, per_dimension = map(int, sys.argv[1:4])
stopwatch.report(**bbob.measured(solve, dimension, instances, per_dimension))
