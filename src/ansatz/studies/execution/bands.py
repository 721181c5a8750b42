"""Whether the bands and sets of the models held what they promise on rows that no fit has seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from ansatz.errors import InputError
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.training.result import Fit
from ansatz.validation import CoverageCurve, Interval, coverage
from ansatz.validation.diagnostics.coverage import KINDS

if TYPE_CHECKING:
    from ansatz.studies.execution.evaluation import Evaluation, Judged

LOOKED_AT = 5_000
"""Most rows on which bands are drawn."""
HIGH = 0.95
"""The second level at which bands are judged, beside that of the report."""
TRIALS = {"prediction": 100, "set": 100, "mean": 10}
"""About how many independent trials one fit is, for its rows share one sample."""


def coverages(given: Evaluation, judged: Mapping[str, Judged]) -> dict[str, dict[str, object]]:
    """For each model with a band how often it held the truth, and how wide it is; nothing where folds are judged.

    Bands of a new measurement and sets of classes are held against the test rows, bands of the mean against the law of
    the problem, where it is known.
    """
    if given.parts.on != "test":
        return {}
    found = {name: _covered(given, given.load(name)) for name, one in judged.items() if one.fitted is not None}
    return {name: curve.to_dict() for name, curve in found.items() if curve is not None}


def coverage_beliefs(found: Mapping[str, Mapping]) -> Iterator[Belief]:
    """Whether each model's bands hold what they promise."""
    for name, record in found.items():
        curve = [Interval.from_dict(one) for one in record["covered"]]
        off = [_excess(one, level, record["kind"]) for one, level in zip(curve, record["levels"], strict=True)]
        mark = GREEN if not any(off) else RED if min(off) < -0.1 else AMBER
        pairs = zip(curve, record["levels"], strict=True)
        value = ", ".join(f"{one} of the {level:.0%} promised" for one, level in pairs)
        yield Belief(f"Coverage of {name}", mark, f"{value}; {KINDS[record['kind']]}", _sentence(mark, off, record))


def _covered(given: Evaluation, fit: Fit) -> CoverageCurve | None:
    """The coverage of one fit; None if it promises nothing, or the truth is not known."""
    if fit.band is None and fit.sets is None:
        return None
    rows = given.parts.judged[:LOOKED_AT]
    levels = tuple(dict.fromkeys((given.study.report.level, HIGH)))
    try:
        return coverage(fit, given.prepared.data[rows], levels=levels, truth=_truth(given, rows))
    except InputError:
        return None


def _truth(given: Evaluation, rows: np.ndarray) -> np.ndarray | None:
    """The law at some rows, or None."""
    known = next(iter(given.prepared.references.values()), None)
    if known is None:
        return None
    return known[rows] if given.prepared.data.task == "regression" else known[rows, 1]


def _excess(covered: Interval, level: float, kind: str) -> float:
    """By how much a coverage is beyond what chance may do; 0 within."""
    off, slack = covered.value - level, 2 * np.hypot(np.sqrt(level * (1 - level) / TRIALS[kind]), covered.error)
    return float(np.sign(off) * max(abs(off) - slack, 0.0))


def _sentence(mark: str, off: list[float], record: Mapping) -> str:
    if mark == GREEN:
        end = " as far as one sample can tell." if record["kind"] == "mean" else "."
        return "The bands hold what they promise" + end
    if min(off) < 0:
        return "The bands are too narrow: the truth lies outside more often than they say."
    return "The bands are wider than they need be: they err on the safe side."
