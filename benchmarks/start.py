"""How long it takes to begin: the import, the help text, and the second run of a study."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

from benchmarks.harness import Setting, command, markdown, median, spread, timed, verdict

BARS = {"import ansatz": 0.2, "ansatz --help": 0.3}
MISS = re.compile("PERSISTENT COMPILATION CACHE MISS")


def table(setting: Setting) -> str:
    """The table of this benchmark."""
    rows = [*_starts(setting), *_runs()]
    return markdown("start: seconds before the work begins", ("what", "CPU s", "wall s", "compiled", "bar"), rows)


def _starts(setting: Setting) -> list[list[str]]:
    commands = {
        "python, nothing else": [sys.executable, "-c", "pass"],
        "import ansatz": [sys.executable, "-c", "import ansatz"],
        "ansatz --help": [command(), "--help"],
    }
    reports: dict[str, list[dict]] = {name: [] for name in commands}
    for _ in range(max(setting.repeats, 5)):
        for name, words in commands.items():
            reports[name].append(timed(words))
    return [
        [name, spread(runs, "cpu", 3), spread(runs, "wall", 3), "", _bar(name, runs)] for name, runs in reports.items()
    ]


def _bar(name: str, runs: list[dict]) -> str:
    if name not in BARS:
        return ""
    return f"{BARS[name]} CPU s: {verdict(median(runs, 'cpu') < BARS[name])}"


def _runs() -> list[list[str]]:
    """The study `xnor` with an empty cache, again, and once more to count what is not in the cache."""
    with tempfile.TemporaryDirectory() as folder:
        plain = {name: value for name, value in os.environ.items() if name != "JAX_COMPILATION_CACHE_DIR"}
        quiet = {**plain, "ANSATZ_CACHE": f"{folder}/cache"}
        loud = {**quiet, "JAX_EXPLAIN_CACHE_MISSES": "1"}
        first, second, counted = [
            timed([command(), "run", "xnor", "-o", f"{folder}/{i}"], env=env)
            for i, env in enumerate((quiet, quiet, loud))
        ]
        kept = len(list(Path(folder, "cache").rglob("*-cache")))
    missed = len(MISS.findall(counted["output"]))
    fulfilled = f"no program: {verdict(kept > 0 and missed == 0)}"
    return [
        ["ansatz run xnor, empty cache", f"{first['cpu']:.1f}", f"{first['wall']:.1f}", f"{kept} programs", ""],
        ["ansatz run xnor, again", f"{second['cpu']:.1f}", f"{second['wall']:.1f}", f"{missed} programs", fulfilled],
    ]
