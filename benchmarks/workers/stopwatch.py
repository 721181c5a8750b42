"""What every worker shares: two clocks, one line of JSON."""

import json
import time


def clocked(call):
    """What a call returns, with its CPU and wall seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = call()
    return result, time.process_time() - cpu, time.perf_counter() - wall


def report(**numbers):
    """One line that the harness reads."""
    print(json.dumps(numbers))


def auc(y, score):
    """Area under the ROC curve of unweighted events without ties."""
    import numpy as np

    ranks = np.argsort(np.argsort(score)) + 1
    signal = int(y.sum())
    return float((ranks[y == 1].sum() - signal * (signal + 1) / 2) / (signal * (len(y) - signal)))


def log_loss(y, probability):
    """Mean cross-entropy."""
    import numpy as np

    p = np.clip(probability.astype(float), 1e-12, 1 - 1e-12)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log1p(-p)))


def classified(task, probability):
    """What a classifier says of the test events, a function of them: its CPU seconds and how good it is."""
    p, cpu, _ = clocked(lambda: probability(task["x_test"]))
    return {"answer_cpu": cpu, "auc": auc(task["y_test"], p), "log_loss": log_loss(task["y_test"], p)}


def distances(task, answers):
    """Root mean square distance to the truth of the replicas' mean and of a single replica; answers (members, rows)."""
    import numpy as np

    gap = answers - task["truth_test"]
    return {
        "mean_distance": float(np.sqrt(np.mean(gap.mean(axis=0) ** 2))),
        "distance": float(np.sqrt(np.mean(gap**2))),
    }


def unevenness(score, plane, bins=10):
    """Standard deviation of efficiency over cells of equal steps on a plane, mean over cuts that keep .1 to .5."""
    import numpy as np

    steps = [np.linspace(column.min(), column.max(), bins + 1)[1:-1] for column in plane.T]
    first, second = (np.searchsorted(edges, column) for edges, column in zip(steps, plane.T, strict=True))
    cell = np.unique(first * bins + second, return_inverse=True)[1]
    share, total = np.bincount(cell), 0.0
    for efficiency in (0.1, 0.2, 0.3, 0.4, 0.5):
        passed = np.bincount(cell, score > np.quantile(score, 1 - efficiency)) / share
        total += share @ (passed - share @ passed / share.sum()) ** 2 / share.sum()
    return float(np.sqrt(total / 5))
