"""Ansatz: 64 settings of learning rate, weight decay and dropout as one population, or one after another."""

import sys

import jax
import numpy as np
import stopwatch

from ansatz.data import Dataset
from ansatz.models import MLP
from ansatz.optimizers import Recipe
from ansatz.risk import Expected, squared_error
from ansatz.training import Population, fit

SETTINGS = 64


def main(path):
    """Scan both ways in turn, report."""
    task = np.load(path)
    rng = np.random.default_rng(1)
    settings = {
        "learning_rate": 10 ** rng.uniform(-4, -2, SETTINGS),
        "weight_decay": 10 ** rng.uniform(-6, -2, SETTINGS),
        "dropout": rng.uniform(0.0, 0.5, SETTINGS),
    }
    compiled = []
    jax.monitoring.register_event_duration_secs_listener(
        lambda event, seconds, **_: compiled.append(event) if "backend_compile" in event else None
    )

    def learn(members, values):
        return fit(
            lambda key: MLP(task["x"].shape[1], None, width=tuple(task["widths"].tolist()), dropout=0.1, key=key),
            Expected(squared_error),
            Dataset(task["x"], y=task["targets"][0]),
            optimizer=Recipe("adam"),
            epochs=int(task["epochs"]),
            batch_size=int(task["batch_size"]),
            population=Population(members, hyperparameters=values),
            key=jax.random.key(0),
        )

    def together():
        return learn(SETTINGS, settings)

    def apart():
        return [learn(1, {name: values[[k]] for name, values in settings.items()}) for k in range(SETTINGS)]

    together(), apart()
    before = len(compiled)
    _, cpu, wall = stopwatch.clocked(together)
    _, apart_cpu, apart_wall = stopwatch.clocked(apart)
    again = len(compiled) - before
    stopwatch.report(cpu=cpu, wall=wall, apart_cpu=apart_cpu, apart_wall=apart_wall, compiled=again)


main(sys.argv[1])
