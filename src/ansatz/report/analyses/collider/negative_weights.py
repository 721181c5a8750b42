"""How strategies for negative weights are told."""

from __future__ import annotations

from ansatz.report.blocks import Block, Gallery
from ansatz.report.figures.collider import signs
from ansatz.studies.analyses.findings import Findings
from ansatz.validation import Interval

MOST = 6
"""Columns that are drawn."""


def draw(findings: Findings) -> list[Block]:
    """The areas, and each column of each class."""
    record, arrays = findings.record, findings.arrays
    names, units = list(record["names"]), record["units"]
    found = {name: Interval.from_dict(area) for name, area in record["areas"].items()}
    drawn = [
        signs.densities(arrays, column, group, names, unit=units.get(column))
        for column in record["columns"][:MOST]
        for group in record["classes"]
    ]
    return [Gallery([signs.areas(found)]), Gallery(drawn, "What the strategies do to the sample")]
