"""A file that is not small: five million events with twenty columns, cut, split and boosted."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.harness import Setting, command, markdown, timed, verdict

EVENTS, COLUMNS, CHUNK = 5_000_000, 20, 250_000
BAR = 4096
STUDY = """\
title = "Five million events"
[data]
source = "events.parquet"
target = "label"
weight = "weight"
select = "f0 > -1.5 and abs(f1) < 2.5"
split = {test = 0.25, folds = 0}
[models.one-observable]
kind = "threshold"
[models.boosted-trees]
kind = "boosted-trees"
[report]
importance = false
"""


def write_events(path: Path, events: int) -> None:
    """Eighteen float32 features, a label and a weight, written in pieces so that they are never all in memory."""
    import pyarrow as pa
    from pyarrow import parquet

    rng = np.random.default_rng(0)
    names = [f"f{i}" for i in range(COLUMNS - 2)]
    schema = pa.schema([*((name, pa.float32()) for name in names), ("label", pa.int8()), ("weight", pa.float64())])
    with parquet.ParquetWriter(path, schema) as writer:
        for first in range(0, events, CHUNK):
            n = min(CHUNK, events - first)
            label = rng.integers(0, 2, n)
            x = rng.normal(size=(len(names), n)).astype(np.float32)
            x[:4] += 0.4 * label
            x[4] *= 1 + 0.5 * label
            arrays = [*x, label.astype(np.int8), rng.uniform(0.5, 1.5, n)]
            writer.write_table(pa.table(dict(zip(schema.names, arrays, strict=True)), schema=schema))


def table(setting: Setting) -> str:
    """The table of this benchmark."""
    events = EVENTS // 100 if setting.small else EVENTS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        write_events(path / "events.parquet", events)
        (path / "study.toml").write_text(STUDY)
        size = (path / "events.parquet").stat().st_size / 1024**2
        run = timed([command(), "run", "study.toml", "-o", "run"], cwd=folder)
        models = json.loads((path / "run" / "results.json").read_text())["models"]
    scores = ", ".join(f"{name} {model['metrics']['auc']['value']:.4f}" for name, model in models.items())
    head = ("events", "file, MiB", "CPU s", "wall s", "peak memory, MiB", "bar", "test AUC")
    memory = f"{run['memory']:.0f}"
    bar = f"{BAR} MiB: {verdict(run['memory'] < BAR)}"
    row = [f"{events:,}", f"{size:.0f}", f"{run['cpu']:.0f}", f"{run['wall']:.0f}", memory, bar, scores]
    return markdown(f"scale: {COLUMNS} columns read with a cut, split, boosted and reported", head, [row])
