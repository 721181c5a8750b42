"""What a model looks at: importance of its columns, their ranking before any model, its coefficients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ansatz.report.picture import Column, Picture
from ansatz.report.style import INK, canvas, few_ticks, look, names_on, plain, styled

MOST = 20
"""More bars than this are left to the table."""


@styled
def importance(records: Sequence[Mapping[str, Any]], *, name: str = "fit", metric: str = "score") -> Picture:
    """How much worse a model gets when one column is shuffled, with its interval; the most important on top.

    Args:
        records: one per column: `column`, `value`, `low`, `high`.
        name: of the model.
        metric: what gets worse.

    Example:
        >>> rows = [{"column": "pt", "value": 0.1, "low": 0.09, "high": 0.11}]
        >>> importance(rows).table["column"]
        ['pt']
    """
    figure, table = _ranked(records, "value", f"loss in {metric.replace('_', ' ')} when shuffled")
    caption = f"Permutation importance for {name}: what is lost in {metric.replace('_', ' ')} when a column is shuffled"
    caption += " among the rows; bars: its interval. Columns that say the same share their importance."
    return Picture(figure, table, caption, f"Importance, {name}", f"importance-{name}")


@styled
def ranking(records: Sequence[Mapping[str, Any]]) -> Picture:
    r"""How well each column alone separates the classes, best on top.

    Args:
        records: one per column: `column`, `separation`, `low`, `high`.
    """
    figure, table = _ranked(records, "separation", "separation")
    caption = "How far the classes lie apart in each column alone, before any model; bars: one-sigma interval."
    return Picture(figure, table, caption, "Ranking of the columns", "ranking")


def _ranked(records: Sequence[Mapping[str, Any]], key: str, quantity: str) -> tuple[Figure, dict[str, Column]]:
    records = sorted(records, key=lambda r: -_number(r[key]))
    names = [str(r["column"]) for r in records]
    value, low, high = (np.array([_number(r.get(k), r[key]) for r in records]) for k in (key, "low", "high"))
    shown = slice(0, MOST)
    figure, axes = canvas((3.5, 0.9 + 0.22 * len(names[shown])))
    places = np.arange(len(names[shown]))
    axes.barh(places, value[shown], height=0.62, color=look(0).color, alpha=0.55)
    _whiskers(axes, low[shown], high[shown], places)
    axes.axvline(0, color=INK, lw=0.7)
    names_on(axes, names[shown])
    axes.set(xlabel=plain(quantity, 60), ylabel="column", ylim=(len(places) - 0.4, -0.6))
    few_ticks(axes)
    return figure, {"column": names, key: value, "low": low, "high": high}


def _number(value: Any, otherwise: Any = 0.0) -> float:
    return float(otherwise if value is None else value)


@styled
def coefficients(
    values: Mapping[str, float], *, errors: Mapping[str, float] | None = None, name: str = "fit", per: str = ""
) -> Picture:
    """The coefficients of a linear model, the largest on top.

    Args:
        values: coefficient of each column.
        errors: their standard errors, where they are known.
        name: of the model.
        per: what they are measured in, for the axis, such as `"per standard deviation of the column"`.
    """
    names = sorted(values, key=lambda column: -abs(values[column]))
    value = np.array([float(values[n]) for n in names])
    error = np.array([float((errors or {}).get(n, 0.0)) for n in names])
    shown = slice(0, MOST)
    figure, axes = canvas((3.5, 0.9 + 0.22 * len(names[shown])))
    axes.axvline(0, color=INK, lw=0.7)
    places = np.arange(len(names[shown]))
    axes.barh(places, value[shown], height=0.62, color=look(0).color, alpha=0.55)
    if errors:
        _whiskers(axes, value[shown] - error[shown], value[shown] + error[shown], places)
    names_on(axes, names[shown])
    axes.set(xlabel=plain(f"coefficient {per}".strip(), 60), ylabel="column", ylim=(len(places) - 0.4, -0.6))
    few_ticks(axes)
    table = {"column": names, "coefficient": value, **({"error": error} if errors else {})}
    caption = f"Coefficients of {name} {per}".strip() + ("; bars: standard errors." if errors else ".")
    return Picture(figure, table, caption, f"Coefficients, {name}", f"coefficients-{name}")


def _whiskers(axes: Axes, low: np.ndarray, high: np.ndarray, places: np.ndarray) -> None:
    gap = np.full(len(places), np.nan)
    ends = np.stack([low, high, gap], 1).ravel()
    axes.plot(ends, np.repeat(places, 3), color=INK, lw=1.1, solid_capstyle="butt")
