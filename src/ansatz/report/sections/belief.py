"""The first block of every report: can I believe this?"""

from __future__ import annotations

from collections import Counter

from ansatz.report.blocks import Belief, Beliefs, Section, Text
from ansatz.report.story import Story

SEVERITY = {"red": 0, "amber": 1, "green": 2}

WORDS = {"green": "holds", "amber": "caution", "red": "problem"}
"""What a mark is called."""


def belief(story: Story) -> Section:
    """The checks of the run, the worst first, and what they add up to."""
    records = story.results.get("beliefs") or ()
    items = [Belief(*(str(r.get(field) or "") for field in ("name", "mark", "value", "sentence"))) for r in records]
    known = [item for item in items if item.mark in SEVERITY]
    if not known:
        return Section(
            "belief", "Can I believe this?", [Text("This run holds no checks; run the study again.", "note")]
        )
    ordered = sorted(known, key=lambda item: SEVERITY[item.mark])
    return Section("belief", "Can I believe this?", [Beliefs(ordered, summary(known))])


def summary(items: list[Belief]) -> str:
    """What the marks add up to.

    Example:
        >>> marks = [Belief("a", "green", "", ""), Belief("b", "amber", "", ""), Belief("c", "green", "", "")]
        >>> summary(marks)
        'Mostly: 2 of 3 checks hold, and 1 asks for caution.'
    """
    count = Counter(item.mark for item in items)
    green, amber, red = (count[mark] for mark in ("green", "amber", "red"))
    if not amber and not red:
        return f"Yes, as far as {len(items)} checks can tell: all of them hold."
    parts = [f"{green} of {len(items)} checks hold"]
    parts += [f"{amber} {'asks' if amber == 1 else 'ask'} for caution"] if amber else []
    parts += [f"{red} {'shows a problem' if red == 1 else 'show problems'}"] if red else []
    told = " and ".join(parts) if len(parts) == 3 and not amber else ", ".join(parts[:-1]) + f", and {parts[-1]}"
    return f"{'Not yet' if red else 'Mostly'}: {told}."
