"""How near predicted values come: against the truth, residuals, pulls, and the fitted curve."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes

from ansatz.report.figures.binning import bin_edges, enough, histogram, outside
from ansatz.report.figures.data import draw_bars
from ansatz.report.picture import Picture
from ansatz.report.style import GRAY, INK, SQUARE, canvas, error_bars, label, look, plain, stacked, styled
from ansatz.report.words import number
from ansatz.validation import Answers

DOTS = 400
"""Up to so many events are drawn as single dots; more are drawn as a density."""


class Column(NamedTuple):
    """One output of a regression: truth, prediction and weight, each of shape (events,)."""

    truth: np.ndarray
    prediction: np.ndarray
    weight: np.ndarray


def column_of(answers: Answers, output: int = 0) -> Column:
    """One output of the answers."""
    truth, value = (np.asarray(a, float).reshape(len(answers), -1)[:, output] for a in (answers.y, answers.value))
    return Column(truth, value, answers.weight)


@styled
def predicted_against_true(
    answers: Answers, *, output: int = 0, target: str = "y", unit: str | None = None, name: str = "fit"
) -> Picture:
    """Predicted against true values, and the mean prediction in bins of the truth.

    Example:
        >>> import numpy as np
        >>> x = np.arange(40.0)
        >>> picture = predicted_against_true(Answers.predicted(x, x + 1))
        >>> bool(np.allclose(picture.table["predicted"] - picture.table["true"], 1))
        True
    """
    figure, axes = canvas(SQUARE)
    truth, prediction, weight = column_of(answers, output)
    low, high = _range(np.concatenate([truth, prediction]))
    events(axes, truth, prediction, weight, (low, high), (low, high))
    axes.plot([low, high], [low, high], color=INK, lw=0.8, ls=(0, (4, 2)), label="perfect")
    rows = binned_mean(truth, truth, prediction, weight, bin_edges(truth, 16))
    error_bars(axes, rows["true"], rows["predicted"], rows["error"], color=look(1).color, marker="s")
    axes.plot([], [], "s", color=look(1).color, label="mean in bins")
    axes.set(xlabel=label(f"true {target}", unit), ylabel=label(f"predicted {target}", unit))
    axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    axes.legend(loc="upper left")
    caption = f"Predicted against true {target} of {name} on rows not trained on; squares: weighted mean prediction."
    return Picture(figure, rows, caption, f"Predicted against true, {name}", f"predicted-{name}-{target}")


def _range(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, [0.001, 0.999])
    margin = 0.05 * (high - low) or 0.5
    return float(low - margin), float(high + margin)


def events(
    axes: Axes, x: np.ndarray, y: np.ndarray, weight: np.ndarray, across: tuple[float, float], up: tuple[float, float]
) -> None:
    """Events as dots where they are few, as weighted density in small cells where they are many."""
    if len(x) <= DOTS:
        axes.plot(x, y, "o", ms=2, color=look(0).color, alpha=0.6, mew=0, rasterized=len(x) > 150)
        return
    cells, *_ = np.histogram2d(x, y, bins=64, range=(across, up), weights=weight / np.abs(weight).sum())
    shown = np.ma.masked_less_equal(cells.T, 0)
    axes.imshow(
        np.ma.sqrt(shown), extent=(*across, *up), origin="lower", aspect="auto", cmap="Blues", interpolation="nearest"
    )


def binned_mean(
    along: np.ndarray, x: np.ndarray, y: np.ndarray, weight: np.ndarray, edges: np.ndarray
) -> dict[str, np.ndarray]:
    """Weighted mean of `x` and of `y`, with its standard error, in bins of `along`; bins of two events or more."""
    place = np.searchsorted(edges, along, side="right") - 1
    rows = []
    for bin_ in range(len(edges) - 1):
        w = weight[place == bin_]
        if len(w) < 2 or w.sum() <= 0:
            continue
        share, inside_x, inside_y = w / w.sum(), x[place == bin_], y[place == bin_]
        mean = share @ inside_y
        rows.append((len(w), share @ inside_x, mean, np.sqrt(np.sum((share * (inside_y - mean)) ** 2))))
    columns = np.array(rows, dtype=float).reshape(-1, 4).T
    return {"events": columns[0].astype(int), "true": columns[1], "predicted": columns[2], "error": columns[3]}


@styled
def residuals(
    answers: Answers, *, output: int = 0, target: str = "y", unit: str | None = None, name: str = "fit"
) -> Picture:
    """Residuals (predicted minus true) against the prediction, and their distribution's mean and spread.

    A trend means that the model is too stiff; a funnel means that the noise depends on the value.
    """
    figure, axes = canvas()
    truth, prediction, weight = column_of(answers, output)
    residual = prediction - truth
    across, up = _range(prediction), _range(residual)
    events(axes, prediction, residual, weight, across, up)
    axes.axhline(0, color=INK, lw=0.8, ls=(0, (4, 2)))
    rows = binned_mean(prediction, prediction, residual, weight, bin_edges(prediction, 16))
    rows = {"events": rows["events"], "predicted": rows["true"], "residual": rows["predicted"], "error": rows["error"]}
    error_bars(axes, rows["predicted"], rows["residual"], rows["error"], color=look(1).color, marker="s")
    axes.set(xlabel=label(f"predicted {target}", unit), ylabel=label("predicted − true", unit), xlim=across, ylim=up)
    mean, spread = moments(residual, weight)
    caption = (
        f"Residuals of {name}: mean {_near(mean, spread)}, standard deviation {number(spread, 3)};"
        " squares: weighted mean in bins, with"
        " its standard error. Squares away from zero are a trend that the model missed."
    )
    return Picture(figure, rows, caption, f"Residuals, {name}", f"residuals-{name}-{target}")


def _near(mean: float, spread: float) -> str:
    """A mean for a caption: zero if only rounding errors are left."""
    return number(mean, 2) if abs(mean) > 1e-9 * spread else "0"


def moments(values: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Weighted mean and standard deviation."""
    share = weight / weight.sum()
    mean = float(share @ values)
    return mean, float(np.sqrt(max(share @ (values - mean) ** 2, 0.0)))


@styled
def pulls(
    answers: Answers,
    *,
    output: int = 0,
    sigma: np.ndarray | float | None = None,
    scale: str = "",
    target: str = "y",
    name: str = "fit",
) -> Picture:
    r"""The distribution of pulls beside the unit Gaussian that it should follow.

    A pull is $(\hat y - y) / \sigma$: wider than the Gaussian means that the errors are too small, narrower that they
    are too large, shifted that the prediction is biased.

    Args:
        answers: of a regression; if they carry a `sigma` it is used.
        output: which of several targets.
        sigma: the error of each event, if the answers carry none; the spread of all residuals if None.
        scale: what `sigma` is, for the caption.
        target: name of the target.
        name: of the model.
    """
    figure, axes = canvas()
    pull, weight, scale = _pulls(answers, output, sigma, scale)
    edges = np.linspace(-5, 5, enough(pull) + 1)
    bars = histogram(pull, weight, edges)
    draw_bars(axes, bars, edges, look(0), "pulls")
    x = np.linspace(-5, 5, 161)
    axes.plot(x, np.exp(-(x**2) / 2) / np.sqrt(2 * np.pi), color=look(1).color, ls=look(1).line, label="unit Gaussian")
    axes.set(xlabel="pull: (predicted − true) / error", ylabel="density", xlim=(-5, 5))
    axes.legend(loc="upper right")
    mean, spread = moments(pull, weight)
    caption = f"Residuals of {name} divided by {scale}: mean {_near(mean, spread)}, width {number(spread, 3)}"
    caption += " (0 and 1 expected)."
    hidden = outside(pull, edges)
    caption += f" {100 * hidden:.2g} % lie beyond five." if hidden else ""
    rows = {"from": edges[:-1], "to": edges[1:], "events": bars.events, "density": bars.density, "error": bars.error}
    return Picture(figure, rows, caption, f"Pulls, {name}", f"pulls-{name}-{target}")


def _pulls(
    answers: Answers, output: int, sigma: np.ndarray | float | None, scale: str
) -> tuple[np.ndarray, np.ndarray, str]:
    truth, prediction, weight = column_of(answers, output)
    if answers.sigma is not None:
        known = np.asarray(answers.sigma).reshape(len(answers), -1)[:, output]
        return (prediction - truth) / known, weight, "the known error of each event"
    if sigma is not None:
        return (prediction - truth) / sigma, weight, scale or "the error given"
    spread = moments(prediction - truth, weight)[1]
    return (prediction - truth) / (spread or 1.0), weight, "their standard deviation: only the shape tells"


@styled
def curve(
    x: np.ndarray,
    y: np.ndarray,
    grid: np.ndarray,
    members: np.ndarray,
    *,
    column: str = "x",
    target: str = "y",
    units: tuple[str | None, str | None] = (None, None),
    name: str = "fit",
) -> Picture:
    """The fitted curve of a regression on one column, with the spread of the members, and the events under it.

    Args:
        x: the column, shape (events,).
        y: the target, shape (events,).
        grid: where the curve is drawn, shape (points,).
        members: the answer of each member there, shape (members, points).
        column: name of the column.
        target: name of the target.
        units: unit of the column and of the target.
        name: of the model.
    """
    figure, axes, lower = stacked()
    middle, spread = members.mean(axis=0), members.std(axis=0, ddof=1) if len(members) > 1 else None
    few = np.linspace(0, len(x) - 1, min(len(x), 1000)).astype(int)
    axes.plot(x[few], y[few], "o", ms=2, color=GRAY, alpha=0.8, mew=0, rasterized=len(few) > 150, label="data")
    axes.plot(grid, middle, color=look(0).color, label=plain(name))
    table = {column: grid, target: middle}
    if spread is not None:
        axes.fill_between(grid, middle - spread, middle + spread, color=look(0).color, alpha=0.25, lw=0, label="±1 σ")
        table["spread"] = spread
    lower.plot(
        x[few],
        (y - np.interp(x, grid, middle))[few],
        "o",
        ms=1.8,
        color=GRAY,
        alpha=0.8,
        mew=0,
        rasterized=len(few) > 150,
    )
    lower.axhline(0, color=look(0).color, lw=0.9)
    axes.set(ylabel=label(target, units[1]))
    lower.set(xlabel=label(column, units[0]), ylabel=label("data − fit", units[1]))
    axes.legend(loc="best")
    caption = f"{name} fitted to {target} against {column}, and what is left"
    caption += f"; band: spread of {len(members)} members." if spread is not None else "."
    return Picture(figure, table, caption, f"{target} against {column}, {name}", f"curve-{name}-{column}")
