"""Sums that approach a function: what they look like, and how their error falls with the number of terms."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from ansatz.report.picture import Picture, stacked_table
from ansatz.report.style import GRAY, INK, canvas, legend, look, plain, styled


@styled
def growing_sum(x: np.ndarray, truth: np.ndarray, sums: Mapping[int, np.ndarray], *, name: str) -> Picture:
    """A function, and the sums of more and more ReLUs that approach it.

    Args:
        x: where, shape (points,).
        truth: the function.
        sums: the values of the sum for each number of terms.
        name: of the function.
    """
    columns = min(3, len(sums))
    lines = -(-len(sums) // columns)
    figure = Figure(figsize=(7.2, 0.1 + 1.75 * lines), layout="constrained")
    panels = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
    reach = float(np.ptp(truth))
    for axes, (terms, values) in zip(panels.ravel(), sums.items(), strict=False):
        axes.plot(x, truth, color=GRAY, lw=2.6, alpha=0.55)
        axes.plot(x, values, color=look(1).color, lw=1.1)
        axes.set_title(f"{terms} ReLU{'s' if terms > 1 else ''}", pad=3)
        axes.set(ylim=(truth.min() - 0.25 * reach, truth.max() + 0.25 * reach), xlim=(x[0], x[-1]))
    for axes in panels.ravel()[len(sums) :]:
        axes.set_axis_off()
    for axes in panels[-1]:
        axes.set_xlabel("x")
    keep = np.unique(np.linspace(0, len(x) - 1, 120).astype(int))
    series = {"function": truth} | {f"{terms} terms": values for terms, values in sums.items()}
    table = stacked_table({n: {"x": x[keep], "value": v[keep]} for n, v in series.items()}, "curve")
    caption = f"{plain(name)} (gray), sums of shifted ReLUs with equidistant kinks: polygons with ever more corners."
    return Picture(figure, table, caption, f"Sums of ReLUs, {name}", f"growing-sum-{name}")


@styled
def sums_compared(
    x: np.ndarray, truth: np.ndarray, sums: Mapping[str, np.ndarray], *, terms: int, name: str
) -> Picture:
    """A function, and sums of different kinds with the same number of terms.

    Args:
        x: where, shape (points,).
        truth: the function.
        sums: the values of each kind of sum.
        terms: how many terms each has.
        name: of the function.
    """
    figure, axes = canvas((3.9, 2.8))
    axes.plot(x, truth, color=GRAY, lw=3, alpha=0.5, label=plain(name))
    for number, (kind, values) in enumerate(sums.items()):
        axes.plot(x, values, color=look(number).color, ls=look(number).line, lw=1.1, label=plain(kind))
    reach = float(np.ptp(truth))
    axes.set(ylim=(truth.min() - 0.6 * reach, truth.max() + 0.6 * reach), xlim=(x[0], x[-1]), xlabel="x", ylabel="f(x)")
    legend(axes, len(sums) + 1, "upper center")
    series = {"function": truth, **sums}
    keep = np.unique(np.linspace(0, len(x) - 1, 200).astype(int))
    table = stacked_table({n: {"x": x[keep], "value": v[keep]} for n, v in series.items()}, "curve")
    caption = f"{plain(name)} and sums of {terms} terms that go through it at {terms} places of their own."
    return Picture(figure, table, caption, f"{terms} terms, {name}", f"sums-{name}")


@styled
def error_by_terms(
    errors: Mapping[str, tuple[np.ndarray, np.ndarray]],
    expected: Mapping[str, tuple[np.ndarray, np.ndarray]],
    *,
    name: str,
) -> Picture:
    """The largest error of each kind of sum against the number of terms, beside the law that it must follow.

    Args:
        errors: numbers of terms and largest errors of each kind.
        expected: numbers of terms and the expected course, for kinds that have one.
        name: of the function.
    """
    figure, axes = canvas((3.9, 3.0))
    rows = {}
    for number, (kind, (terms, values)) in enumerate(errors.items()):
        style = look(number)
        shown = np.clip(values, 1e-16, 1e3)
        axes.plot(terms, shown, style.marker, color=style.color, ms=3.6, ls="", label=plain(kind))
        if kind in expected:
            at, law = expected[kind]
            fine = (law > 3e-16) & (law < 1e3)
            axes.plot(at[fine], law[fine], color=style.color, ls=style.line, lw=1)
        rows[kind] = {"terms": terms, "largest error": values}
    axes.axhline(np.finfo(float).eps, color=INK, lw=0.5)
    axes.set(xscale="log", yscale="log", xlabel="number of terms n", ylabel=r"largest error $\max_x |f - s_n|$")
    low = min(float(np.clip(v, 1e-16, None).min()) for _, v in errors.values())
    high = max(float(np.clip(v, None, 1e3).max()) for _, v in errors.values())
    axes.set_ylim(0.3 * max(low, 3e-17), 3 * high)
    legend(axes, len(errors), "lower left")
    caption = f"Largest error on {plain(name)} by number of terms: points measured, lines the law that theory gives."
    return Picture(figure, stacked_table(rows, "sum"), caption, f"Error by number of terms, {name}", f"error-{name}")
