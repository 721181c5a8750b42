"""Functions of two parameters as maps: contours, ways over them, stationary points, basins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, ListedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ansatz.report.picture import Picture, slug, stacked_table
from ansatz.report.style import INK, Look, Looks, canvas, look, looks_of, plain, styled

MAP = (3.9, 3.5)
"""Inches of a figure with one map."""

DEPTH = LinearSegmentedColormap.from_list("depth", ["#8fb4d9", "#c6d9ec", "#e9f0f7", "#f7f5ef", "#efe4d2", "#dccdb4"])
"""Low is blue as water, high is pale as sand; dark enough for black ink on top everywhere."""

KINDS = {
    "minimum": ("o", look(2).color),
    "saddle": ("X", look(5).color),
    "maximum": ("^", look(1).color),
    "degenerate": ("s", look(3).color),
}
"""Marker and color of each kind of stationary point."""


MANY = 5_000
"""Corners of contour lines from which on they are drawn as pixels, so that a page stays small."""


class Surface(NamedTuple):
    """A function on a grid.

    Attributes:
        x: first parameter, shape (columns,).
        y: second parameter, shape (rows,).
        values: the function, shape (rows, columns).
    """

    x: np.ndarray
    y: np.ndarray
    values: np.ndarray


class Points(NamedTuple):
    """Stationary points.

    Attributes:
        places: shape (points, 2).
        kinds: "minimum", "saddle", "maximum" or "degenerate" each.
    """

    places: np.ndarray
    kinds: Sequence[str]


NOWHERE = Points(np.zeros((0, 2)), ())


def heights(surface: Surface) -> np.ndarray:
    """The values on a scale from 0 to 1 that is linear near the lowest one and logarithmic far above it.

    Example:
        >>> flat = Surface(np.arange(3.0), np.arange(1.0), np.array([[0.0, 1.0, 100.0]]))
        >>> heights(flat).round(2).tolist()
        [[0.0, 0.36, 1.0]]
    """
    above = surface.values - np.nanmin(surface.values)
    finite = above[np.isfinite(above)]
    scale = max(float(np.quantile(finite, 0.04)), 1e-9 * float(finite.max()), 1e-300)
    raised = np.log1p(above / scale)
    return raised / np.nanmax(raised[np.isfinite(raised)])


def ground(axes: Axes, surface: Surface, names: tuple[str, str] = (r"$\theta_1$", r"$\theta_2$")) -> None:
    """A function as colors with contour lines under everything else."""
    tall = heights(surface)
    extent = (surface.x[0], surface.x[-1], surface.y[0], surface.y[-1])
    axes.imshow(tall, origin="lower", extent=extent, aspect="auto", cmap=DEPTH, interpolation="bilinear", zorder=0)
    levels = np.linspace(0, 1, 14)[1:-1]
    lines = axes.contour(
        surface.x, surface.y, tall, levels=levels, colors="#56616f", linewidths=0.35, alpha=0.7, zorder=0.5
    )
    if sum(len(path.vertices) for path in lines.get_paths()) > MANY:
        lines.set_rasterized(True)
        axes.get_figure().set_dpi(240)
    axes.set(xlabel=names[0], ylabel=names[1], xlim=extent[:2], ylim=extent[2:])


def mark(axes: Axes, points: Points, *, size: float = 6.0, ink: bool = False) -> list[Line2D]:
    """Stationary points with the marker of their kind, in its color or in ink; what a legend needs of them."""
    handles = []
    for kind, (marker, color) in KINDS.items():
        places = points.places[[k == kind for k in points.kinds]] if len(points.kinds) else points.places
        if len(places):
            style = {"color": INK if ink else color, "ms": size, "mec": "white", "mew": 0.8, "zorder": 4}
            handles += axes.plot(*places.T, marker, ls="", label=kind, **style)
    return handles


def below(figure: Figure, handles: Sequence[Line2D], columns: int = 3) -> None:
    """A legend under the axes; the figure grows for it."""
    if not handles:
        return
    lines = -(-len(handles) // columns)
    figure.set_size_inches(figure.get_figwidth(), figure.get_figheight() + 0.08 + 0.16 * lines)
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, handlelength=3.0)


@styled
def stationary_points(
    surface: Surface, known: Points, found: np.ndarray, *, name: str = "landscape", distance: float | None = None
) -> Picture:
    """A landscape with its stationary points by kind, and rings where the search ended.

    Args:
        surface: the function.
        known: the analytic points.
        found: where the search ended, shape (points, 2).
        name: of the landscape.
        distance: the largest distance of a known point to the nearest one found.

    Example:
        >>> grid = np.linspace(-1, 1, 9)
        >>> bowl = Surface(grid, grid, grid**2 + grid[:, None] ** 2)
        >>> picture = stationary_points(bowl, Points(np.zeros((1, 2)), ("minimum",)), np.zeros((1, 2)))
        >>> picture.table["kind"]
        ['minimum']
    """
    figure, axes = canvas(MAP)
    ground(axes, surface)
    handles = mark(axes, known)
    ring = {"mfc": "none", "mec": INK, "ms": 9.5, "mew": 0.9, "zorder": 4.5}
    handles += axes.plot(*found.T, "o", ls="", label="found by search", **ring)
    below(figure, handles)
    table = {"theta_1": known.places[:, 0], "theta_2": known.places[:, 1], "kind": list(known.kinds)}
    caption = (
        f"Stationary points of {plain(name)}, marked by the signs of their curvatures; rings: where a search ended"
    )
    caption += f", at most {distance:.1g} away." if distance is not None else "."
    return Picture(figure, table, caption, f"Stationary points, {name}", f"stationary-{name}")


@styled
def paths(
    surface: Surface,
    ways: Mapping[str, np.ndarray],
    points: Points = NOWHERE,
    *,
    name: str = "landscape",
    looks: Looks | None = None,
    families: Mapping[str, Sequence[str]] | None = None,
) -> Picture:
    """The ways of several optimizers over a landscape, from one start.

    Args:
        surface: the function.
        ways: the places of each optimizer, shape (steps + 1, 2).
        points: stationary points to mark.
        name: of the landscape.
        looks: how each optimizer is drawn; by its place in its panel if None.
        families: title of each panel and the optimizers in it; by default one panel.

    Example:
        >>> grid = np.linspace(-1, 1, 9)
        >>> bowl = Surface(grid, grid, grid**2 + grid[:, None] ** 2)
        >>> len(paths(bowl, {"straight": np.array([[1.0, 1.0], [0.0, 0.0]])}))
        2
    """
    panels = families or {"": list(ways)}
    figure = Figure(figsize=(0.3 + 3.5 * len(panels), MAP[1] + 0.15 * bool(families)), layout="constrained")
    lines = 1 + max(-(-len(names) // 2) for names in panels.values())
    figure.set_size_inches(figure.get_figwidth(), figure.get_figheight() + 0.17 * lines)
    every = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, (title, names) in zip(every, panels.items(), strict=True):
        ground(axes, surface)
        mark(axes, points, size=5.5, ink=True)
        styles = looks_of(names, looks)
        handles = [_way(axes, inside(ways[n], surface), styles[n], n, alpha=1.0) for n in names]
        _start(axes, ways)
        axes.set_title(plain(title))
        axes.label_outer()
        axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=2, handlelength=3.2)
    caption = f"Ways over {plain(name)} from one start (star); marks along a way: its first steps."
    return Picture(figure, _steps(ways), caption, f"Ways over {name}", f"paths-{name}")


@styled
def walking(
    surface: Surface,
    ways: Mapping[str, np.ndarray],
    points: Points = NOWHERE,
    *,
    name: str = "landscape",
    looks: Looks | None = None,
) -> Picture:
    """The same as a moving picture: the page shows the optimizers walking; on paper all places are shown.

    Args:
        surface: the function.
        ways: the places of each optimizer, shape (steps + 1, 2).
        points: stationary points to mark.
        name: of the landscape.
        looks: how each optimizer is drawn; by its place if None.
    """
    figure, axes = canvas(MAP)
    ground(axes, surface)
    handles, styles = mark(axes, points, size=5.5, ink=True), looks_of(ways, looks)
    for optimizer, way in ways.items():
        seen = inside(way[: FRAMES + 1], surface)
        handles.append(_way(axes, seen, styles[optimizer], optimizer, alpha=0.35))
    walkers(axes, {optimizer: (way, styles[optimizer].color) for optimizer, way in ways.items()})
    handles += _start(axes, ways)
    below(figure, handles)
    caption = f"Optimizers on their way over {plain(name)}: one frame, one step (of the first {FRAMES})."
    return Picture(figure, _steps(ways), caption, f"Walking over {name}", f"walk-{name}")


def _way(axes: Axes, seen: np.ndarray, style: Look, name: str, *, alpha: float) -> Line2D:
    """A way with marks at its first steps, unless it is pale; what a legend needs of it."""
    axes.plot(*seen.T, color="white", lw=2.2, zorder=2, alpha=0.8 * alpha)
    axes.plot(*seen.T, color=style.color, ls=style.line, lw=1.25, zorder=3, alpha=alpha)
    if alpha == 1:
        few = seen[: 40 : max(1, len(seen[:40]) // 12)]
        axes.plot(*few.T, style.marker, color=style.color, ms=2.8, mec="white", mew=0.3, ls="", zorder=3.2)
    return Line2D([], [], color=style.color, ls=style.line, marker=style.marker, ms=3.5, label=plain(name))


def _start(axes: Axes, ways: Mapping[str, np.ndarray]) -> list[Line2D]:
    start = next(iter(ways.values()))[0]
    return axes.plot(*start, "*", color=INK, ms=9, mec="white", mew=0.7, ls="", zorder=5, label="start")


def _steps(ways: Mapping[str, np.ndarray]) -> dict[str, list]:
    return stacked_table({n: {"step": thin(len(w)), **places(w[thin(len(w))])} for n, w in ways.items()}, "optimizer")


FRAMES = 48
"""Most frames of a moving picture."""


def walkers(axes: Axes, ways: Mapping[str, tuple[np.ndarray, str]], frames: int = FRAMES) -> None:
    """One dot for each way and frame; the page shows one frame after another."""
    steps = min(frames, max(len(way) for way, _ in ways.values()))
    for step in range(steps):
        heads = np.array([way[min(step, len(way) - 1)] for way, _ in ways.values()])
        colors = [color for _, color in ways.values()]
        dots = axes.scatter(*heads.T, s=26, c=colors, edgecolors="white", linewidths=0.7, zorder=6)
        dots.set_gid(f"frame-{step}")


def inside(way: np.ndarray, surface: Surface, margin: float = 1.0, most: int = 400) -> np.ndarray:
    """A way up to where it leaves the map by more than `margin` of its size, of at most `most` places."""
    low = np.array([surface.x[0], surface.y[0]])
    high = np.array([surface.x[-1], surface.y[-1]])
    out = ((way < low - margin * (high - low)) | (way > high + margin * (high - low)) | ~np.isfinite(way)).any(axis=1)
    first = int(out.argmax()) if out.any() else len(way)
    return way[thin(max(first, 1), most)]


def thin(steps: int, most: int = 300) -> np.ndarray:
    """Numbers of at most `most` steps, the first ones all, later ones fewer and fewer."""
    if steps <= most:
        return np.arange(steps)
    early = np.arange(most // 2)
    return np.unique(np.concatenate([early, np.geomspace(most // 2, steps - 1, most // 2).astype(int)]))


def places(way: np.ndarray) -> dict[str, np.ndarray]:
    """The columns of a table of places."""
    return {"theta_1": way[:, 0], "theta_2": way[:, 1]}


@styled
def basins(surface: Surface, ends: np.ndarray, minima: np.ndarray, *, name: str = "landscape", rule: str) -> Picture:
    """Which minimum is found from each start.

    Args:
        surface: the function.
        ends: number of the minimum that is reached from each point of a grid, -1 for none, shape (rows, columns).
        minima: their places, shape (minima, 2).
        name: of the landscape.
        rule: what descends.
    """
    figure, axes = canvas(MAP)
    extent = (surface.x[0], surface.x[-1], surface.y[0], surface.y[-1])
    pale = [(0.45 + 0.55 * np.array(to_rgb(look(k).color))).clip(0, 1) for k in range(len(minima))]
    cmap = ListedColormap([to_rgb("#d5d8dd"), *pale])
    axes.imshow(
        ends + 1, origin="lower", extent=extent, aspect="auto", cmap=cmap, vmin=-0.5, vmax=len(minima) + 0.5,
        interpolation="nearest",
    )  # fmt: skip
    tall = heights(surface)
    axes.contour(surface.x, surface.y, tall, levels=np.linspace(0, 1, 14)[1:-1], colors=INK, linewidths=0.3, alpha=0.45)
    for k, place in enumerate(minima):
        axes.plot(*place, look(k).marker, color=look(k).color, ms=7, mec="white", mew=1.0, zorder=4)
    axes.set(xlabel=r"$\theta_1$", ylabel=r"$\theta_2$", xlim=extent[:2], ylim=extent[2:])
    shares = np.array([(ends == k).mean() for k in range(len(minima))])
    table = {"theta_1": minima[:, 0], "theta_2": minima[:, 1], "share of the map": shares}
    lost = float((ends < 0).mean())
    caption = f"The minimum that {rule} reaches from each start on {plain(name)}."
    caption += f" Gray, {lost:.0%} of the map: it leaves or does not arrive." if lost > 0.002 else ""
    return Picture(figure, table, caption, f"Basins of {name}, {rule}", f"basins-{name}-{slug(rule)}")


@styled
def network_landscape(
    surface: Surface,
    *,
    way: np.ndarray | None = None,
    title: str = "Landscape of a network",
    caption: str = "",
    axes_are: tuple[str, str] = (r"along $d_1$", r"along $d_2$"),
    name: str = "network-landscape",
) -> Picture:
    """The risk of a network on a plane through its weights, with contour lines that carry their values.

    Args:
        surface: the risk; the network is at the origin.
        way: the places of a fit, projected into the plane, shape (steps, 2).
        title: of the figure.
        caption: what the directions are.
        axes_are: names of the two directions.
        name: of the file.
    """
    figure, axes = canvas(MAP)
    ground(axes, surface, axes_are)
    low, high = (max(float(v), 1e-12) for v in (surface.values.min(), surface.values.max()))
    levels = np.geomspace(low * 1.3, high, 9)[:-1]
    lines = axes.contour(surface.x, surface.y, surface.values, levels=levels, colors=INK, linewidths=0.5)
    axes.clabel(lines, fmt=lambda v: f"{v:.2g}", fontsize=6.5)
    if way is not None:
        axes.plot(*way.T, color="white", lw=2.6, zorder=2, alpha=0.9)
        axes.plot(*way.T, color=look(1).color, lw=1.3, zorder=3)
        axes.plot(*way[0], "*", color=INK, ms=9, mec="white", mew=0.7, zorder=5)
    axes.plot(0, 0, "o", color=look(2).color, ms=6, mec="white", mew=0.8, zorder=5)
    x, y = np.meshgrid(surface.x, surface.y)
    some = (slice(None, None, max(1, len(surface.y) // 16)), slice(None, None, max(1, len(surface.x) // 16)))
    table = {"d_1": x[some].ravel(), "d_2": y[some].ravel(), "risk": surface.values[some].ravel()}
    return Picture(figure, table, caption or "The risk of a network on a plane through its weights.", title, name)


def gray_note(axes: Axes, text: str, where: tuple[float, float] = (0.03, 0.95)) -> None:
    """A few words in a corner of a panel."""
    box = {"boxstyle": "round,pad=0.2", "fc": "white", "ec": "none", "alpha": 0.8}
    top = where[1] > 0.5
    axes.text(*where, text, transform=axes.transAxes, va="top" if top else "bottom", color=INK, fontsize=7.5, bbox=box)
