"""The analysis `curse-of-dimensionality`, drawn."""

from __future__ import annotations

from ansatz.report.blocks import Block, Gallery
from ansatz.report.figures.unlabeled import cubes
from ansatz.studies.analyses.findings import Findings
from ansatz.validation.structure import ball_fraction, near_the_edge, nearest_in_cube


def draw(findings: Findings) -> list[Block]:
    """Volumes, distances, crowding and measured dimensions against the number of columns."""
    a, r = findings.arrays, findings.record
    d = a["dimensions"]
    return [
        Gallery(
            [
                cubes.volumes(a, ball_fraction(d), near_the_edge(d, r["margin"]), r["margin"]),
                cubes.distances(a, nearest_in_cube(d, r["neighborhood"] - 1), r["neighborhood"]),
                cubes.crowding(a, r["crowd"]),
                cubes.estimates(a),
            ]
        )
    ]
