"""Runs programs one after another in turn, each in a fresh process, and keeps what they report."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

WORKERS = Path(__file__).parent / "workers"
ABSENT = "absent"


@dataclasses.dataclass(frozen=True)
class Setting:
    """What a run of the benchmarks was asked for.

    Attributes:
        peer_python: interpreter of the peers that are not installed beside this package, or None.
        repeats: how often each program runs.
        small: whether to do a hundredth of the work.
    """

    peer_python: str | None = None
    repeats: int = 3
    small: bool = False


@dataclasses.dataclass(frozen=True)
class Program:
    """A worker script, the interpreter that runs it (None if there is none), and how many cores it has, 1 or all."""

    name: str
    script: str
    python: str | None = sys.executable
    arguments: tuple[str, ...] = ()
    cores: int | None = 1


def interleave(programs: Sequence[Program], repeats: int) -> dict[str, list[dict]]:
    """The reports of each program: first all of them once, then all of them again, and so on.

    A program without an interpreter, or one whose import fails, has an empty list.
    """
    reports: dict[str, list[dict]] = {program.name: [] for program in programs}
    for _ in range(repeats):
        for program in programs:
            report = _report(program)
            reports[program.name] += [report] if report is not None else []
    return reports


def _report(program: Program) -> dict | None:
    if program.python is None:
        return None
    kept = one_core if program.cores == 1 else None
    command = [program.python, str(WORKERS / program.script), *program.arguments]
    done = subprocess.run(command, capture_output=True, text=True, env=one_thread(), preexec_fn=kept)
    if done.returncode and "ModuleNotFoundError" in done.stderr:
        return None
    if done.returncode:
        raise RuntimeError(f"{program.name} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def one_thread() -> dict[str, str]:
    """The environment in which every numerical library keeps to one thread."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return {**os.environ, **dict.fromkeys(names, "1"), "JAX_PLATFORMS": "cpu"}


def one_core() -> None:
    """Keeps this process on one core, where the system allows it."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def median(reports: Sequence[dict], name: str) -> float:
    """The middle value of one number over all reports."""
    return statistics.median(report[name] for report in reports)


def spread(reports: Sequence[dict], name: str, digits: int = 2) -> str:
    """The middle value with the smallest and the largest, such as `0.88 (0.86-0.91)`."""
    values = [report[name] for report in reports]
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


def timed(command: Sequence[str], *, env: dict[str, str] | None = None, cwd: str | None = None) -> dict:
    """CPU and wall seconds of a command, its peak memory in MiB, and what it printed."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env, cwd=cwd)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{output}")
    memory = usage.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
    return {"cpu": usage.ru_utime + usage.ru_stime, "wall": wall, "memory": memory, "output": output}


def command() -> str:
    """The installed `ansatz` command."""
    return str(Path(sys.executable).parent / "ansatz")


def verdict(fulfilled: bool) -> str:
    """Whether a bar was met, in a word that cannot be overlooked."""
    return "met" if fulfilled else "MISSED"


def markdown(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown with aligned columns."""
    cells = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = ["| " + " | ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) + " |" for row in cells]
    rule = "|" + "|".join("-" * (w + 2) for w in widths) + "|"
    return "\n".join([f"### {title}", "", lines[0], rule, *lines[1:]])


def machine() -> str:
    """Processor, number of cores and versions, in one line."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count()
    return (
        f"{_processor()}, {cores} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
    return names[0] if names else platform.processor()
