"""PyTorch: all replicas side by side by torch.func (vmap of grad), fused Adam on the stack, one thread."""

import itertools
import sys

import numpy as np
import stopwatch
import torch
from torch.func import functional_call, grad, stack_module_state, vmap

torch.set_num_threads(1)


def network(inputs, widths, activation):
    """A feed-forward network with one output."""
    units = {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}[activation]
    pairs = itertools.pairwise((inputs, *widths))
    return torch.nn.Sequential(
        *[m for a, b in pairs for m in (torch.nn.Linear(a, b), units())], torch.nn.Linear(widths[-1], 1)
    )


def learn(x, targets, widths, activation, epochs, batch_size):
    """The parameters of all networks, and one network to call with them."""
    models = [network(x.shape[1], widths, activation) for _ in targets]
    parameters, _ = stack_module_state(models)
    parameters = {name: values.detach().requires_grad_() for name, values in parameters.items()}
    optimizer = torch.optim.Adam(parameters.values(), lr=1e-3, fused=True)

    def risk(own, x, y):
        return torch.mean((functional_call(models[0], own, (x,))[:, 0] - y) ** 2)

    gradients, number = vmap(grad(risk)), torch.arange(len(targets))[:, None]
    for _ in range(epochs):
        order = torch.rand(targets.shape).argsort(dim=1)
        for first in range(0, len(x), batch_size):
            rows = order[:, first : first + batch_size]
            detached = {name: values.detach() for name, values in parameters.items()}
            found = gradients(detached, x[rows], targets[number, rows])
            for name, values in parameters.items():
                values.grad = found[name]
            optimizer.step()
    return parameters, models[0]


def main(path):
    """Train, judge, report."""
    task = np.load(path)
    widths, activation = task["widths"].tolist(), str(task["activation"])
    x, targets = torch.from_numpy(task["x"]), torch.from_numpy(task["targets"])
    epochs, batch_size = int(task["epochs"]), int(task["batch_size"])
    torch.manual_seed(0)

    def learn_all(epochs):
        return learn(x, targets, widths, activation, epochs, batch_size)

    _, first_cpu, first_wall = stopwatch.clocked(lambda: learn_all(1))
    (parameters, model), cpu, wall = stopwatch.clocked(lambda: learn_all(epochs))
    with torch.no_grad():
        test = torch.from_numpy(task["x_test"])
        answers = vmap(lambda own: functional_call(model, own, (test,))[:, 0])(parameters).numpy()
    stopwatch.report(
        cpu=cpu,
        wall=wall,
        compile_cpu=max(first_cpu - cpu / epochs, 0.0),
        compile_wall=max(first_wall - wall / epochs, 0.0),
        **stopwatch.distances(task, answers),
    )


main(sys.argv[1])
