"""The analysis `hopfield`, drawn."""

from __future__ import annotations

from ansatz.report.blocks import Block, Gallery
from ansatz.report.figures.lattice import memory as figures
from ansatz.studies.analyses.findings import Findings


def draw(findings: Findings) -> list[Block]:
    """Recall against load, the capacity, and the basins."""
    a, r = findings.arrays, findings.record
    curves = {f"{size} spins": _curve(findings, "loads", size) for size in r["sizes"]}
    curves["projection"] = _curve(findings, "below", "projection")
    recalls = figures.recalls(curves, (a["fine"], a["fine_theory"]), capacity=r["known"])
    found = r["capacity"]["value"]
    capacity = figures.half_lost(a["sizes"], a["half"], a["half_error"], found=found, known=r["known"])
    basins = figures.basins({load: _curve(findings, "start", f"basin {load}") for load in r["basins"]})
    return [Gallery([recalls, capacity, basins])]


def _curve(findings: Findings, abscissa: str, name: str) -> figures.Curve:
    a = findings.arrays
    return a[abscissa], a[f"{name}/overlap"], a[f"{name}/error"]
