"""How a bump hunt is told."""

from __future__ import annotations

from ansatz.report.blocks import Block, Gallery
from ansatz.report.figures.collider import bumps
from ansatz.studies.analyses.findings import Findings


def draw(findings: Findings) -> list[Block]:
    """The spectrum with its background and window, before and after the cut, and the pseudo-experiments."""
    record, pictures, toys = findings.record, [], []
    for when, window in record["windows"].items():
        arrays = {k.removeprefix(f"{when}/"): v for k, v in findings.arrays.items() if k.startswith(f"{when}/")}
        cut = f", {when} the cut" if len(record["windows"]) > 1 else ""
        pictures.append(bumps.spectrum(arrays, window, mass=str(record["mass"]), unit=record["unit"] or None, when=cut))
        toys.append(bumps.pseudo_experiments(arrays, when=cut))
    return [Gallery(pictures, "Spectrum"), Gallery(toys, "Without a bump")]
