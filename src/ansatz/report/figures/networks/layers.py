"""What goes on inside a network: activations and errors on its units, signals by depth, starts compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ansatz.report.picture import Picture, stacked_table
from ansatz.report.style import GRAY, INK, canvas, legend, look, plain, styled

DIVERGING = "RdBu_r"


class Laid(NamedTuple):
    """One forward and backward pass.

    Attributes:
        activations: of each layer, the point first.
        errors: of each layer but the first.
        weights: of the connections into each layer but the first, shape (units, units before).
        gradients: of the risk by these weights.
    """

    activations: Sequence[np.ndarray]
    errors: Sequence[np.ndarray]
    weights: Sequence[np.ndarray]
    gradients: Sequence[np.ndarray]


@styled
def passes(laid: Laid, *, name: str = "network") -> Picture:
    """The two passes of backpropagation: activations go forward, errors come back.

    Left, units are colored by their activation and lines by their weight; right, units by their error and lines by the
    gradient of the risk by that weight.

    Args:
        laid: what they computed.
        name: of the network.
    """
    figure = Figure(figsize=(7.2, 3.1), layout="constrained")
    left, right = figure.subplots(1, 2)
    blank = np.full_like(laid.activations[0], np.nan)
    _graph(left, laid.activations, laid.weights)
    _graph(right, [blank, *laid.errors], laid.gradients)
    left.set_title("forward: activations a and weights →")
    right.set_title("← backward: errors Δ and gradients")
    rows = {
        f"layer {k}": {"unit": np.arange(len(a)) + 1, "activation": a, "error": blank if k == 0 else laid.errors[k - 1]}
        for k, a in enumerate(laid.activations)
    }
    caption = (
        f"One point in {plain(name)}. Left: what each unit passes on. Right: the error of each unit, and on the lines"
        " the gradient: the error on their right times the activation on their left. Red is positive, blue negative."
    )
    return Picture(figure, stacked_table(rows, "layer"), caption, "Forward and backward", f"passes-{name}")


def _graph(axes: Axes, units: Sequence[np.ndarray], links: Sequence[np.ndarray]) -> None:
    """Units as circles with their numbers, links as lines as thick as they are large."""
    known = np.concatenate([u for u in units if np.isfinite(u).all()])
    shade = TwoSlopeNorm(0.0, -_reach(known), _reach(known))
    cmap = mpl.colormaps[DIVERGING]
    heights = [np.linspace(0.5 * (len(u) - 1), -0.5 * (len(u) - 1), len(u)) for u in units]
    for k, matrix in enumerate(links):
        for j, i in np.ndindex(matrix.shape):
            share = matrix[j, i] / _reach(matrix)
            color = cmap(0.5 + 0.45 * share)
            axes.plot([k, k + 1], [heights[k][i], heights[k + 1][j]], color=color, lw=0.4 + 2.6 * abs(share), zorder=1)
    for k, (values, places) in enumerate(zip(units, heights, strict=True)):
        for value, place in zip(values, places, strict=True):
            known = np.isfinite(value)
            face = cmap(shade(value)) if known else "white"
            axes.plot(k, place, "o", ms=22, mfc=face, mec=INK, mew=0.7, zorder=2)
            dark = known and abs(value) > 0.62 * _reach(np.array([shade.vmax]))
            axes.text(k, place, _short(value) if known else "x", ha="center", va="center", fontsize=6.5, zorder=3,
                      color="white" if dark else INK)  # fmt: skip
    tall = max(len(u) for u in units)
    axes.set(xlim=(-0.4, len(units) - 0.6), ylim=(-0.5 * tall - 0.1, 0.5 * tall + 0.1))
    axes.set_xticks(range(len(units)), ["input", *(f"layer {k}" for k in range(1, len(units)))])
    axes.set_yticks([])
    axes.minorticks_off()
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _reach(values: np.ndarray) -> float:
    return max(float(np.abs(values).max()), 1e-300)


def _short(value: float) -> str:
    return (
        f"{value:.2f}" if abs(value) >= 0.095 or value == 0 else f"{value:.3f}" if abs(value) > 5e-4 else f"{value:.0e}"
    )


@styled
def gradients_agree(explicit: np.ndarray, automatic: np.ndarray, numeric: np.ndarray) -> Picture:
    """How far the recursion is from autodiff and from finite differences, parameter by parameter.

    Args:
        explicit: gradient by the recursion.
        automatic: by autodiff.
        numeric: by finite differences.
    """
    figure, axes = canvas((3.9, 2.8))
    scale = np.abs(automatic).max()
    columns = {"|gradient|": np.abs(automatic)}
    for number, (title, other) in enumerate({"autodiff": automatic, "finite differences": numeric}.items()):
        distance = np.maximum(np.abs(explicit - other) / scale, 1e-18)
        style = look(number)
        axes.plot(np.abs(automatic), distance, style.marker, color=style.color, ms=3, ls="", label=f"to {title}")
        columns[f"distance to {title}"] = distance
    axes.axhline(np.finfo(float).eps, color=GRAY, lw=0.8, ls=(0, (4, 2)))
    axes.text(1.0, np.finfo(float).eps * 1.4, "rounding of float64 ", transform=axes.get_yaxis_transform(), ha="right",
              fontsize=7, color=GRAY)  # fmt: skip
    axes.set(xscale="log", yscale="log", xlabel="size of the gradient's component", ylabel="relative distance")
    axes.set_ylim(3e-19, 1e-6)
    axes.legend(loc="upper left", bbox_to_anchor=(0, 0.62))
    caption = (
        "Distance of the recursion to autodiff and to central differences, for each weight and bias, in units of the"
    )
    caption += " largest component (what agrees in all digits is drawn at the bottom)."
    return Picture(figure, columns, caption, "The gradient, three ways", "gradients-agree")


@styled
def errors_by_depth(measured: Mapping[str, np.ndarray], expected: Mapping[str, np.ndarray], *, width: int) -> Picture:
    r"""The size of the errors in each layer of deep networks at their start, beside that expected of wide ones.

    Args:
        measured: root mean square of $\Delta^{(l)}$ over that at the output, shape (depth,), of each kind of network.
        expected: the same in the limit of wide layers.
        width: units of each layer.
    """
    figure, axes = canvas((3.9, 3.0))
    rows = {}
    for number, (kind, sizes) in enumerate(measured.items()):
        layers, style = np.arange(1, len(sizes) + 1), look(number)
        alive = sizes > 0
        axes.plot(layers, np.where(expected[kind] > 0, expected[kind], np.nan), color=style.color, ls=style.line, lw=1)
        axes.plot(layers[alive], sizes[alive], style.marker, color=style.color, ms=3.5, ls="", label=plain(kind))
        rows[kind] = {"layer": layers, "measured": sizes, "expected": expected[kind]}
    axes.axhline(1, color=INK, lw=0.5)
    axes.set(yscale="log", xlabel="layer (1 is next to the input)", ylabel=r"rms $\Delta^{(l)}$ / rms $\Delta^{(L)}$")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    legend(axes, len(measured), "lower right")
    caption = (
        f"Errors on their way back through networks of width {width} at their start: points measured, lines expected"
    )
    caption += " of infinitely wide layers."
    return Picture(figure, stacked_table(rows, "network"), caption, "Vanishing and exploding errors", "errors-by-depth")


@styled
def factors(table: np.ndarray, activations: Sequence[str], initializations: Sequence[str]) -> Picture:
    """By which factor errors change per layer, for each activation function and initialization.

    Args:
        table: the factors, shape (activations, initializations); zero where no error comes back.
        activations: names of the lines.
        initializations: names of the columns.
    """
    figure, axes = canvas((3.7, 0.75 + 0.27 * len(activations)))
    shown = np.log10(np.clip(np.where(table > 0, table, np.nan), 1e-2, 1e2))
    cmap = mpl.colormaps["PuOr"].with_extremes(bad="#e4e7eb")
    axes.imshow(shown, cmap=cmap, vmin=-1, vmax=1, aspect="auto")
    for i, j in np.ndindex(table.shape):
        text = "none" if table[i, j] == 0 else f"{table[i, j]:.3g}"
        dark = table[i, j] > 0 and abs(np.log10(table[i, j])) > 0.55
        axes.text(j, i, text, ha="center", va="center", fontsize=7.5, color="white" if dark else INK)
    axes.set_xticks(range(len(initializations)), initializations)
    axes.set_yticks(range(len(activations)), activations)
    axes.xaxis.tick_top()
    axes.minorticks_off()
    axes.tick_params(length=0)
    columns = {
        "activation": np.repeat(list(activations), len(initializations)),
        "initialization": np.tile(list(initializations), len(activations)),
        "factor": table.ravel(),
    }
    caption = (
        "Factor on the errors per layer on their way back, measured in deep networks at their start: 1 keeps them,"
    )
    caption += " below they vanish, above they explode."
    return Picture(figure, columns, caption, "Factor per layer", "factors")


@styled
def activation_functions(z: np.ndarray, functions: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Picture:
    """Each activation function with its derivative.

    Args:
        z: the argument, shape (points,).
        functions: values and derivatives there, shape (points,) each.
    """
    columns = 4
    lines = -(-len(functions) // columns)
    figure = Figure(figsize=(7.2, 0.15 + 1.45 * lines), layout="constrained")
    panels = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
    for axes, (name, (value, slope)) in zip(panels.ravel(), functions.items(), strict=False):
        axes.axhline(0, color=GRAY, lw=0.4)
        axes.plot(z, value, color=look(0).color, label="g(z)")
        axes.plot(z, slope, color=look(1).color, ls=look(1).line, label="g′(z)")
        axes.set(ylim=(-1.25, 2.2), xlim=(z[0], z[-1]))
        axes.set_title(plain(name), pad=3)
    for axes in panels.ravel()[len(functions) :]:
        axes.set_axis_off()
    for axes in panels[-1]:
        axes.set_xlabel("z")
    panels[0, 0].legend(loc="upper left", fontsize=6.5)
    table = stacked_table({n: {"z": z, "g": g, "derivative": d} for n, (g, d) in functions.items()}, "function")
    caption = "Activation functions of the lectures and their derivatives, which multiply the errors on their way back."
    return Picture(figure, table, caption, "Activation functions", "activation-functions")


@styled
def starts(courses: Mapping[str, np.ndarray], *, constant: float, rule: str) -> Picture:
    """The risk during the same descent from different initializations.

    Args:
        courses: risk after each step, shape (steps + 1,), of each initialization.
        constant: risk of the best constant, which is all that equal units can reach.
        rule: what descends.
    """
    figure, axes = canvas((3.9, 2.8))
    rows = {}
    for number, (name, risk) in enumerate(courses.items()):
        keep = np.unique(np.linspace(0, len(risk) - 1, 300).astype(int))
        style = look(number)
        axes.plot(keep, risk[keep], color=style.color, ls=style.line, label=plain(name))
        rows[name] = {"step": keep, "risk": risk[keep]}
    axes.axhline(constant, color=GRAY, lw=0.8, ls=(0, (4, 2)))
    axes.text(0.99, constant * 1.08, "best constant", transform=axes.get_yaxis_transform(), ha="right", fontsize=7.5,
              color=GRAY)  # fmt: skip
    axes.set(yscale="log", xlabel=f"steps of {plain(rule)}", ylabel="risk")
    axes.legend(loc="lower left")
    caption = "The same network, data and descent from different starts. From zero all units stay equal."
    return Picture(figure, stacked_table(rows, "initialization"), caption, "Where the weights start", "starts")
