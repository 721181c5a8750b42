"""What a network of spins remembers: overlap against load, capacity against size, and basins of attraction."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ansatz.report.picture import Picture, stacked_table
from ansatz.report.style import GRAY, REFERENCE, canvas, error_bars, legend, look, plain, styled

Curve = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Abscissa, value, standard error."""


@styled
def recalls(curves: Mapping[str, Curve], theory: tuple[np.ndarray, np.ndarray], *, capacity: float) -> Picture:
    """The overlap of what is recalled with the pattern, against the number of patterns.

    Args:
        curves: for each network the patterns for each spin, the mean overlap and its error.
        theory: the same of infinitely many spins with Hebb's couplings, without an error.
        capacity: where that falls to zero.

    Example:
        >>> load, overlap = np.array([0.1, 0.2]), np.array([1.0, 0.4])
        >>> recalls({"800": (load, overlap, np.zeros(2))}, (load, overlap), capacity=0.138).name
        'hopfield-recall'
    """
    figure, axes = canvas()
    axes.plot(*theory, color=REFERENCE.color, lw=1.0, label="mean field", zorder=1)
    axes.axvline(capacity, color=GRAY, lw=0.7, ls=":")
    for number, (name, (load, value, error)) in enumerate(curves.items()):
        style = look(number)
        error_bars(axes, load, value, error, color=style.color)
        axes.plot(load, value, color=style.color, ls=style.line, marker=style.marker, ms=3.2, lw=0.8, label=plain(name))
    axes.set(xlabel="patterns for each spin", ylabel="overlap with the pattern", ylim=(-0.04, 1.06))
    legend(axes, len(curves) + 1, "lower left")
    series = {name: {"load": x, "overlap": y, "error": e} for name, (x, y, e) in curves.items()}
    series["mean field"] = {"load": theory[0], "overlap": theory[1], "error": np.zeros(len(theory[0]))}
    caption = (
        "Overlap of the end with the pattern that recall began at. Line: infinitely many spins, which forget at once at"
        f" {capacity:g} patterns for each spin (dotted); few spins blur that."
    )
    return Picture(figure, stacked_table(series, "network"), caption, "Recall", "hopfield-recall")


@styled
def half_lost(sizes: np.ndarray, half: np.ndarray, error: np.ndarray, *, found: float, known: float) -> Picture:
    """The load at which half of the patterns are lost, against the size, and where that leads to.

    Args:
        sizes: numbers of spins.
        half: that load for each.
        error: of it.
        found: of infinitely many spins, by extrapolation.
        known: the capacity by theory.

    Example:
        >>> two = np.array([100, 400])
        >>> half_lost(two, np.array([0.2, 0.16]), 0.01 * np.ones(2), found=0.14, known=0.138).table["spins"].tolist()
        [100, 400]
    """
    figure, axes = canvas()
    x = np.asarray(sizes, float) ** (-2 / 3)
    style = look(0)
    slope = np.polyfit(x, half - found, 1, w=x / error)[0]
    axes.plot([0, x.max()], [found, found + slope * x.max()], color=GRAY, lw=0.8, ls="--", label="extrapolation")
    error_bars(axes, x, half, error, color=style.color)
    axes.plot(x, half, style.marker, color=style.color, ms=3.6, label="half of the patterns lost")
    axes.plot([0], [known], "*", color=look(1).color, ms=8, label="mean field")
    axes.set(xlabel="(number of spins)$^{-2/3}$", ylabel="patterns for each spin", xlim=(-0.001, None))
    legend(axes, 3, "upper left")
    caption = (
        "Where half of the patterns are lost moves to the capacity of infinitely many spins as N to the power -2/3."
    )
    table = {"spins": np.asarray(sizes), "half lost": half, "error": error}
    return Picture(figure, table, caption, "Capacity", "hopfield-capacity")


@styled
def basins(curves: Mapping[str, Curve]) -> Picture:
    """The overlap after a recall against that before.

    Args:
        curves: for each load the overlap at the start, the mean overlap at the end, and its error.

    Example:
        >>> start = np.array([0.2, 1.0])
        >>> basins({"0.05": (start, np.array([0.3, 1.0]), np.zeros(2))}).name
        'hopfield-basins'
    """
    figure, axes = canvas()
    axes.plot([0, 1], [0, 1], color=GRAY, lw=0.8, ls="--", label="nothing recalled")
    for number, (name, (start, end, error)) in enumerate(curves.items()):
        style = look(number)
        error_bars(axes, start, end, error, color=style.color)
        label = f"{name} patterns for each spin"
        axes.plot(start, end, color=style.color, ls=style.line, marker=style.marker, ms=3.2, lw=0.8, label=label)
    axes.set(xlabel="overlap before recall", ylabel="overlap after recall", xlim=(0, 1.03), ylim=(-0.04, 1.06))
    legend(axes, len(curves) + 1, "lower right")
    series = {name: {"before": x, "after": y, "error": e} for name, (x, y, e) in curves.items()}
    caption = "From how far away a pattern is found again: its basin shrinks as more patterns are stored."
    return Picture(figure, stacked_table(series, "patterns for each spin"), caption, "Basins", "hopfield-basins")
