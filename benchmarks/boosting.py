"""Boosted trees: the same trees by this package and by others, and trees whose efficiency is flat over a plane."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.harness import ABSENT, Program, Setting, interleave, markdown, median, spread, verdict

ROWS, COLUMNS, TREES = 50_000, 20, 200
DECAYS = 50_000
BAR = 5
LIBRARIES = {"boosted-trees": "scikit-learn", "xgboost": "XGBoost", "lightgbm": "LightGBM"}


def task(path: Path, rows: int) -> None:
    """Signal and background of equal shares in 20 columns, of which some matter together."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2 * rows, COLUMNS))
    logit = x[:, 0] * x[:, 1] + np.sin(2 * x[:, 2]) + 0.7 * x[:, 3] + 0.5 * np.abs(x[:, 4]) * x[:, 5]
    y = (rng.random(2 * rows) < 1 / (1 + np.exp(-2 * logit))).astype(np.int64)
    np.savez(path, x=x[:rows], y=y[:rows], x_test=x[rows:], y_test=y[rows:])


def table(setting: Setting) -> str:
    """The two tables of this benchmark."""
    return f"{_plain(setting)}\n\n{_flat(setting)}"


def _plain(setting: Setting) -> str:
    rows, trees = (ROWS // 100, 20) if setting.small else (ROWS, TREES)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "task.npz"
        task(path, rows)
        given = str(path), str(trees)
        programs = [Program("Ansatz, own trees", "boost_ansatz.py", arguments=("flat-boosting", *given))]
        for name, library in LIBRARIES.items():
            programs += [
                Program(f"Ansatz, {name}", "boost_ansatz.py", arguments=(name, *given)),
                Program(library, "boost_peer.py", arguments=(library, *given)),
            ]
        reports = interleave(programs, setting.repeats)
    head = ("program", "CPU s", "wall s", "answering: CPU s", "test AUC", "test loss", "Ansatz / library, CPU s")
    shown = [_row(name, runs, _partner(name, reports)) for name, runs in reports.items()]
    title = f"boosting: {trees} trees of at most 31 leaves, {rows:,} rows of {COLUMNS} columns, one core"
    return markdown(title, head, shown)


def _partner(name: str, reports: dict[str, list[dict]]) -> list[dict]:
    """The runs of the library that a program is compared with."""
    own = name.removeprefix("Ansatz, ")
    return reports[LIBRARIES.get(own, "scikit-learn")] if own != name else []


def _row(name: str, runs: list[dict], others: list[dict]) -> list[str]:
    if not runs:
        return [name, ABSENT, *[""] * 5]
    return [
        name,
        spread(runs, "cpu"),
        spread(runs, "wall"),
        f"{median(runs, 'answer_cpu'):.2f}",
        f"{median(runs, 'auc'):.4f}",
        f"{median(runs, 'log_loss'):.4f}",
        f"{median(runs, 'cpu') / median(others, 'cpu'):.2f}" if others else "",
    ]


def _flat(setting: Setting) -> str:
    rows = DECAYS // 100 if setting.small else DECAYS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "decays.npz"
        interleave([Program("decays", "decays_ansatz.py", arguments=(str(path), str(rows)))], 1)
        reports = flat_reports(path, setting)
    ours, theirs = reports.values()
    head = ("program", "CPU s", "AUC", "SDE of signal", "it / Ansatz, CPU s")
    shown = [_flat_row(name, runs, ours) for name, runs in reports.items()]
    if ours and theirs:
        better = median(ours, "auc") >= median(theirs, "auc") and median(ours, "sde") <= median(theirs, "sde")
        shown[0][-1] = f"AUC and SDE: {verdict(better)}"
    return markdown(f"boosting: flat over the Dalitz plane, {rows:,} decays, 150 trees of depth 4", head, shown)


def flat_reports(path: Path, setting: Setting) -> dict[str, list[dict]]:
    """The reports of both programs on a file of decays; the peer takes minutes and runs once."""
    given, peer = (str(path),), setting.peer_python or sys.executable
    ours = interleave([Program("Ansatz", "flat_ansatz.py", arguments=given)], setting.repeats)
    return ours | interleave([Program("hep_ml, flatness loss", "flat_hepml.py", peer, given)], 1)


def _flat_row(name: str, runs: list[dict], ours: list[dict]) -> list[str]:
    if not runs:
        return [name, ABSENT, *[""] * 3]
    ratio = median(runs, "cpu") / median(ours, "cpu")
    return [
        name,
        spread(runs, "cpu", 1),
        f"{median(runs, 'auc'):.4f}",
        f"{median(runs, 'sde'):.4f}",
        "" if runs is ours else f"{ratio:.1f} (bar {BAR}: {verdict(ratio >= BAR)})",
    ]
