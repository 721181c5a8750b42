"""Which columns matter: to a fitted model (permutation importance), and by themselves (separation)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError, suggest
from ansatz.keys import generator, named
from ansatz.training.result import Fit
from ansatz.typing import Key
from ansatz.validation.answers import Answers, answers_of, check_weight
from ansatz.validation.classifiers.calibration import equal_bins
from ansatz.validation.classifiers.ranking import roc_auc
from ansatz.validation.interval import ONE_SIGMA, Interval, effective_count, normal
from ansatz.validation.metrics import metric_named
from ansatz.validation.resampling import bootstrap_values, percentile_ends, replica_weights
from ansatz.validation.scoring import statistic_of
from ansatz.validation.statistics import bin_sums


@dataclasses.dataclass(frozen=True)
class Importance:
    """How much worse a model judges when a column (or group of columns) is shuffled.

    Attributes:
        name: of the column or the group.
        columns: which columns were shuffled together.
        metric: what got worse.
        loss: by how much, positive if worse.
    """

    name: str
    columns: tuple[str, ...]
    metric: str
    loss: Interval


def permutation_importance(
    fit: Fit,
    data: Dataset,
    *,
    metric: str | None = None,
    repeats: int = 10,
    groups: Mapping[str, Sequence[str]] | None = None,
    level: float = ONE_SIGMA,
    key: Key,
) -> list[Importance]:
    """How much a metric suffers when the values of a column are given to other events.

    In each repeat the column is shuffled anew and the loss is taken on a bootstrap sample of the events, so that the
    spread over repeats holds both the choice of the shuffle and the finite sample; the value is the mean over the
    repeats on the sample itself. Where the weights differ, an event's values are handed on in proportion to
    the size of its weight. L. Breiman, Mach. Learn. 45 (2001) 5; A. Fisher et al., arXiv:1801.01489.

    Args:
        fit: the fitted model.
        data: events that it has not seen; a table.
        metric: name in `METRICS`; AUC (accuracy for several classes) or mean squared error if left out.
        repeats: number of shuffles, at least two.
        groups: columns to be shuffled together, by a name for the group; all columns one by one if left out.
        level: probability that the interval holds the truth.
        key: random key; each column has its own, by its name.

    Returns:
        The most important first.

    Raises:
        InputError: if a column is unknown, the data are no table, or there are fewer than two repeats.
    """
    if data.x.ndim != 2 or repeats < 2:
        raise InputError(
            f"permutation importance needs a table and at least 2 repeats, not x{data.x.shape} and {repeats}"
        )
    metric = _usual_metric(data) if metric is None else metric
    chosen = _groups(data, groups)
    before = answers_of(fit, data)
    found = []
    for name, columns in chosen.items():
        where = [data.columns.index(column) for column in columns]
        losses = _losses(fit, data, before, where, metric, repeats, named(key, name))
        loss = normal(losses[:, 0].mean(), losses[:, 1].std(ddof=1), level=level, method=f"{repeats} repeats")
        found.append(Importance(name, tuple(columns), metric, loss))
    return sorted(found, key=lambda importance: -importance.loss.value)


def _usual_metric(data: Dataset) -> str:
    if data.task == "regression":
        return "mse"
    return "auc" if data.outputs == 2 else "accuracy"


def _groups(data: Dataset, groups: Mapping[str, Sequence[str]] | None) -> dict[str, tuple[str, ...]]:
    chosen = {c: (c,) for c in data.columns} if groups is None else {n: tuple(c) for n, c in groups.items()}
    for column in (c for columns in chosen.values() for c in columns):
        if column not in data.columns:
            raise InputError(f"there is no column '{column}' to shuffle{suggest(column, data.columns)}")
    return chosen


def _losses(
    fit: Fit, data: Dataset, before: Answers, where: list[int], metric: str, repeats: int, key: Key
) -> np.ndarray:
    """For each repeat the loss on the sample itself and on a bootstrap sample, shape (repeats, 2)."""
    rng = generator(key)
    sign = -1.0 if metric_named(metric).larger_is_better else 1.0
    reference = statistic_of(metric, before)
    replicas = replica_weights(before.weight, replicas=repeats, rng=rng)
    found = []
    for weight in (row for block in replicas for row in block):
        x = data.x.copy()
        x[:, where] = x[_donors(before.weight, rng)][:, where]
        shuffled = statistic_of(metric, answers_of(fit, data.replace(x=x)))
        found.append([sign * float(shuffled(w) - reference(w)) for w in (before.weight, weight)])
    return np.array(found)


def _donors(weight: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Whose values each event receives."""
    size = np.abs(weight)
    if np.allclose(size, size[0]):
        return rng.permutation(len(weight))
    return rng.choice(len(weight), len(weight), p=size / size.sum())


@dataclasses.dataclass(frozen=True, eq=False)
class Separation:
    r"""\(\langle S^2 \rangle = \frac12 \sum_b (s_b - b_b)^2 / (s_b + b_b)\) of two normalized weighted histograms.

    0 where the two distributions agree, 1 where they do not overlap. The noise that the finite sample adds to the
    numerator is subtracted, so that a column without information has 0 on average. Bins whose content is not
    positive, which negative weights can bring about, are left out.

    Attributes:
        bin: bin of each event, shape (events,).
        positive: whether it is signal.
    """

    bin: np.ndarray
    positive: np.ndarray

    def __call__(self, weight: np.ndarray) -> np.ndarray:
        """The separation for each set of weights."""
        (signal, noise_s), (background, noise_b) = (
            _histogram(weight[..., rows], self.bin[rows], int(self.bin.max()) + 1)
            for rows in (self.positive, ~self.positive)
        )
        both = signal + background
        excess = (signal - background) ** 2 - noise_s - noise_b
        return 0.5 * np.sum(np.where(both > 0, excess / np.where(both > 0, both, 1.0), 0.0), axis=-1)


def _histogram(weight: np.ndarray, number: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """Normalized contents and their variances, shape (..., bins)."""
    total = weight.sum(axis=-1, keepdims=True)
    total = np.where(total == 0, np.nan, total)
    content, squares = bin_sums(weight, number, bins) / total, bin_sums(weight**2, number, bins) / total**2
    all_squares = squares.sum(axis=-1, keepdims=True)
    return content, squares * (1 - 2 * content) + content**2 * all_squares


def separation(
    values: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray | None = None,
    *,
    bins: int | None = None,
    replicas: int = 200,
    level: float = ONE_SIGMA,
    key: Key,
) -> Interval:
    r"""How well one column tells signal from background, \(\langle S^2 \rangle\), with a bootstrap interval.

    \(\frac12 \int (s - b)^2 / (s + b)\) over bins that hold equal weight, so that neither the unit of the column nor
    its far tails matter. A. Hoecker et al. (TMVA), arXiv:physics/0703039.

    Args:
        values: the column, shape (events,).
        y: 1 for signal, 0 for background.
        weight: event weights of either sign.
        bins: number of bins; the root of the smaller class's effective count, at most 50, if left out.
        replicas: number of bootstrap samples.
        level: probability that the interval holds the truth.
        key: random key.

    Raises:
        InputError: if lengths differ, a value is not finite, or a class is missing.

    Example:
        >>> import jax
        >>> y = np.repeat([0, 1], 500)
        >>> separation(y + np.linspace(0, 0.9, 1000), y, key=jax.random.key(0)).value > 0.95
        True
    """
    values, positive = np.asarray(values, float), np.asarray(y) > 0
    weight = check_weight(weight, len(values))
    if len(positive) != len(values) or not np.all(np.isfinite(values)):
        raise InputError(f"a column of {len(values)} finite values is needed for {len(positive)} events; impute first")
    if positive.all() or not positive.any():
        raise InputError("there is one class only; the separation needs signal and background")
    smaller = min(effective_count(weight[rows]) for rows in (positive, ~positive))
    bins = int(np.clip(np.sqrt(smaller), 2, 50)) if bins is None else bins
    statistic = Separation(equal_bins(values, weight, bins), positive)
    value = float(statistic(weight))
    found = bootstrap_values([statistic], weight, replicas=replicas, key=key)[:, 0]
    low, high = percentile_ends(found[np.isfinite(found)], level)
    return Interval(value, min(low, value), max(high, value), level, f"percentile bootstrap ({replicas} replicas)")


@dataclasses.dataclass(frozen=True)
class Rank:
    """What one column can do alone.

    Attributes:
        column: its name.
        separation: <S^2>; for several classes the mean over each class against the rest.
        auc: area under the ROC curve of the column by itself (of two classes), at least 0.5 if the sign is chosen
            well; None for several classes.
    """

    column: str
    separation: Interval
    auc: Interval | None


def rank_columns(data: Dataset, *, replicas: int = 100, level: float = ONE_SIGMA, key: Key) -> list[Rank]:
    """The columns of a classification sample, by how well each tells the classes apart by itself.

    Raises:
        InputError: if the target is no class, the sample is no table, or a value is not finite.
    """
    if data.task != "classification" or data.x.ndim != 2:
        raise InputError("columns are ranked by separation for a table with a target of classes")
    found = [_rank(data, column, replicas, level, named(key, column)) for column in data.columns]
    return sorted(found, key=lambda rank: -rank.separation.value)


def _rank(data: Dataset, column: str, replicas: int, level: float, key: Key) -> Rank:
    values = np.asarray(data.column(column), float)
    present = [1] if data.outputs == 2 else np.unique(data.y)
    parts = [
        separation(values, data.y == k, data.weight, replicas=replicas, level=level, key=named(key, str(k)))
        for k in present
    ]
    auc = roc_auc(data.y, values, data.weight, level=level) if data.outputs == 2 else None
    if len(parts) == 1:
        return Rank(column, parts[0], auc)
    low, value, high = (float(np.mean([getattr(p, e) for p in parts])) for e in ("low", "value", "high"))
    return Rank(column, Interval(value, low, high, level, "mean over one class against the rest"), auc)
