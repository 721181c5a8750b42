"""What a scan found, in numbers, marks of belief, and the arrays that its figures are drawn from."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Mapping

import numpy as np

from ansatz.files import plain
from ansatz.studies.analyses.findings import Findings, Number
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.validation import Interval, quantile
from ansatz.validation.scans import ChoiceImportance, Importances, Scan, Selection, Setting, Trial, optimism
from ansatz.validation.scans.running import TABLE
from ansatz.validation.scans.trials import reward_of, told

EDGE = 0.03
"""A best value nearer than this share of its range to an end is at the edge."""
SHOWN = 10
"""Settings of the table of the best."""


@dataclasses.dataclass(frozen=True, eq=False)
class Judgement:
    """How good the best setting is.

    Attributes:
        selection: the best setting, and its score where it was chosen.
        test: its score on test rows after a fit on all training rows; None without test rows, or if it diverged.
        default: that of the learner with its default values.
        gain: the first minus the second, on the same rows.
        nested: score of the whole procedure by nested cross-validation, or None.
        defaults: the default values of what was scanned.
        level: probability that the intervals hold the truth.
    """

    selection: Selection
    test: Interval | None
    default: Interval | None
    gain: Interval | None
    nested: Interval | None
    defaults: Setting
    level: float

    @property
    def fresh(self) -> Interval | None:
        """The score without the bias of the choice."""
        return self.test or self.nested


def findings_of(
    learner: str, found: Scan, importance: Importances | None, judged: Judgement, *, reward: str
) -> Findings:
    """Everything a report needs of a scan."""
    return Findings(
        headline=_headline(learner, found, judged, reward),
        numbers=tuple(_numbers(found, importance, judged, reward)),
        beliefs=tuple(_beliefs(found, importance, judged)),
        arrays=_arrays(found),
        record=_record(learner, found, importance, judged, reward),
    )


def _headline(learner: str, found: Scan, judged: Judgement, reward: str) -> str:
    best = judged.selection
    where = "test rows" if judged.test else "rows of a nested cross-validation"
    fresh = f"; on {where} it is {judged.fresh}" if judged.fresh else ""
    return (
        f"Of {len(found.first)} settings of {learner} the best has {told(best.trial.setting)}: {reward} {best.seen} "
        f"where it was chosen{fresh}."
    )


def _numbers(found: Scan, importance: Importances | None, judged: Judgement, reward: str) -> Iterator[Number]:
    best, count = judged.selection, len(found.first)
    yield Number(f"{reward}, best of {count} settings", best.seen, note="on the rows by which it was chosen: too good")
    if best.crossed:
        yield Number(f"{reward}, chosen on the other folds", best.crossed, note="takes most of the bias away")
    if judged.test:
        note = "fitted anew on all training rows; reference: where it was chosen"
        yield Number(f"{reward}, best setting on test rows", judged.test, best.seen.value, note=note)
    if judged.nested:
        note = "scan, choice and fit repeated without the rows that judge; reference: where the best was chosen"
        yield Number(f"{reward}, nested cross-validation", judged.nested, best.seen.value, note=note)
    if judged.default:
        yield Number(f"{reward}, default values on test rows", judged.default, note=told(judged.defaults))
    if judged.gain:
        yield Number("best minus default, on test rows", judged.gain, 0.0, note="paired: the same rows")
    yield Number("settings within one error of the best", best.rivals, note="as good, as far as these rows can tell")
    for status, number in _counts(found).items():
        yield Number(f"settings that {status}", number)
    if importance:
        first = importance.choices[0]
        yield Number(
            f"importance of {first.name}", first.total, note="share of the variance of the reward, total effect"
        )
        yield Number("predicted by the trees", importance.explained, note="of that variance, on settings left out")


def _counts(found: Scan) -> dict[str, int]:
    words = [trial.status for trial in found.first]
    return {word: words.count(word) for word in dict.fromkeys(["finished", *words])}


def _beliefs(found: Scan, importance: Importances | None, judged: Judgement) -> Iterator[Belief]:
    yield _bias(found, judged)
    if judged.gain:
        yield _gain(found, judged)
    yield _edge(found, judged)
    yield _bad(found)
    yield _enough(found, judged)
    if importance:
        yield _explained(importance)


def _bias(found: Scan, judged: Judgement) -> Belief:
    fresh, name = judged.fresh, "selection bias"
    if fresh is None:
        return Belief(name, RED, "no score on fresh rows", "The best setting diverged when it was fitted anew.")
    gap, error = optimism(found, judged.selection.seen, fresh)
    sigmas = gap / error * quantile(judged.level) if error > 0 else 0.0
    value = f"{judged.selection.seen} where it was chosen, {fresh} on fresh rows ({sigmas:+.1f} σ)"
    if sigmas < 2:
        return Belief(name, GREEN, value, "The score by which the best setting was chosen holds on fresh rows.")
    why = "The score by which the best setting was chosen is too good; quote the one on fresh rows."
    return Belief(name, AMBER if sigmas < 4 else RED, value, why)


def _gain(found: Scan, judged: Judgement) -> Belief:
    error = judged.gain.error / quantile(judged.level)
    best, default = (reward_of(found.metric, interval.value) for interval in (judged.test, judged.default))
    sigmas = (best - default) / error if error > 0 else 0.0
    value = f"{judged.gain} over the default values ({sigmas:+.1f} σ)"
    if sigmas >= 2:
        return Belief("gain", GREEN, value, "On test rows the best setting is better than the default values.")
    if sigmas > -2:
        return Belief("gain", AMBER, value, "On test rows the best setting cannot be told from the default values.")
    return Belief("gain", RED, value, "On test rows the best setting is worse than the default values.")


def _edge(found: Scan, judged: Judgement) -> Belief:
    setting = judged.selection.trial.setting
    ordered = {n: r for n, r in found.space.ranges.items() if r.ordered and r.count > 2}
    near = [
        f"{name} = {told({name: setting[name]}).partition(' = ')[2]}"
        for name, found_range in ordered.items()
        if setting[name] in (found_range.low, found_range.high)
        or min(found_range.place(setting[name]), 1 - found_range.place(setting[name])) < EDGE
    ]
    if not near:
        return Belief("edge of the space", GREEN, "inside", "The best setting lies inside of every range.")
    why = "The best setting lies at the end of a range; a better one may lie beyond, so widen it."
    return Belief("edge of the space", AMBER, ", ".join(near), why)


def _bad(found: Scan) -> Belief:
    bad = sum(not trial.finished for trial in found.first)
    share = bad / len(found.first)
    value = f"{bad} of {len(found.first)}"
    if share <= 0.1:
        return Belief("settings that went wrong", GREEN, value, "Nearly all settings could be fitted.")
    why = "Settings that diverged or failed have no reward; the space reaches where nothing can be learned."
    return Belief("settings that went wrong", AMBER if share <= 0.5 else RED, value, why)


def _enough(found: Scan, judged: Judgement) -> Belief:
    """Whether the last third of the settings brought more than the error of the best score."""
    so_far, error = found.best_so_far(), judged.selection.trial.error
    before = so_far[2 * len(so_far) // 3 - 1] if len(so_far) > 2 else math.nan
    gain = so_far[-1] - before
    value = f"the last third brought {gain:.2g}, the error of the best score is {error:.2g}"
    if gain <= error:
        return Belief("enough settings", GREEN, value, "More settings of the same kind would hardly bring more.")
    return Belief("enough settings", AMBER, value, "The best was found late; more settings may bring more.")


def _explained(importance: Importances) -> Belief:
    value = f"{importance.explained:.0%} of the variance of the reward"
    if importance.explained >= 0.5:
        return Belief("importance", GREEN, value, "The trees that tell what mattered predict settings left out.")
    why = "The trees that tell what mattered predict settings left out badly; take the importances as a hint."
    return Belief("importance", AMBER if importance.explained >= 0.1 else RED, value, why)


def _arrays(found: Scan) -> dict[str, np.ndarray]:
    trials = found.trials
    columns = ("number", "rung", "score", "error", "reward", "cost", "epochs", "seconds")
    arrays = {name: np.array([getattr(trial, name) for trial in trials]) for name in columns}
    arrays["status"] = np.array([trial.status for trial in trials], dtype=str)
    for name, choices in found.space.ranges.items():
        values = [trial.setting[name] for trial in trials]
        coded = values if choices.ordered else [choices.options.index(value) for value in values]
        arrays[f"choice/{name}"] = np.array(coded, float)
    arrays["place"] = np.array([found.space.point(trial.setting) for trial in trials])
    return arrays


def _record(
    learner: str, found: Scan, importance: Importances | None, judged: Judgement, reward: str
) -> dict[str, object]:
    top = sorted(found.last, key=lambda trial: -trial.reward)[:SHOWN]
    return {
        "learner": learner,
        "metric": reward,
        "larger_is_better": found.metric.larger_is_better,
        "space": found.space.to_dict(),
        "folds": max(len(trial.scores) for trial in found.trials),
        "table": TABLE,
        "best": {"number": judged.selection.trial.number, "setting": judged.selection.trial.setting},
        "defaults": judged.defaults,
        "top": [_line(found, trial, judged.level) for trial in top],
        "failures": [f"{trial.told()}: {trial.message}" for trial in found.trials if not trial.finished][:5],
        "importance": [] if importance is None else [_choice(choice) for choice in importance.choices],
        "pairs": [] if importance is None else [[a, b, share] for (a, b), share in importance.pairs.items()],
        "fresh": None if judged.fresh is None else judged.fresh.to_dict(),
        "seen": judged.selection.seen.to_dict(),
    }


def _line(found: Scan, trial: Trial, level: float) -> dict[str, object]:
    return plain(
        {
            "number": trial.number,
            "setting": trial.setting,
            "score": found.interval(trial, level=level).to_dict(),
            "cost": trial.cost,
            "epochs": trial.epochs,
            "seconds": trial.seconds,
        }
    )


def _choice(choice: ChoiceImportance) -> Mapping[str, object]:
    parts = {name: getattr(choice, name).to_dict() for name in ("main", "total", "good", "permutation")}
    return {"name": choice.name, **parts}
