"""Figures of a bump hunt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ansatz.report.picture import Picture
from ansatz.report.style import GRAY, INK, canvas, error_bars, label, legend, look, pretty_unit, stacked, styled


@styled
def spectrum(
    arrays: Mapping[str, np.ndarray], window: Sequence[float], *, mass: str, unit: str | None = None, when: str = ""
) -> Picture:
    """Counts with the smooth background and the most unlikely window; below, the excess in standard deviations.

    Args:
        arrays: `edges`, `counts` and `background`.
        window: lower and upper end.
        mass: name of the column.
        unit: of it.
        when: what stands behind the title, such as ", after the cut".
    """
    figure, axes, below = stacked((3.9, 3.5))
    edges, counts, background = (arrays[name] for name in ("edges", "counts", "background"))
    middle, seen = (edges[:-1] + edges[1:]) / 2, counts > 0
    pull = (counts - background) / np.sqrt(np.maximum(background, 1e-9))
    axes.plot(middle, background, color=look(1).color, label="smooth background")
    error_bars(axes, middle[seen], counts[seen], np.sqrt(counts[seen]), color=INK, marker="o")
    axes.plot([], [], "o", color=INK, ms=3, label="events")
    for part in (axes, below):
        part.axvspan(*window, color=look(0).color, alpha=0.18, lw=0)
    below.stairs(pull, edges, fill=True, color=look(0).color, alpha=0.6)
    below.axhline(0, color=INK, lw=0.6)
    low = max(0.5, float(background.min()) / 2)
    per = f"events / {edges[1] - edges[0]:.3g} {pretty_unit(unit) if unit else ''}".rstrip()
    axes.set(yscale="log", ylabel=per, ylim=(low, 3 * max(float(counts.max()), 1.0)))
    axes.legend(loc="upper right")
    below.set(xlabel=label(mass, unit), ylabel="excess / √b", xlim=(edges[0], edges[-1]))
    table = {"from": edges[:-1], "to": edges[1:], "events": counts, "background": background, "excess / sqrt(b)": pull}
    caption = f"Events in {mass}{when}, and the smooth background fitted to them; shaded: the window with the "
    caption += "most unlikely excess. Below: excess over the statistical error of the background."
    return Picture(figure, table, caption, f"Spectrum{when}", f"spectrum{when.replace(', ', '-')}")


@styled
def pseudo_experiments(arrays: Mapping[str, np.ndarray], *, when: str = "") -> Picture:
    """How unlikely the best window of spectra without a bump is, and that of the data."""
    figure, axes = canvas()
    values, observed = arrays["statistics"], float(arrays["observed"][0])
    top = max(float(values.max()), observed) * 1.08
    edges = np.linspace(0, top, 41)
    counts = np.histogram(values, edges)[0]
    axes.stairs(counts, edges, fill=True, color=look(1).color, alpha=0.4, label="without a bump")
    axes.axvline(observed, color=look(0).color, label="data")
    axes.axhline(1, color=GRAY, lw=0.5)
    axes.set(yscale="log", xlabel="−ln p of the most unlikely window", ylabel="pseudo-experiments", xlim=(0, top))
    axes.set_ylim(0.5, 4 * counts.max())
    legend(axes, 5, "upper right")
    caption = f"The most unlikely window of {len(values)} pseudo-experiments without a bump, searched as the data are; "
    caption += "the part of them beyond the line is the global p-value."
    table = {"from": edges[:-1], "to": edges[1:], "pseudo-experiments": counts}
    return Picture(figure, table, caption, f"Look-elsewhere effect{when}", f"elsewhere{when.replace(', ', '-')}")
