"""How minimizers go down: values against evaluations, learning rates up to the stability limit, descent in batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse

from ansatz.report.figures.landscapes.maps import (
    NOWHERE,
    Points,
    Surface,
    below,
    gray_note,
    ground,
    inside,
    mark,
    places,
    thin,
)
from ansatz.report.picture import Picture, stacked_table
from ansatz.report.style import GRAY, INK, Looks, canvas, look, looks_of, plain, styled

FLOOR = 1e-17
"""Differences below are rounding and are drawn here."""


@styled
def values_against_evaluations(
    courses: Mapping[str, tuple[np.ndarray, np.ndarray]],
    *,
    lowest: float = 0.0,
    target: float | None = None,
    name: str = "landscape",
    looks: Looks | None = None,
) -> Picture:
    r"""The best value so far against the calls of the function, $f - f_\mathrm{min}$ on a logarithmic scale.

    Args:
        courses: evaluations and values of each optimizer, shape (steps + 1,) each.
        lowest: $f_\mathrm{min}$.
        target: a difference to mark.
        name: of the landscape.
        looks: how each optimizer is drawn; by its place if None.

    Example:
        >>> values_against_evaluations({"a": (np.array([1, 2]), np.array([1.0, 0.25]))}).table["above the minimum"]
        [1.0, 0.25]
    """
    figure, axes = canvas((3.9, 2.9))
    styles, columns, handles = looks_of(courses, looks), {}, []
    for optimizer, (evaluations, values) in courses.items():
        keep = thin(len(values))
        best = np.fmin.accumulate(values)[keep] - lowest
        best = np.maximum(best, FLOOR)
        columns[optimizer] = {"evaluations": evaluations[keep], "above the minimum": best}
        style = styles[optimizer]
        axes.plot(evaluations[keep], best, color=style.color, ls=style.line)
        axes.plot(evaluations[keep][-1], best[-1], style.marker, color=style.color, ms=4.5, mec="white", mew=0.5)
        handle = {"color": style.color, "ls": style.line, "marker": style.marker, "ms": 3.5}
        handles.append(Line2D([], [], label=plain(optimizer), **handle))
    axes.set(xscale="log", yscale="log", xlabel="evaluations of the function", ylabel=r"best $f - f_{\rm min}$")
    if target is not None:
        axes.axhline(target, color=GRAY, lw=0.8, ls=(0, (4, 2)))
    below(figure, handles, columns=2)
    caption = f"Best value so far on {plain(name)}, above its minimum, against the calls of the function"
    caption += f"; dashed: the target {target:.0g}." if target is not None else "."
    return Picture(figure, stacked_table(columns, "optimizer"), caption, f"Descent on {name}", f"descent-{name}")


@styled
def rate_sweep(rates: np.ndarray, measured: np.ndarray, curvatures: np.ndarray, *, name: str = "landscape") -> Picture:
    r"""By which factor a step of gradient descent changes the distance to the minimum, for many learning rates.

    The line is $\max_i |1 - \eta\lambda_i|$; it crosses one at the stability limit $2/\lambda_\mathrm{max}$ and is
    lowest at $2/(\lambda_\mathrm{min} + \lambda_\mathrm{max})$.

    Args:
        rates: learning rates, shape (rates,).
        measured: factor per step late in the descent, shape (rates,).
        curvatures: eigenvalues of the Hessian at the minimum.
        name: of the landscape.

    Example:
        >>> rate_sweep(np.array([0.5, 2.5]), np.array([0.5, 1.5]), np.array([1.0])).table["expected"].tolist()
        [0.5, 1.5]
    """
    figure, axes = canvas((3.9, 2.8))
    largest, smallest = float(np.max(curvatures)), float(np.min(curvatures))
    limit, best = 2 / largest, 2 / (largest + smallest)
    fine = np.geomspace(rates.min() / 1.15, rates.max() * 1.05, 500)
    axes.plot(fine, _factor(fine, curvatures), color=GRAY, lw=1.2, label=r"$\max_i\,|1 - \eta\lambda_i|$")
    stable = measured < 1
    axes.plot(rates[stable], measured[stable], "o", color=look(0).color, label="measured, settles")
    axes.plot(rates[~stable], measured[~stable], "X", color=look(1).color, ms=5, label="measured, runs away")
    axes.axvspan(limit, fine[-1], color=look(1).color, alpha=0.1, lw=0)
    axes.axvline(limit, color=look(1).color, lw=1, label=r"limit $2/\lambda_{\rm max}$")
    if largest > smallest:
        axes.axvline(
            best, color=look(2).color, lw=1, ls=(0, (4, 2)), label=r"best $2/(\lambda_{\rm min}+\lambda_{\rm max})$"
        )
    axes.axhline(1, color=INK, lw=0.6)
    axes.set(xscale="log", xlabel=r"learning rate $\eta$", ylabel="factor per step", xlim=(fine[0], fine[-1]))
    axes.set_ylim(0, max(1.35, min(2.0, float(np.nanmax(measured)) * 1.05)))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 0.02))
    table = {"learning rate": rates, "factor per step": measured, "expected": _factor(rates, curvatures)}
    caption = (
        f"Gradient descent near the minimum of {plain(name)}: by which factor a step changes the distance. The line is"
        f" exact for a parabola; beyond 2/λmax = {limit:.4g} every step leads farther away."
    )
    return Picture(figure, table, caption, f"Learning rates, {name}", f"rates-{name}")


def _factor(rates: np.ndarray, curvatures: np.ndarray) -> np.ndarray:
    return np.abs(1 - np.asarray(rates)[:, None] * np.asarray(curvatures)).max(axis=1)


@styled
def three_rates(
    surface: Surface, ways: Mapping[str, np.ndarray], points: Points = NOWHERE, *, name: str = "landscape"
) -> Picture:
    """Gradient descent with a learning rate that is too small, one that is good, and one that is too large.

    Args:
        surface: the function.
        ways: title of each panel and the places, shape (steps + 1, 2).
        points: stationary points to mark.
        name: of the landscape.
    """
    figure = Figure(figsize=(7.2, 2.65), layout="constrained")
    panels = figure.subplots(1, len(ways), sharey=True, squeeze=False)[0]
    for number, (axes, (title, way)) in enumerate(zip(panels, ways.items(), strict=True)):
        ground(axes, surface)
        mark(axes, points, size=5, ink=True)
        seen = inside(way, surface, margin=3.0)
        axes.plot(*seen.T, color=look(number).color, lw=1.1, zorder=3)
        axes.plot(*seen.T, "o", color=look(number).color, ms=2.6, mec="white", mew=0.3, zorder=3.1)
        axes.plot(*way[0], "*", color=INK, ms=8, mec="white", mew=0.6, zorder=5)
        axes.set_title(plain(title))
        gray_note(axes, f"{len(way) - 1} steps", (0.04, 0.06))
        if number:
            axes.set_ylabel("")
    table = stacked_table({n: {"step": thin(len(w)), **places(w[thin(len(w))])} for n, w in ways.items()}, "rate")
    caption = f"Gradient descent on {plain(name)} with three learning rates from one start (star)."
    return Picture(figure, table, caption, f"Too small, good, too large: {name}", f"three-rates-{name}")


@styled
def batch_paths(
    surface: Surface, ways: Mapping[str, np.ndarray], minimum: np.ndarray, *, epochs: int, name: str = "a line"
) -> Picture:
    r"""Descent in batches on the risk of a straight line, one panel for each batch fraction.

    Args:
        surface: the risk of all rows.
        ways: batch fraction, in words, and the places, shape (steps + 1, 2).
        minimum: the best line, shape (2,).
        epochs: how often all rows were gone through.
        name: of what is fitted.
    """
    columns = 2 if len(ways) > 1 else 1
    lines = -(-len(ways) // columns)
    figure = Figure(figsize=(5.6, 2.5 * lines), layout="constrained")
    panels = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
    for number, (axes, (fraction, way)) in enumerate(zip(panels.ravel(), ways.items(), strict=False)):
        ground(axes, surface, (r"$\theta_0$ (intercept)", r"$\theta_1$ (slope)"))
        seen = inside(way, surface, margin=3.0, most=3000)
        axes.plot(*seen.T, color=look(number).color, lw=0.8 if len(seen) < 500 else 0.45, zorder=3)
        if len(seen) < 80:
            axes.plot(*seen.T, "o", color=look(number).color, ms=2.2, mec="white", mew=0.2, zorder=3.1)
        axes.plot(*way[0], "*", color=INK, ms=8, mec="white", mew=0.6, zorder=5)
        axes.plot(*minimum, "o", color=INK, ms=4.5, mec="white", mew=0.7, zorder=5)
        gray_note(axes, f"{fraction}: {len(way) - 1} steps")
        axes.label_outer()
    for axes in panels.ravel()[len(ways) :]:
        axes.set_axis_off()
    table = stacked_table({n: {"step": thin(len(w)), **places(w[thin(len(w))])} for n, w in ways.items()}, "fraction")
    caption = (
        f"Stochastic gradient descent on {plain(name)}, {epochs} times through all rows, by the fraction γ of the rows"
        " in a batch. Dot: the best line, from the normal equations."
    )
    return Picture(figure, table, caption, "Descent by batch fraction", "batch-paths")


@styled
def risk_by_rows(courses: Mapping[str, tuple[np.ndarray, np.ndarray]], *, lowest: float) -> Picture:
    """The risk of all rows above its minimum against the number of rows used, one line for each batch fraction.

    Args:
        courses: batch fraction, in words; rows used and risk, shape (steps + 1,) each.
        lowest: risk of the best line.
    """
    figure, axes = canvas((3.9, 2.8))
    columns = {}
    for number, (fraction, (rows, values)) in enumerate(courses.items()):
        keep = np.unique(np.linspace(0, len(rows) - 1, 400).astype(int))
        above = np.maximum(values[keep] - lowest, FLOOR)
        style = look(number)
        axes.plot(rows[keep], above, color=style.color, ls="-", lw=0.9, label=fraction)
        columns[fraction] = {"rows used": rows[keep], "above the minimum": above}
    axes.set(yscale="log", xlabel="rows used", ylabel=r"$R - R_{\rm min}$")
    below(figure, axes.get_legend_handles_labels()[0], columns=4)
    caption = "Risk of all rows above that of the best line against the rows used: small batches are fast, then wander."
    return Picture(figure, stacked_table(columns, "fraction"), caption, "Risk by rows used", "risk-by-rows")


@styled
def wandering(ends: Sequence[tuple[str, np.ndarray, np.ndarray]]) -> Picture:
    """Where walkers of SGD with constant steps are in the end, and the ellipse in which two thirds of them must be.

    Args:
        ends: batch in words, places less the minimum, shape (walkers, 2), and their expected covariance, shape (2, 2).
    """
    figure, axes = canvas((3.9, 3.4))
    rows: dict[str, dict[str, list]] = {}
    for number, (batch, away, covariance) in enumerate(ends):
        style = look(number)
        axes.plot(*away.T, ".", ms=1.8, color=style.color, alpha=0.5, mew=0, rasterized=True)
        _ellipse(axes, covariance, style.color)
        axes.plot([], [], style.marker, color=style.color, label=batch)
        found = np.cov(away.T)
        pairs = ((0, 0), (1, 1), (0, 1))
        rows[batch] = {
            "element": ["00", "11", "01"],
            "measured": [float(found[i]) for i in pairs],
            "expected": [float(covariance[i]) for i in pairs],
        }
    axes.plot(0, 0, "+", color=INK, ms=7)
    reach = 3.2 * max(float(np.sqrt(np.trace(c) / 2)) for _, _, c in ends)
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    axes.set(xlabel=r"$\theta_0 - \hat\theta_0$", ylabel=r"$\theta_1 - \hat\theta_1$")
    axes.legend(loc="upper left")
    caption = (
        "Walkers of stochastic gradient descent with constant steps do not come to rest. Ellipses: where 68 % of them"
        " are expected from the exact balance of noise and drift."
    )
    return Picture(figure, stacked_table(rows, "batch"), caption, "Wandering around the minimum", "wandering")


def _ellipse(axes: Axes, covariance: np.ndarray, color: str, share: float = 0.6827) -> None:
    values, vectors = np.linalg.eigh(covariance)
    radius = np.sqrt(-2 * np.log(1 - share) * np.maximum(values, 0))
    angle = np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1]))
    for width, tint in ((2.6, "white"), (1.3, color)):
        axes.add_patch(Ellipse((0, 0), 2 * radius[1], 2 * radius[0], angle=angle, fill=False, ec=tint, lw=width))
