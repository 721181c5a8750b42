"""Evolution: a population over its generations, and how often it finds the minimum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from ansatz.report.figures.landscapes.descent import FLOOR
from ansatz.report.figures.landscapes.maps import MAP, Points, Surface, gray_note, ground, mark
from ansatz.report.picture import Picture, stacked_table
from ansatz.report.style import GRAY, INK, Looks, canvas, legend, look, looks_of, names_on, plain, styled
from ansatz.validation import Interval

Generations = Sequence[np.ndarray]
"""The members of each generation, shape (members, 2)."""


@styled
def generations(
    surface: Surface, populations: Mapping[str, Generations], shown: Sequence[int], points: Points, *, name: str
) -> Picture:
    """Populations of several methods in some of their generations: a line of panels for each method.

    Args:
        surface: the function.
        populations: the generations of each method.
        shown: which generations; the last one there is where a method has fewer.
        points: stationary points to mark.
        name: of the landscape.
    """
    figure = Figure(figsize=(7.2, 0.25 + 1.75 * len(populations)), layout="constrained")
    panels = figure.subplots(len(populations), len(shown), sharex=True, sharey=True, squeeze=False)
    tables = {}
    for line, (method, members) in zip(panels, populations.items(), strict=True):
        for axes, number in zip(line, shown, strict=True):
            own = min(number, len(members) - 1)
            ground(axes, surface)
            mark(axes, points, size=4, ink=True)
            dots = members[own]
            axes.plot(*dots.T, "o", ms=3, color=look(1).color, mec="white", mew=0.35, ls="", zorder=5)
            gray_note(axes, f"generation {own + 1}")
            axes.label_outer()
            tables[f"{method}, {own + 1}"] = {"theta_1": dots[:, 0], "theta_2": dots[:, 1]}
        line[0].set_ylabel(f"{plain(method)}\n" + r"$\theta_2$")
    caption = f"Populations over {plain(name)}, one method a line; black: where the minimum is known to be."
    return Picture(
        figure, stacked_table(tables, "generation"), caption, f"Generations over {name}", f"generations-{name}"
    )


@styled
def evolving(surface: Surface, members: Generations, points: Points, *, method: str, name: str) -> Picture:
    """A population that moves: the page shows one generation after another, paper shows them all, colored by age.

    Args:
        surface: the function.
        members: the generations.
        points: stationary points to mark.
        method: what evolves.
        name: of the landscape.
    """
    figure, axes = canvas((MAP[0], MAP[1] + 0.35))
    ground(axes, surface)
    mark(axes, points, size=5, ink=True)
    colors = mpl.colormaps["plasma"](np.linspace(0, 0.92, len(members)))
    ages = np.arange(len(members))
    strip = axes.inset_axes((0.0, 1.03, 1.0, 0.035))
    strip.bar(ages, np.ones(len(ages)), width=1.0, color="#e4e7eb")
    for age, (dots, color) in enumerate(zip(members, colors, strict=True)):
        scatter = axes.scatter(*dots.T, s=13, color=[color], edgecolors="white", linewidths=0.35, zorder=5)
        bar = strip.bar(age, 1.0, width=1.0, color=color)
        scatter.set_gid(f"frame-{age}")
        bar.patches[0].set_gid(f"frame-{age}")
    strip.set(xlim=(-0.5, len(members) - 0.5), ylim=(0, 1), yticks=[], xticks=[])
    strip.minorticks_off()
    strip.set_title(f"generation 1 to {len(members)}", fontsize=7.5, pad=3)
    table = {
        "generation": np.repeat(ages + 1, [len(d) for d in members]),
        "theta_1": np.concatenate([d[:, 0] for d in members]),
        "theta_2": np.concatenate([d[:, 1] for d in members]),
    }
    caption = f"{plain(method)} on {plain(name)}: each dot a member, colored by its generation (strip above)."
    return Picture(figure, table, caption, f"{method} evolving", f"evolving-{method}-{name}")


@styled
def best_of_generations(
    courses: Mapping[str, tuple[np.ndarray, np.ndarray]], *, target: float, name: str, looks: Looks | None = None
) -> Picture:
    """The best value so far of many runs: median and central 68 %.

    Args:
        courses: of each method: evaluations, shape (points,), and best value above the minimum, shape (runs, points).
        target: the difference that counts as found.
        name: of the landscape.
        looks: how each method is drawn; by its place if None.
    """
    figure, axes = canvas((3.9, 2.8))
    columns, styles = {}, looks_of(courses, looks)
    for method, (evaluations, values) in courses.items():
        low, middle, high = np.quantile(np.maximum(values, FLOOR), [0.1587, 0.5, 0.8413], axis=0)
        style = styles[method]
        axes.plot(evaluations, middle, color=style.color, ls=style.line, label=plain(method))
        axes.fill_between(evaluations, low, high, color=style.color, alpha=0.18, lw=0)
        columns[method] = {"evaluations": evaluations, "median": middle, "low": low, "high": high}
    axes.axhline(target, color=GRAY, lw=0.8, ls=(0, (4, 2)))
    axes.set(yscale="log", xlabel="evaluations of the function", ylabel=r"best $f - f_{\rm min}$")
    legend(axes, len(courses), "lower left")
    runs = min(len(values) for _, values in courses.values())
    caption = (
        f"Best value above the minimum of {plain(name)}: median and central 68 % of {runs} runs; dashed: the target."
    )
    return Picture(figure, stacked_table(columns, "method"), caption, f"Evolution on {name}", f"evolution-{name}")


@styled
def success(rates: Mapping[str, Interval], *, name: str, looks: Looks | None = None) -> Picture:
    """How often each method finds the known minimum, with its interval.

    Args:
        rates: of each method.
        name: of the landscape.
        looks: how each method is drawn; by its place if None.
    """
    figure, axes = canvas((3.5, 0.9 + 0.3 * len(rates)))
    styles = looks_of(rates, looks)
    for place, (method, rate) in enumerate(rates.items()):
        style = styles[method]
        axes.plot([rate.low, rate.high], [place, place], color=style.color, lw=2, solid_capstyle="butt")
        axes.plot(rate.value, place, style.marker, color=style.color, ms=5.5, mec="white", mew=0.6, zorder=3)
    names_on(axes, list(rates))
    axes.set(xlim=(-0.03, 1.03), ylim=(len(rates) - 0.4, -0.6), xlabel="fraction of runs that find the minimum")
    axes.axvline(1, color=INK, lw=0.5)
    table = {
        "method": list(rates),
        "fraction": [r.value for r in rates.values()],
        "low": [r.low for r in rates.values()],
        "high": [r.high for r in rates.values()],
    }
    caption = f"How often the lowest minimum of {plain(name)} is found within the budget, with 68 % intervals (Wilson)."
    return Picture(figure, table, caption, f"Found, {name}", f"success-{name}")
