"""Pictures of the pages on groups, maps and densities: their studies on small samples."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import jax
import numpy as np

from ansatz.problems import Blobs, Clumps, Manifold
from ansatz.report.analyses.table import drawing_of
from ansatz.report.blocks import Gallery
from ansatz.report.picture import Picture
from ansatz.studies.analyses import Bench, analysis_named, task_named
from ansatz.studies.analyses.findings import Findings, Sample
from ansatz.studies.analyses.table import methods_of

TASKS = {
    "cluster": (
        Blobs(),
        400,
        {"k-means": {"clusters": 3}, "gaussian-mixture": {"clusters": 3}, "hierarchical": {"clusters": 3}},
        {"samples": 3, "seeds": 2, "most": 5, "replicas": 5},
    ),
    "reduce": (
        Manifold(),
        1400,
        {
            "pca": {},
            "isomap": {"neighbors": 7, "standardize": False},
            "diffusion-map": {"step": 2.0, "standardize": False},
        },
        {"samples": 1, "seeds": 1},
    ),
    "density": (
        Clumps(),
        800,
        {"gaussian": {}, "gaussian-mixture": {"components": 3}, "kernel-density": {}},
        {"samples": 2},
    ),
    "anomaly": (
        Clumps(dimensions=4, unusual=0.03),
        1200,
        {"gaussian-mixture": {}, "neighbors": {}, "isolation-forest": {"trees": 100}},
        {"samples": 2, "seeds": 1},
    ),
}
SHOWN = (
    *("plane-k-means", "plane-gaussian-mixture", "choice-silhouette", "choice-gap", "dendrogram-hierarchical"),
    *("map-pca", "map-isomap", "neighborhoods", "estimated-dimensions", "crowding"),
    *("density-kernel-density", "evenness", "roc", "unusual-gaussian-mixture"),
)


def pictures() -> Iterator[Picture]:
    """Those that the pages show."""
    drawn = [p for kind, found in _found() for p in _drawn(kind, found)]
    yield from (picture for picture in drawn if picture.name in SHOWN)


def _found() -> Iterator[tuple[str, Findings]]:
    with tempfile.TemporaryDirectory() as folder:
        for task, (problem, events, methods, options) in TASKS.items():
            bench = Bench(Path(folder) / task)
            bench.folder.mkdir()
            learners = {kind: methods_of(task)[kind](**given) for kind, given in methods.items()}
            data, rows = problem.draw(jax.random.key(1), events), np.arange(events)
            sample = Sample(data, rows[::2], rows[1::2])
            yield task, task_named(task)(methods=learners, **options)(sample, bench, jax.random.key(2))
        kind, bench = "curse-of-dimensionality", Bench(Path(folder) / "cube")
        bench.folder.mkdir()
        small = analysis_named(kind)(dimensions=(1, 2, 4, 8, 12), points=10_000, neighborhood=800, crowd=100)
        yield kind, small(None, bench, jax.random.key(3))


def _drawn(kind: str, found: Findings) -> Iterator[Picture]:
    for block in drawing_of(kind)(found):
        yield from block.pictures if isinstance(block, Gallery) else ()
