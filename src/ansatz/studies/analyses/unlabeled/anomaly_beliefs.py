"""Can one believe in these scores? The marks of the task `anomaly`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ansatz.data import Dataset
from ansatz.studies.analyses.unlabeled.methods import columns_belief, convergence_belief, size_belief
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.validation import Interval

TOP = 0.05
"""Least efficiency for unusual events at a cut that 1 % of the others pass: five times what chance gives."""


def beliefs_of(record: Mapping[str, Any], judged: Dataset) -> Iterator[Belief]:
    """All marks, in the order in which they are read."""
    records, best = record["methods"], record["best"]
    yield from _stability(records[best], best)
    if records[best]["labels"]:
        yield _finds(records[best], best)
        yield from _worse_than_chance(records)
        yield from _fooled(record)
    else:
        sentence = "Without labels nobody can say whether unusual means interesting; look at the events."
        yield Belief("What is found", AMBER, "no labels", sentence)
    yield from _agreement(record)
    if not record["rows"]["fresh"]:
        sentence = "Events were judged by methods that had learned from them: give data.split.test."
        yield Belief("Fresh events", RED, "none were kept aside", sentence)
    change = records[best]["weights"]
    if change is not None:
        mark = GREEN if change > 0.95 else AMBER
        sentence = "Event weights hardly change the ranking." if mark == GREEN else "Event weights change the ranking."
        yield Belief("Event weights", mark, f"{best}: correlation of ranks {change:.3f} without them", sentence)
    yield convergence_belief(records)
    yield from columns_belief(records)
    yield size_belief(np.maximum(judged.weight, 0))


def _stability(record: Mapping[str, Any], best: str) -> Iterator[Belief]:
    top = record["top"]
    if top:
        found = Interval.from_dict(top)
        mark = GREEN if found.value > 0.7 else AMBER if found.value > 0.4 else RED
        words = {
            GREEN: "The same events are most unusual whatever sample was learned from.",
            AMBER: "Which events are most unusual depends in part on the sample that was learned from.",
            RED: "Which events are most unusual is decided by the sample that was learned from.",
        }
        yield Belief("Stability", mark, f"{best}: {found} of the most unusual percent are so again", words[mark])
    if record["seeds"]:
        found = Interval.from_dict(record["seeds"])
        mark = GREEN if found.value > 0.95 else AMBER if found.value > 0.8 else RED
        sentence = "Where it started matters little." if mark == GREEN else "Where it started matters; average fits."
        yield Belief("Other seeds", mark, f"{best}: correlation of ranks {found}", sentence)


def _finds(record: Mapping[str, Any], best: str) -> Belief:
    """By the whole ranking and, since nobody looks at all events, among the most unusual percent of the others."""
    auc, top = (Interval.from_dict(record["labels"][name]) for name in ("auc", "efficiency@0.01"))
    value = f"{best}: area under the ROC curve {auc}, efficiency {top} at 1 % of the others"
    if auc.value - 2 * (auc.value - auc.low) <= 0.5:
        return Belief("What is found", RED, value, "It does not find what is known to be unusual.")
    if top.high < TOP:
        sentence = "The ranking is better than chance, but the events at its top are others."
        return Belief("What is found", AMBER, value, sentence)
    if auc.value <= 0.8:
        sentence = "It finds what is known to be unusual better than chance, but not well."
        return Belief("What is found", AMBER, value, sentence)
    return Belief("What is found", GREEN, value, "Without labels it finds most of what is known to be unusual.")


def _worse_than_chance(records: Mapping[str, Mapping[str, Any]]) -> Iterator[Belief]:
    areas = {name: Interval.from_dict(r["labels"]["auc"]) for name, r in records.items() if r["labels"]}
    below = {name: auc for name, auc in areas.items() if auc.value + 3 * (auc.high - auc.value) < 0.5}
    if below:
        told = ", ".join(f"{name} {auc}" for name, auc in below.items())
        sentence = "To these the unusual events look the most ordinary: they lie where events are dense."
        yield Belief("Worse than chance", RED, told, sentence)


def _fooled(record: Mapping[str, Any]) -> Iterator[Belief]:
    """How far below the best score that there is."""
    if not record["limit"]:
        return
    best = record["best"]
    auc = Interval.from_dict(record["methods"][best]["labels"]["auc"])
    limit = float(record["limit"]["auc"]["value"])
    lost = (limit - auc.value) / max(limit - 0.5, 1e-9)
    mark = GREEN if lost < 0.1 else AMBER if lost < 0.5 else RED
    sentence = "Little is lost by not knowing what to look for." if mark == GREEN else "Knowing what to look for helps."
    yield Belief("Beside the best test", mark, f"{best}: {auc}, likelihood ratio: {limit:.4g}", sentence)


def _agreement(record: Mapping[str, Any]) -> Iterator[Belief]:
    values = [value for _, _, value in record["agreements"]]
    if values:
        middle = float(np.median(values))
        mark = GREEN if middle > 0.6 else AMBER
        sentence = "Methods mean much the same by unusual." if mark == GREEN else "Methods mean different things by it."
        yield Belief("Agreement", mark, f"median correlation of ranks {middle:.2f}", sentence)
