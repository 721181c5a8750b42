"""scikit-learn: MLPClassifier in float32, Adam, no early stopping, no penalty."""

import sys
import warnings

import numpy as np
import stopwatch
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

warnings.simplefilter("ignore", ConvergenceWarning)


def main(path, epochs):
    """Train, judge, report."""
    task = np.load(path)

    def learn(epochs, seed):
        model = MLPClassifier(
            (64, 64, 64),
            alpha=0.0,
            batch_size=256,
            learning_rate_init=1e-3,
            max_iter=epochs,
            tol=0.0,
            n_iter_no_change=epochs + 1,
            random_state=seed,
        )
        return model.fit(task["x"], task["y"])

    _, first_cpu, first_wall = stopwatch.clocked(lambda: learn(1, 0))
    model, cpu, wall = stopwatch.clocked(lambda: learn(epochs, 1))
    p = model.predict_proba(task["x_test"])[:, 1]
    stopwatch.report(
        cpu=cpu,
        wall=wall,
        compile_cpu=max(first_cpu - cpu / epochs, 0.0),
        compile_wall=max(first_wall - wall / epochs, 0.0),
        auc=stopwatch.auc(task["y_test"], p),
        log_loss=stopwatch.log_loss(task["y_test"], p),
    )


main(sys.argv[1], int(sys.argv[2]))
