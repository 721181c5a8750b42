"""Two runs side by side."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

from ansatz.studies.directory import RunDirectory
from ansatz.validation import Interval


@dataclasses.dataclass(frozen=True)
class MetricPair:
    """One metric of one model in both runs; `sigmas` is the difference in units of the combined error."""

    model: str
    metric: str
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
        note: how to read the numbers.
    """

    first: str
    second: str
    same_data: bool | None
    settings: tuple[tuple[str, str, str], ...]
    metrics: tuple[MetricPair, ...]
    note: str


def contrast(first: RunDirectory, second: RunDirectory) -> Contrast:
    """What differs between two finished runs.

    Raises:
        InputError: if a run is not finished.
    """
    hashes = [run.run.get("data_sha256") for run in (first, second)]
    same = None if None in hashes else hashes[0] == hashes[1]
    note = "differences are as for independent samples"
    if same:
        note += "; the events are the same, so real differences are larger than they look here"
    return Contrast(first.name, second.name, same, _settings(first, second), _metrics(first, second), note)


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


def _pair(model: str, metric: str, first: Mapping, second: Mapping) -> MetricPair:
    a, b = Interval.from_dict(first), Interval.from_dict(second)
    error = math.hypot(a.error, b.error)
    sigmas = f"{(b.value - a.value) / error:+.1f}" if 0 < error < math.inf else "-"
    return MetricPair(model, metric, str(a), str(b), sigmas)
