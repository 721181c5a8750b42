r"""The lecture's verdict: overfitting, underfitting or good, from \(R_{train}\) and \(R_{test}\) with their errors."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from ansatz.errors import InputError
from ansatz.validation.answers import Answers
from ansatz.validation.classifiers.ranking import AreaUnderCurve, delong
from ansatz.validation.interval import ONE_SIGMA, Interval, normal
from ansatz.validation.metrics import metric_named
from ansatz.validation.scoring import statistic_of
from ansatz.validation.statistics import Statistic, linear_error

REMEDIES = {
    "overfitting": (
        "add more training data",
        "remove features that carry no information",
        "stop the training earlier",
        "add or strengthen the regularization",
    ),
    "underfitting": (
        "try a more complex model",
        "train longer",
        "weaken the regularization",
        "add features that carry information",
    ),
    "good": (),
    "undecided": ("judge on more test events; the errors of the risks are too large to tell",),
}
"""What to do, by verdict."""


@dataclasses.dataclass(frozen=True)
class Verdict:
    """Whether a model has learned what it could.

    Attributes:
        verdict: `"overfitting"`, `"underfitting"`, `"good"`, or `"undecided"` where errors are too large to tell.
        sentence: the reason, with numbers.
        remedies: what to do about it, empty if good.
        risk: what the risk is: `"log_loss"`, `"mse"`, `"1 - auc"` or `"1 - accuracy"`.
        train: risk on the events that were learned from.
        test: risk on fresh events.
        gap: test minus train.
        baseline: risk on the test events of the best constant answer.
        reachable: the lowest risk known to be reachable, or None.
    """

    verdict: str
    sentence: str
    remedies: tuple[str, ...]
    risk: str
    train: Interval
    test: Interval
    gap: Interval
    baseline: float
    reachable: Interval | None = None

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        ends = {name: getattr(self, name).to_dict() for name in ("train", "test", "gap")}
        reachable = None if self.reachable is None else self.reachable.to_dict()
        return {**dataclasses.asdict(self), **ends, "reachable": reachable, "remedies": list(self.remedies)}


def verdict(
    train: Answers,
    test: Answers,
    *,
    reachable: Interval | float | None = None,
    tolerance: float = 0.1,
    sigmas: float = 2.0,
    level: float = ONE_SIGMA,
) -> Verdict:
    r"""Compares the risk on training and test events with each other, with a constant answer and with the best known.

    The natural scale is what the model has gained over the best constant answer, \(R_0 - R_{test}\), or, where it
    is known and larger, what could be gained, \(R_0 - R_{reachable}\).

    * overfitting: \(R_{test} - R_{train}\) is positive by more than `sigmas` standard errors and more than `tolerance`
      of that scale (the lecture's \(R_{train} \ll R_{test}\));
    * underfitting: not overfitting, and the test risk is not shown to be below that of a constant answer (and a gain of
      half of that is excluded), or it is above the reachable risk by more than `sigmas` standard errors and
      `tolerance` of the scale;
    * undecided: neither is shown, but a gap of three times `tolerance` could not be seen either;
    * good: otherwise.

    Args:
        train: answers to the events that were learned from.
        test: answers to fresh events.
        reachable: the lowest risk known to be reachable: the Bayes risk, the noise level, or the risk of the best
            model on the same events.
        tolerance: share of the scale that a difference must exceed to matter.
        sigmas: standard errors that a difference must exceed to be real.
        level: probability that the intervals of the result hold the truth.

    Raises:
        InputError: if the two answers are of different kinds.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> y = rng.normal(size=400)
        >>> seen, fresh = Answers.predicted(y, y + 0.01), Answers.predicted(y, y + rng.normal(0, 0.5, 400))
        >>> verdict(seen, fresh).verdict
        'overfitting'
    """
    kind, (low, high) = _risks(train, test)
    zero, gain_error = _baseline(kind, test)
    best = _as_interval(reachable, level)
    found = _Evidence(
        gap=high[0] - low[0],
        gap_error=math.hypot(low[1], high[1]),
        zero=zero,
        gain=zero - high[0],
        gain_error=gain_error,
        excess=high[0] - best.value if best else 0.0,
        excess_error=math.hypot(high[1], best.error) if best else 0.0,
    )
    word, reason = _judge(found, tolerance, sigmas)
    seen, fresh = (normal(v, e, level=level, scale="log") for v, e in (low, high))
    sentence = f"R_train = {seen}, R_test = {fresh} ({kind}): {reason}"
    gap = normal(found.gap, found.gap_error, level=level)
    return Verdict(word, sentence, REMEDIES[word], kind, seen, fresh, gap, zero, best)


@dataclasses.dataclass(frozen=True)
class _Evidence:
    """The differences that decide, with their standard errors."""

    gap: float
    gap_error: float
    zero: float
    gain: float
    gain_error: float
    excess: float
    excess_error: float

    @property
    def scale(self) -> float:
        """What the model has gained over a constant answer, or what could be gained if that is known and larger."""
        return max(self.gain + max(self.excess, 0.0), 0.0)


def _judge(e: _Evidence, tolerance: float, sigmas: float) -> tuple[str, str]:
    """The verdict and the reason for it."""
    matters = tolerance * e.scale
    if e.gap > sigmas * e.gap_error and e.gap > matters:
        return (
            "overfitting",
            f"the test risk is larger by {_times(e.gap, e.gap_error)}, so it knows its training events",
        )
    if e.gain <= sigmas * e.gain_error and e.gain + sigmas * e.gain_error < 0.5 * e.zero:
        return "underfitting", f"a constant answer has {e.zero:.4g}, and the model is not shown to do better"
    if e.excess > sigmas * e.excess_error and e.excess > matters:
        return "underfitting", f"the two agree, but {e.zero - e.gain - e.excess:.4g} is known to be reachable"
    if sigmas * e.gap_error > 3 * matters:
        return "undecided", f"they differ by {e.gap:.2g} with a standard error of {e.gap_error:.2g}, too large to tell"
    if abs(e.gap) <= sigmas * e.gap_error:
        return "good", "they agree within errors"
    return "good", f"they differ by {abs(e.gap):.2g}, less than {tolerance:.0%} of what could be gained"


def _times(gap: float, error: float) -> str:
    return f"{gap:.2g}, {gap / error:.1f} standard errors" if error > 0 else f"{gap:.2g}"


def _as_interval(reachable: Interval | float | None, level: float) -> Interval | None:
    if reachable is None or isinstance(reachable, Interval):
        return reachable
    return Interval(float(reachable), float(reachable), float(reachable), level, "given")


def _risks(train: Answers, test: Answers) -> tuple[str, list[tuple[float, float]]]:
    """The name of the risk, and its value and standard error on each sample."""
    if (train.task, train.classes) != (test.task, test.classes):
        raise InputError("the answers to training and test events are of different kinds; give both from one model")
    kind = risk_of(test)
    return kind, [_estimate(kind, answers) for answers in (train, test)]


def risk_of(answers: Answers) -> str:
    """Which risk answers are judged by: the most telling one that they allow."""
    if answers.task == "regression":
        return "mse"
    if answers.probability is not None:
        return "log_loss"
    return "1 - auc" if answers.classes == 2 else "1 - accuracy"


def _estimate(kind: str, answers: Answers) -> tuple[float, float]:
    falling = kind.startswith("1 - ")
    statistic = statistic_of(kind.removeprefix("1 - "), answers)
    value = float(statistic(answers.weight))
    return (1 - value if falling else value), _error(statistic, answers.weight)


def _error(statistic: Statistic, weight: np.ndarray) -> float:
    if isinstance(statistic, AreaUnderCurve):
        return math.sqrt(float(delong([statistic], weight)[1][0, 0]))
    return linear_error(statistic, weight)


def _baseline(kind: str, test: Answers) -> tuple[float, float]:
    """The risk of the best constant answer, and the standard error of what the model gains over it."""
    if kind == "1 - auc":
        return 0.5, _estimate(kind, test)[1]
    constant = _constant(test)
    name = kind.removeprefix("1 - ")
    model, other = (metric_named(name).build(a) for a in (test, constant))
    value = float(other(test.weight))
    moved = test.weight * (model.influence(test.weight) - other.influence(test.weight))
    return (1 - value if kind.startswith("1 - ") else value), float(np.sqrt(np.sum(moved**2)))


def _constant(test: Answers) -> Answers:
    """The best answer that does not look at the event."""
    if test.task == "regression":
        mean = np.average(test.y, axis=0, weights=test.weight)
        return dataclasses.replace(test, value=np.broadcast_to(mean, test.y.shape))
    share = np.array([test.weight[test.y == k].sum() for k in range(test.classes)])
    share = np.clip(share, 0, None) / np.clip(share, 0, None).sum()
    same = np.broadcast_to(share, (len(test), test.classes))
    return dataclasses.replace(test, probability=same, decision=np.full(len(test), share.argmax()))
