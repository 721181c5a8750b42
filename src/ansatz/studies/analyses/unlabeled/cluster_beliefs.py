"""Can one believe in these groups? The marks of the task `cluster`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ansatz.data import Dataset
from ansatz.studies.analyses.unlabeled.methods import columns_belief, convergence_belief, size_belief
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.validation import Interval

Records = Mapping[str, Mapping[str, Any]]


def beliefs_of(records: Records, choice: Mapping[str, Mapping], judged: Dataset, best: str) -> tuple[Belief, ...]:
    """All marks, in the order in which they are read."""
    checks = (
        _graded_beliefs(records[best], best),
        _number(records, choice, best),
        _equal_widths(records),
        _noise(records),
        _weights(records, best),
        [convergence_belief(records)],
        columns_belief(records),
        [size_belief(np.maximum(judged.weight, 0))],
    )
    return tuple(belief for check in checks for belief in check)


def _interval(record: Mapping[str, Any], name: str) -> Interval | None:
    return Interval.from_dict(record[name]) if record.get(name) else None


def _graded(value: float, green: float, amber: float) -> str:
    return GREEN if value >= green else AMBER if value >= amber else RED


class Graded(NamedTuple):
    """How an interval of the record is marked.

    Attributes:
        title: of the belief.
        what: the interval in words.
        green: least value that is green.
        amber: least value that is amber.
        words: the sentence of each mark.
        missing: mark, value and sentence where there is no interval; None to say nothing.
    """

    title: str
    what: str
    green: float
    amber: float
    words: Mapping[str, str]
    missing: tuple[str, str, str] | None = None


GRADED = {
    "stability": Graded(
        "Stability",
        "adjusted Rand index {} to fits of other samples",
        0.85,
        0.6,
        {
            GREEN: "The groups come back from bootstrap samples of the rows.",
            AMBER: "The groups come back in part; their borders depend on the sample.",
            RED: "Another sample gives other groups; do not build on them.",
        },
        (RED, "unknown", "No other sample gave groups to compare with."),
    ),
    "seeds": Graded(
        "Other seeds",
        "adjusted Rand index {} to fits from other seeds",
        0.9,
        0.7,
        {
            GREEN: "Where it started matters little.",
            AMBER: "Where it started matters; raise starts.",
            RED: "Where it started decides; raise starts, or ask for fewer groups.",
        },
    ),
    "silhouette": Graded(
        "Apart",
        "mean silhouette {}",
        0.5,
        0.25,
        {
            GREEN: "Events are much nearer to their own group than to the next.",
            AMBER: "The groups touch or overlap.",
            RED: "There is hardly a gap between the groups: a division, rather than groups.",
        },
        (AMBER, "one group", "There is nothing to be apart from."),
    ),
}
"""Intervals of the record of a method, and what they say of its groups."""


def _graded_beliefs(record: Mapping[str, Any], best: str) -> Iterator[Belief]:
    for name, graded in GRADED.items():
        found = _interval(record, name)
        if found is not None:
            mark = _graded(found.value, graded.green, graded.amber)
            yield Belief(graded.title, mark, f"{best}: {graded.what.format(found)}", graded.words[mark])
        elif graded.missing is not None:
            mark, value, sentence = graded.missing
            yield Belief(graded.title, mark, f"{best}: {value}", sentence)


def _number(records: Records, choice: Mapping[str, Mapping], best: str) -> Iterator[Belief]:
    if not choice:
        return
    numbers = {name: int(value["value"]) for name, value in choice.items()}
    told = ", ".join(f"{n} by the {name}" for name, n in numbers.items())
    asked = records[best]["groups"]
    if numbers["gap"] == 1 and numbers["bic"] == 1:
        sentence = "Neither gap nor likelihood see more than one group: there may be none to find."
        yield Belief("Number of groups", RED, told, sentence)
        return
    inside = all(value["low"] <= asked <= value["high"] for value in choice.values())
    same = len(set(numbers.values())) == 1
    mark = GREEN if same and asked in numbers.values() else AMBER
    sentence = "All criteria agree with the groups that were found."
    if mark == AMBER:
        sentence = f"The criteria do not all give the {asked} groups of {best}"
        sentence += ", though their ranges allow it." if inside else "; look at each of their answers."
    yield Belief("Number of groups", mark, told, sentence)


def _equal_widths(records: Records) -> Iterator[Belief]:
    for name, record in records.items():
        found = _interval(record, "spread_ratio")
        if record["kind"] != "k-means" or found is None:
            continue
        low = found.value - 2 * (found.value - found.low)
        mark = RED if low > 2 else AMBER if low > 1.3 else GREEN
        words = {
            GREEN: "k-means takes all groups to be equally wide, and they are, nearly.",
            AMBER: "k-means takes all groups to be equally wide; they are not: borders are pulled into the wide one.",
            RED: "k-means takes all groups to be equally wide; it fails here: believe a Gaussian mixture instead.",
        }
        yield Belief(f"Equal widths ({name})", mark, f"widest over narrowest group {found}", words[mark])


def _noise(records: Records) -> Iterator[Belief]:
    for name, record in records.items():
        if record["noise"] > 0.3:
            sentence = "Most of what is noise to it may only be thin; give a larger radius, or smaller groups."
            mark = RED if record["noise"] > 0.6 else AMBER
            yield Belief(f"Noise ({name})", mark, f"{record['noise']:.0%} of the weight is in no group", sentence)


def _weights(records: Records, best: str) -> Iterator[Belief]:
    change = records[best]["weights"]
    if change is None:
        return
    mark = _graded(change, 0.9, 0.0)
    sentence = "Event weights hardly change the groups." if mark == GREEN else "Event weights change the groups."
    yield Belief(
        "Event weights", mark, f"{best}: adjusted Rand index {change:.3f} to the groups without them", sentence
    )
