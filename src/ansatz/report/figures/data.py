"""What the data look like: a column per class, correlations, and what each cut took away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ansatz.data import Dataset
from ansatz.report.figures.binning import Histogram, bin_edges, histogram, outside
from ansatz.report.picture import Column, Picture, stacked_table
from ansatz.report.style import (
    INK,
    SINGLE,
    Look,
    canvas,
    class_look,
    error_bars,
    label,
    look,
    names_on,
    plain,
    styled,
)


def parts(data: Dataset) -> dict[str, np.ndarray]:
    """Which events belong to which class; all of them where there are no classes."""
    if data.classes is None or data.y is None:
        return {data.name: np.ones(len(data), bool)}
    return {name: data.y == k for k, name in enumerate(data.classes) if np.any(data.y == k)}


def looks(data: Dataset) -> dict[str, Look]:
    """How each class of `data` is drawn."""
    names = data.classes or (data.name,)
    return {name: class_look(k, len(names)) for k, name in enumerate(names)}


def _values(data: Dataset, column: str) -> np.ndarray:
    if column in data.target and data.y is not None and data.classes is None:
        return data.y if data.y.ndim == 1 else data.y[:, data.target.index(column)]
    return np.asarray(data.column(column), dtype=float)


@styled
def distribution(data: Dataset, column: str) -> Picture:
    """The distribution of one column, class by class, each of unit area, with the error of every bin.

    Args:
        data: the events; weights may have either sign.
        column: name of a feature, an observer, or of the target of a regression.

    Example:
        >>> import numpy as np
        >>> data = Dataset(np.array([[0.0], [1.0], [1.0]]), columns=("n",), units={"n": "mm"})
        >>> [round(float(d), 3) for d in distribution(data, "n").table["density"]]
        [0.333, 0.667]
    """
    figure, axes = canvas(SINGLE)
    values = _values(data, column)
    edges = bin_edges(values)
    table = {}
    for name, mask in parts(data).items():
        bars = histogram(values[mask], data.weight[mask], edges)
        draw_bars(axes, bars, edges, looks(data)[name], name, fill=len(parts(data)) < 3)
        table[name] = {"from": edges[:-1], "to": edges[1:], "events": bars.events, "density": bars.density}
        table[name]["error"] = bars.error
    axes.set(xlabel=label(column, data.units.get(column)), ylabel=_density(data.units.get(column)), xlim=edges[[0, -1]])
    _room_for_legend(axes, len(table))
    each = ", each class of unit area" if data.classes else ", of unit area"
    caption = f"Weighted density of {column}{each}; bars: one standard error."
    hidden = outside(values, edges)
    if hidden > 0:
        caption += f" {100 * hidden:.2g} % of the events lie outside the range drawn."
    return Picture(figure, stacked_table(table, "class"), caption, column, f"distribution-{column}")


def _density(unit: str | None) -> str:
    return label("density", f"1/{unit}" if unit and "/" not in unit else f"1/({unit})" if unit else None)


def draw_bars(axes: Axes, bars: Histogram, edges: np.ndarray, style: Look, name: str, *, fill: bool = True) -> None:
    """One histogram: outline, light filling or hatch, and error bars."""
    if fill and style.hatch:
        axes.stairs(bars.density, edges, fill=True, fc="none", ec=(style.color, 0.6), hatch=style.hatch, lw=0)
    elif fill:
        axes.stairs(bars.density, edges, fill=True, color=style.color, alpha=0.22, lw=0)
    axes.stairs(bars.density, edges, color=style.color, lw=1.1, ls="-" if fill else style.line, label=plain(name, 28))
    error_bars(axes, (edges[1:] + edges[:-1]) / 2, bars.density, bars.error, color=style.color, lw=0.8)


def _room_for_legend(axes: Axes, entries: int) -> None:
    low, high = axes.get_ylim()
    if entries > 1:
        columns = 2 if entries > 3 else 1
        lines = -(-entries // columns)
        axes.set_ylim(min(low, 0), high + (high - min(low, 0)) * (0.05 + 0.085 * lines))
        axes.legend(loc="upper right", ncols=columns)
    if low < 0:
        axes.axhline(0, color="black", lw=0.5)


@styled
def correlations(data: Dataset, group: str | None = None) -> Picture:
    r"""The weighted linear correlation of every pair of columns.

    $\rho_{ij} = \sum w (x_i - m_i)(x_j - m_j) / \sqrt{\sum w (x_i - m_i)^2 \sum w (x_j - m_j)^2}$.

    Args:
        data: the events.
        group: name of a class; all events if None.

    Example:
        >>> import numpy as np
        >>> data = Dataset(np.array([[0.0, 0.0], [1.0, -2.0], [2.0, -4.0]]), columns=("a", "b"))
        >>> [round(float(r), 6) for r in correlations(data).table["b"]]
        [-1.0, 1.0]
    """
    mask = np.ones(len(data), bool) if group is None else parts(data)[group]
    matrix = correlation_matrix(np.asarray(data.x[mask], float), data.weight[mask])
    names = list(data.columns)
    side = float(np.clip(1.6 + 0.22 * len(names), 2.9, 6.5))
    figure, axes = canvas((side + 0.6, side))
    heat_map(figure, axes, matrix, "correlation", low=-1.0, numbers=len(names) <= 10)
    names_on(axes, names, longest=16)
    names_on(axes, names, vertical=False, longest=16)
    axes.set(xlabel="column", ylabel="column")
    who = f"in class {group}" if group else "of all events"
    table = {"column": names, **{name: matrix[:, j] for j, name in enumerate(names)}}
    return Picture(
        figure,
        table,
        f"Weighted linear correlation of the columns {who}.",
        f"Correlations, {group}" if group else "Correlations",
        f"correlations-{group or 'all'}",
    )


def correlation_matrix(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighted Pearson correlations, shape (columns, columns); a constant column correlates with nothing (zero)."""
    share = weight / weight.sum()
    centered = x - share @ x
    covariance = (share[:, None] * centered).T @ centered
    spread = np.sqrt(np.clip(np.diag(covariance), 0, None))
    scale = np.outer(spread, spread)
    matrix = np.divide(covariance, scale, out=np.zeros_like(covariance), where=scale > 0)
    np.fill_diagonal(matrix, 1.0)
    return matrix


def heat_map(
    figure: Figure,
    axes: Axes,
    matrix: np.ndarray,
    name: str,
    *,
    low: float = 0.0,
    high: float = 1.0,
    numbers: bool = True,
) -> None:
    """A matrix in colors, blue to red around zero or white to blue above it, with the numbers inside."""
    colors = "RdBu_r" if low < 0 else "Blues"
    image = axes.imshow(matrix, cmap=colors, vmin=low, vmax=high, aspect="equal", interpolation="nearest")
    bar = figure.colorbar(image, ax=axes, shrink=0.8, pad=0.03, aspect=25)
    bar.set_label(name)
    bar.outline.set_linewidth(0.5)
    bar.ax.minorticks_off()
    size = 8.0 if len(matrix) <= 4 else 6.5
    for (i, j), value in np.ndenumerate(matrix) if numbers else ():
        dark = abs(value) > 0.6 * high
        axes.text(
            j,
            i,
            f"{value:.2f}".replace("-", "−"),
            ha="center",
            va="center",
            fontsize=size,
            color="white" if dark else "black",
        )


@styled
def cutflow(lines: Sequence[Mapping[str, Any]]) -> Picture:
    """What is left after each cut, as a share of the weight that was read.

    Args:
        lines: `Cutflow.table()`: per cut in order `cut`, `rows`, `total` and `total_error`.
    """
    table = _shares(lines, "total", "total_error", "share left")
    figure = _bars(table["cut"], table["share left"], table["error"], "share of the weight left")
    caption = "Share of the summed weight that is left after each cut in turn, with its standard error."
    return Picture(figure, table, caption, "Cutflow", "cutflow")


@styled
def n_minus_one(lines: Sequence[Mapping[str, Any]]) -> Picture:
    """What each cut keeps of the events that pass all others.

    Args:
        lines: `Cutflow.n_minus_one()`: per cut `cut`, `rows`, `efficiency` and `error`.
    """
    table = _shares(lines, "efficiency", "error", "share kept")
    figure = _bars(table["cut"], table["share kept"], table["error"], "share kept of what passes all other cuts")
    caption = "Of the summed weight that passes all other cuts, the share that passes this one too (N − 1)."
    return Picture(figure, table, caption, "N − 1", "n-minus-one")


def _shares(lines: Sequence[Mapping[str, Any]], share: str, error: str, called: str) -> dict[str, Column]:
    return {
        "cut": [str(line["cut"]) for line in lines],
        "rows": [int(line["rows"]) for line in lines],
        called: np.array([float(line[share] or 0.0) for line in lines]),
        "error": np.array([float(line.get(error) or 0.0) for line in lines]),
    }


def _bars(names: Sequence[str], shares: np.ndarray, errors: np.ndarray, quantity: str) -> Figure:
    figure, axes = canvas((3.5, 0.9 + 0.26 * len(names)))
    axes.barh(np.arange(len(names)), shares, height=0.6, color=look(0).color, alpha=0.55)
    for place, (share, error) in enumerate(zip(shares, errors, strict=True)):
        axes.plot([share - error, share + error], [place, place], color=INK, lw=1.1, solid_capstyle="butt")
        at, side = (0.015, "left") if share > 0.75 else (max(share + error, 0) + 0.02, "left")
        axes.text(at, place, f"{100 * share:.3g} %", va="center", ha=side, fontsize=7.5)
    names_on(axes, list(names))
    axes.set(xlim=(min(0.0, shares.min(initial=0)), max(1.0, shares.max(initial=1))), xlabel=quantity, ylabel="cut")
    axes.set_ylim(len(names) - 0.4, -0.6)
    return figure


@styled
def target_against(data: Dataset, column: str, target: int = 0) -> Picture:
    """The target of a regression against one column: the weighted mean in bins with its standard error."""
    x, y = _values(data, column), _target(data, target)
    rows = _profile(x, y, data.weight, bin_edges(x, 24))
    figure, axes = canvas()
    few = np.linspace(0, len(x) - 1, min(len(x), 400)).astype(int)
    axes.plot(x[few], y[few], "o", ms=1.8, color="#9aa3ae", alpha=0.8, mew=0, rasterized=len(few) > 150, label="events")
    axes.errorbar(rows["middle"], rows["mean"], rows["error"], fmt="o", ms=3, color=look(0).color, label="mean")
    axes.set(
        xlabel=label(column, data.units.get(column)), ylabel=label(data.target[target], _target_unit(data, target))
    )
    axes.legend(loc="best")
    name = data.target[target]
    caption = f"Weighted mean of {name} in bins of {column}, with its standard error; dots: some events."
    return Picture(
        figure, rows, caption, f"{data.target[target]} against {column}", f"{data.target[target]}-against-{column}"
    )


def _target(data: Dataset, target: int) -> np.ndarray:
    return np.asarray(data.y if data.y.ndim == 1 else data.y[:, target], dtype=float)


def _target_unit(data: Dataset, target: int) -> str | None:
    return data.units.get(data.target[target])


def _profile(x: np.ndarray, y: np.ndarray, weight: np.ndarray, edges: np.ndarray) -> dict[str, np.ndarray]:
    total = np.histogram(x, edges, weights=weight)[0]
    squares = np.histogram(x, edges, weights=weight**2)[0]
    events = np.histogram(x, edges)[0]
    keep = (events > 1) & (total > 0)
    place = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, len(edges) - 2)
    mean = np.divide(np.histogram(x, edges, weights=weight * y)[0], total, where=keep, out=np.zeros(len(total)))
    spread = np.histogram(x, edges, weights=weight * (y - mean[place]) ** 2)[0]
    variance = np.divide(spread * squares, total**3, where=keep, out=np.zeros(len(total)))
    middle = (edges[1:] + edges[:-1]) / 2
    return {
        "middle": middle[keep],
        "events": events[keep],
        "mean": mean[keep],
        "error": np.sqrt(np.clip(variance[keep], 0, None)),
    }
