"""Models side by side: one metric, a dot and an interval for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from ansatz.report.picture import Column, Picture
from ansatz.report.style import GRAY, INK, Look, Looks, canvas, few_ticks, looks_of, names_on, plain, styled
from ansatz.report.words import metric_label
from ansatz.validation import Interval


@styled
def scores(
    metric: str,
    intervals: Mapping[str, Interval],
    *,
    train: Mapping[str, float] | None = None,
    folds: Mapping[str, Sequence[float]] | None = None,
    best: str | None = None,
    unit: str | None = None,
    looks: Looks | None = None,
) -> Picture:
    """One metric of every model: the value with its interval, the folds as small dots, the training rows hollow.

    Args:
        metric: its name, for the axis.
        intervals: the value on rows not trained on, per model.
        train: the value on the training rows, per model.
        folds: the value in each fold, per model.
        best: the model whose value is marked by a line.
        unit: of a regression's target.
        looks: how each model is drawn; by its place if None.

    Example:
        >>> scores("auc", {"tree": Interval(0.9, 0.88, 0.91)}).table["auc"].tolist()
        [0.9]
    """
    names, styles = list(intervals), looks_of(intervals, looks)
    figure, axes = canvas((3.5, 1.0 + 0.34 * len(names)))
    if best is not None and best in intervals:
        axes.axvline(intervals[best].value, color=GRAY, lw=0.6, ls=(0, (2, 2)))
    for place, name in enumerate(names):
        _folds(axes, place, (folds or {}).get(name, ()), styles[name].color)
        _dot(axes, place, intervals[name], styles[name])
        if train and name in train:
            axes.plot(train[name], place, "o", mfc="white", mec=styles[name].color, ms=4.5, zorder=2.5)
    names_on(axes, names)
    axes.set(ylim=(len(names) - 0.4, -0.6), xlabel=plain(_short(metric, unit, 44), 60), ylabel="model")
    axes.margins(x=0.08)
    few_ticks(axes)
    return Picture(
        figure,
        _table(metric, intervals, train or {}),
        _caption(train, folds, intervals),
        metric_label(metric)[:1].upper() + metric_label(metric)[1:],
        f"scores-{metric}",
    )


def _dot(axes: Axes, place: int, interval: Interval, style: Look) -> None:
    ends = [e if np.isfinite(e) else interval.value for e in (interval.low, interval.high)]
    axes.plot(ends, [place, place], color=style.color, lw=2, solid_capstyle="butt")
    axes.plot(interval.value, place, style.marker, color=style.color, ms=5.5, mec="white", mew=0.6, zorder=3)


def _short(metric: str, unit: str | None, longest: int = 30) -> str:
    """What a metric is called, or its name in results where that is too long for an axis."""
    words = metric_label(metric, unit)
    return words if len(words) <= longest else metric.replace("_", " ")


def _folds(axes: Axes, place: int, values: Sequence[float], color: str) -> None:
    known = np.array([v for v in values if v is not None], dtype=float)
    if len(known):
        axes.plot(known, np.full(len(known), place + 0.24), ".", ms=3, color=color, alpha=0.65, mew=0)


def _table(metric: str, intervals: Mapping[str, Interval], train: Mapping[str, float]) -> dict[str, Column]:
    table = {
        "model": list(intervals),
        metric: np.array([i.value for i in intervals.values()]),
        "low": np.array([i.low for i in intervals.values()]),
        "high": np.array([i.high for i in intervals.values()]),
    }
    if train:
        table["on training rows"] = np.array([train.get(name, np.nan) for name in intervals])
    return table


def _caption(
    train: Mapping[str, float] | None, folds: Mapping[str, Sequence[float]] | None, intervals: Mapping[str, Interval]
) -> str:
    level = next(iter(intervals.values())).level
    text = f"Value on rows that were not trained on, with its {100 * level:.0f} % interval"
    text += "; small dots below: single folds" if folds and any(len(f) for f in folds.values()) else ""
    text += "; hollow: on the training rows" if train else ""
    return text + "."


@styled
def differences(
    metric: str,
    intervals: Mapping[str, Interval],
    *,
    reference: str,
    unit: str | None = None,
    looks: Looks | None = None,
) -> Picture:
    """How much each model differs from one reference on the same rows, with the interval of the difference.

    Args:
        metric: its name.
        intervals: the difference to the reference, per other model.
        reference: name of the model that all are compared with.
        unit: of a regression's target.
        looks: how each model is drawn; by its place if None.
    """
    names, styles = list(intervals), looks_of(intervals, looks)
    figure, axes = canvas((3.5, 1.0 + 0.34 * len(names)))
    axes.axvline(0, color=INK, lw=0.7)
    for place, name in enumerate(names):
        _dot(axes, place, intervals[name], styles[name])
    names_on(axes, names)
    words = f"difference in {_short(metric, unit)}"
    axes.set(ylim=(len(names) - 0.4, -0.6), xlabel=plain(words, 60), ylabel="model")
    axes.margins(x=0.08)
    few_ticks(axes)
    table = _table(f"difference in {metric}", intervals, {})
    caption = f"Paired difference to {reference} on the same rows; an interval that crosses zero is no difference."
    return Picture(figure, table, caption, f"Difference to {reference}", f"differences-{metric}-{reference}")
