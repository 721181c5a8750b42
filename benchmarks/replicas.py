"""Populations on a CPU: 100 replicas of a small network, 32 of a larger one, and a scan of 64 settings."""

from __future__ import annotations

import dataclasses
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.harness import ABSENT, Program, Setting, interleave, markdown, median, spread, verdict


@dataclasses.dataclass(frozen=True)
class Task:
    """Noise replicas of measurements, and the network that is fitted to each.

    Attributes:
        name: what is fitted, in words.
        rows: number of measurements.
        inputs: number of features.
        widths: units of each hidden layer.
        activation: of the hidden units.
        batch_size: events in a mini-batch.
        replicas: how many.
        epochs: times through the measurements.
        bars: how many times fewer CPU seconds than each peer.
    """

    name: str
    rows: int
    inputs: int
    widths: tuple[int, ...]
    activation: str
    batch_size: int
    replicas: int
    epochs: int
    bars: dict[str, float]

    def flops(self) -> float:
        """Additions and multiplications: 2 a weight forward and 4 backward, 2 at the inputs."""
        sizes = (self.inputs, *self.widths, 1)
        weights = [a * b for a, b in zip(sizes, sizes[1:], strict=False)]
        return (6 * sum(weights) - 2 * weights[0]) * self.rows * self.epochs * self.replicas

    def write(self, path: Path) -> None:
        """The measurements, their replicas, and the truth at other places."""
        rng = np.random.default_rng(0)
        x = rng.uniform(-1, 1, (2 * self.rows, self.inputs)).astype(np.float32)
        truth = np.sin(3 * x[:, 0]) + (x[:, 1 % self.inputs] * x[:, 2 % self.inputs])
        y = truth[: self.rows] + 0.2 * rng.normal(size=self.rows)
        targets = (y + 0.2 * rng.normal(size=(self.replicas, self.rows))).astype(np.float32)
        settings = {"widths": self.widths, "activation": self.activation, "epochs": self.epochs}
        test = {"x_test": x[self.rows :][:2000], "truth_test": truth[self.rows :][:2000]}
        np.savez(path, x=x[: self.rows], targets=targets, **test, **settings, batch_size=self.batch_size)


FUNC, LOOP, SKLEARN = "PyTorch, torch.func", "PyTorch, loop, fused Adam", "scikit-learn, float32"
SMALL = Task(
    "100 replicas of 1-25-20-1", 1_000, 1, (25, 20), "tanh", 100, 100, 100, {LOOP: 6.0, SKLEARN: 2.5, FUNC: 1.0}
)
LARGE = Task(
    "32 replicas of 30-64-64-64-1", 50_000, 30, (64, 64, 64), "relu", 256, 32, 2, {LOOP: 3.0, SKLEARN: 3.0, FUNC: 3.0}
)
SCAN = Task("64 settings of 8-32-32-1", 5_000, 8, (32, 32), "relu", 128, 1, 5, {})
WALL_BAR, SCAN_BAR = 0.6, 1.15
OURS, BOTH = "Ansatz", "Ansatz, on all cores"


def table(setting: Setting) -> str:
    """The tables of this benchmark."""
    peak = measured_peak()
    tasks = [_replicas(setting, _shrunk(task, setting), peak) for task in (SMALL, LARGE)]
    return "\n\n".join([*tasks, _scan(setting, _shrunk(SCAN, setting))])


def _shrunk(task: Task, setting: Setting) -> Task:
    if not setting.small:
        return task
    return dataclasses.replace(task, replicas=min(task.replicas, 3), epochs=2, rows=task.rows // 10)


def measured_peak() -> float:
    """Float32 operations per second of one core, by the fastest of some products of large matrices."""
    from threadpoolctl import threadpool_limits

    a = np.random.default_rng(0).normal(size=(1536, 1536)).astype(np.float32)
    seconds = []
    with threadpool_limits(1):
        for _ in range(8):
            began = time.process_time()
            a @ a
            seconds.append(time.process_time() - began)
    return 2 * len(a) ** 3 / min(seconds)


def _replicas(setting: Setting, task: Task, peak: float) -> str:
    reports = _measured(setting, task)
    rows = f"{task.rows:,} rows, batch {task.batch_size}, Adam, {task.epochs} epochs"
    title = f"replicas: {task.name}, {rows}"
    head = (
        "program",
        "CPU s",
        "wall s",
        "first call: CPU s",
        "of the peak",
        "distance of one",
        "of the mean",
        "it / Ansatz",
    )
    return markdown(title, head, [_row(name, runs, reports, task, peak) for name, runs in reports.items()])


def _measured(setting: Setting, task: Task) -> dict[str, list[dict]]:
    """The reports of all programs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "task.npz"
        task.write(path)
        peer, words = setting.peer_python or sys.executable, (str(path),)
        programs = [
            Program(OURS, "replicas_ansatz.py", arguments=words),
            Program(BOTH, "replicas_ansatz.py", arguments=words, cores=None),
            Program(LOOP, "replicas_torch.py", peer, words),
            Program(FUNC, "replicas_func.py", peer, words),
            Program(SKLEARN, "replicas_sklearn.py", arguments=words),
        ]
        return interleave(programs, setting.repeats)


def _row(name: str, runs: list[dict], reports: dict[str, list[dict]], task: Task, peak: float) -> list[str]:
    if not runs:
        return [name, ABSENT, *[""] * 6]
    return [
        name,
        spread(runs, "cpu"),
        spread(runs, "wall"),
        f"{median(runs, 'compile_cpu'):.2f}",
        f"{task.flops() / median(runs, 'cpu') / peak:.1%}",
        f"{median(runs, 'distance'):.4f}",
        f"{median(runs, 'mean_distance'):.4f}",
        _said(name, runs, reports[OURS], task),
    ]


def _said(name: str, runs: list[dict], ours: list[dict], task: Task) -> str:
    """The ratio of CPU seconds, or of wall to CPU seconds where all cores were used."""
    if name == BOTH:
        share = min(run["wall"] / run["cpu"] for run in runs)
        return f"wall / CPU {share:.2f} (bar {WALL_BAR}: {verdict(share <= WALL_BAR)})"
    if name not in task.bars:
        return ""
    ratio, bar = median(runs, "cpu") / median(ours, "cpu"), task.bars[name]
    return f"{ratio:.1f} (bar {bar:g}: {verdict(ratio >= bar)})"


def _scan(setting: Setting, task: Task) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "task.npz"
        task.write(path)
        runs = interleave([Program(OURS, "replicas_scan.py", arguments=(str(path),))], setting.repeats)[OURS]
    ratio, compiled = median(runs, "cpu") / median(runs, "apart_cpu"), int(max(run["compiled"] for run in runs))
    head = ("one population: CPU s", "one after another: CPU s", "ratio", "compiled for other settings")
    cells = [
        spread(runs, "cpu"),
        spread(runs, "apart_cpu"),
        f"{ratio:.2f} (bar {SCAN_BAR}: {verdict(ratio <= SCAN_BAR)})",
    ]
    title = f"scan: {task.name}, learning rate, weight decay and dropout, {task.rows:,} rows, {task.epochs} epochs"
    return markdown(title, head, [[*cells, f"{compiled} (bar 0: {verdict(compiled == 0)})"]])
