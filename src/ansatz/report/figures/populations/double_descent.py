"""The risk against the size of a model, through the interpolation threshold."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from ansatz.report.figures.populations.decomposition import PARTS
from ansatz.report.picture import Picture, stacked_table
from ansatz.report.style import GRAY, canvas, error_bars, legend, look, plain, styled

Sweep = Mapping[str, np.ndarray]
"""`"sizes"`, the value of each term, and its standard error as `"term/error"`, shape (sizes,)."""


@styled
def risks(sweeps: Mapping[str, Sweep], threshold: float) -> Picture:
    """The risk of each sweep on fresh events, and that of the first on its training events.

    Example:
        >>> two = np.array([1.0, 2.0])
        >>> sweep = {"sizes": two, "risk": two, "risk/error": two / 9, "train": two / 2, "train/error": two / 9}
        >>> risks({"smallest norm": sweep}, 1.5).table["term"][0]
        'smallest norm'
    """
    figure, axes = canvas((3.5, 3.0))
    series = {}
    for number, (name, sweep) in enumerate(sweeps.items()):
        style = look(number)
        axes.plot(
            sweep["sizes"], sweep["risk"], color=style.color, ls=style.line, marker=style.marker, label=plain(name)
        )
        _bars(axes, sweep, "risk", style.color)
        series[name] = {"size": sweep["sizes"], "value": sweep["risk"], "error": sweep["risk/error"]}
    first = next(iter(sweeps.values()))
    axes.plot(first["sizes"], np.maximum(first["train"], 1e-12), color=GRAY, ls=":", label="training events")
    series["training events"] = {"size": first["sizes"], "value": first["train"], "error": first["train/error"]}
    _frame(axes, threshold, "mean squared error")
    lowest = min(float(sweep["risk"].min()) for sweep in sweeps.values())
    axes.set_ylim(0.3 * lowest, None)
    legend(axes, len(series) + 1, "best")
    caption = (
        "Expected squared error on fresh events against the size of the model. At the threshold a model has as many"
        " numbers as there are events and goes through all; beyond it, the smallest norm singles out one of many."
    )
    return Picture(figure, stacked_table(series, "term"), caption, "Double descent", "double-descent")


@styled
def reasons(sweep: Sweep, threshold: float, name: str) -> Picture:
    """Bias squared, variance and noise of one sweep: the peak is variance."""
    figure, axes = canvas((3.5, 3.0))
    series = {}
    for term, (label, style) in PARTS.items():
        values = np.maximum(sweep[term], 1e-12)
        axes.plot(
            sweep["sizes"], values, color=look(style).color, ls=look(style).line, marker=look(style).marker, label=label
        )
        _bars(axes, sweep, term, look(style).color)
        series[term] = {"size": sweep["sizes"], "value": sweep[term], "error": sweep[f"{term}/error"]}
    _frame(axes, threshold, "part of the mean squared error")
    axes.set_ylim(0.1 * float(sweep["noise"].mean()) or None, None)
    legend(axes, 4, "best")
    caption = f"The risk of {name} taken apart."
    if sweep["variance"].argmax() not in (0, len(sweep["sizes"]) - 1):
        caption += " The peak is variance, for the solution there hangs on every event."
    return Picture(figure, stacked_table(series, "term"), caption, f"Why, {name}", f"double-descent-{name}")


def _bars(axes: Axes, sweep: Sweep, term: str, color: str) -> None:
    values = np.maximum(sweep[term], 1e-12)
    errors = sweep[f"{term}/error"]
    error_bars(axes, sweep["sizes"], values, np.stack([np.minimum(errors, 0.9 * values), errors]), color=color)


def _frame(axes: Axes, threshold: float, what: str) -> None:
    axes.axvline(threshold, color=GRAY, lw=0.9, ls=(0, (4, 2)), label="size = events")
    axes.set(xscale="log", yscale="log", xlabel="size (random features, or width)", ylabel=what)
