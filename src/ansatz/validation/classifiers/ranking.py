r"""Statistics of a ranking: area under the ROC curve, average precision, working points; for weights of either sign.

Rows are sorted by score once; each statistic is then a few cumulative sums of the weights, \(O(n)\) for each set of
weights. Sums are taken as they are, so that negative weights need no special case.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from ansatz.errors import InputError
from ansatz.validation.answers import check_weight
from ansatz.validation.interval import ONE_SIGMA, Interval, effective_count, fraction_interval, normal
from ansatz.validation.statistics import ratio


@dataclasses.dataclass(frozen=True, eq=False)
class Ranking:
    """Rows sorted by score, from the highest ("tightest cut") down; equal scores form one step.

    Attributes:
        order: row numbers in the order of falling score, shape (events,).
        positive: whether each sorted row is of the positive class.
        start: first sorted row of each step.
        step: the step of each row, in the order the rows were given.
        threshold: score of each step, falling.
    """

    order: np.ndarray
    positive: np.ndarray
    start: np.ndarray
    step: np.ndarray
    threshold: np.ndarray

    @classmethod
    def of(cls, positive: np.ndarray, score: np.ndarray) -> Ranking:
        """The ranking of events by score; `positive` marks the signal."""
        positive, score = np.asarray(positive, bool), np.asarray(score, float)
        order = np.argsort(-score, kind="stable")
        ranked = score[order]
        fresh = np.concatenate([[True], ranked[1:] != ranked[:-1]])
        step = np.empty(len(score), int)
        step[order] = np.cumsum(fresh) - 1
        start = np.flatnonzero(fresh)
        return cls(order, positive[order], start, step, ranked[start])

    def sums(self, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Signal and background weight in each step, each of shape (..., steps)."""
        ranked = weight[..., self.order]
        signal = ranked * self.positive
        background = ranked - signal
        if len(self.start) < len(self.order):
            signal, background = (np.add.reduceat(part, self.start, axis=-1) for part in (signal, background))
        return signal, background

    def passed(self, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Signal and background efficiency of a cut at or below each step, with 0 in front: (..., steps + 1)."""
        signal, background = self.sums(weight)
        return _efficiency(signal), _efficiency(background)

    def mask(self) -> np.ndarray:
        """Whether each row, in the order given, is of the positive class."""
        mask = np.empty(len(self.order), bool)
        mask[self.order] = self.positive
        return mask


def _efficiency(part: np.ndarray) -> np.ndarray:
    total = part.sum(axis=-1, keepdims=True)
    return np.concatenate([np.zeros_like(total), ratio(np.cumsum(part, axis=-1), total)], axis=-1)


@dataclasses.dataclass(frozen=True, eq=False)
class AreaUnderCurve:
    r"""The weighted Mann-Whitney statistic, ties counted half.

    \[ A = \frac{\sum_{i \in S} \sum_{j \in B} w_i w_j \big([s_i > s_j] + \tfrac12 [s_i = s_j]\big)}{W_S W_B} . \]

    Equal to the area under the ROC curve, and defined for weights of either sign (where it may leave [0, 1]).
    """

    ranking: Ranking

    def __call__(self, weight: np.ndarray) -> np.ndarray:
        """The area for each set of weights."""
        signal, background = self.ranking.sums(weight)
        above = np.cumsum(signal, axis=-1) - signal / 2
        pairs = signal.sum(axis=-1) * background.sum(axis=-1)
        return ratio(np.sum(background * above, axis=-1), pairs)

    def influence(self, weight: np.ndarray) -> np.ndarray:
        """Derivative of the area with respect to each weight: the centered placements of DeLong."""
        signal, background = self.ranking.sums(weight)
        area = float(self(weight))
        beaten = background.sum() - (np.cumsum(background) - background / 2)
        beating = np.cumsum(signal) - signal / 2
        placement = np.where(self.ranking.mask(), beaten[self.ranking.step], beating[self.ranking.step])
        own = np.where(self.ranking.mask(), signal.sum(), background.sum())
        other = np.where(self.ranking.mask(), background.sum(), signal.sum())
        return (placement / other - area) / own


@dataclasses.dataclass(frozen=True, eq=False)
class AveragePrecision:
    r"""Average precision \(\sum_k (r_k - r_{k-1}) p_k\) over the steps of the ranking: recall r, precision p."""

    ranking: Ranking

    def __call__(self, weight: np.ndarray) -> np.ndarray:
        """The average precision for each set of weights."""
        signal, background = self.ranking.sums(weight)
        chosen = np.cumsum(signal, axis=-1)
        precision = ratio(chosen, chosen + np.cumsum(background, axis=-1))
        return ratio(np.nansum(signal * precision, axis=-1), signal.sum(axis=-1))

    def influence(self, weight: np.ndarray) -> np.ndarray:
        """Derivative of the average precision with respect to each weight."""
        signal, background = self.ranking.sums(weight)
        true, false = np.cumsum(signal), np.cumsum(background)
        total = signal.sum()
        precision = np.nan_to_num(ratio(true, true + false))
        slope = np.nan_to_num(ratio(signal, (true + false) ** 2)) / total
        gain, loss = (np.cumsum((slope * part)[::-1])[::-1] for part in (false, true))
        own = (precision - float(self(weight))) / total
        step = self.ranking.step
        return np.where(self.ranking.mask(), (own + gain)[step], -loss[step])


@dataclasses.dataclass(frozen=True, eq=False)
class WorkingPoint:
    r"""One point of the ROC curve: the efficiency of one class where that of the other is fixed.

    Coming from the tightest cut, the curve is followed to where the fixed efficiency is first reached, with a
    straight line between neighbouring cuts. On a vertical piece the better end counts.

    Attributes:
        ranking: the sorted rows.
        at: the fixed efficiency.
        fixed: which class it belongs to: `"background"` gives the signal efficiency there, `"signal"` the background
            efficiency.
    """

    ranking: Ranking
    at: float
    fixed: str = "background"

    def __call__(self, weight: np.ndarray) -> np.ndarray:
        """The other efficiency for each set of weights."""
        signal, background = self.ranking.passed(weight)
        if self.fixed == "signal":
            return crossing(signal, background, self.at, after=False)
        return crossing(background, signal, self.at, after=True)

    def influence(self, weight: np.ndarray) -> np.ndarray:
        r"""Derivative of the other efficiency with respect to each weight.

        The cut moves so that the fixed efficiency stays; the slope of the curve, which says how much that costs, is
        taken over one standard deviation of the fixed efficiency to either side.
        """
        mask = self.ranking.mask()
        fixed = ~mask if self.fixed == "background" else mask
        point = float(self(weight))
        slope = self._slope(weight, effective_count(weight[fixed]))
        passed = self._passed(weight)
        own = np.where(fixed, -slope * (passed - self.at), passed - point)
        return own / np.where(fixed, weight[fixed].sum(), weight[~fixed].sum())

    def _passed(self, weight: np.ndarray) -> np.ndarray:
        """The share of each row that passes: 1 above the cut, 0 below, a part at the step that is cut through."""
        signal, background = self.ranking.passed(weight)
        along, after = (background, True) if self.fixed == "background" else (signal, False)
        upper, share = place(along, self.at, after=after)
        return np.clip(upper - 1 + share - self.ranking.step, 0, 1)

    def _slope(self, weight: np.ndarray, count: float) -> float:
        width = math.sqrt(self.at * (1 - self.at) / max(count, 1.0))
        low, high = max(self.at - width, 0.0), min(self.at + width, 1.0)
        ends = [float(WorkingPoint(self.ranking, at, self.fixed)(weight)) for at in (low, high)]
        return (ends[1] - ends[0]) / (high - low)


def place(x: np.ndarray, at: float, *, after: bool) -> tuple[np.ndarray, np.ndarray]:
    """Where `x` first exceeds `at` (`after`) or first reaches it: the next point, and the share of the way to it."""
    beyond = x > at if after else x >= at
    reached = beyond.any(axis=-1)
    upper = np.where(reached, beyond.argmax(axis=-1), x.shape[-1] - 1)
    x0, x1 = (np.take_along_axis(x, i[..., None], -1)[..., 0] for i in (np.maximum(upper - 1, 0), upper))
    share = np.where(reached & (x1 != x0), (at - x0) / np.where(x1 == x0, 1.0, x1 - x0), 1.0)
    return upper, share


def crossing(x: np.ndarray, y: np.ndarray, at: float, *, after: bool) -> np.ndarray:
    """`y` where `x` first exceeds or reaches `at`, on straight lines between the points."""
    upper, share = place(x, at, after=after)
    y0, y1 = (np.take_along_axis(y, i[..., None], -1)[..., 0] for i in (np.maximum(upper - 1, 0), upper))
    return y0 + share * (y1 - y0)


def delong(parts: Sequence[AreaUnderCurve], weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""Areas of several models on the same rows and their covariance, generalized to event weights.

    \(\operatorname{cov}_{ab} = \sum_c \frac{n_c}{n_c - 1} \sum_{i \in c} w_i^2 \, \partial_i A_a \, \partial_i A_b\)
    over the two classes, \(n_c\) their effective counts; for unit weights the estimate of E. R. DeLong et al.,
    Biometrics 44 (1988) 837. One sort a model (X. Sun and W. Xu, IEEE Signal Process. Lett. 21 (2014) 1389).

    Returns:
        The areas, shape (models,), and their covariance, shape (models, models).
    """
    mask = parts[0].ranking.mask()
    moved = weight * np.stack([part.influence(weight) for part in parts])
    covariance = np.zeros((len(parts), len(parts)))
    for rows in (mask, ~mask):
        count = effective_count(weight[rows])
        covariance += moved[:, rows] @ moved[:, rows].T * (count / (count - 1) if count > 1 else 1.0)
    return np.array([float(part(weight)) for part in parts]), covariance


def delong_interval(
    area: AreaUnderCurve, weight: np.ndarray, *, level: float = ONE_SIGMA, scale: str = "logit"
) -> Interval:
    """DeLong's interval of one area; on the `"logit"` scale it stays in [0, 1], on `"identity"` it is symmetric."""
    mask = area.ranking.mask()
    counts = [effective_count(weight[rows]) for rows in (mask, ~mask)]
    values, covariance = delong([area], weight)
    value, variance = float(values[0]), float(covariance[0, 0])
    if min(counts) <= 1:
        return Interval(value, 0.0, 1.0, level, "undetermined: one event in a class")
    if value in (0.0, 1.0):
        return fraction_interval(value, 0.0, min(counts), level=level)
    return normal(value, math.sqrt(variance), level=level, scale=scale, method=f"DeLong ({scale})")


def roc_auc(
    y: np.ndarray,
    score: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    level: float = ONE_SIGMA,
    scale: str = "logit",
) -> Interval:
    """Area under the ROC curve with DeLong's interval, for event weights of either sign.

    Raises:
        InputError: if a class has no events or no positive total weight.

    Example:
        >>> print(roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]).value)
        0.75
    """
    weight = check_weight(weight, len(y))
    mask = np.asarray(y) > 0
    check_classes(mask, weight)
    return delong_interval(AreaUnderCurve(Ranking.of(mask, score)), weight, level=level, scale=scale)


def check_classes(positive: np.ndarray, weight: np.ndarray) -> None:
    """Both classes must be there and weigh something positive.

    Raises:
        InputError: if not.
    """
    for name, rows in (("positive class (signal)", positive), ("other class (background)", ~positive)):
        if not rows.any():
            raise InputError(f"there are no events of the {name}; both classes are needed to judge a ranking")
        if weight[rows].sum() <= 1e-14 * np.abs(weight[rows]).sum():
            raise InputError(f"the weights of the {name} sum to nothing positive; a ranking cannot be judged with them")
