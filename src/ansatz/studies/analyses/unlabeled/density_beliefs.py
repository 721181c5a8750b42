"""Can one believe in these densities? The marks of the task `density`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ansatz.data import Dataset
from ansatz.studies.analyses.unlabeled.methods import columns_belief, convergence_belief, size_belief
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.validation import Interval

Records = Mapping[str, Mapping[str, Any]]


def beliefs_of(records: Records, best: str, judged: Dataset, *, fresh: bool) -> Iterator[Belief]:
    """All marks, in the order in which they are read."""
    yield _learned_by_heart(records[best], best, fresh=fresh)
    yield _even(records[best], best)
    if records[best]["divergence"]:
        yield _truth(records[best], best)
    yield _steady(records[best], best)
    yield _better(records, best)
    if records[best]["weights"] is not None:
        loss = records[best]["weights"]
        mark = GREEN if abs(loss) < 0.05 else AMBER
        sentence = "Event weights hardly change the density." if mark == GREEN else "Event weights change the density."
        yield Belief("Event weights", mark, f"{best}: {loss:+.3f} nats per event by using them", sentence)
    yield convergence_belief(records)
    yield from columns_belief(records)
    yield size_belief(np.maximum(judged.weight, 0))


def _learned_by_heart(record: Mapping[str, Any], best: str, *, fresh: bool) -> Belief:
    held, train = Interval.from_dict(record["held"]), Interval.from_dict(record["train"])
    gap, error = train.value - held.value, float(np.hypot(held.error, train.error))
    value = f"{best}: {train} on events that it learned from, {held} on others"
    if not fresh:
        return Belief("Overfitting", RED, value, "No event was kept aside: give data.split.test.")
    mark = GREEN if gap < max(2 * error, 0.05) else AMBER if gap < 0.5 else RED
    words = {
        GREEN: "It describes fresh events as well as its own.",
        AMBER: "It describes its own events better than fresh ones: wider kernels, or fewer Gaussians.",
        RED: "It has learned its events by heart: wider kernels, or fewer Gaussians.",
    }
    return Belief("Overfitting", mark, value, words[mark])


def _even(record: Mapping[str, Any], best: str) -> Belief:
    p = record["even"]
    mark = GREEN if p > 0.05 else AMBER if p > 0.005 else RED
    words = {
        GREEN: "Fresh events are as likely under it as its own draws are.",
        AMBER: "Fresh events are not quite as likely under it as its own draws are.",
        RED: "Fresh events are not as likely under it as its own draws are: its shape is wrong somewhere.",
    }
    return Belief("Shape", mark, f"{best}: p = {p:.3g} (Kolmogorov and Smirnov)", words[mark])


def _truth(record: Mapping[str, Any], best: str) -> Belief:
    found = Interval.from_dict(record["divergence"])
    mark = GREEN if found.value < 0.05 + found.error else AMBER if found.value < 0.3 else RED
    words = {GREEN: "It is the true density, nearly.", AMBER: "It is near the true density.",
             RED: "It is far from the true density: more events, or another family."}  # fmt: skip
    return Belief("Truth", mark, f"{best}: divergence {found} nats", words[mark])


def _steady(record: Mapping[str, Any], best: str) -> Belief:
    found = Interval.from_dict(record["changes"])
    mark = GREEN if found.value < 0.2 else AMBER if found.value < 0.6 else RED
    words = {GREEN: "Another sample gives nearly the same density.", AMBER: "Another sample gives another density.",
             RED: "Another sample gives a very different density; there are too few events for it."}  # fmt: skip
    return Belief("Stability", mark, f"{best}: ln p moves by {found} from sample to sample", words[mark])


def _better(records: Records, best: str) -> Belief:
    first = next(iter(records))
    if best == first:
        return Belief("Better than the first", GREEN, f"{first} is best", "Nothing more complicated is called for.")
    gain = Interval.from_dict(records[best]["difference"])
    mark = GREEN if gain.value > 2 * gain.error else AMBER
    sentence = "The gain is beyond chance." if mark == GREEN else "The gain may be chance: prefer the simpler one."
    return Belief("Better than the first", mark, f"{best} over {first}: {gain} nats per event", sentence)
