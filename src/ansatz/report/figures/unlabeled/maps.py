"""Maps: coordinates colored by what is known, and how much variance principal components explain."""

from __future__ import annotations

import numpy as np

from ansatz.report.figures.unlabeled.groups import some_of
from ansatz.report.picture import Picture
from ansatz.report.style import GRAY, INK, SQUARE, canvas, look, plain, styled


@styled
def values_map(
    points: np.ndarray, values: np.ndarray | None, *, name: str = "method", shown: str = "", unit: str = ""
) -> Picture:
    """A map, each event in the shade of a quantity that the method did not see (or of none).

    Args:
        points: coordinates, shape (events, 1 or more); the first two are drawn.
        values: the quantity, shape (events,), or None.
        name: of the method.
        shown: what the quantity is.
        unit: of the quantity.
    """
    figure, axes = canvas(SQUARE)
    rows = some_of(len(points))
    x, y = points[rows, 0], points[rows, 1] if points.shape[1] > 1 else _beside(values, rows)
    if values is None:
        axes.plot(x, y, "o", ms=2.2, mew=0, color=look(0).color, alpha=0.7, rasterized=len(rows) > 150)
    else:
        dots = axes.scatter(x, y, c=values[rows], s=6, cmap="viridis", lw=0, rasterized=len(rows) > 150)
        bar = figure.colorbar(dots, ax=axes, pad=0.02, aspect=28)
        bar.set_label(plain(f"{shown} [{unit}]" if unit else shown))
        bar.outline.set_linewidth(0.5)
    second = "coordinate 2" if points.shape[1] > 1 else shown or "nothing"
    axes.set(xlabel="coordinate 1", ylabel=plain(second))
    caption = f"Events that {name} did not learn from, in its first two coordinates."
    caption += f" Shade: {shown}." if values is not None else ""
    table = {"coordinate 1": x, second if second != "coordinate 1" else "y": y}
    return Picture(figure, table, caption, f"Map, {name}", f"map-{name}")


def _beside(values: np.ndarray | None, rows: np.ndarray) -> np.ndarray:
    return np.zeros(len(rows)) if values is None else values[rows].astype(float)


@styled
def spectrum(variance: np.ndarray, kept: int, *, name: str = "pca", most: int = 40) -> Picture:
    """The part of the variance along each principal component, and what they explain together.

    Args:
        variance: of all components, the largest first.
        kept: how many of them are the coordinates.
        name: of the method.
        most: most components drawn.

    Example:
        >>> spectrum(np.array([3.0, 1.0]), 1).table["together"].tolist()
        [0.75, 1.0]
    """
    part = np.asarray(variance, float) / np.sum(variance)
    together, number = np.cumsum(part)[:most], np.arange(1, min(len(part), most) + 1)
    figure, axes = canvas()
    axes.bar(number[:kept], part[:kept], width=0.75, color=look(0).color, label="kept")
    axes.bar(number[kept:], part[kept:most], width=0.75, color=GRAY, alpha=0.55, label="left out")
    axes.plot(number, together, "o-", ms=2.5, lw=0.9, color=look(1).color, label="together")
    axes.axhline(1, color=INK, lw=0.5)
    axes.set(
        xlabel="principal component", ylabel="share of the variance", ylim=(0, 1.04), xlim=(0.3, len(number) + 0.7)
    )
    axes.legend(loc="center right")
    caption = f"Share of the variance along each component of {name}; the {kept} kept explain {together[kept - 1]:.3f}."
    table = {"component": number, "share": part[:most], "together": together}
    return Picture(figure, table, caption, f"Explained variance, {name}", f"spectrum-{name}")


@styled
def sheet(walls: np.ndarray, mass: np.ndarray, *, name: str = "kohonen") -> Picture:
    """The sheet of a self-organizing map: how far each prototype is from its neighbors, and how many events it has.

    Args:
        walls: mean distance of each prototype from those beside it, shape (height, width).
        mass: part of the events at each node, of the same shape.
        name: of the method.

    Example:
        >>> sheet(np.ones((2, 3)), np.full((2, 3), 1 / 6)).table["part of the events"].sum().round(6).item()
        1.0
    """
    figure, axes = canvas(SQUARE)
    image = axes.imshow(walls.T, origin="lower", cmap="cividis", interpolation="nearest", aspect="equal")
    row, column = np.indices(walls.shape)
    used = mass.ravel() > 0
    size = 60 * mass.ravel()[used] / mass.max() * min(1.0, 144 / mass.size)
    axes.scatter(row.ravel()[used], column.ravel()[used], s=size, color="white", ec=INK, lw=0.4)
    bar = figure.colorbar(image, ax=axes, pad=0.02, aspect=28, shrink=0.9)
    bar.set_label("distance to neighbors on the sheet")
    bar.outline.set_linewidth(0.5)
    axes.set(xlabel="coordinate 1", ylabel="coordinate 2")
    axes.minorticks_off()
    table = {"coordinate 1": row.ravel(), "coordinate 2": column.ravel(), "distance": walls.ravel()}
    table["part of the events"] = mass.ravel()
    caption = (
        f"The sheet of {name}: bright where the prototypes of neighboring nodes are far apart; bright ridges are"
        " walls between groups; the area of a dot is the weight of the events at its node."
    )
    return Picture(figure, table, caption, f"Sheet, {name}", f"sheet-{name}")
