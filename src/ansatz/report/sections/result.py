"""The result in words: which model is best, by how much, and whether that means anything."""

from __future__ import annotations

from collections.abc import Mapping

from ansatz.report.blocks import Section, Text
from ansatz.report.story import Judged, Story
from ansatz.report.words import (
    interval_of,
    larger_is_better,
    listed,
    measured,
    metric_label,
    metric_unit,
    number,
    p_words,
)
from ansatz.validation import Interval

SIGNIFICANT = 0.0027
"""p-value of three standard deviations."""
HINT = 0.0455
"""p-value of two standard deviations."""


def result(story: Story) -> Section:
    """The headlines: of the models that were compared, and of every analysis."""
    blocks = _compared(story) if story.models or failures(story) else []
    named = len(story.analyses) > 1
    told = (f"{name}: {one.headline}" if named else one.headline for name, one in story.analyses.items())
    return Section("result", "Result", [*blocks, *(Text(text, "strong") for text in told)])


def _compared(story: Story) -> list[Text]:
    """Winner, metric with error, differences to the baseline and the runner-up."""
    winner = story.models.get(str(story.results.get("winner")))
    if winner is None or story.metric not in winner.metrics():
        return [Text("No model of this run could be judged.", "strong")]
    blocks = [Text(headline(story, winner), "strong")]
    rivals = [(role, str(story.results.get(role))) for role in ("baseline", "runner_up")]
    told = dict.fromkeys(name for _, name in rivals if name in story.models and name != winner.name)
    for name in told:
        roles = listed([ROLES[role] for role, other in rivals if other == name])
        blocks.append(Text(difference_words(story, winner.name, name, roles)))
    blocks += [Text(reference_words(story, winner, name, record)) for name, record in references(story).items()]
    blocks += [Text(f"{name} gave no result: {why}", "note") for name, why in failures(story).items()]
    return blocks


ROLES = {"baseline": "the baseline", "runner_up": "the runner-up"}


def headline(story: Story, winner: Judged) -> str:
    """One sentence with the number."""
    interval = winner.metrics()[story.metric]
    models = [m for m in story.models.values() if m.record.get("kind") != "reference"]
    rows = len(story.description.get("splits", {}).get("test", {}) or ()) and story.description["splits"]["test"].get(
        "rows"
    )
    judged = number(int(rows)) if rows and story.run.get("evaluated_on") == "test" else number(len(story.data))
    where = (
        "test rows that no model had seen" if story.run.get("evaluated_on") == "test" else "rows, each held out once"
    )
    lead = f"{winner.name} is the best of {len(models)} models" if len(models) > 1 else f"{winner.name}"
    how = f"{100 * interval.level:.0f} % interval" + (f", {interval.method}" if interval.method else "")
    return f"{lead}: {metric_label(story.metric)} {in_units(story, interval)} ({how}; {judged} {where})."


def in_units(story: Story, interval: Interval | None) -> str:
    """A value of the ranking metric with its error and unit."""
    unit = metric_unit(story.metric, story.unit())
    return f"{measured(interval)} {unit}".strip()


def references(story: Story) -> dict[str, Mapping]:
    """The best that can be done, where the problem knows it."""
    return {name: m.record for name, m in story.models.items() if m.record.get("kind") == "reference"}


def failures(story: Story) -> Mapping[str, str]:
    """Models that could not be fitted, and why."""
    return story.results.get("failures") or {}


def comparison(story: Story, a: str, b: str) -> tuple[Interval, Mapping] | None:
    """The difference a - b on the same rows and the record of its test, if it was made."""
    for record in story.results.get("comparisons") or ():
        found = interval_of(record.get("difference"))
        if found is None or record.get("metric", story.metric) != story.metric:
            continue
        if (record["a"], record["b"]) == (a, b):
            return found, record
        if (record["a"], record["b"]) == (b, a):
            return Interval(-found.value, -found.high, -found.low, found.level, found.method), record
    return None


def difference_words(story: Story, winner: str, other: str, role: str) -> str:
    """How much better the winner is, and whether that is more than chance."""
    known = comparison(story, winner, other)
    if known is None:
        values = [story.models[name].metrics().get(story.metric) for name in (winner, other)]
        return f"Against {role}, {other}: {measured(values[1])}. The difference was not tested on the same rows."
    difference, record = known
    p = record.get("p_adjusted") if record.get("p_adjusted") is not None else record.get("p_value")
    adjusted = ", adjusted for the number of comparisons" if record.get("p_adjusted") is not None else ""
    gain = difference
    if larger_is_better(story.metric) is False:
        gain = Interval(-difference.value, -difference.high, -difference.low, difference.level, difference.method)
    way = "better" if gain.value >= 0 else "worse"
    size = Interval(
        abs(gain.value), *sorted((abs(gain.value) + gain.low - gain.value, abs(gain.value) + gain.high - gain.value))
    )
    what = f"{in_units(story, size)} {way} than {role}, {other}, on the same rows ({p_words(p)}{adjusted})"
    return f"It is {what}. {significance(p, winner, other)}"


def significance(p: float | None, winner: str, other: str) -> str:
    """What a p-value means for the choice between two models.

    Example:
        >>> significance(0.4, "trees", "network")
        'That is not significant: these data cannot tell trees and network apart.'
    """
    if p is None:
        return "Whether that is more than chance was not tested."
    if p <= SIGNIFICANT:
        return "That is significant."
    if p <= HINT:
        return "That is a hint, between two and three standard deviations, and no more."
    return f"That is not significant: these data cannot tell {winner} and {other} apart."


def reference_words(story: Story, winner: Judged, name: str, record: Mapping) -> str:
    """How far the winner stays behind the best that can be done."""
    interval = interval_of((record.get("metrics") or {}).get(story.metric))
    meaning = record.get("meaning") or "the best that can be done"
    if interval is None:
        return f"{name} is {meaning}."
    known = comparison(story, winner.name, name)
    far = f"; {winner.name} differs from it by {measured(known[0])}" if known else ""
    return f"The limit is {name} ({meaning}): {metric_label(story.metric)} {in_units(story, interval)}{far}."
