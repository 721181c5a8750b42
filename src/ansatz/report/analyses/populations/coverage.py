"""Coverage over pseudo-experiments, drawn."""

from __future__ import annotations

import numpy as np

from ansatz.report.blocks import Block, Cell, Gallery, Table
from ansatz.report.figures.populations.coverage import coverage
from ansatz.report.words import typeset
from ansatz.studies.analyses.findings import Findings
from ansatz.validation import Interval
from ansatz.validation.diagnostics.coverage import KINDS


def draw(findings: Findings) -> list[Block]:
    """A line for each band: what it is of, covered fractions and widths; and their picture."""
    names, levels = list(findings.record["names"]), list(findings.record["levels"])
    if not names:
        return []
    covered, width = (
        np.stack([findings.arrays[f"{term}/{end}"] for end in ("value", "low", "high")])
        for term in ("covered", "width")
    )
    head = ["", "band of", *(f"{level:.0%}" for level in levels), *(f"width, {level:.0%}" for level in levels)]
    rows = []
    for row, (name, kind) in enumerate(zip(names, findings.record["kinds"], strict=True)):
        cells = [Cell(_shown(part[:, row, k])) for part in (covered, width) for k in range(len(levels))]
        rows.append([name, Cell(KINDS[kind].removeprefix("band of "), number=False), *cells])
    caption = f"Share with the truth inside, and mean width, over {findings.record['experiments']} pseudo-experiments."
    return [Table(head, rows, caption), Gallery([coverage(names, levels, covered, width)], size="medium")]


def _shown(ends: np.ndarray) -> str:
    return typeset(Interval(*map(float, ends))) if np.all(np.isfinite(ends)) else "∞"
