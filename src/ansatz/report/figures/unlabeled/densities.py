"""Densities over a plane or a line, their draws beside the events, and whether events lie where they say."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ansatz.report.figures.binning import bin_edges, histogram
from ansatz.report.figures.unlabeled.groups import some_of
from ansatz.report.picture import Picture, stacked_table
from ansatz.report.style import GRAY, INK, REFERENCE, SQUARE, canvas, error_bars, legend, look, plain, styled

SHARES = (0.1, 0.5, 0.9, 0.99)
"""Parts of the probability that the contours hold."""


@styled
def surface(
    log_density: np.ndarray,
    axes_of: np.ndarray,
    points: np.ndarray,
    drawn: np.ndarray,
    names: tuple[str, str],
    *,
    name: str = "density",
) -> Picture:
    """A density over the plane of two columns, with contours that hold parts of its own draws, under the events.

    Args:
        log_density: on the grid, shape (across, up).
        axes_of: the two axes of the grid, shape (2, cells).
        points: the events, shape (events, 2).
        drawn: log density of events that were drawn from it.
        names: what the axes are, with units.
        name: of the method.
    """
    figure, axes = canvas(SQUARE)
    across, up = axes_of
    floor = np.quantile(drawn, 0.001)
    shown = np.clip(log_density.T, floor - 2, None)
    extent = (across[0], across[-1], up[0], up[-1])
    pale = shown.max() + 1.2 * np.ptp(shown)
    axes.imshow(shown, origin="lower", extent=extent, aspect="auto", cmap="Blues", interpolation="bilinear", vmax=pale)
    levels = np.unique([np.quantile(drawn, 1 - share) for share in SHARES])
    axes.contour(across, up, log_density.T, levels=levels, colors=INK, linewidths=0.6, linestyles="solid")
    rows = some_of(len(points), 500)
    axes.plot(points[rows, 0], points[rows, 1], "o", ms=1.8, mew=0, color=look(1).color, alpha=0.8, rasterized=True)
    axes.set(xlabel=plain(names[0]), ylabel=plain(names[1]), xlim=extent[:2], ylim=extent[2:])
    held = ", ".join(f"{100 * share:g}" for share in SHARES)
    caption = f"The density of {name}; contours hold {held} % of it; dots: some events that it did not learn from."
    thin = np.linspace(0, len(across) - 1, 12).astype(int)
    grid = np.stack(np.meshgrid(across[thin], up[thin], indexing="ij"), axis=-1).reshape(-1, 2)
    table = {names[0]: grid[:, 0], names[1]: grid[:, 1], "ln p": log_density[np.ix_(thin, thin)].ravel()}
    return Picture(figure, table, caption, f"Density, {name}", f"density-{name}")


@styled
def line(
    curves: Mapping[str, np.ndarray],
    across: np.ndarray,
    points: np.ndarray,
    weight: np.ndarray,
    name: str,
) -> Picture:
    """Densities of one column beside the histogram of the events.

    Args:
        curves: log density of every method on the grid.
        across: the grid.
        points: the events.
        weight: their weights.
        name: of the column, with its unit.
    """
    figure, axes = canvas()
    edges = bin_edges(points)
    bars = histogram(points, weight, edges)
    middle = (edges[1:] + edges[:-1]) / 2
    axes.stairs(bars.density, edges, fill=True, color=GRAY, alpha=0.25, lw=0)
    error_bars(axes, middle, bars.density, bars.error, color=GRAY)
    for number, (method, values) in enumerate(curves.items()):
        style = look(number)
        axes.plot(across, np.exp(values), color=style.color, ls=style.line, label=plain(method, 24))
    axes.set(xlabel=plain(name), ylabel="density", ylim=(0, None))
    axes.legend()
    caption = "Densities beside the histogram of events that no method learned from, with standard errors."
    table = stacked_table({m: {name: across, "density": np.exp(v)} for m, v in curves.items()}, "method")
    return Picture(figure, table, caption, f"Densities of {name}", "densities")


@styled
def evenness(places: Mapping[str, np.ndarray], weight: np.ndarray, bins: int = 12) -> Picture:
    """The part of a density's own draws that are less likely than each event; even if the density is right.

    Args:
        places: that part, for every event, by method.
        weight: of the events.
        bins: of the histograms.
    """
    figure, axes = canvas()
    edges = np.linspace(0, 1, bins + 1)
    middle, table = (edges[1:] + edges[:-1]) / 2, {}
    axes.axhline(1, color=REFERENCE.color, ls=REFERENCE.line, lw=0.9)
    step = 0.6 / bins / max(len(places), 1)
    for number, (name, place) in enumerate(places.items()):
        bars, style = histogram(place, weight, edges), look(number)
        shifted = middle + step * (number - (len(places) - 1) / 2)
        error_bars(axes, shifted, bars.density, bars.error, color=style.color)
        axes.plot(shifted, bars.density, style.marker, color=style.color, ms=3.5, label=plain(name, 24))
        table[name] = {"from": edges[:-1], "to": edges[1:], "density": bars.density, "error": bars.error}
    axes.set(xlabel="part of its own draws that are less likely", ylabel="density of events")
    axes.set(xlim=(0, 1), ylim=(0, None))
    legend(axes, len(places) + 3, "best")
    caption = (
        "Where fresh events lie among a method's own draws. Even (dotted) is right; a rise to the left means that more"
        " events lie in its tails than it says, a fall that it is too wide."
    )
    return Picture(figure, stacked_table(table, "method"), caption, "Are events where it says?", "evenness")


@styled
def marginal(points: np.ndarray, weight: np.ndarray, drawn: Mapping[str, np.ndarray], name: str) -> Picture:
    """One column of the events beside that of the draws of every method.

    Args:
        points: values of the events.
        weight: of the events.
        drawn: values of the draws by method.
        name: of the column, with its unit.
    """
    figure, axes = canvas()
    edges = bin_edges(points)
    bars, table = histogram(points, weight, edges), {}
    axes.stairs(bars.density, edges, fill=True, color=GRAY, alpha=0.25, lw=0, label="events")
    error_bars(axes, (edges[1:] + edges[:-1]) / 2, bars.density, bars.error, color=GRAY)
    table["events"] = {"from": edges[:-1], "to": edges[1:], "density": bars.density}
    for number, (method, values) in enumerate(drawn.items()):
        inside = np.histogram(values, edges)[0] / len(values) / np.diff(edges)
        axes.stairs(inside, edges, color=look(number).color, ls=look(number).line, label=plain(method, 24))
        table[method] = {"from": edges[:-1], "to": edges[1:], "density": inside}
    axes.set(xlabel=plain(name), ylabel="density", xlim=edges[[0, -1]])
    axes.legend()
    caption = f"{name} of fresh events (gray, with standard errors), and of what each method draws."
    return Picture(figure, stacked_table(table, "who"), caption, name, f"marginal-{name}")
