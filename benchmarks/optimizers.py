"""Evolution on BBOB's 24 functions beside pycma, and curvature beside Adam on a small network.

The first part needs `cocoex` (distribution `coco-experiment`) in both interpreters and `cma` in that of the peers.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.harness import Program, Setting, interleave, markdown, median, spread

DIMENSIONS = (5, 10)
INSTANCES, PER_DIMENSION = 15, 3_000


def table(setting: Setting) -> str:
    """The tables of this benchmark."""
    return "\n\n".join([*(_evolution(setting, dimension) for dimension in DIMENSIONS), _curvature(setting)])


def _evolution(setting: Setting, dimension: int) -> str:
    instances, per_dimension = (1, 300) if setting.small else (INSTANCES, PER_DIMENSION)
    arguments = (str(dimension), str(instances), str(per_dimension))
    programs = [
        Program("Ansatz, BIPOP-CMA-ES", "evolve_ansatz.py", arguments=arguments),
        Program("pycma, BIPOP-CMA-ES", "evolve_pycma.py", setting.peer_python, arguments),
    ]
    reports = interleave(programs, 1)
    rows = [_evolution_row(name, runs[0], reports) for name, runs in reports.items() if runs]
    rows += [[name, "absent", "", "", "", ""] for name, runs in reports.items() if not runs]
    head = ("program", "solved to 1e-8", "evaluations, both solved", "overhead, us", "overhead / Ansatz", "bars")
    budget = f"{instances} instances, {per_dimension * dimension:,} evaluations"
    return markdown(f"optimizers: BBOB, {dimension} parameters, {budget}", head, rows)


def _evolution_row(name: str, report: dict, reports: dict[str, list[dict]]) -> list[str]:
    ours = reports["Ansatz, BIPOP-CMA-ES"]
    solved = [run[2] for run in report["runs"]]
    return [
        name,
        f"{sum(solved) / len(solved):.3f} ({sum(solved)} of {len(solved)})",
        f"{_common(report['runs'], [runs[0]['runs'] for runs in reports.values() if runs]):,.0f}",
        f"{report['overhead']:.1f}",
        f"{report['overhead'] / ours[0]['overhead']:.1f}" if ours else "",
        _bars(report, ours[0], reports) if ours and report is not ours[0] else "",
    ]


def _bars(peer: dict, own: dict, reports: dict[str, list[dict]]) -> str:
    """Whether Ansatz solves as often, in at most a tenth more evaluations, at a third of the overhead."""
    every = [runs[0]["runs"] for runs in reports.values() if runs]
    solved = sum(run[2] for run in own["runs"]) >= sum(run[2] for run in peer["runs"])
    evaluations = _common(own["runs"], every) <= 1.1 * _common(peer["runs"], every)
    overhead = own["overhead"] <= peer["overhead"] / 3
    missed = [
        name for name, met in (("solved", solved), ("evaluations", evaluations), ("overhead", overhead)) if not met
    ]
    return f"missed: {', '.join(missed)}" if missed else "met"


def _common(runs: Sequence[Sequence], every: Sequence[Sequence[Sequence]]) -> float:
    """Geometric mean of the evaluations over the problems that all programs solved."""
    import numpy as np

    both = np.all([[run[2] for run in other] for other in every], axis=0)
    counts = np.array([run[3] for run in runs], float)[both]
    return float(np.exp(np.log(counts).mean())) if len(counts) else float("nan")


def _curvature(setting: Setting) -> str:
    methods = ("adam", "levenberg-marquardt", "natural-gradient", "bfgs", "l-bfgs")
    seconds = "0.1" if setting.small else "2.0"
    programs = [Program(name, "curvature_ansatz.py", arguments=(name, seconds)) for name in methods]
    reports = interleave(programs, setting.repeats)
    adam = median(reports["adam"], "risk")
    rows = [
        [
            name,
            f"{median(runs, 'risk'):.2e}",
            spread(runs, "cpu"),
            f"{median(runs, 'steps'):,.0f}",
            f"{adam / median(runs, 'risk'):.3g}",
        ]
        for name, runs in reports.items()
    ]
    head = ("optimizer", "risk", "CPU s", "steps", "Adam's risk / it")
    return markdown(f"optimizers: network 1-20-1, 500 points without noise, {seconds} CPU s each", head, rows)
