"""How the fit of a signal strength is told."""

from __future__ import annotations

from ansatz.report.blocks import Block, Gallery
from ansatz.report.figures.collider import masses
from ansatz.studies.analyses.findings import Findings
from ansatz.validation import Interval


def draw(findings: Findings) -> list[Block]:
    """The stacked histogram and the likelihood of the strength."""
    record, arrays = findings.record, findings.arrays
    stack = masses.stack(arrays, record["processes"], signal=str(record["signal"]), unit=str(record["unit"]))
    curve = masses.likelihood(arrays["mu"], arrays["likelihood"], Interval.from_dict(record["strength"]))
    return [Gallery([stack], size="medium"), Gallery([curve])]
