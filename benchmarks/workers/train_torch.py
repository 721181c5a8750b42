"""PyTorch: an eager loop without a loader, fused Adam, one thread; a short fit first, to be as warm as the others."""

import itertools
import sys

import numpy as np
import stopwatch
import torch

torch.set_num_threads(1)


def learn(x, y, epochs, seed):
    """The fitted network."""
    torch.manual_seed(seed)
    sizes = (x.shape[1], 64, 64, 64)
    layers = [m for a, b in itertools.pairwise(sizes) for m in (torch.nn.Linear(a, b), torch.nn.ReLU())]
    model = torch.nn.Sequential(*layers, torch.nn.Linear(64, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    loss = torch.nn.BCEWithLogitsLoss()
    for _ in range(epochs):
        order = torch.randperm(len(x))
        shuffled_x, shuffled_y = x[order], y[order]
        for first in range(0, len(x), 256):
            optimizer.zero_grad(set_to_none=True)
            loss(model(shuffled_x[first : first + 256])[:, 0], shuffled_y[first : first + 256]).backward()
            optimizer.step()
    return model


def main(path, epochs):
    """Train, judge, report."""
    task = np.load(path)
    x, y = torch.from_numpy(task["x"]), torch.from_numpy(task["y"].astype(np.float32))
    _, first_cpu, first_wall = stopwatch.clocked(lambda: learn(x, y, 1, 0))
    model, cpu, wall = stopwatch.clocked(lambda: learn(x, y, epochs, 1))
    with torch.no_grad():
        p = torch.sigmoid(model(torch.from_numpy(task["x_test"]))[:, 0]).numpy()
    stopwatch.report(
        cpu=cpu,
        wall=wall,
        compile_cpu=max(first_cpu - cpu / epochs, 0.0),
        compile_wall=max(first_wall - wall / epochs, 0.0),
        auc=stopwatch.auc(task["y_test"], p),
        log_loss=stopwatch.log_loss(task["y_test"], p),
    )


main(sys.argv[1], int(sys.argv[2]))
