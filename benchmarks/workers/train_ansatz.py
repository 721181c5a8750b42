"""Ansatz: `fit` on the training task; the first fit compiles, the second is what counts."""

import sys

import jax
import numpy as np
import stopwatch

from ansatz.data import Dataset
from ansatz.models import MLP
from ansatz.optimizers import Recipe
from ansatz.risk import LOSSES, Expected
from ansatz.training import fit


def main(path, epochs):
    """Train, judge, report."""
    task = np.load(path)
    train = Dataset(task["x"], y=task["y"], classes=("background", "signal"))

    def learn(seed):
        return fit(
            lambda key: MLP(task["x"].shape[1], None, width=(64, 64, 64), key=key),
            Expected(LOSSES["cross-entropy"]),
            train,
            optimizer=Recipe("adam", learning_rate=1e-3),
            epochs=epochs,
            batch_size=256,
            head="sigmoid",
            key=jax.random.key(seed),
        )

    _, first_cpu, first_wall = stopwatch.clocked(lambda: learn(0))
    fitted, cpu, wall = stopwatch.clocked(lambda: learn(1))
    p = fitted.probability(task["x_test"])[:, 1]
    stopwatch.report(
        cpu=cpu,
        wall=wall,
        compile_cpu=first_cpu - cpu,
        compile_wall=first_wall - wall,
        auc=stopwatch.auc(task["y_test"], p),
        log_loss=stopwatch.log_loss(task["y_test"], p),
    )


main(sys.argv[1], int(sys.argv[2]))
