"""Figures of a search: expected events stacked by process, what was observed, and the significance over a cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from ansatz.report.picture import Column, Picture, stacked_table
from ansatz.report.style import (
    GRAY,
    INK,
    Look,
    Looks,
    canvas,
    error_bars,
    label,
    legend,
    look,
    looks_of,
    plain,
    pretty_unit,
    stacked,
    styled,
)

Arrays = Mapping[str, np.ndarray]

TENFOLD = 10.0
"""A logarithmic axis where the largest bin has so many times the events of the median one."""


@styled
def stack(
    arrays: Arrays,
    processes: Sequence[str],
    signal: Sequence[bool],
    *,
    column: str,
    unit: str | None = None,
    title: str = "",
    note: str = "",
) -> Picture:
    r"""Expected events stacked by process with their statistical band; below, the ratio to the background.

    The ratio is that of observed events to all that is expected, where there are any, else of signal plus background
    to background alone.

    Args:
        arrays: `edges`, `count` and `variance` of shape (processes, bins), and `observed` if events were.
        processes: their names.
        signal: which of them are signal; drawn on top.
        column: what is histogrammed.
        unit: of the column.
        title: of the picture; the column if empty.
        note: what the caption adds.

    Example:
        >>> arrays = {"edges": np.array([0.0, 1.0]), "count": np.array([[8.0], [2.0]]), "variance": np.ones((2, 1))}
        >>> stack(arrays, ["b", "s"], [False, True], column="m").table["expected"].tolist()
        [10.0]
    """
    figure, axes, below = stacked((3.9, 3.6))
    edges, count = arrays["edges"], np.asarray(arrays["count"], float)
    order = sorted(range(len(processes)), key=lambda k: (signal[k], count[k].sum()))
    base = np.zeros(len(edges) - 1)
    table: dict[str, Column] = {"from": edges[:-1], "to": edges[1:]}
    for place, k in enumerate(order):
        style = look(0) if signal[k] else _background(place)
        _layer(axes, base, base + count[k], edges, style, processes[k], signal=signal[k])
        base, table[processes[k]] = base + count[k], count[k]
    error = np.sqrt(arrays["variance"].sum(axis=0))
    table |= {"expected": base, "error": error}
    observed = arrays.get("observed")
    _hatched(axes, edges, base - error, base + error, name="stat. error")
    top = float((base + error).max(initial=1.0))
    if observed is not None:
        table["observed"] = observed
        _points(axes, edges, observed, np.sqrt(np.maximum(observed, 1.0)))
        top = max(top, float(observed.max(initial=0) + np.sqrt(observed.max(initial=1))))
    _ratio(below, edges, base, error, count[[not s for s in signal]].sum(axis=0), arrays)
    entries = len(processes) + _enlarged(axes, edges, count[list(signal)].sum(axis=0), float(base.max(initial=0.0)))
    _axes(axes, below, edges, base, top, entries, label(column, unit))
    axes.set_ylabel(f"expected events{_per_bin(edges, unit)}")
    caption = f"Expected events of each process in {column}, stacked; hatched: their statistical error. Dashed, if "
    caption += "the signal is small: its shape, enlarged. Below: "
    caption += "observed over expected." if observed is not None else "signal plus background over background."
    return Picture(figure, table, f"{caption} {note}".strip(), title or column, f"stack-{title or column}")


def _per_bin(edges: np.ndarray, unit: str | None) -> str:
    """What the height of a bin is counted in: its width, if all have the same."""
    width = np.diff(edges)
    if not np.allclose(width, width[0]):
        return " / bin"
    return f" / {float(width[0]):.3g} {pretty_unit(unit)}".rstrip() if unit else f" / {float(width[0]):.3g}"


def _enlarged(axes: Axes, edges: np.ndarray, signal: np.ndarray, top: float) -> int:
    """The shape of a signal that would not be seen, enlarged by a round factor; returns how many lines it drew.

    Example:
        >>> from ansatz.report.style import canvas
        >>> _, axes = canvas()
        >>> _enlarged(axes, np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0]), 1000.0)
        1
        >>> axes.get_legend_handles_labels()[1]
        ['signal × 100']
    """
    largest = float(signal.max(initial=0.0))
    if not 0 < largest < 0.1 * top:
        return 0
    wished = 0.5 * top / largest
    power = 10.0 ** np.floor(np.log10(wished))
    factor = power * max(step for step in (1, 2, 5) if step * power <= wished)
    axes.stairs(factor * signal, edges, color=look(0).color, lw=1.2, ls=(0, (4, 1.5)), label=f"signal × {factor:.0f}")
    return 1


def _background(place: int) -> Look:
    return look(1 + place % 6)


def _layer(
    axes: Axes, low: np.ndarray, high: np.ndarray, edges: np.ndarray, style: Look, name: str, *, signal: bool
) -> None:
    axes.stairs(
        high, edges, baseline=low, fill=True, color=style.color, alpha=0.9 if signal else 0.45, label=plain(name, 20)
    )
    axes.stairs(high, edges, baseline=None, color=INK, lw=0.4)


def _hatched(axes: Axes, edges: np.ndarray, low: np.ndarray, high: np.ndarray, *, name: str | None = None) -> None:
    axes.stairs(high, edges, baseline=low, fill=True, fc="none", ec=GRAY, hatch="//////", lw=0, label=name)


def _points(axes: Axes, edges: np.ndarray, count: np.ndarray, error: np.ndarray) -> None:
    middle, seen = (edges[:-1] + edges[1:]) / 2, count > 0
    error_bars(axes, middle[seen], count[seen], error[seen], color=INK, marker="o")
    axes.plot([], [], "o", color=INK, ms=3, label="observed")


def _ratio(
    below: Axes, edges: np.ndarray, total: np.ndarray, error: np.ndarray, background: np.ndarray, arrays: Arrays
) -> None:
    observed = arrays.get("observed")
    bottom = total if observed is not None else background
    known = bottom > 0
    safe = np.where(known, bottom, 1.0)
    band = np.where(known, error / safe, 0.0)
    below.axhline(1, color=INK, lw=0.6)
    if observed is not None:
        _hatched(below, edges, 1 - band, 1 + band)
        middle, seen = (edges[:-1] + edges[1:]) / 2, known & (observed > 0)
        spread = np.sqrt(np.maximum(observed, 1.0)) / safe
        error_bars(below, middle[seen], (observed / safe)[seen], spread[seen], color=INK, marker="o")
        below.set(ylabel="obs. / exp.", ylim=(0.4, 1.6))
        return
    ratio = np.where(known, total / safe, np.nan)
    below.stairs(ratio, edges, color=look(0).color, lw=1.1, baseline=None)
    _hatched(below, edges, np.where(known, ratio - band, np.nan), np.where(known, ratio + band, np.nan))
    below.set(ylabel="(s + b) / b")
    bump, width = (float(np.max(values[known], initial=0.02)) for values in (ratio - 1, np.minimum(band, 1.0)))
    half = min(max(1.2 * bump, 1.2 * min(width, 2 * float(np.median(band[known])) if known.any() else 0.1)), 20.0)
    below.set_ylim(1 - min(half, 1.0), 1 + half)


def _axes(axes: Axes, below: Axes, edges: np.ndarray, base: np.ndarray, top: float, entries: int, name: str) -> None:
    positive = base[base > 0]
    wide = len(positive) > 0 and top > TENFOLD * float(np.median(positive))
    room = 1.25 + 0.12 * ((entries + 3) // 2)
    if wide:
        low = max(float(positive.min()) / 3, 1e-4 * top)
        axes.set(yscale="log", ylim=(low, low * (top / low) ** room))
    else:
        axes.set_ylim(min(0.0, float(base.min())), top * room)
    axes.set(xlim=(edges[0], edges[-1]))
    axes.legend(ncols=2, loc="upper right")
    below.set(xlabel=name)


@styled
def scan(
    arrays: Mapping[str, Arrays], measure: str, chosen: Mapping[str, Mapping], *, looks: Looks | None = None
) -> Picture:
    """The expected significance over the signal efficiency of a cut on each score, with bands; the chosen cuts marked.

    Args:
        arrays: by model `efficiency`, `value`, `low`, `high`, `cut` and `best`.
        measure: the significance.
        chosen: by model the record of its working point on judged rows.
        looks: how each model is drawn.
    """
    figure, axes = canvas((3.9, 3.0))
    table, styles = {}, looks_of(arrays, looks)
    for name, one in arrays.items():
        style = styles[name]
        axes.fill_between(one["efficiency"], one["low"], one["high"], color=style.color, alpha=0.18, lw=0)
        axes.plot(one["efficiency"], one["value"], color=style.color, ls=style.line, label=plain(name, 26))
        best = int(one["best"][0])
        kept = chosen[name]["significances"][chosen[name]["measure"]]
        at = float(one["efficiency"][best])
        error_bars(axes, np.array([at]), np.array([kept["value"]]),
                   np.array([[kept["value"] - float(kept["low"])], [float(kept["high"]) - kept["value"]]]),
                   color=style.color, marker=style.marker)  # fmt: skip
        table[name] = {key: one[key] for key in ("cut", "efficiency", "value", "low", "high")}
    axes.set(xlabel="signal efficiency of the cut", ylabel=f"expected significance ({plain(measure)})", xlim=(0, 1.02))
    axes.set_ylim(bottom=0)
    legend(axes, len(arrays) if len(arrays) < 3 else 5, "lower center")
    caption = "Expected significance of what passes a cut on the score of each model, with its bootstrap band, on the "
    caption += "rows on which the cut is chosen; marks with error bars: the chosen cut on judged rows."
    return Picture(figure, stacked_table(table, "model"), caption, "Significance", "significance")


@styled
def reach(values: Mapping[str, Mapping[str, Mapping]], *, looks: Looks | None = None) -> Picture:
    """The significance of every model by several formulae, and by the whole histogram of its score.

    Args:
        values: by model, by formula, the interval as plain values.
        looks: how each model is drawn.
    """
    names, formulas = list(values), list(dict.fromkeys(f for one in values.values() for f in one))
    figure, axes = canvas((3.9, 1.0 + 0.075 * len(names) * len(formulas)))
    table = {"model": [], "formula": [], "significance": [], "low": [], "high": []}
    for row, name in enumerate(names):
        for place, formula in enumerate(formulas):
            one = values[name].get(formula)
            if one is None or one["value"] is None or not np.isfinite(float(one["value"])):
                continue
            y = row + (place - (len(formulas) - 1) / 2) * 0.7 / len(formulas)
            low, high = (float(one[end]) for end in ("low", "high"))
            axes.plot([low, high], [y, y], color=look(place).color, lw=1.2)
            axes.plot([one["value"]], [y], look(place).marker, color=look(place).color, label=None if row else formula)
            for key, value in zip(table, (name, formula, one["value"], low, high), strict=True):
                table[key].append(value)
    axes.set_yticks(np.arange(len(names)), [plain(n, 22) for n in names])
    axes.set(ylim=(len(names) - 0.4, -0.6), xlabel="expected significance")
    axes.tick_params(axis="y", which="both", length=0)
    axes.minorticks_on()
    axes.yaxis.set_tick_params(which="minor", length=0)
    axes.set_xlim(left=0)
    legend(axes, 5, "lower right")
    caption = "What several formulae make of the chosen cut on judged rows, and of the whole histogram of the score."
    return Picture(figure, table, caption, "Formulae", "formulae")
