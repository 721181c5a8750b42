"""BBOB's noiseless functions through COCO's own code, and what a run of an optimizer on one of them is."""

import time

import cocoex
import numpy as np


def problems(dimension, instances):
    """Function number, instance and problem, one after another."""
    suite = cocoex.Suite("bbob", f"instances:1-{instances}", f"dimensions:{dimension}")
    for number, instance in ((p.id_function, p.id_instance) for p in suite):
        yield number, instance, suite.get_problem_by_function_dimension_instance(number, dimension, instance)


def start(dimension, number, instance, run):
    """Where a run starts: uniform in [-4, 4]^n, the same for every optimizer."""
    return np.random.default_rng([dimension, number, instance, run]).uniform(-4, 4, dimension)


def evaluation_cost(dimension, points=20_000):
    """CPU seconds of one call of the functions, the mean of all 24."""
    x = np.random.default_rng(0).uniform(-4, 4, (points // 24, dimension))
    began = time.process_time()
    for _, _, problem in problems(dimension, 1):
        for point in x:
            problem(point)
    return (time.process_time() - began) / (24 * len(x))


def measured(solve, dimension, instances, per_dimension):
    """Solved or not, and evaluations, of each run; and CPU seconds of an evaluation beyond the function's own."""
    cost, runs, cpu = evaluation_cost(dimension), [], 0.0
    for number, instance, problem in problems(dimension, instances):
        began = time.process_time()
        solve(problem, start(dimension, number, instance, 0), per_dimension * dimension, 100 * number + instance)
        cpu += time.process_time() - began
        runs.append((number, instance, bool(problem.final_target_hit), int(problem.evaluations)))
        problem.free()
    total = sum(run[3] for run in runs)
    return {"runs": runs, "overhead": 1e6 * (cpu / total - cost), "cpu": cpu}
