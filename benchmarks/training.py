"""Training a network on a CPU: 30-64-64-64-1, 50,000 rows, batches of 256, Adam, 20 epochs, one core."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.harness import ABSENT, Program, Setting, interleave, markdown, median, spread, verdict

ROWS, INPUTS, EPOCHS = 50_000, 30, 20
BAR = 0.4


def task(path: Path, rows: int) -> None:
    """A smooth but crooked boundary in 30 Gaussian inputs; half of the variance of the logit is learnable curvature."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2 * rows, INPUTS)).astype(np.float32)
    slope = rng.normal(size=INPUTS) / np.sqrt(INPUTS)
    logit = 2 * x @ slope + 1.5 * x[:, 0] * x[:, 1] + 1.5 * np.sin(2 * x[:, 2]) + x[:, 3] ** 2 - 1
    y = (rng.random(2 * rows) < 1 / (1 + np.exp(-logit))).astype(np.int64)
    np.savez(path, x=x[:rows], y=y[:rows], x_test=x[rows:], y_test=y[rows:])


def table(setting: Setting) -> str:
    """The table of this benchmark."""
    rows, epochs = (ROWS // 100, 2) if setting.small else (ROWS, EPOCHS)
    reports = measure(setting, rows, epochs)
    title = f"training: MLP 30-64-64-64-1, {rows:,} rows, batch 256, Adam, {epochs} epochs, one core"
    head = ("program", "CPU s", "wall s", "first call: CPU s", "wall s", "test AUC", "test loss", "Ansatz / it, CPU s")
    return markdown(title, head, [_row(name, runs, reports["Ansatz"]) for name, runs in reports.items()])


def measure(setting: Setting, rows: int, epochs: int) -> dict[str, list[dict]]:
    """The reports of all programs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "task.npz"
        task(path, rows)
        arguments = (str(path), str(epochs))
        peer = setting.peer_python or sys.executable
        programs = [
            Program("Ansatz", "train_ansatz.py", arguments=arguments),
            Program("PyTorch, eager, fused Adam", "train_torch.py", peer, arguments),
            Program("scikit-learn, float32", "train_sklearn.py", arguments=arguments),
        ]
        return interleave(programs, setting.repeats)


def _row(name: str, runs: list[dict], ours: list[dict]) -> list[str]:
    if not runs:
        return [name, ABSENT, *[""] * 6]
    return [
        name,
        spread(runs, "cpu"),
        spread(runs, "wall"),
        f"{median(runs, 'compile_cpu'):.2f}",
        f"{median(runs, 'compile_wall'):.2f}",
        f"{median(runs, 'auc'):.4f}",
        f"{median(runs, 'log_loss'):.4f}",
        "" if runs is ours else _verdict(median(ours, "cpu") / median(runs, "cpu")),
    ]


def _verdict(ratio: float) -> str:
    return f"{ratio:.2f} (bar {BAR}: {verdict(ratio <= BAR)})"
