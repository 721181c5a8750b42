"""A million events without a target: k-means and principal components of a Parquet file, as studies."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.harness import Setting, command, markdown, timed, verdict

EVENTS, COLUMNS, CHUNK = 1_000_000, 20, 100_000
MEMORY, WALL = 2048, 180
CENTERS = 5
STUDIES = {
    "k-means, 5 groups": ("cluster", "k-means", 'kind = "k-means"\nclusters = 5\nstarts = 3'),
    "principal components": ("reduce", "pca", 'kind = "pca"\ncomponents = 5'),
}
STUDY = """\
title = "A million events without a target"
[data]
source = "events.parquet"
task = "{task}"
split = {{test = 0.1, folds = 0}}
[models.{name}]
{model}
"""


def write_events(path: Path, events: int) -> None:
    """Five groups in twenty float32 columns, written in pieces so that they are never all in memory."""
    import pyarrow as pa
    from pyarrow import parquet

    rng = np.random.default_rng(0)
    center = 3.0 * rng.normal(size=(CENTERS, COLUMNS))
    schema = pa.schema([(f"f{i}", pa.float32()) for i in range(COLUMNS)])
    with parquet.ParquetWriter(path, schema) as writer:
        for first in range(0, events, CHUNK):
            n = min(CHUNK, events - first)
            x = center[rng.integers(CENTERS, size=n)] + rng.normal(size=(n, COLUMNS))
            writer.write_table(pa.table(dict(zip(schema.names, x.astype(np.float32).T, strict=True)), schema=schema))


def table(setting: Setting) -> str:
    """The table of this benchmark."""
    events = EVENTS // 100 if setting.small else EVENTS
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        write_events(path / "events.parquet", events)
        for title, (task, name, model) in STUDIES.items():
            (path / "study.toml").write_text(STUDY.format(task=task, name=name, model=model))
            run = timed([command(), "run", "study.toml", "-o", task], cwd=folder)
            found = json.loads((path / task / "results.json").read_text())["analyses"][task]["headline"]
            rows.append(
                [
                    f"{title}, {events:,} x {COLUMNS}",
                    f"{run['cpu']:.0f}",
                    f"{run['wall']:.0f} (bar {WALL} s: {verdict(run['wall'] < WALL)})",
                    f"{run['memory']:.0f} (bar {MEMORY} MiB: {verdict(run['memory'] < MEMORY)})",
                    found.partition(",")[0].partition(":")[0],
                ]
            )
    head = ("study", "CPU s", "wall s", "peak memory, MiB", "found")
    return markdown("unlabeled: studies without a target, report and all", head, rows)
