"""Curves and tables of a classifier: ROC, precision against recall, confusion matrix; each with its error band."""

from __future__ import annotations

import dataclasses

import numpy as np

from ansatz.errors import InputError
from ansatz.validation.answers import check_weight
from ansatz.validation.classifiers.ranking import (
    AreaUnderCurve,
    AveragePrecision,
    Ranking,
    check_classes,
    delong_interval,
)
from ansatz.validation.interval import ONE_SIGMA, Interval, effective_count, proportion, quantile, wilson_ends
from ansatz.validation.statistics import linear_interval, ratio


@dataclasses.dataclass(frozen=True, eq=False)
class RocCurve:
    """Signal against background efficiency over all cuts, from the tightest to none.

    Attributes:
        threshold: events with a score at or above it pass; the first is infinite. Shape (cuts,).
        signal: signal efficiency.
        background: background efficiency.
        low: lower edge of the band on the signal efficiency at fixed background efficiency.
        high: upper edge.
        auc: area under the curve.
        level: probability that the band holds the truth at one point.
    """

    threshold: np.ndarray
    signal: np.ndarray
    background: np.ndarray
    low: np.ndarray
    high: np.ndarray
    auc: Interval
    level: float = ONE_SIGMA

    def __len__(self) -> int:
        return len(self.threshold)

    def thinned(self, points: int = 400) -> RocCurve:
        """At most about `points` cuts, spread evenly in both efficiencies and in the logarithm of the background."""
        if len(self) <= points:
            return self
        third = max(points // 3, 2)
        small = np.log(np.maximum(np.maximum.accumulate(self.background), 1e-300))
        axes = (np.maximum.accumulate(self.signal), np.maximum.accumulate(self.background), small)
        kept = [np.searchsorted(axis, np.linspace(_first(axis), axis[-1], third)) for axis in axes]
        chosen = np.unique(np.clip(np.concatenate([[0, len(self) - 1], *kept]), 0, len(self) - 1))
        fields = ("threshold", "signal", "background", "low", "high")
        return dataclasses.replace(self, **{name: getattr(self, name)[chosen] for name in fields})

    @property
    def rejection(self) -> np.ndarray:
        """Background rejection, one over the background efficiency; infinite where none passes."""
        passed = self.background > 0
        return np.where(passed, 1 / np.where(passed, self.background, 1), np.inf)


def _first(axis: np.ndarray) -> float:
    """The first value above that of an empty selection."""
    return float(axis[np.argmax(axis > axis[0])])


def roc_curve(
    y: np.ndarray, score: np.ndarray, weight: np.ndarray | None = None, *, level: float = ONE_SIGMA
) -> RocCurve:
    """The ROC curve of a ranking, for event weights of either sign (then it need not rise everywhere).

    The band is pointwise: the binomial error of the signal efficiency and that of the cut, which is known only as
    well as the background efficiency, times the slope of the curve.

    Raises:
        InputError: if lengths differ, a score is not finite, or a class is missing or weighs nothing.

    Example:
        >>> curve = roc_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        >>> curve.signal.tolist(), curve.background.tolist()
        ([0.0, 0.5, 0.5, 1.0, 1.0], [0.0, 0.0, 0.5, 0.5, 1.0])
    """
    ranking, weight = _ranked(y, score, weight)
    signal, background = ranking.passed(weight)
    low, high = _band(ranking, weight, level)
    threshold = np.concatenate([[np.inf], ranking.threshold])
    area = delong_interval(AreaUnderCurve(ranking), weight, level=level)
    return RocCurve(threshold, signal, background, low, high, area, level)


def _ranked(y: np.ndarray, score: np.ndarray, weight: np.ndarray | None) -> tuple[Ranking, np.ndarray]:
    positive, score = np.asarray(y) > 0, np.asarray(score, float)
    if positive.shape != score.shape:
        raise InputError(f"there are {score.size} scores for {positive.size} events; one column, one for each event")
    if not np.all(np.isfinite(score)):
        raise InputError(f"score of {int((~np.isfinite(score)).sum())} events is not finite; look at its input")
    weight = check_weight(weight, len(positive))
    check_classes(positive, weight)
    return Ranking.of(positive, score), weight


def _band(ranking: Ranking, weight: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    mask = ranking.mask()
    passed = ranking.passed(weight)
    squares = ranking.sums(weight**2)
    totals = [weight[rows].sum() for rows in (mask, ~mask)]
    spread = [_variance(p, s, t) for p, s, t in zip(passed, squares, totals, strict=True)]
    slope = _slope(*passed, np.sqrt(spread[1]), effective_count(weight[~mask]))
    variance = spread[0] + slope**2 * spread[1]
    inside = np.clip(passed[0], 0, 1)
    low, high = _ends(inside, variance, effective_count(weight[mask]), quantile(level))
    return np.minimum(low, passed[0]), np.maximum(high, passed[0])


def _ends(
    inside: np.ndarray, variance: np.ndarray, fallback: float | np.ndarray, z: float
) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's interval of fractions of that variance; a normal one where fewer than one event would match it.

    With weights of both signs the variance does not vanish where a fraction comes near 0 or 1, and no binomial
    count can match it there.
    """
    matched = ratio(inside * (1 - inside), variance)
    count = np.where(matched > 0, matched, fallback)
    low, high = wilson_ends(inside, count, z)
    half, few = z * np.sqrt(variance), (matched > 0) & (matched < 1)
    return (
        np.where(few, np.clip(inside - half, 0, 1), low),
        np.where(few, np.clip(inside + half, 0, 1), high),
    )


def _variance(passed: np.ndarray, squares: np.ndarray, total: float) -> np.ndarray:
    """Variance of an efficiency at every cut, from the sums of squared weights that pass and fail."""
    inside = np.concatenate([[0.0], np.cumsum(squares)])
    return (inside * (1 - passed) ** 2 + (inside[-1] - inside) * passed**2) / total**2


def _slope(signal: np.ndarray, background: np.ndarray, width: np.ndarray, count: float) -> np.ndarray:
    """Slope of the curve, over one standard deviation of the background efficiency to either side."""
    rising = np.maximum.accumulate(background)
    width = np.maximum(width, 1 / max(count, 1.0))
    low, high = np.maximum(rising - width, 0), np.minimum(rising + width, 1)
    gain = np.interp(high, rising, signal) - np.interp(low, rising, signal)
    return gain / np.maximum(high - low, 1e-300)


@dataclasses.dataclass(frozen=True, eq=False)
class PrecisionRecallCurve:
    """Precision (purity) against recall (signal efficiency) over all cuts, from the tightest to none.

    Attributes:
        threshold: events with a score at or above it pass, shape (cuts,).
        recall: fraction of the signal that passes.
        precision: fraction of what passes that is signal.
        low: lower edge of Wilson's band on the precision.
        high: upper edge.
        average: average precision.
        prevalence: precision of no cut at all, the level of a blind guess.
    """

    threshold: np.ndarray
    recall: np.ndarray
    precision: np.ndarray
    low: np.ndarray
    high: np.ndarray
    average: Interval
    prevalence: float


def precision_recall_curve(
    y: np.ndarray, score: np.ndarray, weight: np.ndarray | None = None, *, level: float = ONE_SIGMA
) -> PrecisionRecallCurve:
    """The precision-recall curve of a ranking.

    Cuts whose passing weights do not sum to something positive are left out.

    Raises:
        InputError: if lengths differ, a score is not finite, or a class is missing or weighs nothing.

    Example:
        >>> curve = precision_recall_curve([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        >>> curve.precision.round(3).tolist(), curve.recall.tolist()
        ([1.0, 0.5, 0.667, 0.5], [0.5, 0.5, 1.0, 1.0])
    """
    ranking, weight = _ranked(y, score, weight)
    signal, background = (np.cumsum(part) for part in ranking.sums(weight))
    squares = [np.cumsum(part) for part in ranking.sums(weight**2)]
    kept = signal + background > 0
    precision = ratio(signal, signal + background)[kept]
    variance = (squares[0][kept] * (1 - precision) ** 2 + squares[1][kept] * precision**2) / (signal + background)[
        kept
    ] ** 2
    inside = np.clip(precision, 0, 1)
    fallback = ((signal + background)[kept]) ** 2 / (squares[0] + squares[1])[kept]
    low, high = _ends(inside, variance, fallback, quantile(level))
    average = linear_interval(AveragePrecision(ranking), weight, level=level, kind="logit")
    prevalence = float(signal[-1] / (signal[-1] + background[-1]))
    recall = (signal / signal[-1])[kept]
    return PrecisionRecallCurve(ranking.threshold[kept], recall, precision, low, high, average, prevalence)


@dataclasses.dataclass(frozen=True, eq=False)
class Confusion:
    """Which class was taken for which.

    Attributes:
        counts: sum of weights, true class in rows, decision in columns, shape (K, K).
        errors: their statistical errors, the root of the sum of squared weights.
        rates: share of each true class in each decision, with Wilson intervals; rows of a class without weight are
            None.
    """

    counts: np.ndarray
    errors: np.ndarray
    rates: tuple[tuple[Interval | None, ...], ...]


def confusion_matrix(
    y: np.ndarray,
    decision: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    classes: int | None = None,
    level: float = ONE_SIGMA,
) -> Confusion:
    """The weighted confusion matrix; the weights are summed as they are given.

    Raises:
        InputError: if lengths differ or classes are not 0..K-1.

    Example:
        >>> confusion_matrix([0, 0, 1, 1], [0, 1, 1, 1]).counts.tolist()
        [[1.0, 1.0], [0.0, 2.0]]
    """
    y, decision = np.asarray(y).astype(int), np.asarray(decision).astype(int)
    weight = np.ones(len(y)) if weight is None else np.asarray(weight, float)
    if not len(y) == len(decision) == len(weight):
        raise InputError(f"there are {len(y)} targets, {len(decision)} decisions and {len(weight)} weights; one each")
    size = int(max(y.max(), decision.max())) + 1 if classes is None else classes
    if min(y.min(), decision.min()) < 0 or max(y.max(), decision.max()) >= size:
        raise InputError(f"classes are the whole numbers 0 to {size - 1}; others came")
    cell = y * size + decision
    sums = [np.bincount(cell, w, minlength=size**2).reshape(size, size) for w in (weight, weight**2)]
    rates = tuple(_rates(decision[y == k], weight[y == k], size, level) for k in range(size))
    return Confusion(sums[0], np.sqrt(sums[1]), rates)


def _rates(decision: np.ndarray, weight: np.ndarray, size: int, level: float) -> tuple[Interval | None, ...]:
    if weight.sum() == 0:
        return (None,) * size
    return tuple(proportion(decision == k, weight, level=level) for k in range(size))
