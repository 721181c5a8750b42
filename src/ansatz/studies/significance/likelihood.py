"""The likelihood of a model's score: templates of all processes with their uncertainties, written for pyhf."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np

from ansatz.data import Mixture
from ansatz.errors import InputError
from ansatz.inference import Channel, Systematic, Template, goodness, limits, write_workspace
from ansatz.keys import generator, named
from ansatz.studies.execution.evaluation import Evaluation
from ansatz.studies.schema.tables import Significance
from ansatz.studies.significance.expected import Expected
from ansatz.studies.significance.stacks import stacked

TINY = 1e-9
"""Expected events of a bin in which a process has none, as a part of its total, so that a likelihood exists."""


class Judged(Protocol):
    """Rows that a model is judged on, and their scores."""

    judged: np.ndarray
    judged_score: np.ndarray


def likelihoods(
    given: Evaluation,
    scored: Mapping[str, Judged],
    edges: Mapping[str, np.ndarray],
    events: Expected,
    options: Significance,
    folder: Path,
) -> dict[str, str]:
    """Writes the workspace of every model; name of each file, or nothing where pyhf is not installed."""
    if importlib.util.find_spec("pyhf") is None or not options.workspace:
        return {}
    found = {}
    for name in scored:
        channel = channel_of(given, name, scored[name], edges[name], events, options)
        file = f"workspaces/{name}.json"
        write_workspace([channel], folder / file)
        found[name] = file
    return found


def fitted(folder: Path, file: str, *, observed: bool) -> dict[str, object]:
    """What a workspace says of the strength of the signal.

    Args:
        folder: the run directory.
        file: of the workspace in it.
        observed: whether the observations are data; else they are what is expected with the signal.
    """
    from ansatz.inference import read_workspace

    spec = read_workspace(folder / file)
    try:
        found = limits(spec, strength=1.0)
        chi2, degrees, p = goodness(spec)
    except InputError as error:
        return {"file": file, "observed": observed, "message": str(error)}
    record: dict[str, object] = {
        "file": file,
        "observed": observed,
        "cls": found.cls,
        "expected_cls": list(found.expected),
        "best": found.best,
        "significance": found.significance,
    }
    return record | ({"chi2": chi2, "degrees": degrees, "p_value": p} if observed and degrees > 0 else {})


def channel_of(
    given: Evaluation, name: str, scored: Judged, edges: np.ndarray, events: Expected, options: Significance
) -> Channel:
    """The histogram of a model's score with its templates."""
    nominal = stacked(
        scored.judged_score, events.of(scored.judged), events.process[scored.judged], edges, len(events.names)
    )
    counts = np.maximum(nominal.count, TINY * nominal.count.sum(axis=1, keepdims=True))
    shifts = _shifts(given, name, scored, edges, events)
    templates = []
    for k, process in enumerate(events.names):
        systematics = [Systematic(title, *sides[k], "shape") for title, sides in shifts.items() if k in sides]
        systematics += _rates(given.prepared.mixture, process)
        if options.background_error and not events.signal[k]:
            systematics.append(_rate("background", options.background_error))
        error = np.sqrt(nominal.variance[k])
        templates.append(Template(process, counts[k], error, tuple(systematics), signal=events.signal[k]))
    data = _observed(given, name, edges)
    return Channel("score", counts.sum(axis=0) if data is None else data, tuple(templates))


def _observed(given: Evaluation, name: str, edges: np.ndarray) -> np.ndarray | None:
    mixture = given.prepared.mixture
    if mixture is None or mixture.observed is None:
        return None
    score = given.load(name).score(mixture.observed.x)
    return np.histogram(score, edges, weights=mixture.observed.weight)[0]


def _rates(mixture: Mixture | None, process: str) -> Iterator[Systematic]:
    for title, errors in (mixture.norms if mixture else {}).items():
        if process in errors:
            yield _rate(title, errors[process])


def _rate(title: str, error: float) -> Systematic:
    return Systematic(title, 1 - error, 1 + error)


def _shifts(
    given: Evaluation, name: str, scored: Judged, edges: np.ndarray, events: Expected
) -> dict[str, dict[int, tuple[np.ndarray, np.ndarray]]]:
    """For each systematic and process: its histogram down and up."""
    mixture = given.prepared.mixture
    if mixture is None:
        return {}
    fit = given.load(name)
    scale = events.scale(scored.judged)
    place = np.full(len(events.weight), -1)
    place[scored.judged] = np.arange(len(scored.judged))
    per_event = events.weight / np.where(given.prepared.data.weight == 0, 1.0, given.prepared.data.weight)
    unit = np.array([per_event[np.argmax(events.process == k)] for k in range(len(events.names))])
    share = len(scored.judged) / len(events.weight)
    found = {}
    for title, sides in mixture.varied.items():
        histograms = []
        for side in sides:
            at = np.where(side.nominal >= 0, place[side.nominal], -1)
            rows = at >= 0
            if side.x is None:
                score = scored.judged_score[at[rows]]
            else:
                lucky = generator(named(given.key, f"fresh rows of {title}")).random(len(at)) < share
                rows = rows | ((side.nominal < 0) & lucky)
                score = fit.score(side.x[rows])
            which = side.which[rows]
            weight = side.weight[rows] * (scale * unit)[which]
            histograms.append(np.maximum(stacked(score, weight, which, edges, len(events.names)).count, 0.0))
        found[title] = {int(k): (histograms[0][k], histograms[1][k]) for k in np.unique(sides[0].which)}
    return found
