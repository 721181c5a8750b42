"""Pictures of the page on lattices: the studies on lattices of 16 x 16, which take seconds."""

from __future__ import annotations

from collections.abc import Iterator

import jax

from ansatz.report.analyses.table import drawing_of
from ansatz.report.picture import Picture
from ansatz.studies.analyses import Bench, analysis_named

SMALL = {
    "order-parameter": {"size": 16, "high": 3.5, "states": 91},
    "confusion": {"size": 16, "states": 50, "fresh": 50},
}
SHOWN = {"lattice-plane", "lattice-axes", "lattice-energies", "confusion-curve"}


def pictures() -> Iterator[Picture]:
    """One of each kind."""
    for kind, options in SMALL.items():
        findings = analysis_named(kind)(**options)(None, Bench(None), jax.random.key(1))
        drawn = [picture for gallery in drawing_of(kind)(findings) for picture in gallery.pictures]
        yield from (picture for picture in drawn if picture.name in SHOWN)
        SHOWN.difference_update(picture.name for picture in drawn)
