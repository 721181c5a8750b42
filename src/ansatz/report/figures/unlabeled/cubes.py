"""The curse of dimensionality: volumes, distances, crowding and measured dimensions against the number of columns."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from ansatz.report.picture import Picture
from ansatz.report.style import INK, REFERENCE, canvas, look, styled

Measured = Mapping[str, np.ndarray]
"""Quantities as (value, low, high), shape (dimensions, 3), and `dimensions`."""


def _points(axes: Axes, d: np.ndarray, found: np.ndarray, number: int, label: str) -> None:
    style = look(number)
    value, low, high = found.T
    axes.plot([d, d], [low, high], color=style.color, lw=1.0)
    axes.plot(d, value, style.marker, color=style.color, ms=4, label=label)


def _table(found: Measured, names: tuple[str, ...], exact: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    table = {"dimensions": found["dimensions"]}
    for name in names:
        table |= {name: found[name][:, 0], f"{name}, low": found[name][:, 1], f"{name}, high": found[name][:, 2]}
    return table | {f"{name}, exact": values for name, values in exact.items()}


@styled
def volumes(found: Measured, ball: np.ndarray, edge: np.ndarray, margin: float) -> Picture:
    """Shares of a cube in the inscribed ball and near a face, beside the closed forms.

    Args:
        found: fractions of random points under "ball" and "edge".
        ball: closed form of each dimension.
        edge: closed form of each dimension.
        margin: what near means.
    """
    figure, axes = canvas()
    d = found["dimensions"]
    for number, (name, text, exact) in enumerate(
        (("ball", "inside the inscribed ball", ball), ("edge", f"within {margin:g} of a face", edge))
    ):
        drawn = np.where(found[name] > 0, found[name], np.nan)
        _points(axes, d, drawn, number, text)
        axes.plot(d, exact, color=look(number).color, ls=look(number).line, lw=0.9)
    axes.set(xlabel="dimensions D", ylabel="share of the volume", yscale="log", ylim=(0.3 * min(ball.min(), 0.1), 2))
    axes.axhline(1, color=INK, lw=0.5)
    axes.legend(loc="lower left")
    caption = "Random points (with 68 % intervals) and closed forms (lines). No point falls into the ball for large D."
    return Picture(
        figure, _table(found, ("ball", "edge"), {"ball": ball, "edge": edge}), caption, "Where the volume is", "volumes"
    )


@styled
def distances(found: Measured, nearest: np.ndarray, points: int) -> Picture:
    """Mean distance of two points, and to the nearest of many, against the dimension.

    Args:
        found: "nearest" (on a torus) and "mean distance".
        nearest: closed form of the nearest one.
        points: how many there are.
    """
    figure, axes = canvas()
    d = found["dimensions"]
    _points(axes, d, found["mean distance"], 0, "mean of two points")
    axes.plot(d, np.sqrt(d / 6), color=look(0).color, lw=0.9, label=r"$\sqrt{D/6}$")
    _points(axes, d, found["nearest"], 1, f"nearest of {points} (torus)")
    good = nearest < 0.5
    axes.plot(d[good], nearest[good], color=look(1).color, ls=look(1).line, lw=0.9, label="closed form")
    axes.set(xlabel="dimensions D", ylabel="distance / side of the cube", yscale="log")
    axes.legend(loc="lower right")
    caption = "Distances grow together: in many dimensions the nearest neighbor is nearly as far as any other point."
    table = _table(found, ("mean distance", "nearest"), {"nearest": nearest})
    return Picture(figure, table, caption, "How far apart points are", "distances")


@styled
def crowding(found: Measured, crowd: int) -> Picture:
    """How far the nearest point is beside the farthest, and how trustworthy a map into a plane can be.

    Args:
        found: "contrast" and "trustworthiness".
        crowd: points that were laid into the plane.
    """
    figure, axes = canvas()
    d = found["dimensions"]
    _points(axes, d, found["trustworthiness"], 0, "trustworthiness of a plane")
    _points(axes, d, found["contrast"], 1, "nearest / farthest distance")
    axes.set(xlabel="dimensions D", ylabel="share", ylim=(0, 1.03))
    axes.axhline(1, color=INK, lw=0.5)
    axes.legend(loc="best")
    caption = (
        f"The crowding problem: {crowd} normal points of D dimensions laid into a plane by stochastic neighbor"
        " embedding keep less and less of their neighborhoods, while all points become equally far."
    )
    return Picture(figure, _table(found, ("trustworthiness", "contrast"), {}), caption, "Crowding", "crowding")


@styled
def estimates(found: Measured) -> Picture:
    """The dimension that two estimators find in points of a cube, against the true one."""
    figure, axes = canvas((3.5, 3.2))
    d = found["dimensions"]
    top = max(float(d.max()), float(np.nanmax(found["two-nn"])), float(np.nanmax(found["levina-bickel"])))
    axes.plot([0, top], [0, top], color=REFERENCE.color, ls=REFERENCE.line, lw=0.9, label="true")
    _points(axes, d - 0.1, found["two-nn"], 0, "two nearest neighbors")
    _points(axes, d + 0.1, found["levina-bickel"], 1, "likelihood of neighbors")
    axes.set(xlabel="dimensions D", ylabel="estimated dimension", xlim=(0, None), ylim=(0, None))
    axes.legend(loc="upper left")
    caption = "Estimates with their one-sigma intervals, which hold the scatter and what the shape of the data may do."
    table = _table(found, ("two-nn", "levina-bickel"), {})
    return Picture(figure, table, caption, "Measured dimensions", "estimated-dimensions")
