"""States of lattices: energies and order against temperature, principal components, and the states themselves."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ansatz.report.picture import Picture
from ansatz.report.style import (
    GRAY,
    PALE,
    REFERENCE,
    SQUARE,
    canvas,
    error_bars,
    legend,
    look,
    stacked,
    styled,
)

TEMPERATURE = "temperature [J]"
TRANSITION = "transition, exact"
GROUPS = ("ordered, down", "disordered", "ordered, up")


def transition_line(axes: Axes, critical: float, label: str | None = TRANSITION) -> None:
    """The transition as a thin line behind everything."""
    axes.axvline(critical, color=GRAY, lw=0.8, ls=":", zorder=0, label=label)


@styled
def energies(
    size: np.ndarray, temperature: np.ndarray, value: np.ndarray, error: np.ndarray, exact: np.ndarray
) -> Picture:
    """Mean energies of samples and their pulls from the exact ones.

    Args:
        size: side of the lattice, one for each mean.
        temperature: of each mean.
        value: mean energies per site.
        error: their standard errors.
        exact: exact energies; NaN where none is known.

    Example:
        >>> t, e = np.array([1.0, 2.0]), np.array([-1.99, -1.75])
        >>> energies(np.array([8, 8]), t, e + 0.01, np.full(2, 0.01), e).table["pull"].round(3).tolist()
        [1.0, 1.0]
    """
    figure, axes, below = stacked()
    pull = np.divide(value - exact, error, out=np.full(len(value), np.nan), where=error > 0)
    for number, side in enumerate(np.unique(size)):
        of, style = size == side, look(number)
        axes.plot(temperature[of], value[of], style.marker, color=style.color, label=f"L = {side}", zorder=3)
        below.plot(temperature[of], pull[of], style.marker, color=style.color)
    known = np.flatnonzero(np.isfinite(exact))
    order = known[np.lexsort((temperature[known], size[known]))]
    for side in np.unique(size[order]):
        of = order[size[order] == side]
        axes.plot(
            temperature[of], exact[of], color=REFERENCE.color, lw=0.8, label="exact" if of[0] == order[0] else None
        )
    below.axhspan(-1, 1, color=PALE, alpha=0.6, lw=0)
    farthest = 1.15 * max(4.0, float(np.abs(pull[known]).max(initial=0)))
    below.set(xlabel=TEMPERATURE, ylabel="pull", ylim=(-farthest, farthest))
    axes.set_ylabel("energy per site [J]")
    legend(axes, len(np.unique(size)) + 1, "upper left")
    table = {"size": size, "temperature": temperature, "energy": value, "error": error, "exact": exact, "pull": pull}
    caption = "Mean energies of all measurements beside the exact ones of lattices of that size, and their pulls."
    return Picture(figure, table, caption, "Energies of the samples", "lattice-energies")


@styled
def order(
    temperature: np.ndarray,
    value: np.ndarray,
    error: np.ndarray,
    exact: np.ndarray,
    *,
    curve: tuple[np.ndarray, np.ndarray],
    critical: float,
    component: np.ndarray | None = None,
) -> Picture:
    """The order parameter against temperature, beside that of the infinite lattice and a principal component.

    Args:
        temperature: rising.
        value: mean of the absolute magnetization per site.
        error: its standard error.
        exact: spontaneous magnetization of the infinite lattice.
        curve: the same at many temperatures, for a smooth line.
        critical: the exact transition.
        component: mean of the absolute first component over the square root of the number of sites.

    Example:
        >>> t = np.array([1.0, 3.0])
        >>> order(t, np.array([1.0, 0.1]), np.zeros(2), np.array([1.0, 0.0]), curve=(t, t), critical=2.27).name
        'lattice-order'
    """
    figure, axes = canvas()
    axes.plot(*curve, color=REFERENCE.color, lw=1.0, label="infinite lattice, exact")
    error_bars(axes, temperature, value, error, color=look(0).color)
    axes.plot(temperature, value, look(0).marker, color=look(0).color, ms=3.0, label="|m|, samples")
    table = {"temperature": temperature, "order": value, "error": error, "infinite lattice": exact}
    if component is not None:
        axes.plot(temperature, component, "+", color=look(1).color, ms=6, mew=1.0, label="|PC1| / √N")
        table |= {"component": component}
    transition_line(axes, critical)
    axes.set(xlabel=TEMPERATURE, ylabel="order parameter", ylim=(-0.03, 1.08))
    legend(axes, 4, "lower left")
    caption = (
        "Mean absolute magnetization of the samples, and the spontaneous magnetization of the infinite lattice; a "
        "finite lattice keeps some above the transition."
    )
    return Picture(figure, table, caption, "Order parameter", "lattice-order")


@styled
def component_plane(plane: np.ndarray, temperature: np.ndarray, group: np.ndarray) -> Picture:
    """States in the plane of two principal components: color is temperature, the marker is the cluster.

    Args:
        plane: coordinates over the square root of the number of sites, shape (states, 2).
        temperature: of each state.
        group: cluster of each state: 0, 1 or 2 along the first component.

    Example:
        >>> component_plane(np.eye(2), np.array([1.0, 2.0]), np.array([0, 2])).table["cluster"]
        ['ordered, down', 'ordered, up']
    """
    figure, axes = canvas(SQUARE)
    bounds = {"vmin": float(temperature.min()), "vmax": float(temperature.max())}
    for number, name in enumerate(GROUPS):
        of = group == number
        points = axes.scatter(*plane[of].T, c=temperature[of], cmap="viridis", s=7, lw=0, marker=look(number).marker,
                              rasterized=True, **bounds)  # fmt: skip
        axes.plot([], [], look(number).marker, color=GRAY, label=name)
    figure.colorbar(points, ax=axes, label=TEMPERATURE, pad=0.02, aspect=28)
    axes.set(xlabel="PC1 / √N", ylabel="PC2 / √N")
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.3 * (high - low))
    legend(axes, 3, "upper right", title="cluster (marker)")
    table = {
        "PC1": plane[:, 0],
        "PC2": plane[:, 1],
        "temperature": temperature,
        "cluster": [GROUPS[g] for g in group],
    }
    caption = (
        "Some states of every temperature in the plane of the first two components; markers are k-means' clusters."
    )
    return Picture(figure, table, caption, "Clusters without labels", "lattice-plane")


@styled
def spectrum(explained: np.ndarray, structure: np.ndarray) -> Picture:
    """Shares of the variance along the principal components, beside those in the Fourier modes.

    Args:
        explained: along each component, falling.
        structure: in the strongest Fourier modes, falling.

    Example:
        >>> spectrum(np.array([0.5, 0.1]), np.array([0.5, 0.09])).table["component"].tolist()
        [1, 2]
    """
    figure, axes = canvas()
    number = np.arange(1, len(explained) + 1)
    axes.plot(number, explained, look(0).marker, color=look(0).color, label="principal components")
    axes.plot(number, structure, "_", color=look(1).color, ms=9, mew=1.4, label="Fourier modes")
    axes.set(xlabel="component", ylabel="share of the variance", yscale="log", xticks=number)
    axes.tick_params(axis="x", which="minor", length=0)
    legend(axes, 2, "upper right")
    table = {"component": number, "principal components": explained, "Fourier modes": structure}
    caption = (
        "Share of the variance along each principal component, and in each Fourier mode of the same states; the "
        "first is the uniform mode. Components adapt to chance, so they lie a little above the modes."
    )
    return Picture(figure, table, caption, "Shares of the variance", "lattice-spectrum")


@styled
def component_images(axes_of: np.ndarray) -> Picture:
    """Principal axes as images of the lattice.

    Args:
        axes_of: shape (components, height, width).

    Example:
        >>> len(component_images(np.ones((2, 3, 3))))
        18
    """
    figure = Figure(figsize=(4.6, 1.45), layout="constrained")
    grid = figure.subplots(1, len(axes_of), squeeze=False).ravel()
    limit = float(np.abs(axes_of).max())
    for number, (axes, image) in enumerate(zip(grid, axes_of, strict=True), 1):
        shown = axes.imshow(image, cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest")
        axes.set_axis_off()
        axes.set_title(f"PC{number}", fontsize=7.5, pad=3)
    figure.colorbar(shown, ax=grid.tolist(), label="weight of a spin", shrink=0.9, aspect=12, pad=0.02)
    count, rows, columns = np.indices(axes_of.shape).reshape(3, -1)
    table = {"component": count + 1, "row": rows, "column": columns, "weight": axes_of.ravel()}
    caption = "The first principal axes: weights of all spins. The first is uniform, the next are the longest waves."
    return Picture(figure, table, caption, "Principal axes", "lattice-axes")


@styled
def examples(states: np.ndarray, temperature: np.ndarray) -> Picture:
    """A state of each of some temperatures.

    Args:
        states: spins, shape (states, height, width).
        temperature: of each.

    Example:
        >>> examples(np.ones((2, 4, 4)), np.array([1.0, 2.0])).table["mean spin"]
        [1.0, 1.0]
    """
    figure = Figure(figsize=(4.6, 1.05), layout="constrained")
    for axes, state, t in zip(figure.subplots(1, len(states), squeeze=False)[0], states, temperature, strict=True):
        axes.imshow(state, cmap="gray_r", vmin=-1.6, vmax=1.2, interpolation="nearest")
        axes.set(xticks=[], yticks=[])
        axes.minorticks_off()
        axes.set_title(f"T = {t:.3g}", fontsize=7, pad=3)
        for spine in axes.spines.values():
            spine.set(color=PALE, linewidth=0.5)
    table = {"temperature": temperature.tolist(), "mean spin": states.mean(axis=(1, 2)).tolist()}
    return Picture(figure, table, "A state of each of some temperatures (dark: up), not chosen.", "States",
                   "lattice-examples")  # fmt: skip
