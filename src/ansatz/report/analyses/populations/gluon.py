"""The extraction of a parton density, drawn."""

from __future__ import annotations

from ansatz.report.blocks import Block, Gallery
from ansatz.report.figures.populations import gluon as figures
from ansatz.studies.analyses.findings import Findings


def draw(findings: Findings) -> list[Block]:
    """The density with its band, the measurements, chi2 of the replicas, and the coverage along x."""
    found, record = findings.arrays, findings.record
    pictures = [
        figures.density(found, measured=record["observable"] == "density"),
        figures.measurements(found),
        figures.goodness(found["chi2"], int(record["points"]), found["set chi2"]),
    ]
    if record["sets"]:
        pictures.append(figures.inside(found, int(record["sets"])))
    return [Gallery(pictures)]
