"""Double descent, drawn."""

from __future__ import annotations

from ansatz.report.analyses.populations.decomposition import group
from ansatz.report.blocks import Block, Gallery
from ansatz.report.figures.populations import double_descent as figures
from ansatz.studies.analyses.findings import Findings


def draw(findings: Findings) -> list[Block]:
    """The risks of all sweeps, and why they are what they are."""
    sweeps = {name: group(findings.arrays, name) for name in findings.record["sweeps"]}
    threshold = float(findings.record["threshold"])
    reasons = [figures.reasons(sweep, threshold, name) for name, sweep in sweeps.items()]
    return [Gallery([figures.risks(sweeps, threshold), *reasons])]
