"""scikit-learn: one MLPRegressor for each replica, float32, Adam, no early stopping, no penalty."""

import sys
import warnings

import numpy as np
import stopwatch
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPRegressor

warnings.simplefilter("ignore", ConvergenceWarning)


def main(path):
    """Train, judge, report."""
    task = np.load(path)
    epochs = int(task["epochs"])

    def learn(targets, epochs):
        return [
            MLPRegressor(
                hidden_layer_sizes=tuple(task["widths"].tolist()),
                activation=str(task["activation"]),
                alpha=0.0,
                batch_size=int(task["batch_size"]),
                learning_rate_init=1e-3,
                max_iter=epochs,
                tol=0.0,
                n_iter_no_change=epochs + 1,
                random_state=number,
            ).fit(task["x"], y)
            for number, y in enumerate(targets)
        ]

    _, first_cpu, first_wall = stopwatch.clocked(lambda: learn(task["targets"][:1], 1))
    models, cpu, wall = stopwatch.clocked(lambda: learn(task["targets"], epochs))
    share = len(task["targets"]) * epochs
    stopwatch.report(
        cpu=cpu,
        wall=wall,
        compile_cpu=max(first_cpu - cpu / share, 0.0),
        compile_wall=max(first_wall - wall / share, 0.0),
        **stopwatch.distances(task, np.stack([model.predict(task["x_test"]) for model in models])),
    )


main(sys.argv[1])
