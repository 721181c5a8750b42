"""Scores with intervals: every metric of the table that a model's answers allow."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.typing import Key
from ansatz.validation.answers import Answers
from ansatz.validation.classifiers.calibration import CalibrationError, calibration_error_interval
from ansatz.validation.classifiers.ranking import AreaUnderCurve, WorkingPoint, delong_interval
from ansatz.validation.interval import ONE_SIGMA, Interval, effective_count, fraction_interval
from ansatz.validation.metrics import METRICS, Metric, Rejection, metric_named
from ansatz.validation.resampling import bootstrap
from ansatz.validation.statistics import Statistic, linear_error, linear_interval


def classification_scores(
    y: np.ndarray,
    score: np.ndarray | None = None,
    probability: np.ndarray | None = None,
    weight: np.ndarray | None = None,
    *,
    level: float = ONE_SIGMA,
    key: Key,
) -> dict[str, Interval]:
    """All metrics of a classifier with their intervals; those that need probabilities only where these are given.

    Args:
        y: classes 0..K-1; of two, class 1 is the signal.
        score: what ranks events, shape (events,) or (events, K).
        probability: class probabilities, shape (events, K), or of class 1 alone.
        weight: event weights of either sign.
        level: probability that an interval holds the truth.
        key: random key, for the bootstrap of the calibration error.

    Raises:
        InputError: if lengths differ, something is not finite, one class is missing, or weights sum to nothing.

    Example:
        >>> import jax
        >>> found = classification_scores([0, 1, 0, 1], [0.1, 0.7, 0.4, 0.3], key=jax.random.key(0))
        >>> print(found["auc"].value, found["accuracy"].value)
        0.75 0.5
    """
    return scores(Answers.classified(y, score, probability, weight), level=level, key=key)


def regression_scores(
    y: np.ndarray,
    value: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    sigma: np.ndarray | float | None = None,
    outputs: tuple[str, ...] = (),
    parameters: int = 0,
    level: float = ONE_SIGMA,
    key: Key,
) -> dict[str, Interval]:
    """All metrics of a regression with their intervals: averaged over outputs and, as `"mse[name]"`, for each.

    Args:
        y: targets, shape (events,) or (events, outputs).
        value: predictions of the same shape.
        weight: event weights of either sign.
        sigma: standard deviations, for chi2 and pulls.
        outputs: names of the outputs.
        parameters: number of fitted parameters, if these are the events that were fitted: chi2 is then per degree of
            freedom; 0 for fresh events.
        level: probability that an interval holds the truth.
        key: random key.

    Raises:
        InputError: if shapes differ, something is not finite, or weights sum to nothing.

    Example:
        >>> import jax
        >>> found = regression_scores([1.0, 2.0, 4.0], [1.5, 2.0, 3.5], key=jax.random.key(0))
        >>> print(found["mae"], "|", found["r2"])
        0.33 +0.22 -0.13 | 0.893 ± 0.020
    """
    answers = Answers.predicted(y, value, weight, sigma=sigma, outputs=outputs, parameters=parameters)
    return scores(answers, level=level, key=key)


def scores(
    answers: Answers, *, metrics: Sequence[str] | None = None, level: float = ONE_SIGMA, key: Key
) -> dict[str, Interval]:
    """The metrics named, or all that these answers allow, each with its interval."""
    wanted = [m for m in METRICS.values() if m.applies(answers)] if metrics is None else map(metric_named, metrics)
    found = {metric.name: score(answers, metric.name, level=level, key=named(key, metric.name)) for metric in wanted}
    if answers.task == "regression" and answers.y.ndim == 2 and answers.y.shape[1] > 1:
        return {**found, **_per_output(answers, tuple(found), level=level, key=key)}
    return found


def score(answers: Answers, metric: str, *, level: float = ONE_SIGMA, key: Key) -> Interval:
    """One metric with the interval that suits it.

    Raises:
        InputError: if the metric is unknown or these answers do not hold what it needs.
    """
    chosen = applicable(metric, answers)
    weight = answers.weight
    match chosen.build(answers):
        case CalibrationError() as error:
            return calibration_error_interval(error, weight, level=level, key=key)
        case Rejection(point=point):
            return _inverse(_point_interval(point, weight, level=level))
        case WorkingPoint() as point:
            return _point_interval(point, weight, level=level)
        case AreaUnderCurve() as area:
            return delong_interval(area, weight, level=level)
        case statistic:
            return linear_interval(statistic, weight, level=level, kind=chosen.interval)


def bootstrap_score(
    answers: Answers, metric: str, *, replicas: int = 500, ends: str = "bca", level: float = ONE_SIGMA, key: Key
) -> Interval:
    """One metric with a bootstrap interval instead, as a check of the closed forms."""
    statistic = statistic_of(metric, answers)
    return bootstrap(statistic, answers.weight, replicas=replicas, ends=ends, level=level, key=key)


def statistic_of(metric: str, answers: Answers) -> Statistic:
    """The metric of these answers as a functional of the event weights."""
    return applicable(metric, answers).build(answers)


def applicable(metric: str, answers: Answers) -> Metric:
    """The metric of a name, if these answers allow it.

    Raises:
        InputError: if not.
    """
    chosen = metric_named(metric)
    if not chosen.applies(answers):
        classes = f" of {answers.classes} classes" if answers.classes else ""
        raise InputError(
            f"the metric '{metric}' needs {chosen.task} answers with a {chosen.needs}"
            f"{' of two classes' if chosen.binary else ''}; these are {answers.task} answers{classes}"
        )
    return chosen


def _point_interval(point: WorkingPoint, weight: np.ndarray, *, level: float) -> Interval:
    """Wilson's interval of an efficiency, the movement of the cut included."""
    judged = point.ranking.mask() == (point.fixed == "background")
    value, error = float(point(weight)), linear_error(point, weight)
    return fraction_interval(value, error**2, effective_count(weight[judged]), level=level)


def _inverse(passed: Interval) -> Interval:
    value, low, high = (1 / end if end > 0 else math.inf for end in (passed.value, passed.high, passed.low))
    return Interval(value, low if passed.high > 0 else 0.0, high, passed.level, passed.method)


def _per_output(answers: Answers, names: tuple[str, ...], *, level: float, key: Key) -> dict[str, Interval]:
    columns = answers.outputs if len(answers.outputs) == answers.y.shape[1] else range(answers.y.shape[1])
    found = {}
    for j, column in enumerate(columns):
        sigma = None if answers.sigma is None else answers.sigma[:, j]
        one = Answers.predicted(
            answers.y[:, j], answers.value[:, j], answers.weight, sigma=sigma, parameters=answers.parameters
        )
        single = scores(one, metrics=names, level=level, key=named(key, f"output {j}"))
        found |= {f"{name}[{column}]": interval for name, interval in single.items()}
    return found
