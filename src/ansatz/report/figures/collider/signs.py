"""What strategies for negative weights do to a sample, and to the method that is trained on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ansatz.report.picture import Picture
from ansatz.report.style import GRAY, INK, canvas, error_bars, few_ticks, label, look, names_on, stacked, styled
from ansatz.validation import Interval


@styled
def densities(
    arrays: Mapping[str, np.ndarray], column: str, group: str, names: Sequence[str], *, unit: str | None = None
) -> Picture:
    """One column of one class: the weights as they are with their errors, and each strategy; below, the differences.

    Args:
        arrays: `edges/COLUMN` and `NAME/GROUP/COLUMN`: contents and errors, shape (2, bins).
        column: its name.
        group: name of the class.
        names: strategies, that of the weights as they are first.
        unit: of the column.
    """
    figure, axes, below = stacked()
    edges, (truth, error) = arrays[f"edges/{column}"], arrays[f"{names[0]}/{group}/{column}"]
    middle, safe = (edges[:-1] + edges[1:]) / 2, np.where(error > 0, error, np.nan)
    error_bars(axes, middle, truth, error, color=INK, marker="o")
    axes.plot([], [], "o", color=INK, ms=3.5, label=names[0])
    table: dict[str, np.ndarray] = {"low": edges[:-1], "high": edges[1:], names[0]: truth, "error": error}
    below.axhspan(-1, 1, color=GRAY, alpha=0.2, lw=0)
    for k, name in enumerate(names[1:]):
        value, style = arrays[f"{name}/{group}/{column}"][0], look(k)
        axes.stairs(value, edges, color=style.color, ls=style.line, label=name)
        below.stairs((value - truth) / safe, edges, color=style.color, ls=style.line, baseline=None)
        table[name] = value
    axes.set(ylabel="part of the class", ylim=(min(0.0, float((truth - error).min())), None))
    axes.legend()
    below.set(xlabel=label(column, unit), ylabel="pull", ylim=(-5, 5), xlim=(edges[0], edges[-1]))
    caption = f"{column} of {group} in training, with the weights as they are and with those of each strategy."
    return Picture(figure, table, caption, f"{column} of {group}", f"signs-{group}-{column}")


@styled
def areas(found: Mapping[str, Interval]) -> Picture:
    """The area under the ROC curve after each strategy, on the same fresh events.

    Args:
        found: the area by the name of the strategy.
    """
    figure, axes = canvas()
    names = list(found)
    values = np.array([found[name].value for name in names])
    low, high = (np.array([getattr(found[name], end) for name in names]) for end in ("low", "high"))
    for k in range(len(names)):
        axes.plot([low[k], high[k]], [k, k], color=look(0).color)
    axes.plot(values, np.arange(len(names)), "o", color=look(0).color)
    names_on(axes, names)
    few_ticks(axes)
    axes.set(xlabel="area under the ROC curve", ylim=(len(names) - 0.5, -0.5))
    caption = "Area under the ROC curve after training with each strategy, judged with the weights as they are."
    table = {"strategy": names, "auc": values, "low": low, "high": high}
    return Picture(figure, table, caption, "Strategies", "signs-areas")
