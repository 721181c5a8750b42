"""An extracted density: with its band beside the truth, as a ratio, and what chi2 and coverage say of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ansatz.report.picture import Picture
from ansatz.report.style import GRAY, INK, canvas, error_bars, look, stacked, styled
from ansatz.validation import ONE_SIGMA, wilson

Arrays = Mapping[str, np.ndarray]
"""What the analysis `gluon` stored."""

NONE = np.zeros(0)


@styled
def density(found: Arrays, *, measured: bool) -> Picture:
    """The extracted x g(x) with its 68 % band, the truth, the data if they measure the density itself, and the ratio.

    Example:
        >>> x = np.array([0.1, 0.5])
        >>> found = {"x": x, "truth": x, "mean": x, "low/0.6827": 0.9 * x, "high/0.6827": 1.1 * x}
        >>> density(found, measured=False).table["truth"].tolist()
        [0.1, 0.5]
    """
    figure, axes, lower = stacked((3.5, 3.8), (2, 1.2))
    x, truth, mean = found["x"], found["truth"], found["mean"]
    low, high = found[f"low/{ONE_SIGMA}"], found[f"high/{ONE_SIGMA}"]
    axes.fill_between(x, low, high, color=look(0).color, alpha=0.3, lw=0, label="68 % band")
    axes.plot(x, mean, color=look(0).color, label="mean of the replicas")
    axes.plot(x, truth, color=INK, ls=(0, (4, 2)), lw=1, label="truth")
    if measured:
        error_bars(axes, found["data/x"], found["y"], found["sigma"], color=GRAY, lw=0.7)
        axes.plot(found["data/x"], found["y"], "o", ms=2, color=GRAY, label="pseudo-data", zorder=1)
    axes.set(xscale="log", ylabel="x g(x)")
    axes.legend(loc="upper right")
    shown = truth > 0.01 * truth.max()
    scale = truth[shown]
    lower.fill_between(x[shown], low[shown] / scale, high[shown] / scale, color=look(0).color, alpha=0.3, lw=0)
    lower.plot(x[shown], mean[shown] / scale, color=look(0).color)
    lower.axhline(1, color=INK, ls=(0, (4, 2)), lw=1)
    lower.set(xlabel="momentum fraction x", ylabel="ratio to truth")
    table = {"x": x, "truth": truth, "mean": mean, "low": low, "high": high}
    caption = (
        "The extracted density: mean of the replicas and their 68 % band, beside the truth; below, over the truth."
    )
    caption += " The ratio is drawn where the truth is above a hundredth of its maximum." if not shown.all() else ""
    return Picture(figure, table, caption, "Extracted density", "gluon-density")


@styled
def measurements(found: Arrays) -> Picture:
    """The measurements over what the fit says of them."""
    figure, axes = canvas()
    x, prediction = found["data/x"], found["prediction"]
    kept = np.abs(prediction) > 0.01 * np.abs(prediction).max()
    ratio, error = found["y"][kept] / prediction[kept], found["sigma"][kept] / np.abs(prediction[kept])
    error_bars(axes, x[kept], ratio, error, color=look(0).color, marker="o")
    axes.axhline(1, color=INK, ls=(0, (4, 2)), lw=1)
    axes.set(xscale="log", xlabel="momentum fraction x", ylabel="measurement / fit")
    caption = "Measurements over the mean prediction, with their whole error; a part of it is common to all points."
    return Picture(figure, {"x": x[kept], "ratio": ratio, "error": error}, caption, "Data over fit", "gluon-data")


@styled
def goodness(chi2: np.ndarray, points: int, sets: np.ndarray = NONE) -> Picture:
    """chi2 per point of every replica's prediction for the measurements, that of other fits, and what truth scatters.

    Args:
        chi2: of the replicas.
        points: number of measurements N.
        sets: of the fits to all sets of pseudo-data.
    """
    figure, axes = canvas()
    counts, edges = np.histogram(chi2, bins=min(20, max(5, len(chi2) // 4)))
    axes.stairs(counts, edges, fill=True, color=look(0).color, alpha=0.5, label="replicas")
    scatter = np.sqrt(2 / points)
    axes.axvspan(1 - scatter, 1 + scatter, color=GRAY, alpha=0.2, lw=0, label=r"$1 \pm \sqrt{2/N}$")
    height = -0.06 * counts.max()
    if len(sets):
        axes.plot(sets, np.full(len(sets), height), "|", color=look(1).color, ms=7, label="fits to all sets")
        axes.set_ylim(bottom=2 * height)
    axes.set(xlabel="chi2 per point", ylabel="replicas")
    axes.legend(loc="upper right")
    caption = (
        f"chi2 per point of each of {len(chi2)} replicas for the measurements themselves. A replica follows noise of"
        " its own besides, so it lies above the mean of all."
    )
    caption += f" Strokes: the mean prediction for each of {len(sets)} sets of pseudo-data." if len(sets) else ""
    table = {"from": edges[:-1], "to": edges[1:], "replicas": counts}
    return Picture(figure, table, caption, "chi2 of the replicas", "gluon-chi2")


@styled
def inside(found: Arrays, sets: int) -> Picture:
    """In how many sets of pseudo-data the truth lay in the bands, along x."""
    figure, axes = canvas()
    x, table = found["x"], {"x": found["x"]}
    levels = sorted(float(name.removeprefix("inside/")) for name in found if name.startswith("inside/"))
    for number, level in enumerate(levels):
        share, style = found[f"inside/{level}"], look(number)
        ends = [wilson(float(one), sets) for one in share]
        low, high = np.array([end.low for end in ends]), np.array([end.high for end in ends])
        axes.plot(x, share, color=style.color, ls=style.line, label=f"{level:.0%} band")
        axes.fill_between(x, low, high, color=style.color, alpha=0.15, lw=0)
        axes.axhline(level, color=style.color, lw=0.8, ls=":")
        table |= {f"{level:g}": share, f"{level:g} low": low, f"{level:g} high": high}
    axes.set(xscale="log", xlabel="momentum fraction x", ylabel="share of sets with the truth inside", ylim=(0, 1.05))
    axes.legend(loc="lower left")
    caption = (
        f"How often the truth lay in the band, over {sets} sets of pseudo-data; bands: binomial error; dotted: what is"
        " promised. Neighboring x are inside or outside together."
    )
    return Picture(figure, table, caption, "Coverage along x", "gluon-coverage")
