"""Whether bands hold what they promise: covered fractions and widths, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from ansatz.report.picture import Picture
from ansatz.report.style import look, names_on, styled


@styled
def coverage(names: Sequence[str], levels: Sequence[float], covered: np.ndarray, width: np.ndarray) -> Picture:
    """The covered fraction of every band beside what it promises, and its mean width.

    Args:
        names: of the bands.
        levels: what they promise.
        covered: value, low and high of the covered fractions, shape (3, bands, levels).
        width: value, low and high of the mean widths, shape (3, bands, levels).

    Example:
        >>> one = np.ones((3, 2, 1))
        >>> coverage(["a", "b"], [0.9], 0.9 * one, one).table["covered"]
        [0.9, 0.9]
    """
    figure = Figure(figsize=(6.4, 1.3 + 0.24 * len(names)), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    rows = np.arange(len(names), dtype=float)[::-1]
    for number, level in enumerate(levels):
        style, shift = look(number), 0.12 * (number - (len(levels) - 1) / 2)
        left.axvline(level, color=style.color, lw=0.8, ls=":")
        for axes, (value, low, high) in ((left, covered[..., number]), (right, width[..., number])):
            finite = np.isfinite(value)
            error = np.nan_to_num(np.stack([value - low, high - value]), posinf=0.0, neginf=0.0)[:, finite]
            axes.errorbar(
                value[finite], (rows - shift)[finite], xerr=error, fmt=style.marker, color=style.color, lw=1, ms=4
            )
        left.plot([], [], style.marker, color=style.color, label=f"promised {level:.0%}")
    names_on(left, list(names)[::-1])
    left.set(xlabel="share with the truth inside", xlim=(0, 1.02), ylim=(-0.6, len(names) - 0.4))
    right.set(xlabel="mean width of the band")
    right.set_xlim(0, None)
    figure.legend(loc="outside upper left", ncols=len(levels))
    caption = (
        "How often bands held the truth, with the error over pseudo-experiments; dotted: what they promise. Of two"
        " bands that hold it, the narrower says more. Bands of the mean are narrower than those of a new measurement."
    )
    return Picture(figure, _table(names, levels, covered, width), caption, "Coverage and width", "coverage")


def _table(
    names: Sequence[str], levels: Sequence[float], covered: np.ndarray, width: np.ndarray
) -> dict[str, Sequence[object]]:
    many = len(levels)
    return {
        "band": [name for name in names for _ in levels],
        "promised": list(levels) * len(names),
        "covered": covered[0].reshape(-1, many).ravel().tolist(),
        "covered low": covered[1].ravel().tolist(),
        "covered high": covered[2].ravel().tolist(),
        "width": width[0].ravel().tolist(),
    }
