"""How reweighting is told."""

from __future__ import annotations

from ansatz.report.blocks import Block, Gallery
from ansatz.report.figures.collider import reweighting as figures
from ansatz.studies.analyses.findings import Findings


def draw(findings: Findings) -> list[Block]:
    """Every column before and after, and the factors."""
    record, arrays = findings.record, findings.arrays
    methods = list(record["methods"])
    drawn = [figures.columns(arrays, c, methods, unit=record["units"].get(c)) for c in record["columns"]]
    return [Gallery(drawn, "Before and after"), Gallery([figures.factors(arrays, methods)], "Weights")]
