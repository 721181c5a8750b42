"""hep_ml: GBReweighter with its defaults."""

import sys

import numpy as np
import stopwatch
from hep_ml.reweight import GBReweighter


def main(path, answer):
    """Learn, reweight fresh events, report."""
    task = np.load(path)
    model = GBReweighter()
    _, cpu, wall = stopwatch.clocked(lambda: model.fit(task["original"], task["target"]))
    np.save(answer, model.predict_weights(task["fresh"]))
    stopwatch.report(cpu=cpu, wall=wall)


main(*sys.argv[1:])
