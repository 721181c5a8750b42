"""How a mass fit with sWeights is told."""

from __future__ import annotations

from ansatz.report.blocks import Block, Gallery
from ansatz.report.figures.collider import masses
from ansatz.studies.analyses.findings import Findings


def draw(findings: Findings) -> list[Block]:
    """The fit, each control variable unfolded, and whether it is independent of the mass."""
    record, arrays = findings.record, findings.arrays
    mass, unit = str(record["mass"]), record["unit"] or None
    fit = masses.peak(arrays, mass=mass, unit=unit)
    names = list(record["slices"])
    curves = [
        masses.unfolded(
            arrays[f"control/{name}"],
            arrays["weight"],
            arrays.get("species"),
            name=name,
            unit=record["units"].get(name),
            p_value=record["p_values"][name],
        )
        for name in names
    ]
    tests = [masses.slices(record["slices"][name], mass=mass, unit=unit, name=name) for name in names]
    return [Gallery([fit]), Gallery(curves, "Unfolded by sWeights"), Gallery(tests, "Independence of the mass")]
