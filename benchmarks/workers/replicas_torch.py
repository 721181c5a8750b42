"""PyTorch: one replica after another in an eager loop without a loader, fused Adam, one thread."""

import itertools
import sys

import numpy as np
import stopwatch
import torch

torch.set_num_threads(1)


def network(inputs, widths, activation):
    """A feed-forward network with one output."""
    units = {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}[activation]
    pairs = itertools.pairwise((inputs, *widths))
    return torch.nn.Sequential(
        *[m for a, b in pairs for m in (torch.nn.Linear(a, b), units())], torch.nn.Linear(widths[-1], 1)
    )


def learn(x, y, model, epochs, batch_size):
    """The fitted network."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)
    loss = torch.nn.MSELoss()
    for _ in range(epochs):
        order = torch.randperm(len(x))
        shuffled_x, shuffled_y = x[order], y[order]
        for first in range(0, len(x), batch_size):
            optimizer.zero_grad(set_to_none=True)
            loss(model(shuffled_x[first : first + batch_size])[:, 0], shuffled_y[first : first + batch_size]).backward()
            optimizer.step()
    return model


def main(path):
    """Train, judge, report."""
    task = np.load(path)
    widths, activation = task["widths"].tolist(), str(task["activation"])
    x, targets = torch.from_numpy(task["x"]), torch.from_numpy(task["targets"])
    epochs, batch_size = int(task["epochs"]), int(task["batch_size"])
    torch.manual_seed(0)

    def learn_all(targets, epochs):
        return [learn(x, y, network(x.shape[1], widths, activation), epochs, batch_size) for y in targets]

    _, first_cpu, first_wall = stopwatch.clocked(lambda: learn_all(targets[:1], 1))
    models, cpu, wall = stopwatch.clocked(lambda: learn_all(targets, epochs))
    with torch.no_grad():
        answers = np.stack([model(torch.from_numpy(task["x_test"]))[:, 0].numpy() for model in models])
    share = len(targets) * epochs
    stopwatch.report(
        cpu=cpu,
        wall=wall,
        compile_cpu=max(first_cpu - cpu / share, 0.0),
        compile_wall=max(first_wall - wall / share, 0.0),
        **stopwatch.distances(task, answers),
    )


main(sys.argv[1])
