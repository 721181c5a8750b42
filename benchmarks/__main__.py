"""Prints benchmark tables."""

import argparse
import os
import shutil
import sys

from benchmarks import (
    boosting,
    lattice,
    metrics,
    optimizers,
    replicas,
    reweighting,
    scale,
    start,
    training,
    unlabeled,
)
from benchmarks.harness import Setting, machine

TABLES = {
    "training": training.table,
    "replicas": replicas.table,
    "start": start.table,
    "metrics": metrics.table,
    "scale": scale.table,
    "unlabeled": unlabeled.table,
    "optimizers": optimizers.table,
    "lattice": lattice.table,
    "boosting": boosting.table,
    "reweighting": reweighting.table,
}


def main() -> int:
    """Prints the tables asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"tables to print: {', '.join(TABLES)} (all)")
    parser.add_argument(
        "--peer-python",
        default=os.environ.get("ANSATZ_PEER_PYTHON"),
        help="interpreter that has the peers (also: environment variable ANSATZ_PEER_PYTHON)",
    )
    parser.add_argument("--repeats", type=int, default=3, help="runs of each program, interleaved (3)")
    parser.add_argument("--small", action="store_true", help="a hundredth of the work, to see that everything runs")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in TABLES]
    if unknown:
        parser.error(f"there is no table '{unknown[0]}'; there are: {', '.join(TABLES)}")
    if options.peer_python and not shutil.which(options.peer_python):
        parser.error(f"there is no interpreter '{options.peer_python}'")
    setting = Setting(options.peer_python, options.repeats, options.small)
    print(f"Machine: {machine()}\n", flush=True)
    for name in options.names or TABLES:
        print(TABLES[name](setting), end="\n\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
