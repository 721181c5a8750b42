"""What groups are like: how well they are apart, how wide they are, and which columns make them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ansatz.embedding.distances import Distance, Euclidean, table
from ansatz.validation.interval import ONE_SIGMA, Interval, effective_count, normal


def silhouettes(
    x: np.ndarray, group: np.ndarray, weight: np.ndarray | None = None, distance: Distance | None = None
) -> np.ndarray:
    r"""$s_i = (b_i - a_i) / \max(a_i, b_i)$: how much nearer each event is to its own group than to the next one.

    $a_i$ is the weighted mean distance to the others of its group, $b_i$ that to the nearest other group. 1 is well
    inside, 0 on the border, negative in the wrong group. NaN for noise (-1), and everywhere if there is one group only;
    0 for an event alone in its group.

    Source: P. Rousseeuw, J. Comput. Appl. Math. 20 (1987) 53.

    Example:
        >>> silhouettes(np.array([[0.0], [1.0], [9.0], [10.0]]), np.array([0, 0, 1, 1])).round(3).tolist()
        [0.895, 0.882, 0.882, 0.895]
    """
    weight = np.ones(len(x)) if weight is None else np.asarray(weight, float)
    names = np.unique(group[group >= 0])
    if len(names) < 2:
        return np.full(len(x), np.nan)
    apart = table(distance or Euclidean(), x, x)
    inside = (group[:, None] == names).astype(float) * weight[:, None]
    sums, totals = apart @ inside, inside.sum(axis=0)
    own = group[:, None] == names
    rest = np.where(own, totals - weight[:, None], totals)
    mean = np.where(rest > 1e-12, sums / np.maximum(rest, 1e-300), 0.0)
    a = np.where(own, mean, 0.0).sum(axis=1)
    b = np.where(own, np.inf, mean).min(axis=1)
    alone = np.where(own, rest, 0.0).sum(axis=1) <= 1e-12
    s = np.where(alone, 0.0, (b - a) / np.maximum(np.maximum(a, b), 1e-300))
    return np.where(group >= 0, s, np.nan)


def mean_of(values: np.ndarray, weight: np.ndarray, *, level: float = ONE_SIGMA, method: str = "") -> Interval:
    """The weighted mean of values of single events, NaN left out, with its standard error.

    Example:
        >>> print(mean_of(np.array([1.0, 2.0, 3.0, np.nan]), np.ones(4)))
        2.00 ± 0.47
    """
    known = ~np.isnan(values)
    if not known.any() or weight[known].sum() <= 0:
        return Interval(np.nan, np.nan, np.nan, level, "undetermined")
    v, w = values[known], weight[known] / weight[known].sum()
    mean = float(w @ v)
    error = float(np.sqrt(np.sum((w * (v - mean)) ** 2)))
    return normal(mean, error, level=level, method=method or "standard error over events")


class GroupColumn(NamedTuple):
    """One column in one group: its mean, and how far that lies from the mean of all others, in their spread."""

    group: int
    column: str
    mean: Interval
    separation: Interval


def describe_groups(
    x: np.ndarray, columns: tuple[str, ...], group: np.ndarray, weight: np.ndarray, *, level: float = ONE_SIGMA
) -> list[GroupColumn]:
    r"""What makes each group: $(\bar x_\mathrm{in} - \bar x_\mathrm{out}) / s_\mathrm{all}$ of columns, largest first.

    Example:
        >>> x = np.array([[0.0, 1.0], [0.2, 2.0], [5.0, 1.0], [5.2, 2.0]])
        >>> found = describe_groups(x, ("a", "b"), np.array([0, 0, 1, 1]), np.ones(4))
        >>> found[0].column, round(found[0].mean.value, 2)
        ('a', 0.1)
    """
    found = []
    spread = np.sqrt(np.cov(x.T, aweights=np.maximum(weight, 0), ddof=0).reshape(x.shape[1], -1).diagonal())
    for name in np.unique(group[group >= 0]):
        inside = group == name
        means = [mean_of(c[inside], weight[inside], level=level) for c in x.T]
        others = [mean_of(c[~inside], weight[~inside], level=level) for c in x.T]
        for column, a, b, s in zip(columns, means, others, spread, strict=True):
            size = (a.value - b.value) / s if s > 0 else 0.0
            error = np.hypot(a.error, b.error) / s if s > 0 else 0.0
            apart = Interval(float(size), float(size - error), float(size + error), level, a.method)
            found.append(GroupColumn(int(name), column, a, apart))
    return sorted(found, key=lambda one: (one.group, -abs(np.nan_to_num(one.separation.value))))


def spread_ratio(
    x: np.ndarray, group: np.ndarray, weight: np.ndarray, *, level: float = ONE_SIGMA
) -> tuple[Interval, np.ndarray]:
    """The widest group's root mean square distance to its center over that of the narrowest, and that of each group.

    k-means takes all groups to be equally wide. Groups with fewer than five effective events are left out.

    Returns:
        The ratio, with an interval from the scatter of the squared distances, and the width of each group.
    """
    widths, errors = [], []
    for name in np.unique(group[group >= 0]):
        inside = group == name
        w = weight[inside] / weight[inside].sum()
        squares = ((x[inside] - w @ x[inside]) ** 2).sum(axis=1)
        mean = float(w @ squares)
        small = effective_count(w) < 5 or mean <= 0
        widths.append(np.nan if small else np.sqrt(mean))
        errors.append(np.nan if small else np.sqrt(np.sum((w * (squares - mean)) ** 2)) / mean / 2)
    if np.isfinite(widths).sum() < 2:
        return Interval(np.nan, np.nan, np.nan, level, "undetermined"), np.array(widths)
    wide, narrow = int(np.nanargmax(widths)), int(np.nanargmin(widths))
    ratio = widths[wide] / widths[narrow]
    error = ratio * float(np.hypot(errors[wide], errors[narrow]))
    return normal(ratio, error, level=level, scale="log", method="scatter of squared distances"), np.array(widths)
