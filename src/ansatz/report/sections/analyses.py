"""What the analyses of a study found: a headline, numbers beside what is known of them, and their figures."""

from __future__ import annotations

from collections.abc import Iterator

from ansatz.report.analyses.table import drawing_of
from ansatz.report.blocks import Block, Cell, Section, Table, Text
from ansatz.report.picture import slug
from ansatz.report.story import Story
from ansatz.report.words import number, typeset
from ansatz.studies.analyses.findings import Findings, Number
from ansatz.validation import Interval


def analyses(story: Story) -> Iterator[Section]:
    """One section for each analysis."""
    for name, findings in story.analyses.items():
        draw = drawing_of(str(story.results["analyses"][name]["kind"]))
        drawn = draw(findings) if draw else []
        title = name.replace("-", " ").replace("_", " ")
        yield Section(f"analysis-{slug(name)}", title[:1].upper() + title[1:], [*told(findings), *drawn])


def told(findings: Findings) -> list[Block]:
    """The headline and the table of numbers."""
    table = [numbers(findings.numbers)] if findings.numbers else []
    return [Text(findings.headline, "strong"), *table]


def numbers(found: tuple[Number, ...]) -> Table:
    """What was found beside what is known."""
    known = any(n.reference is not None for n in found)
    notes = any(n.note for n in found)
    head = ["", "found", *(["known", "difference / σ"] if known else []), *(["remark"] if notes else [])]
    rows = [_line(n, known=known, notes=notes) for n in found]
    return Table(head, rows, "The difference is in units of the error of what was found." if known else "")


def _line(n: Number, *, known: bool, notes: bool) -> list[Cell | str]:
    unit = f" {n.unit}" if n.unit else ""
    reference = "—" if n.reference is None else shown(n.reference) + unit
    sigmas = "—" if n.sigmas is None else f"{n.sigmas:+.1f}"
    aside = [Cell(reference, number=not isinstance(n.reference, str)), Cell(sigmas)] if known else []
    return [n.name, Cell(shown(n.value) + unit), *aside, *([Cell(n.note, number=False)] if notes else [])]


def shown(value: Interval | float | int | str) -> str:
    """A value as the table prints it.

    Example:
        >>> shown(Interval(2.275, 2.265, 2.285)), shown(2.2691853), shown("none")
        (Markup('2.275 ± 0.010'), '2.269', 'none')
    """
    if isinstance(value, Interval):
        return typeset(value)
    return value if isinstance(value, str) else number(value)
