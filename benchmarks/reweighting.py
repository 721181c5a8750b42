"""Reweighting: one sample made to look like another by boosted trees, judged on fresh events by a fresh classifier."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.harness import ABSENT, Program, Setting, interleave, markdown, median, verdict

FRESH = 50_000
SAMPLES = {1_000: 6, 20_000: 6}
"""Events of each kind to learn from, and pairs of samples."""
PEER = "hep_ml, GBReweighter"


def write(path: Path, seed: int, events: int, fresh: int) -> None:
    """Six columns that differ as simulation and data do: small shifts, a width, correlations."""
    rng = np.random.default_rng(seed)
    sizes = {"original": events, "target": events, "fresh": fresh, "goal": fresh}
    parts = {name: rng.normal(size=(n, 6)) for name, n in sizes.items()}
    for t in (parts["target"], parts["goal"]):
        t[:, :3] += [0.2, -0.2, 0.15]
        t[:, 1] += 0.25 * t[:, 0]
        t[:, 3] *= 0.9
        t[:, 4] += 0.15 * (t[:, 5] > 0.5)
    np.savez(path, **parts)


def table(setting: Setting) -> str:
    """The table of this benchmark."""
    fresh = FRESH // 50 if setting.small else FRESH
    shown = []
    for events, count in {300: 2}.items() if setting.small else SAMPLES.items():
        shown += _rows(events, measure(setting, events, count, fresh))
    head = (
        "events of each",
        "program",
        "fit: CPU s",
        "residual AUC",
        "effective events kept",
        "AUC, it - Ansatz",
        "kept, Ansatz - it",
        "it / Ansatz, CPU s",
    )
    return markdown(f"reweighting: six columns, judged on {fresh:,} fresh events of each", head, shown)


def measure(setting: Setting, events: int, count: int, fresh: int) -> dict[str, list[dict]]:
    """The reports of both programs, one for each pair of samples, with the area that a fresh classifier still has."""
    reports: dict[str, list[dict]] = {"Ansatz": [], PEER: []}
    for seed in range(count):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "task.npz"
            write(path, seed, events, fresh)
            programs = [
                Program(name, script, python, (str(path), str(Path(folder) / script)))
                for name, script, python in (
                    ("Ansatz", "reweight_ansatz.py", sys.executable),
                    (PEER, "reweight_hepml.py", setting.peer_python or sys.executable),
                )
            ]
            for program in programs:
                for report in interleave([program], 1)[program.name]:
                    words = (str(path), f"{program.arguments[1]}.npy", str(seed))
                    judge = Program("judge", "reweight_judge.py", arguments=words)
                    reports[program.name].append(report | interleave([judge], 1)["judge"][0])
    return reports


def _rows(events: int, reports: dict[str, list[dict]]) -> list[list[str]]:
    ours, theirs = reports["Ansatz"], reports[PEER]
    rows = [[f"{events:,}", *_cells("Ansatz", ours), "", "", ""]]
    if not theirs:
        return [*rows, [f"{events:,}", PEER, ABSENT, *[""] * 5]]
    less, (more, _) = _paired(theirs, ours, "auc"), _paired(ours, theirs, "kept")
    fulfilled = less[0] >= 0 and more > 0
    differences = [f"{value:+.4f} ± {error:.4f}" for value, error in (less, _paired(ours, theirs, "kept"))]
    ratio = median(theirs, "cpu") / median(ours, "cpu")
    return [
        *rows,
        [
            f"{events:,}",
            *_cells(PEER, theirs),
            differences[0],
            f"{differences[1]} (bar: {verdict(fulfilled)})",
            f"{ratio:.1f}",
        ],
    ]


def _cells(name: str, runs: list[dict]) -> list[str]:
    auc, kept = (np.array([run[what] for run in runs]) for what in ("auc", "kept"))
    return [name, f"{median(runs, 'cpu'):.2f}", f"{auc.mean():.4f}", f"{kept.mean():.4f}"]


def _paired(first: list[dict], second: list[dict], name: str) -> tuple[float, float]:
    """Mean difference over the pairs of samples, and its standard error."""
    away = np.array([a[name] - b[name] for a, b in zip(first, second, strict=True)])
    return float(away.mean()), float(away.std(ddof=1) / np.sqrt(len(away)))
