"""What commands print: tables for people, JSON for scripts."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ansatz.errors import InputError
from ansatz.files import plain

if TYPE_CHECKING:
    from rich.console import Console

    from ansatz.studies.check import Plan
    from ansatz.studies.contrast import Contrast
    from ansatz.studies.directory import RunDirectory

SHOWN = ("auc", "accuracy", "log_loss", "brier", "efficiency@0.1", "rmse", "mae", "r2", "chi2")
"""Metrics that a table on a terminal has room for; the report has all."""

NAMES_WIDTH, CELL_WIDTH = 40, 20
"""Room that names and kinds of models take in a table, and that a number with its interval takes."""

COLORS = {"green": "green", "amber": "yellow", "red": "red"}


def say(text: str) -> None:
    """One line on stdout."""
    print(text)


def show_json(value: object) -> None:
    """JSON on stdout."""
    json.dump(plain(value), sys.stdout, indent=1)
    print()


def show_plan(plan: Plan, *, as_json: bool) -> None:
    """What a study will do, and how long it may take."""
    if as_json:
        return show_json(plan)
    console = _console()
    console.print(f"[bold]{plan.title}[/bold]: {plan.data}", highlight=False)
    lines = [(m.name, m.kind, str(m.fits), _duration(m.seconds), m.remark) for m in plan.models]
    lines += [(name, kind, "", "", "an analysis; its time is not estimated") for name, kind in plan.analyses]
    _table(console, ("name", "kind", "fits", "about", "remark"), lines)
    for warning in plan.warnings:
        console.print(f"[yellow]note:[/yellow] {warning}", highlight=False)
    if plan.models:
        console.print(f"in all about {_duration(plan.seconds)}; {plan.basis}", highlight=False)
    return None


def show_list(*, as_json: bool) -> None:
    """The catalogue and the runs."""
    from ansatz.studies.catalogue import shipped
    from ansatz.studies.directory import all_runs
    from ansatz.studies.schema.toml import read

    studies = [{"name": name, **_about(read(path))} for name, path in shipped().items()]
    runs = [_about_run(run) for run in all_runs()]
    if as_json:
        return show_json({"studies": studies, "runs": runs})
    console = _console()
    _table(console, ("study", "about", "data"), [tuple(study.values()) for study in studies])
    if runs:
        _table(console, ("run", "study", "status", "winner"), [tuple(run.values()) for run in runs])
    return None


def show_run(run: RunDirectory, *, as_json: bool) -> None:
    """Whether to believe a run, and its numbers."""
    record = run.run
    if as_json:
        return show_json({"run": record, "results": run.results, "path": str(run.path)})
    console = _console()
    console.print(f"[bold]{record['title']}[/bold] ({run.path}, {record['status']})", highlight=False)
    results = run.results
    console.print("\nCan I believe this?", style="bold")
    for belief in results["beliefs"]:
        color = COLORS[belief["mark"]]
        mark = f"[{color}]{belief['mark']:<5}[/{color}]"
        console.print(f"  {mark} {belief['name']}: {belief['value']}. {belief['sentence']}", highlight=False)
    console.print()
    if results["models"]:
        _scores(console, results)
    for name, found in results.get("analyses", {}).items():
        _found(console, name, found)
    return None


def show_contrast(found: Contrast, *, as_json: bool) -> None:
    """Two runs side by side."""
    if as_json:
        return show_json(found)
    console = _console()
    if found.same_data is not None:
        console.print(f"data: {'the same' if found.same_data else 'not the same'}", highlight=False)
    _table(console, ("differs in", found.first, found.second), found.settings or [("nothing", "", "")])
    lines = [(m.model, m.metric, m.first, m.second, m.sigmas) for m in found.metrics]
    if lines:
        _table(console, ("model", "metric", found.first, found.second, "difference / sigma"), lines)
    numbers = [(n.analysis, n.name, n.first, n.second, n.sigmas) for n in found.numbers]
    if numbers:
        _table(console, ("analysis", "number", found.first, found.second, "difference / sigma"), numbers)
    paired = [(name, c.metric, str(c.difference), f"{c.p_value:.2g}") for name, c in found.paired.items()]
    if paired:
        _table(console, ("model", "metric", f"{found.second} - {found.first}, paired", "p"), paired)
    console.print(found.note, highlight=False)
    return None


def _scores(console: Console, results: Mapping[str, object]) -> None:
    from ansatz.validation import Interval

    models: Mapping[str, Mapping] = results["models"]
    primary = str(results["primary_metric"])
    present = [name for name in SHOWN if any(name in m["metrics"] for m in models.values()) and name != primary]
    metrics = [primary, *present[: max((console.width - NAMES_WIDTH) // CELL_WIDTH - 1, 0)]]
    lines = []
    for name, model in models.items():
        cells = [str(Interval.from_dict(model["metrics"][m])) if m in model["metrics"] else "" for m in metrics]
        mark = " *" if name == results["winner"] else ""
        lines.append((name + mark, model["kind"], *cells))
    _table(console, ("model", "kind", *metrics), lines)
    console.print(f"* best by {primary}; intervals of one sigma unless the study says otherwise", highlight=False)


def _found(console: Console, name: str, found: Mapping[str, object]) -> None:
    """What an analysis found, beside what is known."""
    from ansatz.studies.analyses.findings import Number

    console.print(f"[bold]{name}[/bold]: {found['headline']}", highlight=False)
    numbers = [Number.from_dict(record) for record in found["numbers"]]
    lines = [
        (n.name, f"{_short(n.value)} {n.unit}", "" if n.reference is None else _short(n.reference)) for n in numbers
    ]
    if lines:
        _table(console, ("", "found", "known"), lines)


def _short(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _about(tables: Mapping[str, object]) -> dict[str, object]:
    data = tables.get("data")
    if data is None:
        return {"about": tables.get("title", ""), "data": "none needed"}
    source = data.get("problem") or f"needs your file: {data.get('needs') or data.get('source')}"
    return {"about": tables.get("title", ""), "data": source}


def _about_run(run: RunDirectory) -> dict[str, object]:
    try:
        record = run.run
        winner = run.results.get("winner", "") if record["status"] == "finished" else ""
    except InputError:
        return {"run": str(run.path), "study": "", "status": "damaged", "winner": ""}
    return {"run": str(run.path), "study": record["name"], "status": record["status"], "winner": winner}


def _duration(seconds: float | None) -> str:
    """Seconds in the words of a rough estimate.

    Example:
        >>> _duration(0.2), _duration(45.0), _duration(400.0), _duration(9000.0), _duration(None)
        ('a second', '45 s', '7 min', '2.5 h', 'unknown')
    """
    if seconds is None:
        return "unknown"
    if seconds < 1.5:
        return "a second"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _console() -> Console:
    from rich.console import Console

    return Console(soft_wrap=True, width=None if sys.stdout.isatty() else 120)


def _table(console: Console, head: Sequence[str], lines: Sequence[Sequence[object]]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for title in head:
        table.add_column(title, overflow="fold")
    for line in lines:
        table.add_row(*(Text(str(cell)) for cell in line))
    console.print(table, soft_wrap=False)
