"""Pictures of the page on optimizers: ways, values, learning rates, batches and populations, from their studies."""

from __future__ import annotations

from collections.abc import Iterator

import jax

from ansatz.report.analyses.table import drawing_of
from ansatz.report.blocks import Gallery
from ansatz.report.picture import Picture
from ansatz.studies.analyses import Bench, analysis_named

STUDIES = (
    ("descent", {"landscape": "rosenbrock", "grid": 5}),
    ("descent", {"landscape": "bowl", "condition": 20.0, "grid": 1}),
    ("sgd", {}),
    ("evolution", {"runs": 5}),
)
SHOWN = ("paths-rosenbrock", "descent-rosenbrock", "rates-bowl", "three-rates-bowl", "batch-paths", "wandering",
         "generations-rastrigin")  # fmt: skip


def pictures() -> Iterator[Picture]:
    """Those that the page shows."""
    for kind, options in STUDIES:
        findings = analysis_named(kind)(**options)(None, Bench(None), jax.random.key(1))
        galleries = [block for block in drawing_of(kind)(findings) if isinstance(block, Gallery)]
        yield from (picture for gallery in galleries for picture in gallery.pictures if picture.name in SHOWN)
