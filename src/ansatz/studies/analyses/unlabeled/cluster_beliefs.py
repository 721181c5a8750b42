"""Can one believe in these groups? The marks of the task `cluster`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ansatz.data import Dataset
from ansatz.studies.analyses.unlabeled.methods import columns_belief, convergence_belief, size_belief
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.validation import Interval

Records = Mapping[str, Mapping[str, Any]]


def beliefs_of(records: Records, choice: Mapping[str, Mapping], judged: Dataset, best: str) -> tuple[Belief, ...]:
    """All marks, in the order in which they are read."""
    checks = (
        _stability(records, best),
        _seeds(records, best),
        _apart(records, best),
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


def _stability(records: Records, best: str) -> Iterator[Belief]:
    found = _interval(records[best], "stability")
    if found is None:
        yield Belief("Stability", RED, "unknown", "No other sample gave groups to compare with.")
        return
    mark = _graded(found.value, 0.85, 0.6)
    words = {
        GREEN: "The groups come back from bootstrap samples of the rows.",
        AMBER: "The groups come back in part; their borders depend on the sample.",
        RED: "Another sample gives other groups; do not build on them.",
    }
    yield Belief("Stability", mark, f"{best}: adjusted Rand index {found} to fits of other samples", words[mark])


def _seeds(records: Records, best: str) -> Iterator[Belief]:
    found = _interval(records[best], "seeds")
    if found is None:
        return
    mark = _graded(found.value, 0.9, 0.7)
    words = {
        GREEN: "Where it started matters little.",
        AMBER: "Where it started matters; raise starts.",
        RED: "Where it started decides; raise starts, or ask for fewer groups.",
    }
    yield Belief("Other seeds", mark, f"{best}: adjusted Rand index {found} to fits from other seeds", words[mark])


def _apart(records: Records, best: str) -> Iterator[Belief]:
    found = _interval(records[best], "silhouette")
    if found is None:
        yield Belief("Apart", AMBER, f"{best}: one group", "There is nothing to be apart from.")
        return
    mark = _graded(found.value, 0.5, 0.25)
    words = {
        GREEN: "Events are much nearer to their own group than to the next.",
        AMBER: "The groups touch or overlap.",
        RED: "There is hardly a gap between the groups: a division, rather than groups.",
    }
    yield Belief("Apart", mark, f"{best}: mean silhouette {found}", words[mark])


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
