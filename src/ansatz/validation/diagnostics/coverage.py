"""Do bands hold what they promise? Coverage with its error, and sharpness: how wide they are for that."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import jax
import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.training.learners import Learner
from ansatz.training.result import Fit
from ansatz.typing import Key
from ansatz.validation.answers import check_weight
from ansatz.validation.interval import ONE_SIGMA, Interval, effective_count, fraction_interval, normal, proportion
from ansatz.validation.statistics import Moments, linear_interval

LEVELS = (0.5, ONE_SIGMA, 0.9, 0.95)
"""Levels at which bands are judged."""

Ends = tuple[np.ndarray, np.ndarray]
"""Lower and upper ends of a band, one for each event."""


@dataclasses.dataclass(frozen=True, eq=False)
class CoverageCurve:
    """How often bands of each level held the truth, and how wide they were.

    Attributes:
        levels: probability promised, shape (levels,).
        covered: fraction that was inside, with its interval, for each level.
        width: mean width of the bands (mean number of classes of a set), with its interval, for each level.
        count: effective number of independent trials behind each fraction, shape (levels,).
        kind: what should lie inside: "mean" (the law), "prediction" (a new measurement) or "set" (the true class).
        method: how the bands were made.

    Example:
        >>> low, high = np.full(100, -1.0), np.full(100, 1.0)
        >>> y = np.random.default_rng(3).normal(size=100)
        >>> curve = coverage({0.6827: (low, high)}, Dataset(np.zeros((100, 1)), y=y))
        >>> print(curve)
        band of a new measurement
        promised  covered        mean width
        0.6827    0.690 ± 0.046  2 ± 0
    """

    levels: np.ndarray
    covered: tuple[Interval, ...]
    width: tuple[Interval, ...]
    count: np.ndarray
    kind: str
    method: str = ""

    @property
    def pulls(self) -> np.ndarray:
        """(covered - promised) / its standard error if the promise were true, shape (levels,)."""
        values = np.array([interval.value for interval in self.covered])
        return (values - self.levels) / np.sqrt(self.levels * (1 - self.levels) / self.count)

    def to_dict(self) -> dict[str, object]:
        """Plain numbers for JSON."""
        return {
            "kind": self.kind,
            "method": self.method,
            "levels": self.levels.tolist(),
            "covered": [interval.to_dict() for interval in self.covered],
            "width": [interval.to_dict() for interval in self.width],
        }

    def __str__(self) -> str:
        rows = [("promised", "covered", "mean size" if self.kind == "set" else "mean width")]
        rows += [(f"{p:.4g}", str(c), str(w)) for p, c, w in zip(self.levels, self.covered, self.width, strict=True)]
        wide = [max(len(row[i]) for row in rows) for i in range(3)]
        lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, wide, strict=True)).rstrip() for row in rows]
        return "\n".join([KINDS[self.kind] + (f": {self.method}" if self.method else ""), *lines])


KINDS = {"mean": "band of the mean", "prediction": "band of a new measurement", "set": "sets of classes"}
"""What is judged, in words."""


def coverage(
    bands: Fit | Mapping[float, Ends],
    data: Dataset,
    *,
    levels: Sequence[float] = LEVELS,
    truth: np.ndarray | None = None,
) -> CoverageCurve:
    r"""The weighted fraction of events whose truth lies inside, with Wilson's interval, and the mean width.

    A band of a new measurement is held against the targets of fresh events. A band of the mean is held against
    `truth`; its events share one fit, so they are inside or outside together and the binomial error is too small: see
    `coverage_over` for the error over pseudo-experiments. So do, more weakly, bands from events kept aside: with n of
    these the fraction of one fit varies by $\sqrt{p (1 - p) / n}$ around its promise. Sets of classes are held against
    the true class.

    Args:
        bands: a fit, or the ends (low, high) of bands for each level.
        data: events that the fit has not seen.
        levels: the levels to judge, for a fit.
        truth: the law at each event (regression) or the true probability of class 1, shape (events,), for bands of the
            mean; if given with bands that are not of a fit, these are taken to be of the mean.

    Raises:
        InputError: if a band of the mean has no truth to be held against, or shapes differ.

    Example:
        >>> from ansatz.training import ClosedForm, SplitConformal
        >>> rng = np.random.default_rng(0)
        >>> x = rng.uniform(size=(1000, 1))
        >>> data = Dataset(x, y=x[:, 0] + rng.normal(size=1000))
        >>> fit = SplitConformal(ClosedForm())(data[:500], jax.random.key(0))
        >>> curve = coverage(fit, data[500:])
        >>> curve.kind, bool(0.6 < curve.covered[1].value < 0.8)
        ('prediction', True)
    """
    table, kind, method = _judged(bands, data, levels, truth)
    weight = check_weight(data.weight, len(data))
    covered, width = [], []
    for inside, size in table.values():
        covered.append(proportion(inside, _positive(weight)))
        width.append(
            linear_interval(Moments(size[:, None], _first), weight) if np.all(np.isfinite(size)) else _unbounded(size)
        )
    count = np.full(len(table), effective_count(_positive(weight)))
    return CoverageCurve(np.array(list(table)), tuple(covered), tuple(width), count, kind, method)


def coverage_over(
    learner: Learner,
    draw: Callable[[Key], tuple[Dataset, Dataset, np.ndarray | None]],
    *,
    experiments: int = 200,
    levels: Sequence[float] = LEVELS,
    progress: Callable[[int, int], None] | None = None,
    key: Key,
) -> CoverageCurve:
    r"""Coverage over pseudo-experiments: draw a sample, fit it, see whether the truth lies inside, and again.

    The fraction inside is taken in each experiment; its mean over experiments has the standard error
    $s / \sqrt{\mathrm{experiments}}$, that of the binomial law where one event is judged in each.

    Args:
        learner: what gives the bands.
        draw: from a key to (training events, fresh events, their truth or None), as for `coverage`.
        experiments: how many.
        levels: the levels to judge.
        progress: called with (done, experiments) after each.
        key: decides samples and fits.

    Raises:
        InputError: if there are fewer than two experiments.

    Example:
        >>> from ansatz.training import ClosedForm, SplitConformal
        >>> def draw(key):
        ...     rng = np.random.default_rng(np.asarray(jax.random.key_data(key)))
        ...     data = Dataset(rng.uniform(size=(60, 1)), y=rng.normal(size=60))
        ...     return data[:50], data[50:], None
        >>> curve = coverage_over(SplitConformal(ClosedForm()), draw, experiments=5, key=jax.random.key(0))
        >>> curve.levels.tolist()
        [0.5, 0.6827, 0.9, 0.95]

    Source: R. Cousins, Am. J. Phys. 63 (1995) 398 (what coverage means).
    """
    if experiments < 2:
        raise InputError(f"coverage needs at least 2 pseudo-experiments, not {experiments}")
    inside, size = np.zeros((2, experiments, len(levels)))
    for number, own in enumerate(jax.random.split(key, experiments)):
        draw_key, fit_key = jax.random.split(own)
        train, fresh, truth = draw(draw_key)
        table, kind, method = _judged(learner(train, fit_key), fresh, levels, truth)
        weight = check_weight(fresh.weight, len(fresh)) / len(fresh)
        inside[number], size[number] = np.transpose(
            [[weight @ np.asarray(v, float) for v in p] for p in table.values()]
        )
        if progress is not None:
            progress(number + 1, experiments)
    return _over(np.array(levels, float), inside, size, kind, f"{method}; {experiments} pseudo-experiments")


def _over(levels: np.ndarray, inside: np.ndarray, size: np.ndarray, kind: str, method: str) -> CoverageCurve:
    count = len(inside)
    variance = inside.var(axis=0, ddof=1) / count
    covered = tuple(
        fraction_interval(float(f), float(v), count) for f, v in zip(inside.mean(axis=0), variance, strict=True)
    )
    width = tuple(
        normal(float(s.mean()), float(s.std(ddof=1) / np.sqrt(count))) if np.all(np.isfinite(s)) else _unbounded(s)
        for s in size.T
    )
    mean = np.array([interval.value for interval in covered])
    trials = np.where(variance > 0, mean * (1 - mean) / np.maximum(variance, 1e-300), count)
    return CoverageCurve(levels, covered, width, trials, kind, method)


def _judged(
    bands: Fit | Mapping[float, Ends], data: Dataset, levels: Sequence[float], truth: np.ndarray | None
) -> tuple[dict[float, Ends], str, str]:
    """For each level whether each event was inside and how wide its band was; kind and method of the bands."""
    if isinstance(bands, Fit) and bands.sets is not None and bands.band is None:
        rows = np.arange(len(data))
        sets = {level: bands.predict_set(data.x, level) for level in levels}
        return {level: (s[rows, data.y], s.sum(axis=1)) for level, s in sets.items()}, "set", bands.sets.method
    if isinstance(bands, Fit):
        kind = "mean" if bands.band is None else bands.band.kind
        method = "spread of the members" if bands.band is None else bands.band.method
        ends = {float(level): bands.predict_interval(data.x, level) for level in levels}
    else:
        kind, method, ends = "prediction" if truth is None else "mean", "", dict(bands)
    target = _target(kind, data, truth)
    return {level: _inside(low, high, target) for level, (low, high) in ends.items()}, kind, method


def _target(kind: str, data: Dataset, truth: np.ndarray | None) -> np.ndarray:
    """What should lie inside."""
    if kind == "prediction":
        return np.asarray(data.y, float)
    if truth is None:
        raise InputError("a band of the mean is held against the true law, not against noisy targets; give truth=...")
    return np.asarray(truth, float)


def _inside(low: np.ndarray, high: np.ndarray, target: np.ndarray) -> Ends:
    if not np.shape(low) == np.shape(high) == target.shape:
        raise InputError(f"the ends of the bands have shape {np.shape(low)}, but the truth has shape {target.shape}")
    held = (low <= target) & (target <= high)
    several = tuple(range(1, held.ndim))
    return held.mean(axis=several), (np.asarray(high) - low).mean(axis=several)


def _first(means: np.ndarray) -> np.ndarray:
    return means[..., 0]


def _positive(weight: np.ndarray) -> np.ndarray:
    """The weights as they are, or their absolute values where the fraction would mean nothing."""
    return weight if weight.sum() > 0.1 * np.abs(weight).sum() else np.abs(weight)


def _unbounded(size: np.ndarray) -> Interval:
    return Interval(float("inf"), float(np.min(size)), float("inf"), method="some bands are unbounded")


def reliability_over(
    learner: Learner,
    draw: Callable[[Key], tuple[Dataset, Dataset, np.ndarray | None]],
    *,
    experiments: int = 200,
    bins: int = 10,
    key: Key,
) -> Interval:
    r"""How far probabilities of two classes are off, over pseudo-experiments: 0 where they are what they say.

    Fresh events of all experiments are put into bins of the predicted probability of class 1; in each, the mean
    prediction p is held against the known probability t, or the share of class 1 where that is not known:
    $\sum_b w_b |\bar p_b - \bar t_b|$ with the share $w_b$ of events in a bin. The error is that of a jackknife over
    experiments.

    Args:
        learner: a classifier with probabilities.
        draw: as for `coverage_over`; its third part is the probability of class 1.
        experiments: how many.
        bins: of equal width in probability.
        key: decides samples and fits.

    Raises:
        InputError: if the fit has no probabilities of two classes, or there are fewer than two experiments.

    Example:
        >>> from ansatz.problems import Gaussians
        >>> from ansatz.training.classical import lda
        >>> from ansatz.validation import experiments_of
        >>> draw = experiments_of(Gaussians(), 200, 50)
        >>> reliability_over(lda(), draw, experiments=4, key=jax.random.key(0)).value < 0.1
        True

    Source: M. DeGroot and S. Fienberg, The Statistician 32 (1983) 12.
    """
    if experiments < 2:
        raise InputError(f"reliability needs at least 2 pseudo-experiments, not {experiments}")
    sums = np.zeros((experiments, 3, bins))
    for number, own in enumerate(jax.random.split(key, experiments)):
        draw_key, fit_key = jax.random.split(own)
        train, fresh, truth = draw(draw_key)
        probability = learner(train, fit_key).probability(fresh.x)
        if probability is None or probability.shape[1] != 2:
            raise InputError("reliability is that of the probability of one of two classes; calibrate scores first")
        p, weight = probability[:, 1], check_weight(fresh.weight, len(fresh))
        place = np.minimum((p * bins).astype(int), bins - 1)
        target = np.asarray(fresh.y if truth is None else truth, float)
        for row, values in enumerate((weight, weight * p, weight * target)):
            sums[number, row] = np.bincount(place, values, bins)
    left = np.array([_distance(sums.sum(axis=0) - part) for part in sums])
    error = np.sqrt((experiments - 1) * left.var())
    return normal(_distance(sums.sum(axis=0)), float(error), method=f"{experiments} pseudo-experiments")


def _distance(sums: np.ndarray) -> float:
    """Mean size of predicted minus true over bins, from sums of weight, weighted prediction and weighted truth."""
    return float(np.abs(sums[1] - sums[2]).sum() / sums[0].sum())
