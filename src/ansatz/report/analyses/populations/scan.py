"""How a scan over hyperparameters is told: violins first, then what mattered, then how far to believe the best."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansatz.report.blocks import Block, Cell, Gallery, Table, Text
from ansatz.report.figures.populations import scan_results, scans
from ansatz.report.words import interval_of, listed, metric_label, number, seconds, typeset
from ansatz.studies.analyses.findings import Findings
from ansatz.validation.scans import Space

STRONG = 0.05
"""Share of the variance above which two choices are said to act together."""


def draw(findings: Findings) -> list[Block]:
    """The blocks of a scan."""
    settings, record = settings_of(findings), findings.record
    wide = [scans.violins(settings), *(p for p in [scans.against(settings)] if p)]
    small = [
        scan_results.progress(settings, record["fresh"]),
        *(p for p in [scan_results.reward_and_cost(settings)] if p),
        *([scan_results.importance(record["importance"])] if record["importance"] else []),
        scan_results.parallel(settings),
    ]
    together = [Text(text) for text in [_pairs(record["pairs"])] if text]
    bad = (
        [Text(f"What went wrong, for example: {'; '.join(record['failures'])}.", "note")] if record["failures"] else []
    )
    return [Gallery(wide, size="wide"), Gallery(small, size="medium"), *together, _top(record), *bad, _where(record)]


def settings_of(findings: Findings) -> scans.Settings:
    """The settings of the first rung, all of one budget, as figures see them."""
    arrays, record = findings.arrays, findings.record
    first = arrays["rung"] == 0
    space = Space.from_dict(record["space"])
    larger = record["larger_is_better"]
    return scans.Settings(
        space=space,
        place=arrays["place"][first],
        values={name: arrays[f"choice/{name}"][first] for name in space.names},
        score=arrays["score"][first] if larger is not None else arrays["reward"][first],
        error=arrays["error"][first],
        cost=arrays["cost"][first],
        metric=metric_label(str(record["metric"])),
        larger=larger is not False,
    )


def _pairs(pairs: list) -> str:
    """Which choices act together, in words."""
    strong = sorted(((share, a, b) for a, b, share in pairs if share > STRONG), reverse=True)[:3]
    if not strong:
        return ""
    said = [f"{a} with {b} ({share:.0%} of the variance)" for share, a, b in strong]
    return f"Choices that act together, beyond what each does by itself: {listed(said)}."


def _top(record: Mapping[str, Any]) -> Table:
    """The best settings, one a line."""
    names = list(record["space"]["ranges"])
    head = ["setting", *names, metric_label(str(record["metric"])), "cost", "epochs", "time"]
    rows = [_line(line, names, best=place == 0) for place, line in enumerate(record["top"])]
    folds = f"mean over {record['folds']} folds" if record["folds"] > 1 else "on the rows held out"
    return Table(head, rows, f"The best settings: score {folds}, with its error from the finite number of rows.")


def _line(line: Mapping[str, Any], names: list[str], *, best: bool) -> list[Cell | str]:
    values = [_value(line["setting"][name]) for name in names]
    score = Cell(typeset(interval_of(line["score"])), best=best)
    return [str(line["number"]), *values, score, Cell(number(line["cost"])), Cell(number(line["epochs"])), _time(line)]


def _value(value: object) -> Cell:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return Cell(number(value) if plain else str(value), number=plain)


def _time(line: Mapping[str, Any]) -> Cell:
    return Cell(seconds(line["seconds"]))


def _where(record: Mapping[str, Any]) -> Text:
    count = len(record["space"]["ranges"])
    return Text(
        f"Every setting with its {count} choices, scores and costs: {record['table']} beside the findings.", "note"
    )
