"""How every figure looks: one place for colors, markers, fonts and ticks.

Colors are those of Okabe and Ito (jfly.uni-koeln.de/color, 2008), which people with any color vision tell apart; each
comes with a marker, a line style and a hatch of its own, so that a gray print still reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter, ScalarFormatter

INK = "#1b1f24"
GRAY = "#6b7280"
PALE = "#c9ced6"

SINGLE = (3.5, 2.65)
"""Inches of a figure that fills one column of a journal."""
SQUARE = (3.5, 3.2)
"""Inches of a figure whose two axes carry the same quantity."""

RC = {
    "font.family": ["sans-serif", "DejaVu Sans"],
    "font.sans-serif": ["Helvetica Neue", "Helvetica", "Arial", "Liberation Sans", "DejaVu Sans"],
    "font.size": 8.5,
    "mathtext.fontset": "dejavusans",
    "axes.labelsize": 8.5,
    "axes.titlesize": 8.5,
    "axes.linewidth": 0.7,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.unicode_minus": True,
    "axes.formatter.limits": (-3, 5),
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.minor.visible": True,
    "ytick.minor.visible": True,
    "xtick.major.size": 4,
    "ytick.major.size": 4,
    "xtick.minor.size": 2,
    "ytick.minor.size": 2,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.45,
    "ytick.minor.width": 0.45,
    "legend.frameon": False,
    "legend.fontsize": 7.5,
    "legend.handlelength": 1.8,
    "legend.borderaxespad": 0.6,
    "lines.linewidth": 1.3,
    "lines.markersize": 3.5,
    "errorbar.capsize": 0,
    "hatch.linewidth": 0.5,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "pdf.fonttype": 42,
    "path.simplify": True,
    "path.simplify_threshold": 0.2,
}

styled = mpl.rc_context(RC)
"""Decorator of every figure: its settings hold while the figure is drawn, and nowhere else."""


class Look(NamedTuple):
    """How one class or one model is drawn, everywhere in a report."""

    color: str
    marker: str
    line: str | tuple[float, tuple[float, ...]]
    hatch: str


_LOOKS = (
    Look("#0072B2", "o", "-", ""),
    Look("#D55E00", "s", (0, (5, 1.5)), "////"),
    Look("#009E73", "^", (0, (5, 1.5, 1, 1.5)), "\\\\\\\\"),
    Look("#CC79A7", "D", (0, (1.5, 1.2)), "...."),
    Look("#56B4E9", "v", (0, (9, 2)), "xxxx"),
    Look("#E69F00", "P", (0, (3, 1, 1, 1, 1, 1)), "----"),
    Look("#000000", "X", (0, (1, 2.5)), "||||"),
)


def look(number: int) -> Look:
    """The look of the `number`-th model; after the seventh the colors come again with the next marker and line.

    Example:
        >>> look(0).color, look(7).color, look(0).marker == look(7).marker
        ('#0072B2', '#0072B2', False)
    """
    turn, place = divmod(number, len(_LOOKS))
    other = _LOOKS[(place + 3 * turn) % len(_LOOKS)]
    return _LOOKS[place] if turn == 0 else Look(_LOOKS[place].color, other.marker, other.line, other.hatch)


def class_look(number: int, classes: int) -> Look:
    """The look of a class: of two, the signal is blue and solid, the background orange-red and hatched.

    Example:
        >>> class_look(1, 2).color == look(0).color, class_look(2, 3).color == look(2).color
        (True, True)
    """
    return look(1 - number) if classes == 2 else look(number)


Looks = Mapping[str, Look]
"""How each model is drawn, by its name."""

REFERENCE = Look("#000000", "X", (0, (1, 1.6)), "")
"""The look of the best that can be done."""


def looks_of(names: Iterable[str], given: Looks | None = None) -> dict[str, Look]:
    """A look for every name: the one that is given, or one by its place."""
    return {name: (given or {}).get(name) or look(place) for place, name in enumerate(names)}


def legend(axes: Axes, entries: int, where: str, title: str | None = None) -> None:
    """A legend inside the axes where there are few entries, else below the figure, which grows for it."""
    size = RC["legend.fontsize"]
    if entries <= 4:
        axes.legend(loc=where, title=title, title_fontsize=size)
        return
    figure = axes.get_figure()
    handles, labels = axes.get_legend_handles_labels()
    columns = 2 if max(map(len, labels)) <= 26 else 1
    lines = -(-len(labels) // columns) + (title is not None)
    figure.set_size_inches(figure.get_figwidth(), figure.get_figheight() + 0.05 + 0.155 * lines)
    figure.legend(handles, labels, loc="outside lower center", ncols=columns, title=title, title_fontsize=size)


def marked(figure: Figure, texts: Sequence[str]) -> None:
    """Writes over a figure that has no title what an experiment puts there: its name, then energy and luminosity.

    Example:
        >>> figure, axes = canvas()
        >>> marked(figure, ("Private work", "√s = 13 TeV"))
        >>> axes.get_title("left"), axes.get_title("right")
        ('Private work', '√s = 13 TeV')
    """
    axes = figure.axes[0]
    if axes.get_title():
        return
    size = RC["axes.titlesize"] * min(1.0, 40 / max(sum(map(len, texts)), 1))
    for text, side, weight in zip(texts, ("left", "right"), ("bold", "normal"), strict=False):
        axes.set_title(plain(text), loc=side, fontsize=size, fontweight=weight)


def canvas(size: tuple[float, float] = SINGLE) -> tuple[Figure, Axes]:
    """An empty figure with one pair of axes."""
    figure = Figure(figsize=size, layout="constrained")
    return figure, figure.add_subplot()


def stacked(size: tuple[float, float] = (3.5, 3.3), heights: tuple[float, float] = (3, 1)) -> tuple[Figure, Axes, Axes]:
    """A figure with a large pair of axes above a small one that shares its horizontal axis."""
    figure = Figure(figsize=size, layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": heights, "hspace": 0.05})
    return figure, upper, lower


POWERS = str.maketrans("0123456789-.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻·")


def pretty_unit(unit: str) -> str:
    """A Pint unit as it is printed.

    Example:
        >>> pretty_unit("m/s**2"), pretty_unit("GeV^-1"), pretty_unit("kg*m")
        ('m/s²', 'GeV⁻¹', 'kg m')
    """
    base, *rest = unit.replace("**", "^").split("^")
    for part in rest:
        stop = next((i for i, c in enumerate(part) if not (c.isdigit() or c in "-.")), len(part))
        base += part[:stop].translate(POWERS) + part[stop:]
    return base.replace("*", " ").replace("degree", "°") if base != "dimensionless" else ""


def label(name: str, unit: str | None = None) -> str:
    """What an axis says: the quantity and, if it has one, its unit.

    Example:
        >>> label("pt", "GeV"), label("eta"), label("a", "m/s**2")
        ('pt [GeV]', 'eta', 'a [m/s²]')
    """
    unit = pretty_unit(unit) if unit else ""
    return plain(f"{name} [{unit}]" if unit else name)


def plain(text: str, longest: int = 48) -> str:
    r"""A name as Matplotlib may draw it: dollar signs are no mathematics, and a very long name is cut.

    Example:
        >>> plain("cost in $"), plain("a" * 60)[-3:]
        ('cost in \\$', 'aa…')
    """
    short = text if len(text) <= longest else text[: longest - 1] + "…"
    return short.replace("$", r"\$")


def no_minor(axis: mpl.axis.Axis) -> None:
    """An axis of names has no ticks between them."""
    axis.set_tick_params(which="minor", length=0)
    axis.set_minor_formatter(NullFormatter())


def names_on(axes: Axes, names: list[str], *, vertical: bool = True, longest: int = 26) -> None:
    """Puts names at 0, 1, 2 ... of the vertical or the horizontal axis, slanted there if they need room."""
    axis = axes.yaxis if vertical else axes.xaxis
    short = [plain(n, longest) for n in names]
    crowded = not vertical and len(short) * (max(map(len, short), default=0) + 2) > 32
    slant = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if crowded else {}
    axis.set_ticks(np.arange(len(names)), short, **slant)
    axis.set_tick_params(which="both", length=0)
    no_minor(axis)


def few_ticks(axes: Axes) -> None:
    """A horizontal axis of a few plain numbers, so that no common factor runs into its label."""
    formatter = ScalarFormatter(useOffset=False)
    formatter.set_powerlimits((-5, 7))
    axes.xaxis.set_major_formatter(formatter)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 2.5, 5, 10]))


def error_bars(
    axes: Axes, x: np.ndarray, y: np.ndarray, error: np.ndarray, *, color: str, lw: float = 1.0, marker: str = ""
) -> None:
    """Vertical error bars as one path, which keeps a file small; `error` has shape (points,) or (2, points)."""
    down, up = np.broadcast_to(error, (2, len(x)))
    gap = np.full(len(x), np.nan)
    axes.plot(np.repeat(x, 3), np.stack([y - down, y + up, gap], 1).ravel(), color=color, lw=lw, solid_capstyle="butt")
    if marker:
        axes.plot(x, y, marker, color=color)
