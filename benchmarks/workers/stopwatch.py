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


def distances(task, answers):
    """Root mean square distance to the truth of the replicas' mean and of a single replica; answers (members, rows)."""
    import numpy as np

    gap = answers - task["truth_test"]
    return {
        "mean_distance": float(np.sqrt(np.mean(gap.mean(axis=0) ** 2))),
        "distance": float(np.sqrt(np.mean(gap**2))),
    }
