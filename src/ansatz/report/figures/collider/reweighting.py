"""A sample before and after reweighting beside its target, and how large the weights became."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ansatz.report.picture import Picture
from ansatz.report.style import GRAY, INK, canvas, error_bars, label, look, stacked, styled

Arrays = Mapping[str, np.ndarray]


@styled
def columns(arrays: Arrays, column: str, methods: Sequence[str], *, unit: str | None = None) -> Picture:
    """One column of the target, of the original, and of the original with the weights of each method.

    Args:
        arrays: `edges/COLUMN`, and `original/`, `target/` and `METHOD/COLUMN`: contents and errors, shape (2, bins).
        column: its name.
        methods: names of the methods.
        unit: of the column.
    """
    figure, axes, below = stacked()
    edges, (goal, goal_error) = arrays[f"edges/{column}"], arrays[f"target/{column}"]
    middle = (edges[:-1] + edges[1:]) / 2
    axes.stairs(goal, edges, fill=True, color=GRAY, alpha=0.35, label="target")
    axes.stairs(arrays[f"original/{column}"][0], edges, color=INK, ls=(0, (4, 2)), label="original")
    table: dict[str, np.ndarray] = {"low": edges[:-1], "high": edges[1:], "target": goal, "target error": goal_error}
    table["original"] = arrays[f"original/{column}"][0]
    safe = np.where(goal > 0, goal, np.nan)
    below.stairs(arrays[f"original/{column}"][0] / safe, edges, color=INK, ls=(0, (4, 2)), baseline=None)
    for k, name in enumerate(methods):
        (value, error), style = arrays[f"{name}/{column}"], look(k)
        error_bars(axes, middle, value, error, color=style.color, marker=style.marker)
        axes.plot([], [], style.marker, color=style.color, ms=3.5, label=name)
        ratio, spread = value / safe, np.hypot(error, value * goal_error / safe) / safe
        seen = np.isfinite(ratio)
        error_bars(below, middle[seen], ratio[seen], spread[seen], color=style.color, marker=style.marker)
        table |= {name: value, f"{name} error": error}
    below.axhline(1, color=INK, lw=0.6)
    axes.set(ylabel="part of the sample", ylim=(0, None))
    axes.legend()
    below.set(xlabel=label(column, unit), ylabel="/ target", xlim=(edges[0], edges[-1]), ylim=(0.4, 1.6))
    caption = f"{column} on events that took no part in the learning: the target, the original, and with new weights."
    return Picture(figure, table, caption, f"{column}, reweighted", f"reweighted-{column}")


@styled
def factors(arrays: Arrays, methods: Sequence[str]) -> Picture:
    """How the factors on the weights are distributed: the longer the tail, the fewer effective events are left.

    Args:
        arrays: `factor/METHOD`, the factor of each event in units of their mean.
        methods: names of the methods.
    """
    figure, axes = canvas()
    logs = {name: np.log10(np.maximum(arrays[f"factor/{name}"], 1e-4)) for name in methods}
    edges = np.linspace(min(v.min() for v in logs.values()), max(v.max() for v in logs.values()) + 1e-9, 51)
    table: dict[str, np.ndarray] = {"low": 10 ** edges[:-1], "high": 10 ** edges[1:]}
    for k, (name, values) in enumerate(logs.items()):
        counts = np.histogram(values, edges)[0] / len(values)
        axes.stairs(counts, 10**edges, color=look(k).color, ls=look(k).line, label=name)
        table[name] = counts
    axes.set(xscale="log", yscale="log", xlabel="factor / mean factor", ylabel="part of the events")
    axes.legend()
    caption = "Factors that the weights of the original are multiplied by, in units of their mean."
    return Picture(figure, table, caption, "Factors", "reweighting-factors")
