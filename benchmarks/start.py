"""How long it takes to begin: the import, the help text, and the second run of a study."""

from __future__ import annotations

import os
import re
import sys
import tempfile

from benchmarks.harness import Setting, command, markdown, median, spread, timed, verdict

BARS = {"import ansatz": 0.2, "ansatz --help": 0.3}
MISS = re.compile("persistent compilation cache miss", re.IGNORECASE)


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
    """The study `xnor` twice in a fresh folder with an empty cache; the second run must compile nothing."""
    with tempfile.TemporaryDirectory() as folder:
        logging = "jax._src.compiler,jax._src.compilation_cache"
        env = {**os.environ, "ANSATZ_CACHE": folder, "JAX_DEBUG_LOG_MODULES": logging}
        env = {name: value for name, value in env.items() if name != "JAX_COMPILATION_CACHE_DIR"}
        runs = [timed([command(), "run", "xnor", "-o", f"{folder}/{i}"], env=env) for i in (1, 2)]
    compiled = [len(MISS.findall(run["output"])) for run in runs]
    bars = ["", f"0 programs: {verdict(compiled[0] > 0 and compiled[1] == 0)}"]
    names = ["ansatz run xnor, empty cache", "ansatz run xnor, again"]
    return [
        [name, f"{run['cpu']:.1f}", f"{run['wall']:.1f}", f"{count} programs", bar]
        for name, run, count, bar in zip(names, runs, compiled, bars, strict=True)
    ]
