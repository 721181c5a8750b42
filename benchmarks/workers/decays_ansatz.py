"""Writes decays to three particles: three features that follow the place on the Dalitz plane."""

import sys

import jax
import numpy as np
import stopwatch

from ansatz.problems.collider import Dalitz


def main(path, rows):
    """Draw, write."""
    data = Dalitz().draw(jax.random.key(0), 2 * rows)
    plane = np.column_stack([data.observers[name] for name in ("M2AB", "M2AC")])
    parts = {"x": data.x, "y": data.y, "plane": plane}
    learn = {name: values[:rows] for name, values in parts.items()}
    np.savez(path, **learn, **{f"{name}_test": values[rows:] for name, values in parts.items()})
    stopwatch.report(rows=rows)


main(sys.argv[1], int(sys.argv[2]))
