"""Area under the ROC curve of 400,000 events: with DeLong's interval here, without any in scikit-learn."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from benchmarks.harness import Program, Setting, interleave, markdown, median, spread

EVENTS = 400_000


def task(path: Path, events: int) -> None:
    """Two Gaussians one and a half standard deviations apart, and positive weights."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, events)
    np.savez(path, y=y, score=rng.normal(size=events) + 1.5 * y, weight=rng.uniform(0.5, 1.5, events))


def table(setting: Setting) -> str:
    """The table of this benchmark."""
    events = EVENTS // 100 if setting.small else EVENTS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "task.npz"
        task(path, events)
        programs = [
            Program("Ansatz, AUC and DeLong's interval", "metrics_ansatz.py", arguments=(str(path),)),
            Program("scikit-learn, AUC alone", "metrics_sklearn.py", arguments=(str(path),)),
        ]
        reports = interleave(programs, setting.repeats)
    ours = reports[programs[0].name]
    head = ("program", "CPU s", "wall s", "weighted: CPU s", "AUC", "weighted AUC", "one sigma", "Ansatz / it, CPU s")
    rows = [_row(name, runs, ours) for name, runs in reports.items()]
    return markdown(f"metrics: area under the ROC curve of {events:,} events, one core", head, rows)


def _row(name: str, runs: list[dict], ours: list[dict]) -> list[str]:
    error = runs[0]["error"]
    return [
        name,
        spread(runs, "cpu", 3),
        spread(runs, "wall", 3),
        spread(runs, "weighted_cpu", 3),
        f"{runs[0]['auc']:.7f}",
        f"{runs[0]['weighted_auc']:.7f}",
        "none" if error is None else f"{error:.7f}",
        "" if runs is ours else f"{median(ours, 'cpu') / median(runs, 'cpu'):.2f}",
    ]
