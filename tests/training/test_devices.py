"""Members of a population are shared out over several devices."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

import zoo
from ansatz.models import linear
from ansatz.optimizers import Recipe
from ansatz.risk import Expected, squared_error
from ansatz.training import Population, fit

RATES = (0.003, 0.01, 0.03, 0.1, 0.2)


def line(key):
    return linear(zoo.INPUTS, None, key=key)


def answers():
    """What five members answer after a few epochs of mini-batches."""
    data = zoo.numbers(96, 0).replace(y=(zoo.numbers(96, 0).y - 100) / 20)
    found = fit(
        line,
        Expected(squared_error),
        data[:64],
        validation=data[64:],
        patience=3,
        optimizer=Recipe("sgd", learning_rate=0.1),
        epochs=20,
        batch_size=16,
        population=Population(5, "bootstrap", {"learning_rate": np.array(RATES)}),
        key=zoo.key(),
    )
    return found.members(data.x[:8])


PROGRAM = """
import json, jax, test_devices
print(json.dumps([jax.device_count(), test_devices.answers().tolist()]))
"""


def test_two_devices_give_the_numbers_of_one():
    here = Path(__file__).parent
    paths = os.pathsep.join([str(here), str(here.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=2", "JAX_PLATFORMS": "cpu", "PYTHONPATH": paths}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env={**os.environ, **flags}, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    devices, found = json.loads(done.stdout.splitlines()[-1])
    assert devices == 2
    np.testing.assert_allclose(found, answers(), rtol=1e-5, atol=1e-6)
