"""Is one model better than another? Paired comparison on the same rows."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from scipy.special import bdtr, ndtr, stdtr, stdtrit

from ansatz.errors import InputError
from ansatz.typing import Key
from ansatz.validation.answers import Answers
from ansatz.validation.classifiers.ranking import AreaUnderCurve, delong
from ansatz.validation.interval import ONE_SIGMA, Interval, normal
from ansatz.validation.metrics import metric_named
from ansatz.validation.resampling import bootstrap_values, percentile_ends
from ansatz.validation.scoring import statistic_of


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Two models judged on the same rows.

    Attributes:
        a: name of the first model.
        b: name of the second.
        metric: what they are compared by.
        difference: metric of `a` minus metric of `b`, the correlation of the two taken into account.
        p_value: probability of a difference at least as large, either way, if the models were equally good.
        p_adjusted: the same after Holm's correction for the number of pairs looked at.
        mcnemar_p_value: the same by McNemar's test of the decisions; None where there are none.
        a_is_better: whether `a` has the better value.
    """

    a: str
    b: str
    metric: str
    difference: Interval
    p_value: float
    p_adjusted: float
    mcnemar_p_value: float | None
    a_is_better: bool

    def significant(self, alpha: float = 0.05) -> bool:
        """Whether the corrected p-value is below `alpha`."""
        return self.p_adjusted < alpha

    def to_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {**dataclasses.asdict(self), "difference": self.difference.to_dict()}


def compare(
    models: Mapping[str, Answers],
    *,
    metric: str,
    pairs: Iterable[tuple[str, str]] | None = None,
    replicas: int = 500,
    level: float = ONE_SIGMA,
    key: Key,
) -> list[Comparison]:
    """Compares models on the same rows by one metric.

    The area under the ROC curve of two classes is compared by DeLong's covariance; any other metric by the paired
    bootstrap, in which all models see the same resampled rows: the ends are percentiles of the difference, the p-value
    that of a normal law with the bootstrap's standard error.

    Args:
        models: answers by model name, all to the same events in the same order.
        metric: name in `METRICS`.
        pairs: which to compare; all pairs if left out.
        replicas: number of bootstrap samples.
        level: probability that an interval holds the truth.
        key: random key.

    Raises:
        InputError: if the models answered different events, or the metric does not apply.

    Example:
        >>> import jax
        >>> rng = np.random.default_rng(0)
        >>> y = rng.integers(2, size=400)
        >>> good, bad = (Answers.classified(y, y + rng.normal(0, s, 400) - 0.5) for s in (0.5, 2.0))
        >>> [found] = compare({"good": good, "bad": bad}, metric="auc", key=jax.random.key(0))
        >>> found.a_is_better, found.p_adjusted < 1e-6
        (True, True)
    """
    names = list(models)
    chosen = list(itertools.combinations(names, 2)) if pairs is None else [tuple(pair) for pair in pairs]
    check_same_rows(models)
    values, draw = _estimates(models, metric, replicas, key)
    found = []
    for a, b in chosen:
        i, j = names.index(a), names.index(b)
        interval, error = draw(i, j, level)
        p = _p_value(interval.value, error)
        better = metric_named(metric).better(float(values[i]), float(values[j]))
        found.append(Comparison(a, b, metric, interval, p, p, mcnemar_of(models[a], models[b]), better))
    adjusted = holm([c.p_value for c in found])
    return [dataclasses.replace(c, p_adjusted=float(p)) for c, p in zip(found, adjusted, strict=True)]


def check_same_rows(models: Mapping[str, Answers]) -> None:
    """Paired comparison needs the same targets and weights in the same order.

    Raises:
        InputError: if they differ.
    """
    (first, reference), *others = models.items()
    for name, answers in others:
        same = answers.y.shape == reference.y.shape and np.array_equal(answers.y, reference.y)
        if not (same and np.allclose(answers.weight, reference.weight)):
            raise InputError(f"models '{first}' and '{name}' answered different events; compare them on the same rows")


def _estimates(models: Mapping[str, Answers], metric: str, replicas: int, key: Key) -> tuple:
    """The value of each model, and a function (i, j, level) -> interval and standard error of the difference."""
    weight = next(iter(models.values())).weight
    statistics = [statistic_of(metric, answers) for answers in models.values()]
    if all(isinstance(s, AreaUnderCurve) for s in statistics):
        values, covariance = delong(statistics, weight)
        return values, lambda i, j, level: _delong_difference(values, covariance, i, j, level)
    values = np.array([float(s(weight)) for s in statistics])
    table = bootstrap_values(statistics, weight, replicas=replicas, key=key)
    return values, lambda i, j, level: _bootstrap_difference(values, table, i, j, level)


def _delong_difference(
    values: np.ndarray, covariance: np.ndarray, i: int, j: int, level: float
) -> tuple[Interval, float]:
    variance = covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]
    error = math.sqrt(max(float(variance), 0.0))
    return normal(float(values[i] - values[j]), error, level=level, method="paired DeLong"), error


def _bootstrap_difference(
    values: np.ndarray, table: np.ndarray, i: int, j: int, level: float
) -> tuple[Interval, float]:
    with np.errstate(invalid="ignore"):
        value, found = float(values[i] - values[j]), table[:, i] - table[:, j]
    found = found[np.isfinite(found)]
    if not math.isfinite(value) or len(found) < 0.5 * len(table):
        return Interval(0.0, -math.inf, math.inf, level, "undetermined: a value is not finite"), math.inf
    low, high = percentile_ends(found, level)
    method = f"paired bootstrap ({len(table)} replicas)"
    return Interval(value, min(low, value), max(high, value), level, method), float(found.std(ddof=1))


def _p_value(value: float, error: float) -> float:
    if error == 0:
        return 1.0 if value == 0 else 0.0
    return float(2 * ndtr(-abs(value) / error))


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Holm's step-down correction for many tests, Scand. J. Stat. 6 (1979) 65.

    Example:
        >>> holm([0.01, 0.04, 0.03]).round(4).tolist()
        [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, float)
    order = np.argsort(p)
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def mcnemar_of(a: Answers, b: Answers) -> float | None:
    """McNemar's p-value of two models' answers, None for a regression."""
    if a.decision is None or b.decision is None:
        return None
    return mcnemar(a.decision == a.y, b.decision == b.y, a.weight)


def mcnemar(right_a: np.ndarray, right_b: np.ndarray, weight: np.ndarray | None = None) -> float:
    r"""P-value of McNemar's test: do two classifiers err equally often on the same events?

    With equal weights it is exact: of the n events on which only one is right, the number of one is binomial(n, 1/2).
    With other weights the sum \(\sum w d\), where d is +1 if only the first is right and -1 if only the second,
    is compared with its standard deviation \(\sqrt{\sum w^2 d^2}\) under equality. Q. McNemar, Psychometrika 12
    (1947) 153.

    Example:
        >>> a = np.repeat([True, False, True], [10, 2, 88])
        >>> b = np.repeat([False, True, True], [10, 2, 88])
        >>> round(mcnemar(a, b), 6)
        0.038574
    """
    difference = np.asarray(right_a, float) - np.asarray(right_b, float)
    weight = np.ones(len(difference)) if weight is None else np.asarray(weight, float)
    if np.allclose(weight, weight[0], rtol=1e-12):
        only_a, only_b = int((difference > 0).sum()), int((difference < 0).sum())
        return min(1.0, 2 * float(bdtr(min(only_a, only_b), only_a + only_b, 0.5)))
    return _p_value(float(weight @ difference), math.sqrt(float(np.sum((weight * difference) ** 2))))


def corrected_t(
    differences: Sequence[float], *, train: float, test: float, level: float = ONE_SIGMA
) -> tuple[Interval, float]:
    r"""Mean difference over folds and its p-value, corrected for the overlap of the training rows.

    \(t = \bar d / \sqrt{(1/k + n_{test} / n_{train}) s^2}\) with k - 1 degrees of freedom. C. Nadeau and Y. Bengio,
    Mach. Learn. 52 (2003) 239.

    Args:
        differences: of the two models' scores, one for each fold.
        train: rows a fold trained on.
        test: rows it was judged on.
        level: probability that the interval holds the truth.

    Raises:
        InputError: if there is but one fold.

    Example:
        >>> interval, p = corrected_t([0.01, 0.02, 0.015, 0.03, 0.005], train=80, test=20)
        >>> print(interval, round(p, 4))
        0.0160 ± 0.0074 0.0682
    """
    d = np.asarray(differences, float)
    if len(d) < 2:
        raise InputError(f"a test over folds needs at least two folds, not {len(d)}")
    error = math.sqrt((1 / len(d) + test / train) * d.var(ddof=1))
    freedom, mean = len(d) - 1, float(d.mean())
    half = float(stdtrit(freedom, 0.5 + level / 2)) * error
    p = (1.0 if mean == 0 else 0.0) if error == 0 else float(2 * stdtr(freedom, -abs(mean) / error))
    method = f"corrected t over {len(d)} folds"
    return Interval(mean, mean - half, mean + half, level, method), p
