"""Applies a fitted model of a run to a file of events."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from ansatz.data import Dataset
from ansatz.data.loading import Loaded, load_recorded
from ansatz.data.readers.sources import open_source
from ansatz.errors import InputError
from ansatz.export.tables import check_ending, table_writer
from ansatz.studies.build import roles_of
from ansatz.studies.directory import RunDirectory
from ansatz.studies.schema.study import Study
from ansatz.training.result import Fit

CHUNK = 100_000

DECIDED = {"group": "group", "log-density": "log_density", "anomaly": "anomaly"}
"""What the column of the answers is called, where it is not `prediction`."""


class Predicted(NamedTuple):
    """What was written: events answered for, events in the file, and the model's name."""

    events: int
    read: int
    model: str


def predict_file(
    run: RunDirectory, source: str, output: Path, *, model: str | None = None, force: bool = False
) -> Predicted:
    """Writes the answers of a model to every event that passes the cuts of the study.

    The table has the number of each event in the source (`row`) and, for classes, the probability of each
    (`probability_NAME`) or the score, and the chosen class (`prediction`); for a regression the value of each target
    (`prediction`, or `prediction_NAME` of several); without a target the number of the group (`group`, -1 for none),
    the coordinates (`coordinate_0`, ...), ln p (`log_density`) or the score (`anomaly`, larger is more unusual). A
    population adds the standard deviation of its members (`spread...`), the band of the prediction.

    Args:
        run: the run.
        source: a file with the columns that the model was trained on.
        output: a `.parquet`, `.csv` or `.root` file; it appears whole or not at all.
        model: name of the model; if left out the winner of the run, or its only model.
        force: whether to write over an existing file.

    Returns:
        How many events were answered for, out of how many, and by which model.

    Raises:
        InputError: if the model, a column or the output cannot be used.
    """
    check_ending(output)
    if output.exists() and not force:
        raise InputError(f"{output} exists; give another name, or --force to write over it")
    name = model or _only(run)
    fit = run.model(name)
    _spare_the_source(source, output)
    loaded = events_for(run.study, fit, source)
    _write(fit, loaded.data, output)
    return Predicted(len(loaded.data), loaded.rows_read, name)


def _only(run: RunDirectory) -> str:
    """The winner of a run, or its only model.

    Raises:
        InputError: if it has none, or several of which none won, as methods without a target do.
    """
    if winner := run.results.get("winner"):
        return str(winner)
    names = list(run.models)
    if not names:
        raise InputError(f"{run.path} holds no model to predict with; its study compares none")
    if len(names) > 1:
        raise InputError(f"no method of {run.path} is the winner; choose one by --model: {', '.join(names)}")
    return names[0]


def _spare_the_source(source: str, output: Path) -> None:
    """Predictions never take the place of the events.

    Raises:
        InputError: if the output is the data file.
    """
    file = Path(source.rpartition(":")[0] or source)
    if output.exists() and any(path.exists() and path.samefile(output) for path in (Path(source), file)):
        raise InputError(f"{output} is the data file itself; give the predictions another name")


def events_for(study: Study, fit: Fit, source: str) -> Loaded:
    """The events of a file with the features of a fit, cut as the study cuts.

    Raises:
        InputError: if a column is missing or cannot be used.
    """
    features = fit.columns or None
    roles = dataclasses.replace(
        roles_of(study.data),
        target=None,
        weight=None,
        features=features,
        observers=(),
        classes=None,
        task=None,
        units={},
    )
    return load_recorded(source, roles, names=_names(study, source))


def answer_table(fit: Fit, events: Dataset) -> pa.Table:
    """The answers to some events as a table, one row an event."""
    members = fit.members(events.x)
    decided = DECIDED.get(fit.predictor.link, "prediction")
    columns = {"row": events.row, **_answers(fit, members.mean(axis=0)), decided: _decided(fit, events.x)}
    if fit.task != "classification" and members.ndim == 3:
        columns.pop("prediction")
    if fit.band is not None:
        columns |= _band(fit, events.x)
    if len(members) > 1:
        columns |= {f"spread{name}": values for name, values in _spread(fit, members)}
    return pa.table({name: np.ascontiguousarray(values) for name, values in columns.items()})


def _names(study: Study, source: str) -> tuple[str, ...]:
    """Names of the columns of a text file without a header: the study's own, without the target if it is not there."""
    if not study.data.names:
        return ()
    count = len(open_source(source)[0].table.columns)
    without = tuple(name for name in study.data.names if name not in study.data.target)
    return next((names for names in (study.data.names, without) if len(names) == count), ())


def _answers(fit: Fit, mean: np.ndarray) -> dict[str, np.ndarray]:
    if fit.task != "classification":
        name = "coordinate" if fit.predictor.link == "coordinates" else "prediction"
        return {f"{name}_{k}": column for k, column in enumerate(mean.T)} if mean.ndim == 2 else {}
    kind = "probability" if fit.predictor.link == "probability" else "score"
    if mean.ndim == 1:
        return {kind: mean}
    return {f"{kind}_{name}": column for name, column in zip(fit.classes or (), mean.T, strict=True)}


def _decided(fit: Fit, x: np.ndarray) -> np.ndarray:
    predicted = fit.predict(x)
    return np.asarray(fit.classes)[predicted] if fit.task == "classification" else predicted


def _band(fit: Fit, x: np.ndarray) -> dict[str, np.ndarray]:
    """Lower and upper end of the one-sigma band, for each output."""
    columns = {}
    for name, ends in zip(("low", "high"), fit.predict_interval(x), strict=True):
        columns |= {name: ends} if ends.ndim == 1 else {f"{name}_{k}": column for k, column in enumerate(ends.T)}
    return columns


def _spread(fit: Fit, members: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Standard deviation over members, for each output."""
    deviation = members.std(axis=0, ddof=1)
    if deviation.ndim == 1:
        yield "", deviation
        return
    names = fit.classes or tuple(str(k) for k in range(deviation.shape[1]))
    for name, column in zip(names, deviation.T, strict=True):
        yield f"_{name}", column


def _write(fit: Fit, events: Dataset, output: Path) -> None:
    first = answer_table(fit, events[:CHUNK])
    with table_writer(output, first) as writer:
        writer.write_table(first)
        for start in range(CHUNK, len(events), CHUNK):
            writer.write_table(answer_table(fit, events[start : start + CHUNK]))
