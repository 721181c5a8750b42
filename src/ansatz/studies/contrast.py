"""Two runs side by side."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import jax
import numpy as np

from ansatz.data import Dataset
from ansatz.keys import named
from ansatz.studies.analyses.findings import Number
from ansatz.studies.directory import RunDirectory
from ansatz.validation import Answers, Comparison, Interval, compare
from ansatz.validation.answers import respond

SAME = ("row", "y", "weight")
"""What has to agree if two runs judged the same events."""


@dataclasses.dataclass(frozen=True)
class MetricPair:
    """One metric of one model in both runs; `sigmas` is the difference in units of the combined error."""

    model: str
    metric: str
    first: str
    second: str
    sigmas: str


@dataclasses.dataclass(frozen=True)
class NumberPair:
    """One number of one analysis in both runs; `sigmas` as in `MetricPair`."""

    analysis: str
    name: str
    first: str
    second: str
    sigmas: str


@dataclasses.dataclass(frozen=True)
class Contrast:
    """How two runs differ.

    Attributes:
        first: name of the one.
        second: name of the other.
        same_data: whether both saw the same events, or None if a record lacks the hash.
        settings: path in the study and both values, where they differ.
        metrics: every metric that a model of one name has in both.
        paired: by model, the second run minus the first in the metric that ranks, judged on the same events; empty if
            the runs judged different ones.
        numbers: every number that an analysis of one name has in both.
        note: how to read the numbers.
    """

    first: str
    second: str
    same_data: bool | None
    settings: tuple[tuple[str, str, str], ...]
    metrics: tuple[MetricPair, ...]
    paired: Mapping[str, Comparison]
    numbers: tuple[NumberPair, ...]
    note: str


def contrast(first: RunDirectory, second: RunDirectory) -> Contrast:
    """What differs between two finished runs.

    Raises:
        InputError: if a run is not finished.
    """
    hashes = [run.run.get("data_sha256") for run in (first, second)]
    same = None if None in hashes else hashes[0] == hashes[1]
    paired = _paired(first, second)
    note = "sigmas are those of independent samples"
    if paired:
        note += "; both runs judged the same events, so trust the paired differences"
    elif same:
        note += "; both runs saw the same events but judged different ones, so the truth lies between"
    return Contrast(
        first.name,
        second.name,
        same,
        _settings(first, second),
        _metrics(first, second),
        paired,
        _numbers(first, second),
        note,
    )


def _paired(first: RunDirectory, second: RunDirectory) -> dict[str, Comparison]:
    """The models of one name compared on the rows that both runs judged, if these are the same."""
    metric = first.results.get("primary_metric")
    if not _judged_alike(first, second) or metric != second.results.get("primary_metric"):
        return {}
    key = jax.random.key(first.study.seed)
    return {
        name: compare(
            {"second": _answers(second, name), "first": _answers(first, name)}, metric=metric, key=named(key, name)
        )[0]
        for name in first.results["models"]
        if all(f"response/{name}" in run.arrays for run in (first, second))
    }


def _judged_alike(first: RunDirectory, second: RunDirectory) -> bool:
    if not (first.results["models"] and second.results["models"]):
        return False
    return all(np.array_equal(first.arrays[name], second.arrays[name]) for name in SAME)


def _answers(run: RunDirectory, model: str) -> Answers:
    """What a model answered to the rows that the run kept."""
    arrays, classes = run.arrays, run.run.get("classes")
    data = Dataset(arrays["x"], arrays["y"], arrays["weight"], classes=None if classes is None else tuple(classes))
    return respond(arrays[f"response/{model}"][None], data, link=str(run.results["models"][model]["link"]))


def _settings(first: RunDirectory, second: RunDirectory) -> tuple[tuple[str, str, str], ...]:
    one, two = (flat(run.study.model_dump()) for run in (first, second))
    paths = [path for path in {**one, **two} if one.get(path) != two.get(path)]
    return tuple((path, str(one.get(path, "-")), str(two.get(path, "-"))) for path in paths)


def flat(table: Mapping[str, object], path: str = "") -> dict[str, object]:
    """A nested mapping as one of dotted paths.

    Example:
        >>> flat({"a": {"b": 1}, "c": 2})
        {'a.b': 1, 'c': 2}
    """
    found: dict[str, object] = {}
    for name, value in table.items():
        found |= flat(value, f"{path}{name}.") if isinstance(value, Mapping) else {path + name: value}
    return found


def _metrics(first: RunDirectory, second: RunDirectory) -> tuple[MetricPair, ...]:
    one, two = (run.results["models"] for run in (first, second))
    return tuple(
        _pair(model, metric, one[model]["metrics"][metric], two[model]["metrics"][metric])
        for model in one
        if model in two
        for metric in one[model]["metrics"]
        if metric in two[model]["metrics"]
    )


def _numbers(first: RunDirectory, second: RunDirectory) -> tuple[NumberPair, ...]:
    one, two = (_found(run) for run in (first, second))
    return tuple(
        NumberPair(analysis, name, str(value), str(two[analysis, name]), _sigmas(value, two[analysis, name]))
        for (analysis, name), value in one.items()
        if (analysis, name) in two
    )


def _found(run: RunDirectory) -> dict[tuple[str, str], Interval | float | int | str]:
    """The numbers of a run's analyses by the names of both."""
    return {
        (analysis, str(record["name"])): Number.from_dict(record).value
        for analysis, found in run.results.get("analyses", {}).items()
        for record in found["numbers"]
    }


def _pair(model: str, metric: str, first: Mapping, second: Mapping) -> MetricPair:
    a, b = Interval.from_dict(first), Interval.from_dict(second)
    return MetricPair(model, metric, str(a), str(b), _sigmas(a, b))


def _sigmas(first: object, second: object) -> str:
    """The second above the first in units of both errors; a dash where there are none."""
    if not (isinstance(first, Interval) and isinstance(second, Interval)):
        return "-"
    error = math.hypot(first.error, second.error)
    return f"{(second.value - first.value) / error:+.1f}" if 0 < error < math.inf else "-"
