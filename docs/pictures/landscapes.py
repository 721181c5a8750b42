"""Pictures of the page on landscapes: stationary points, basins, a network from inside, sums of ReLUs."""

from __future__ import annotations

from collections.abc import Iterator

import jax

from ansatz.report.analyses.table import drawing_of
from ansatz.report.blocks import Gallery
from ansatz.report.picture import Picture
from ansatz.studies.analyses import Bench, analysis_named

STUDIES = (
    ("minima", {"landscapes": ("himmelblau",), "basins": "himmelblau"}),
    ("backpropagation", {}),
    ("approximation", {"functions": ("runge",)}),
)


def pictures() -> Iterator[Picture]:
    """All that these draw, for the page shows most of them."""
    for kind, options in STUDIES:
        findings = analysis_named(kind)(**options)(None, Bench(None), jax.random.key(1))
        galleries = [block for block in drawing_of(kind)(findings) if isinstance(block, Gallery)]
        yield from (picture for gallery in galleries for picture in gallery.pictures)
