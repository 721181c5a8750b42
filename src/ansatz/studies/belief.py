"""Can I believe this? Each thing that may be wrong with a result: a mark, numbers, and one sentence why."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from ansatz.validation import Comparison, Interval, Verdict, effective_count, quantile

if TYPE_CHECKING:
    from ansatz.studies.execution.evaluation import Evaluation, Judged

GREEN, AMBER, RED = "green", "amber", "red"


@dataclasses.dataclass(frozen=True)
class Belief:
    """One answer.

    Attributes:
        name: what was looked at.
        mark: `"green"`, `"amber"` or `"red"`.
        value: the numbers, as text.
        sentence: why the mark is what it is.
    """

    name: str
    mark: str
    value: str
    sentence: str

    def to_dict(self) -> dict[str, str]:
        """Plain values for JSON."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True, eq=False)
class Evidence:
    """What beliefs rest on.

    Attributes:
        given: the evaluation.
        judged: answers and scores of every model and reference.
        verdicts: overfitting or not, for every model.
        comparisons: pairs of models.
        results: what is known of the results so far.
        members: the ranking metric of each member of the winner by itself, if it is a population.
    """

    given: Evaluation
    judged: Mapping[str, Judged]
    verdicts: Mapping[str, Verdict]
    comparisons: list[Comparison]
    results: Mapping[str, object]
    members: tuple[float, ...] = ()

    @property
    def metric(self) -> str:
        """The metric that ranks the models."""
        return str(self.results["primary_metric"])

    @property
    def winner(self) -> str:
        """The best model."""
        return str(self.results["winner"])

    @property
    def best(self) -> Judged:
        """Answers of the best model."""
        return self.judged[self.winner]

    @property
    def models(self) -> dict[str, Judged]:
        """All models, without references."""
        return {name: found for name, found in self.judged.items() if found.fitted is not None}

    def comparison(self, other: str) -> tuple[Comparison, float] | None:
        """The comparison of the winner with another model, and the sign that makes it winner minus other."""
        for found in self.comparisons:
            if (found.a, found.b) == (self.winner, other):
                return found, 1.0
            if (found.b, found.a) == (self.winner, other):
                return found, -1.0
        return None


def beliefs(evidence: Evidence) -> list[Belief]:
    """All answers, in the order in which they are read."""
    return [belief for check in CHECKS for belief in check(evidence)]


def failed_models(e: Evidence) -> Iterator[Belief]:
    """Models that gave nothing."""
    for name, why in e.results["failures"].items():
        yield Belief(f"Model {name}", RED, "no result", why)


def interval(e: Evidence) -> Iterator[Belief]:
    """How well the winner's value is known."""
    found = e.best.metrics[e.metric]
    scale = 1.0 if e.metric in BOUNDED else max(abs(found.value), 1e-300)
    size = found.error / scale if math.isfinite(found.error) else math.inf
    mark = _graded(size, 0.02, 0.08)
    words = {GREEN: "The interval is narrow.", AMBER: "The interval is wide; more events to judge on would narrow it.",
             RED: "The interval is so wide that the value says little; judge on more events."}  # fmt: skip
    yield Belief(f"{e.metric} of {e.winner}", mark, f"{found} ({found.level:.0%}, {found.method})", words[mark])


def against_baseline(e: Evidence) -> Iterator[Belief]:
    """Whether the winner beats the simplest model."""
    baseline = str(e.results["baseline"])
    if len(e.models) < 2:
        yield Belief(
            "Against a baseline", AMBER, "one model", "Nothing simpler was tried; add a threshold, constant or line."
        )
        return
    if baseline == e.winner:
        yield Belief("Against the baseline", RED, f"{baseline} is the best model", "No other model beats the baseline.")
        return
    yield from _against(e, baseline, "Against the baseline", "so the effort does not pay")


def against_runner_up(e: Evidence) -> Iterator[Belief]:
    """Whether the winner beats the second."""
    second = e.results["runner_up"]
    if second is not None and second != e.results["baseline"]:
        yield from _against(e, str(second), "Against the runner-up", "so prefer the simpler or faster of the two")


def _against(e: Evidence, other: str, name: str, consequence: str) -> Iterator[Belief]:
    found = e.comparison(other)
    if found is None:
        return
    comparison, sign = found
    difference = _signed(comparison.difference, sign)
    mark = GREEN if comparison.significant() else AMBER
    value = f"{e.metric}: {e.winner} - {other} = {difference}, {_p(comparison.p_adjusted)}"
    sentence = "The difference on the same events is significant."
    if mark == AMBER:
        sentence = f"The difference on the same events is not significant, {consequence}."
    yield Belief(name, mark, value, sentence)


def against_optimum(e: Evidence) -> Iterator[Belief]:
    """How far the winner is from what the problem's truth allows."""
    baseline = e.judged[str(e.results["baseline"])].metrics.get(e.metric)
    for name, reference in e.judged.items():
        found = e.comparison(name) if reference.fitted is None else None
        if found is None:
            continue
        difference = _signed(found[0].difference, found[1])
        possible = abs(reference.metrics[e.metric].value - baseline.value) if baseline else 0.0
        near = found[0].p_value > 0.05 or abs(difference.value) < 0.05 * possible
        sentence = "The model comes close to the best that is possible." if near else "Something is left to learn."
        value = f"{e.metric}: {e.winner} - {name} = {difference}"
        yield Belief("Against the optimum", GREEN if near else AMBER, value, sentence)


def training_against_test(e: Evidence) -> Iterator[Belief]:
    """The lecture's verdict, and the overtraining test."""
    found = e.verdicts[e.winner]
    gain = found.baseline - found.test.value
    severe = found.verdict == "overfitting" and found.gap.value > 0.5 * max(gain, 0.0)
    mark = {"good": GREEN, "overfitting": RED if severe else AMBER}.get(found.verdict, AMBER)
    tests = e.results["models"][e.winner]["overtraining"]
    shown = ", ".join(f"{part} p = {test['p_value']:.2g}" for part, test in tests.items())
    remedies = f" Remedies: {'; '.join(found.remedies)}." if found.remedies else ""
    value = f"{found.verdict}: {found.sentence}" + (f"; Kolmogorov-Smirnov {shown}" if shown else "")
    yield Belief("Training against fresh events", mark, value, f"{MEANING[found.verdict]}{remedies}")


def spread_over_folds(e: Evidence) -> Iterator[Belief]:
    """Whether folds agree as they should."""
    values = np.array(e.results["models"][e.winner]["folds"].get(e.metric, []))
    if len(values) < 2:
        yield Belief(
            "Spread over folds", AMBER, "no folds", "How much the result depends on the training rows is not known."
        )
        return
    found = e.best.metrics[e.metric]
    each = np.mean([len(held) for _, held in e.given.parts.folds])
    expected = found.error / quantile(found.level) * math.sqrt(len(e.best.test) / each)
    spread = float(values.std(ddof=1))
    mark = _graded(spread / expected if expected > 0 else 0.0, 2.0, 4.0)
    words = {GREEN: "It is what the size of a fold explains.", AMBER: "It is larger than the size of a fold explains.",
             RED: "It is far larger: the result depends on the training rows."}  # fmt: skip
    value = f"{e.metric} = {values.mean():.4g}, standard deviation {spread:.2g} over {len(values)} folds"
    yield Belief("Spread over folds", mark, value, words[mark])


def spread_over_seeds(e: Evidence) -> Iterator[Belief]:
    """Whether the starting points of a population matter."""
    if len(e.members) < 2:
        return
    values, error = np.array(e.members), e.best.metrics[e.metric].error
    spread = float(values.std(ddof=1))
    mark = _graded(spread / error if error > 0 else 0.0, 1.0, 3.0)
    words = {GREEN: "Where it started matters less than which events it was judged on.",
             AMBER: "Where it started matters; train more members or longer.",
             RED: "The result depends on where it started; a single fit would say little."}  # fmt: skip
    value = f"{e.metric} = {values.mean():.4g}, standard deviation {spread:.2g} over {len(values)} members"
    yield Belief("Spread over seeds", mark, value, words[mark])


def calibration(e: Evidence) -> Iterator[Belief]:
    """Whether probabilities are what they say; whether a regression is biased."""
    if e.best.test.task == "regression":
        found = e.best.metrics["bias"]
        mark = GREEN if abs(found.value) < 2 * found.error else AMBER
        sentence = "It is zero within two errors." if mark == GREEN else "On average the predictions are off."
        yield Belief("Bias", mark, f"mean of predicted - true = {found}", sentence)
        return
    if "ece" not in e.best.metrics:
        yield Belief(
            "Calibration", AMBER, "scores only", "The best model ranks events; its scores are not probabilities."
        )
        return
    found = e.best.metrics["ece"]
    mark = _graded(min(found.value, max(found.low, 0.0) * 2), 0.02, 0.06)
    words = {GREEN: "Predicted probabilities are what they say.", AMBER: "Predicted probabilities are somewhat off.",
             RED: "Predicted probabilities cannot be taken at their word; calibrate them."}  # fmt: skip
    yield Belief("Calibration", mark, f"expected calibration error {found}", words[mark])


def convergence(e: Evidence) -> Iterator[Belief]:
    """Whether the optimizers finished."""
    records = e.results["models"]
    unfinished = [
        name for name in e.models if not (records[name]["converged"] and all(records[name]["folds_converged"]))
    ]
    if not unfinished:
        yield Belief(
            "Convergence", GREEN, f"{len(e.models)} of {len(e.models)} models", "Every fit finished as it should."
        )
        return
    mark = RED if not records[e.winner]["converged"] else AMBER
    why = next((str(records[name]["message"]) for name in unfinished if records[name]["message"]), "")
    sentence = "These fits had not finished when they stopped" + (f": {why}." if why else "; give them more steps.")
    yield Belief("Convergence", mark, f"not finished: {', '.join(unfinished)}", sentence)


def sample_size(e: Evidence) -> Iterator[Belief]:
    """How many events the judgement rests on."""
    test = e.best.test
    parts = {"all": test.weight}
    if test.task == "classification":
        names = e.given.prepared.data.classes
        parts = {names[k]: test.weight[test.y == k] for k in np.unique(test.y)}
    effective = {name: effective_count(weight) for name, weight in parts.items()}
    name, least = min(effective.items(), key=lambda item: item[1])
    mark = GREEN if least >= 200 else AMBER if least >= 30 else RED
    words = {GREEN: "It is enough for the intervals to hold.", AMBER: "It is small; intervals are rough.",
             RED: "It is so small that intervals cannot be trusted."}  # fmt: skip
    of = "" if name == "all" else f" of the smallest class ({name})"
    yield Belief("Effective sample size", mark, f"{least:.0f} events{of}, {len(test)} rows judged", words[mark])


def negative_weights(e: Evidence) -> Iterator[Belief]:
    """How much negative weights cost."""
    weight = e.given.prepared.data.weight
    share = float(np.mean(weight < 0))
    if not share:
        return
    lost = -float(weight[weight < 0].sum()) / float(np.abs(weight).sum())
    mark = _graded(lost, 0.15, 0.3)
    sentence = (
        "Weights of both signs are used everywhere; they cost statistical precision, which the intervals contain."
    )
    yield Belief("Negative weights", mark, f"{share:.1%} of the events, {lost:.1%} of the absolute weight", sentence)


def duplicates(e: Evidence) -> Iterator[Belief]:
    """Whether judged rows were seen in training."""
    count = e.given.prepared.duplicates(e.given.parts)
    share = count / max(len(e.given.parts.judged), 1)
    mark = GREEN if not count else _graded(share, 0.001, 0.01)
    sentence = "No judged row is a copy of a training row."
    if count:
        sentence = "Copies of training rows among the judged ones flatter the result; remove them or split by group."
    yield Belief("Duplicate rows", mark, f"{count} judged rows also in training", sentence)


def alarms(e: Evidence) -> Iterator[Belief]:
    """What is nearly always a mistake."""
    found = [*_below_half(e), *_three_points(e), *_single_feature(e)]
    yield from found
    if not found:
        sentence = "No column gives the target away."
        if e.best.test.task == "classification":
            sentence = (
                "No classifier is far below one half, no ROC curve has three points, no column gives the class away."
            )
        yield Belief("Alarms", GREEN, "none", sentence)


def _below_half(e: Evidence) -> Iterator[Belief]:
    for name, model in e.models.items():
        if "auc" in model.metrics and model.metrics["auc"].high < 0.45:
            sentence = "A classifier far below one half usually has its labels or its sign flipped."
            yield Belief("Below one half", RED, f"{name}: auc = {model.metrics['auc']}", sentence)


def _three_points(e: Evidence) -> Iterator[Belief]:
    for name, model in e.models.items():
        score = model.test.score
        if score is not None and score.ndim == 1 and len(np.unique(score)) == 2:
            sentence = (
                "The score takes two values only, as if hard labels had been used; its curve and area mean little."
            )
            yield Belief("ROC of three points", AMBER, name, sentence)


def _single_feature(e: Evidence) -> Iterator[Belief]:
    for one in e.given.prepared.about["suspicious"]:
        sentence = "One column alone gives the target; make sure that it is not the target in disguise."
        yield Belief("A column gives the target", RED, f"{one['column']}: {one['why']}", sentence)


def selection(e: Evidence) -> Iterator[Belief]:
    """The best of many is too good: the largest of m values with error s exceeds its mean by at most s sqrt(2 log m).

    Models judged on the same events share most of their error; what is left of it is that of their difference over
    the root of two.
    """
    count = len(e.models)
    if count < 2:
        return
    found = e.comparison(str(e.results["runner_up"]))
    error = found[0].difference.error if found else e.best.metrics[e.metric].error
    bias = error * math.sqrt(math.log(count)) if math.isfinite(error) else math.inf
    mark = GREEN if count <= 5 else AMBER
    where = "fresh test rows" if e.given.parts.on == "test" else "the folds that also chose it"
    value = f"best of {count} models on {where}; its {e.metric} may be too good by at most {bias:.2g}"
    sentence = (
        "So few candidates bias the winner's value little." if mark == GREEN else "Confirm the winner on new events."
    )
    yield Belief("Selection", mark, value, sentence)


def _graded(size: float, green: float, amber: float) -> str:
    return GREEN if size <= green else AMBER if size <= amber else RED


def _p(value: float) -> str:
    return f"p = {value:.2g}" if value >= 1e-6 else "p < 1e-6"


def _signed(found: Interval, sign: float) -> Interval:
    if sign > 0:
        return found
    return dataclasses.replace(found, value=-found.value, low=-found.high, high=-found.low)


BOUNDED = frozenset({"auc", "accuracy", "balanced_accuracy", "average_precision", "precision", "recall", "f1", "r2"})
"""Metrics whose scale is one."""

MEANING = {
    "good": "The model does on fresh events what it does on those it learned from.",
    "overfitting": "The model knows its training events better than the law behind them.",
    "underfitting": "The model has not learned what can be learned.",
    "undecided": "The errors are too large to tell overfitting from chance.",
}

CHECKS: tuple[Callable[[Evidence], Iterator[Belief]], ...] = (
    failed_models,
    interval,
    against_baseline,
    against_runner_up,
    against_optimum,
    training_against_test,
    spread_over_folds,
    spread_over_seeds,
    calibration,
    convergence,
    sample_size,
    negative_weights,
    duplicates,
    alarms,
    selection,
)
"""What is looked at, in the order in which it is read."""
