"""Groups in a plane, which columns make them, and how far methods agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from scipy.optimize import linear_sum_assignment

from ansatz.report.figures.data import heat_map
from ansatz.report.picture import Picture
from ansatz.report.style import GRAY, PALE, SQUARE, Look, canvas, look, names_on, plain, styled

MOST_DRAWN = 1500
"""Most events of a scatter plot."""
NOISE = Look(GRAY, "x", ":", "")
MOST_NAMED = 14
"""Most groups that a legend names."""


def matched(reference: np.ndarray, group: np.ndarray) -> dict[int, int]:
    """A number for each group, such that it shares as many events as can be with that group of `reference`.

    Groups without a partner get the numbers that are left. It makes the colors of two methods alike.

    Example:
        >>> matched(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0]))
        {0: 1, 1: 0}
    """
    names, wanted = np.unique(group[group >= 0]), np.unique(reference[reference >= 0])
    shared = np.array([[np.sum((group == g) & (reference == r)) for r in wanted] for g in names])
    mine, theirs = linear_sum_assignment(-shared.reshape(len(names), len(wanted)))
    number = {int(names[i]): int(wanted[j]) for i, j in zip(mine, theirs, strict=True)}
    free = iter(sorted(set(range(len(names) + len(wanted))) - set(number.values())))
    return {int(name): number[int(name)] if int(name) in number else next(free) for name in names}


def group_look(number: int, colors: Mapping[int, int] | None = None) -> Look:
    """How a group is drawn; noise is gray."""
    return NOISE if number < 0 else look((colors or {}).get(number, number))


def some_of(count: int, most: int = MOST_DRAWN) -> np.ndarray:
    """Numbers of evenly spread events, at most so many."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).astype(int))


@styled
def plane(
    points: np.ndarray,
    group: np.ndarray,
    axes_names: tuple[str, str],
    *,
    name: str = "method",
    names: Sequence[str] = (),
    colors: Mapping[int, int] | None = None,
) -> Picture:
    """Events in a plane, colored by the group they were put into, or by what is known of them.

    Args:
        points: places, shape (events, 2).
        group: number of the group of each event; -1 for none.
        axes_names: what the two axes are, with units.
        name: of the method or the label.
        names: of the groups; numbers from one if left out.
        colors: number of the look of each group, see `matched`.

    Example:
        >>> plane(np.zeros((2, 2)), np.array([0, 1]), ("u", "v"), name="k-means").name
        'plane-k-means'
    """
    figure, axes = canvas(SQUARE)
    rows = some_of(len(points))
    scatter(axes, points[rows], group[rows], names, colors)
    axes.set(xlabel=plain(axes_names[0]), ylabel=plain(axes_names[1]))
    known = bool(names)
    caption = f"Events colored by {name}, which no method saw." if known else f"The groups of {name}."
    caption += " Gray crosses belong to none." if (group < 0).any() else ""
    table = {axes_names[0]: points[rows, 0], axes_names[1]: points[rows, 1], "group": _called(group[rows], names)}
    return Picture(figure, table, caption, name if known else f"Groups, {name}", f"plane-{name}")


def scatter(
    axes: Axes,
    points: np.ndarray,
    group: np.ndarray,
    names: Sequence[str] = (),
    colors: Mapping[int, int] | None = None,
) -> None:
    """Events as points, each group in its color and marker, with a legend."""
    present = [int(g) for g in np.unique(group)]
    titles = _called(np.array(present), names)
    for number, title in zip(present, titles, strict=True):
        style, inside = group_look(number, colors), group == number
        edge = {} if number < 0 else {"mec": "white", "mew": 0.25}
        axes.plot(
            points[inside, 0],
            points[inside, 1],
            style.marker,
            color=style.color,
            ms=3.0,
            label=plain(str(title), 20),
            rasterized=len(points) > 150,
            **edge,
        )
    if 1 < len(present) <= MOST_NAMED:
        columns = 4 if max(map(len, map(str, titles))) < 10 else 2
        figure = axes.get_figure()
        figure.set_size_inches(
            figure.get_figwidth(), figure.get_figheight() + 0.08 + 0.16 * -(-len(present) // columns)
        )
        figure.legend(*axes.get_legend_handles_labels(), loc="outside lower center", ncols=columns, handletextpad=0.1)


def _called(group: np.ndarray, names: Sequence[str]) -> list[str]:
    return ["none" if g < 0 else str(names[g]) if g < len(names) else f"group {g + 1}" for g in group]


@styled
def profile(separation: np.ndarray, columns: Sequence[str], *, name: str = "method") -> Picture:
    """Which columns make which group: how far its mean lies from that of all others, in units of the whole spread.

    Args:
        separation: shape (groups, columns).
        columns: their names.
        name: of the method.
    """
    groups = [f"group {k + 1}" for k in range(len(separation))]
    figure, axes = canvas((1.9 + 0.44 * len(columns), 1.2 + 0.36 * len(groups)))
    reach = max(float(np.nanmax(np.abs(separation), initial=0.0)), 0.5)
    few = separation.size <= 120
    heat_map(figure, axes, np.nan_to_num(separation), "difference / σ", low=-reach, high=reach, numbers=few)
    names_on(axes, groups)
    names_on(axes, list(columns), vertical=False, longest=16)
    axes.set(xlabel="column", ylabel="group")
    caption = (
        f"Mean of each column in each group of {name}, less its mean in all other groups, in units of the standard"
        " deviation of all events: the large ones are what the group is made by."
    )
    table = {"group": groups, **{c: separation[:, j] for j, c in enumerate(columns)}}
    return Picture(figure, table, caption, f"What makes the groups of {name}", f"profile-{name}")


@styled
def agreements(
    matrix: np.ndarray,
    names: Sequence[str],
    known: int = 0,
    *,
    quantity: str = "adjusted Rand index",
    low: float = 0.0,
) -> Picture:
    """How far every two methods agree, and with the labels, which come last.

    Args:
        matrix: shape (names, names).
        names: of methods and labels.
        known: how many of them are labels.
        quantity: what says how far.
        low: the lowest value there is.
    """
    side = 1.7 + 0.42 * len(names)
    figure, axes = canvas((side + 0.6, side))
    heat_map(figure, axes, np.clip(matrix, low, 1), quantity, low=low, numbers=len(names) <= 12)
    names_on(axes, list(names), longest=16)
    names_on(axes, list(names), vertical=False, longest=16)
    axes.set(xlabel="method", ylabel="method")
    for place in [len(names) - known - 0.5] if 0 < known < len(names) else []:
        axes.axhline(place, color=PALE, lw=1.2)
        axes.axvline(place, color=PALE, lw=1.2)
    caption = f"The {quantity} of every two: 1 if they say the same, 0 if they have no more in common than by chance."
    caption += " Below and right of the pale line: what is known of the events." if known else ""
    table = {"": list(names), **{n: matrix[:, j] for j, n in enumerate(names)}}
    return Picture(figure, table, caption, "Who agrees with whom", "agreements")
