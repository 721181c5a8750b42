"""How sure a number is: criteria against the number of groups, steadiness, silhouettes, what a map keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ansatz.report.figures.unlabeled.groups import group_look
from ansatz.report.picture import Picture
from ansatz.report.style import GRAY, INK, PALE, canvas, error_bars, look, names_on, plain, styled
from ansatz.report.words import measured
from ansatz.validation import Interval


class Curve(NamedTuple):
    """A criterion against the number of groups or components.

    Attributes:
        numbers: what was tried.
        value: the criterion.
        error: its standard error.
        chosen: the number that it chooses, with its range.
    """

    numbers: np.ndarray
    value: np.ndarray
    error: np.ndarray
    chosen: Interval


@styled
def choice(curve: Curve, name: str, what: str = "number of groups") -> Picture:
    """A criterion with its errors, and the number that it chooses with the range that other samples give.

    Example:
        >>> one = Curve(np.array([1, 2]), np.array([0.0, 1.0]), np.array([0.1, 0.1]), Interval(2.0, 1.0, 2.0))
        >>> choice(one, "gap").table["gap"].tolist()
        [0.0, 1.0]
    """
    figure, axes = canvas()
    known = np.isfinite(curve.value)
    numbers, value, error = (a[known] for a in (curve.numbers, curve.value, curve.error))
    chosen = curve.chosen
    axes.axvspan(chosen.low - 0.15, chosen.high + 0.15, color=PALE, alpha=0.45, lw=0)
    axes.plot(numbers, value, color=look(0).color, lw=1.0)
    error_bars(axes, numbers, value, error, color=look(0).color, marker="o")
    at = int(np.argmin(np.abs(numbers - chosen.value)))
    axes.plot(numbers[at], value[at], "o", ms=8, mfc="none", mec=look(1).color, mew=1.4)
    step = max(1, int(np.ceil(len(numbers) / 10)))
    axes.set_xticks(numbers[::step], [str(int(n)) for n in numbers[::step]])
    axes.tick_params(axis="x", which="minor", length=0)
    axes.set(xlabel=what, ylabel=plain(name))
    caption = (
        f"{name[:1].upper()}{name[1:]} with its standard error; the ring is its choice, {measured(chosen)}, the band"
        f" the range of {chosen.method}."
    )
    table = {what: numbers, name: value, "error": error}
    return Picture(figure, table, caption, name[:1].upper() + name[1:], f"choice-{name}")


@styled
def steadiness(
    intervals: Mapping[str, Mapping[str, Interval | None]],
    quantity: str,
    caption: str,
    *,
    name: str = "stability",
    most: float | None = 1.0,
) -> Picture:
    """Numbers of several methods with their intervals beneath each other.

    Args:
        intervals: of each kind, such as "other samples", by method.
        quantity: what the axis shows.
        caption: of the figure.
        name: of the figure.
        most: the best value that there is, drawn as a line; or None.
    """
    methods = list(dict.fromkeys(m for one in intervals.values() for m in one))
    figure, axes = canvas((3.9, 1.0 + 0.32 * len(methods) + 0.1 * len(intervals)))
    table: dict[str, list] = {"method": methods}
    for number, (kind, one) in enumerate(intervals.items()):
        shift, style = 0.22 * (number - (len(intervals) - 1) / 2), look(number)
        for place, method in enumerate(methods):
            found = one.get(method)
            if found is not None:
                axes.plot([found.low, found.high], [place + shift] * 2, color=style.color, lw=1.4)
        known = [(place + shift, one[m].value) for place, m in enumerate(methods) if one.get(m) is not None]
        axes.plot([v for _, v in known], [p for p, _ in known], style.marker, color=style.color, ms=4.5, label=kind)
        for end in ("value", "low", "high"):
            table[f"{kind}, {end}"] = [getattr(one[m], end) if one.get(m) is not None else np.nan for m in methods]
    names_on(axes, methods)
    axes.set(xlabel=plain(quantity), ylim=(len(methods) - 0.4, -0.6))
    if most is not None:
        axes.axvline(most, color=INK, lw=0.5)
        reach = max([i.high for one in intervals.values() for i in one.values() if i is not None], default=most)
        axes.set_xlim(None, max(most, reach) + 0.03 * max(most - axes.get_xlim()[0], 0.1))
    if len(intervals) > 1:
        figure.legend(loc="outside lower center", ncols=len(intervals))
    return Picture(figure, table, caption, quantity[:1].upper() + quantity[1:], name)


def kept(trust: Mapping[str, Interval], keeps: Mapping[str, Interval], neighbors: int) -> Picture:
    """Trustworthiness and continuity of every map."""
    caption = (
        f"Trustworthiness falls where events are among the {neighbors} nearest in the map that were not so before,"
        " continuity where nearest ones of before were torn apart; both on events that no method learned from, with"
        " standard errors. 1: neighborhoods are as they were."
    )
    return steadiness(
        {"trustworthiness": trust, "continuity": keeps}, "neighborhoods kept", caption, name="neighborhoods"
    )


@styled
def outline(
    silhouette: np.ndarray, group: np.ndarray, *, name: str = "method", colors: Mapping[int, int] | None = None
) -> Picture:
    """The silhouette of every event, sorted within its group: how much nearer it is to its own than to the next one.

    Args:
        silhouette: of each event, NaN for noise.
        group: its number.
        name: of the method.
        colors: number of the look of each group.
    """
    figure, axes = canvas()
    top, table = 0, {"group": [], "silhouette": []}
    numbers: Sequence[int] = [int(g) for g in np.unique(group[group >= 0])]
    middles = []
    gap = max(1, len(group) // 60)
    for number in numbers:
        values = np.sort(silhouette[(group == number) & np.isfinite(silhouette)])
        places = top + np.arange(len(values))
        axes.fill_betweenx(places, 0, values, color=group_look(number, colors).color, alpha=0.8, lw=0, rasterized=True)
        middles.append(top + len(values) / 2)
        top += len(values) + gap
        table["group"] += [f"group {number + 1}"] * len(values)
        table["silhouette"] += values.tolist()
    mean = float(np.nanmean(silhouette))
    axes.axvline(mean, color=INK, lw=0.9, ls="--")
    axes.axvline(0, color=GRAY, lw=0.6)
    axes.set_yticks(middles, [f"group {n + 1}" for n in numbers])
    axes.tick_params(axis="y", which="both", length=0)
    axes.set(xlabel="silhouette", ylabel="events, sorted", xlim=(min(-0.1, float(np.nanmin(silhouette)) - 0.02), 1.0))
    caption = (
        f"Silhouettes of the groups of {name}: 1 well inside, 0 on the border, negative nearer to another group. The"
        f" dashed line is the mean of the events drawn, {mean:.2f}."
    )
    return Picture(figure, table, caption, f"Silhouettes, {name}", f"silhouettes-{name}")
