"""The Ising model at its transition: spin flips per nanosecond, and independent 40 x 40 states per second.

The numba programs need `numba` in the interpreter of the peers.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.harness import Program, Setting, interleave, markdown, median, spread, verdict

SIDE = 40
TEMPERATURE = 2 / math.log(1 + math.sqrt(2))
FLIPS_BAR, SAMPLES_BAR = 1.0, 5_500


def table(setting: Setting) -> str:
    """The tables of this benchmark."""
    return "\n\n".join([_metropolis(setting), _clusters(setting)])


def _metropolis(setting: Setting) -> str:
    """Sweeps of a checkerboard, in flips per nanosecond of CPU time."""
    flips = 2e7 if setting.small else 2e9
    settings = [
        ("Ansatz, multi-spin coded", "lattice_ansatz.py", 64, 1.0, False),
        ("Ansatz, multi-spin coded", "lattice_ansatz.py", 1024, 2.0, False),
        ("textbook JAX, checkerboard", "lattice_jax.py", 64, 0.02, False),
        ("numba, one spin after another", "lattice_numba.py", 64, 0.1, True),
    ]
    with tempfile.TemporaryDirectory() as folder:
        programs = [
            _program(setting, f"{name}, {count} lattices", script, peer, folder, "metropolis", count,
                     max(2, round(flips * work / count / SIDE**2)))
            for name, script, count, work, peer in settings
        ]  # fmt: skip
        reports = interleave(programs, setting.repeats)
        ours = reports[programs[0].name]
        rows = [_flips_row(p.name, reports[p.name], ours, Path(p.arguments[-1])) for p in programs]
    head = ("program", "flips per ns of CPU", "flips per ns of wall", "Ansatz / it", "energy, pull", "bar")
    return markdown(f"lattice: Metropolis at T_c, {SIDE} x {SIDE}, one core", head, rows)


def _flips_row(name: str, runs: list[dict], ours: list[dict], series: Path) -> list[str]:
    if not runs:
        return [name, "absent", "", "", "", ""]
    speed = median(runs, "rate")
    bar = f"{FLIPS_BAR:g} on two cores: {verdict(speed >= FLIPS_BAR)}" if "Ansatz" in name else ""
    ratio = "" if runs is ours else f"{median(ours, 'rate') / speed:.1f}"
    return [name, spread(runs, "rate", 3), spread(runs, "wall_rate", 3), ratio, f"{_pull(series):+.1f}", bar]


def _clusters(setting: Setting) -> str:
    """Independent states per CPU second: steps per second over twice the larger autocorrelation time."""
    work = 0.01 if setting.small else 1.0
    settings = [
        ("Ansatz, Wolff, multi-spin coded", "lattice_ansatz.py", "wolff", 256, 400, False),
        ("Ansatz, Metropolis and Wolff", "lattice_ansatz.py", "metropolis+wolff", 256, 400, False),
        ("Ansatz, Metropolis", "lattice_ansatz.py", "metropolis", 1024, 2000, False),
        ("Ansatz, Swendsen-Wang", "lattice_ansatz.py", "swendsen-wang", 256, 40, False),
        ("numba, Wolff", "lattice_numba.py", "wolff", 1, 100_000, True),
    ]
    with tempfile.TemporaryDirectory() as folder:
        programs = [
            _program(setting, name, script, peer, folder, method, count, max(2, round(steps * work)))
            for name, script, method, count, steps, peer in settings
        ]
        reports = interleave(programs, setting.repeats)
        rows = [_samples_row(p.name, reports[p.name], Path(p.arguments[-1])) for p in programs]
    numbers = {row[0]: float(row[5].replace(",", "")) for row in rows if row[1] != "absent"}
    peer = numbers.get("numba, Wolff")
    rows = [[*row, "" if peer is None or row[1] == "absent" else f"{numbers[row[0]] / peer:.2f}"] for row in rows]
    head = ("program", "steps per CPU s", "tau of e", "tau of abs m", "energy, pull", "independent per CPU s", "bar",
            "it / numba")  # fmt: skip
    return markdown(f"lattice: independent {SIDE} x {SIDE} states at T_c, one core", head, rows)


def _samples_row(name: str, runs: list[dict], series: Path) -> list[str]:
    if not runs:
        return [name, "absent", "", "", "", "", ""]
    energy, order = _times(series)
    independent = median(runs, "steps_rate") / max(1.0, 2 * energy, 2 * order)
    bar = f"{SAMPLES_BAR:,}: {verdict(independent >= SAMPLES_BAR)}" if "Wolff" in name and "Ansatz" in name else ""
    steps = f"{median(runs, 'steps_rate'):,.0f}"
    return [name, steps, f"{energy:.1f}", f"{order:.1f}", f"{_pull(series):+.1f}", f"{independent:,.0f}", bar]


def _program(setting: Setting, name: str, script: str, peer: bool, folder: str, *words: str | int) -> Program:
    """A worker with its method, number of lattices, number of timed steps and the file for its measurements."""
    words = (*words, "1" if setting.small else "0", str(Path(folder) / f"{name}.npz"))
    interpreter = {"python": setting.peer_python} if peer else {}
    return Program(name, script, arguments=tuple(map(str, words)), **interpreter)


def _times(series: Path) -> Sequence[float]:
    """Integrated autocorrelation times in steps."""
    import numpy as np

    from ansatz.problems.lattice import autocorrelation

    with np.load(series) as kept:
        return [autocorrelation(kept[name]).time * int(kept["every"]) for name in ("energy", "order")]


def _pull(series: Path) -> float:
    """Standard errors of the mean energy above Kaufman's."""
    import numpy as np

    from ansatz.problems.lattice import blocks, jackknife
    from ansatz.problems.lattice.exact import kaufman

    with np.load(series) as kept:
        return jackknife(blocks(kept["energy"])).pull(kaufman(TEMPERATURE, SIDE).energy)
