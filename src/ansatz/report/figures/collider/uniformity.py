"""Whether a cut on a score shapes what it should not: efficiency along a column, and the column before and after."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ansatz.report.picture import Picture
from ansatz.report.style import GRAY, INK, canvas, error_bars, label, look, pretty_unit, stacked, styled

WORKING_POINTS = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Efficiencies of the whole class at which those along a column are drawn."""
BINS = 12
"""Bins of equal content along a column."""


def cut_at(score: np.ndarray, weight: np.ndarray, efficiency: float) -> float:
    """The score above which this part of the weight lies.

    Example:
        >>> cut_at(np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4), 0.5)
        2.0
    """
    order = np.argsort(score, kind="stable")
    below = np.cumsum(weight[order]) / weight.sum()
    return float(score[order[min(int(np.searchsorted(below, 1 - efficiency - 1e-12)), len(order) - 1)]])


@styled
def efficiency(
    score: np.ndarray,
    observer: np.ndarray,
    weight: np.ndarray,
    *,
    column: str,
    unit: str | None = None,
    name: str = "model",
    group: str = "signal",
    points: Sequence[float] = WORKING_POINTS,
) -> Picture:
    """The efficiency of a cut along a protected column, for cuts that keep given parts of the class.

    Args:
        score: of the events of one class, shape (events,).
        observer: the column, shape (events,).
        weight: event weights.
        column: name of the column.
        unit: its unit.
        name: of the model.
        group: name of the class.
        points: efficiencies of the whole class.
    """
    figure, axes = canvas()
    edges = np.unique(np.quantile(observer, np.linspace(0, 1, BINS + 1)))
    place = np.clip(np.searchsorted(edges, observer, side="right") - 1, 0, len(edges) - 2)
    bins = len(edges) - 1
    share, square = np.bincount(place, weight, bins), np.bincount(place, weight**2, bins)
    table: dict[str, np.ndarray] = {"low": edges[:-1], "high": edges[1:]}
    for k, point in enumerate(points):
        kept = score > cut_at(score, weight, point)
        with np.errstate(all="ignore"):
            value = np.bincount(place, weight * kept, bins) / share
            error = np.sqrt(np.clip(value * (1 - value), 0, None) * square) / np.abs(share)
        style = look(k)
        axes.axhline(float((weight * kept).sum() / weight.sum()), color=style.color, lw=0.6, ls=(0, (4, 2)))
        axes.stairs(value, edges, color=style.color, lw=0.9, baseline=None)
        error_bars(axes, (edges[:-1] + edges[1:]) / 2, value, error, color=style.color, marker=style.marker)
        table |= {f"efficiency at {point:.0%}": value, f"error at {point:.0%}": error}
    axes.set(xlabel=label(column, unit), ylabel=f"efficiency of {group}", ylim=(0, 1.02), xlim=(edges[0], edges[-1]))
    caption = (
        f"Efficiency of cuts on {name} for {group} along {column}; each cut keeps the part of {group} at the dashed "
        f"line, and a uniform score stays on it. Errors are statistical."
    )
    return Picture(figure, table, caption, f"{group} along {column}: {name}", f"uniformity-{name}-{group}-{column}")


@styled
def shaping(
    score: np.ndarray,
    observer: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    *,
    column: str,
    unit: str | None = None,
    name: str = "model",
    classes: Sequence[str] = ("background", "signal"),
    points: Sequence[float] = (0.7, 0.3),
) -> Picture:
    """The background along a column before and after cuts that keep given parts of the signal, each of unit area.

    Args:
        score: of all events, shape (events,).
        observer: the column, shape (events,).
        y: class of each event, 1 for signal.
        weight: event weights.
        column: name of the column.
        unit: its unit.
        name: of the model.
        classes: names of background and signal.
        points: signal efficiencies of the cuts.
    """
    figure, axes, below = stacked()
    background, signal = y == 0, y == 1
    edges = np.linspace(*np.quantile(observer[background], [0.002, 0.998]), 25)
    middle, width = (edges[:-1] + edges[1:]) / 2, edges[1] - edges[0]
    before, spread = _shape(observer[background], weight[background], edges)
    axes.stairs(before, edges, color=GRAY, fill=True, alpha=0.35, label=f"all {classes[0]}")
    table: dict[str, np.ndarray] = {"low": edges[:-1], "high": edges[1:], "before": before, "before error": spread}
    for k, point in enumerate(points):
        cut, style = cut_at(score[signal], weight[signal], point), look(k)
        kept = background & (score > cut)
        if not weight[kept].sum() > 0:
            continue
        after, error = _shape(observer[kept], weight[kept], edges)
        with np.errstate(all="ignore"):
            ratio, ratio_error = after / before, error / before
        error_bars(axes, middle, after, error, color=style.color, marker=style.marker)
        axes.plot(
            [], [], style.marker, color=style.color, ms=3.5, label=f"after a cut with {point:.0%} of {classes[1]}"
        )
        seen = np.isfinite(ratio) & (before > 0)
        error_bars(below, middle[seen], ratio[seen], ratio_error[seen], color=style.color, marker=style.marker)
        table |= {f"after {point:.0%}": after, f"error {point:.0%}": error}
    below.axhline(1, color=INK, lw=0.6)
    axes.set(ylabel=f"part / {width:.3g}" + (f" {pretty_unit(unit)}" if unit else ""), ylim=(0, None))
    axes.legend()
    below.set(xlabel=label(column, unit), ylabel="after / before", xlim=(edges[0], edges[-1]), ylim=(0, 2.2))
    caption = (
        f"{column} of {classes[0]} before and after cuts on {name}: a score that knows nothing of it keeps the shape."
    )
    return Picture(figure, table, caption, f"{classes[0]} shaped by {name}", f"shaping-{name}-{column}")


def _shape(values: np.ndarray, weight: np.ndarray, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Content of each bin as part of the whole, and its error."""
    total = weight.sum()
    content = np.histogram(values, edges, weights=weight)[0] / total
    return content, np.sqrt(np.histogram(values, edges, weights=weight**2)[0]) / abs(total)
