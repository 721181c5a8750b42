"""Problems of two columns: which class a model gives to every point of the plane."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from ansatz.data import Dataset
from ansatz.report.picture import Picture
from ansatz.report.style import SQUARE, canvas, class_look, label, plain, styled

CELLS = 120


def plane(data: Dataset, cells: int = CELLS) -> tuple[np.ndarray, tuple[float, float, float, float]]:
    """Points that cover the range of two columns, shape (cells * cells, 2), and that range (left, right, low, high)."""
    low, high = np.quantile(np.asarray(data.x, float), [0.002, 0.998], axis=0)
    margin = 0.06 * (high - low) + 1e-12
    (x0, y0), (x1, y1) = low - margin, high + margin
    across, up = (np.linspace(a, b, cells + 1)[:-1] + (b - a) / cells / 2 for a, b in ((x0, x1), (y0, y1)))
    grid = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    return grid, (float(x0), float(x1), float(y0), float(y1))


@styled
def regions(
    data: Dataset, share: Callable[[np.ndarray], np.ndarray], *, name: str = "fit", cells: int = CELLS
) -> Picture:
    """The plane of two columns, colored by what a model decides there, under the events.

    Args:
        data: the events, of two columns.
        share: for points of shape (points, 2), how much of each class, shape (points, classes), summing to one; the
            deeper the color, the surer.
        name: of the model.
        cells: points along each axis.
    """
    grid, extent = plane(data, cells)
    part = share(grid)
    winner = part.argmax(axis=1)
    figure, axes = canvas(SQUARE)
    colors = np.array([to_rgb(class_look(k, len(data.classes)).color) for k in range(len(data.classes))])
    depth = 0.12 + 0.4 * np.clip((part.max(axis=1) - 1 / part.shape[1]) * part.shape[1] / (part.shape[1] - 1), 0, 1)
    image = 1 - depth[:, None] * (1 - colors[winner])
    axes.imshow(image.reshape(cells, cells, 3), origin="lower", extent=extent, aspect="auto", interpolation="nearest")
    if len(data.classes) == 2:
        levels = (part[:, 1] - part[:, 0]).reshape(cells, cells)
        _border(axes, levels, extent)
    _events(axes, data)
    first, second = data.columns
    axes.set(xlabel=label(first, data.units.get(first)), ylabel=label(second, data.units.get(second)))
    axes.set(xlim=extent[:2], ylim=extent[2:])
    axes.legend(loc="upper right", frameon=True, framealpha=0.85, edgecolor="none", markerscale=1.5)
    thin = _thin(cells)
    table = {first: grid[thin, 0], second: grid[thin, 1], "class": np.array(data.classes)[winner[thin]]}
    caption = (
        f"What {name} decides in the plane of {first} and {second} (deeper color: surer), with some of the events."
    )
    return Picture(figure, table, caption, f"Decision regions, {name}", f"regions-{name}")


def _border(axes: Axes, levels: np.ndarray, extent: tuple[float, float, float, float]) -> None:
    if levels.min() < 0 < levels.max():
        axes.contour(levels, levels=[0.0], extent=extent, colors="black", linewidths=0.8)


def _thin(cells: int, most: int = 16) -> np.ndarray:
    some = np.unique(np.linspace(0, cells - 1, most).astype(int))
    return (some[:, None] * cells + some).ravel()


def _events(axes: Axes, data: Dataset, most: int = 400) -> None:
    some = np.unique(np.linspace(0, len(data) - 1, min(len(data), most)).astype(int))
    for k, title in enumerate(data.classes):
        style = class_look(k, len(data.classes))
        rows = some[data.y[some] == k]
        axes.plot(
            data.x[rows, 0],
            data.x[rows, 1],
            style.marker,
            color=style.color,
            ms=2.6,
            mec="white",
            mew=0.3,
            label=plain(title, 20),
            rasterized=len(some) > 150,
        )
