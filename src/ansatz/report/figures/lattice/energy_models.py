"""What Boltzmann machines have learned: divergences, filters, states, energies, partition functions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ansatz.report.picture import Picture, stacked_table
from ansatz.report.style import GRAY, REFERENCE, SQUARE, canvas, legend, look, plain, styled


@styled
def divergences(curves: Mapping[str, tuple[np.ndarray, np.ndarray]], floor: float) -> Picture:
    """The exact divergence from the law of the data during each fit.

    Args:
        curves: for each method the number of optimizer steps and the divergence there, in nats.
        floor: what the best fit to so many states has in theory.

    Example:
        >>> steps = np.array([1, 10])
        >>> divergences({"persistent": (steps, np.array([1.0, 0.1]))}, 0.01).table["divergence"]
        [1.0, 0.1]
    """
    figure, axes = canvas()
    series = {}
    for number, (name, (steps, values)) in enumerate(curves.items()):
        style = look(number)
        axes.plot(steps, values, color=style.color, ls=style.line, label=plain(name))
        series[name] = {"step": steps, "divergence": values}
    axes.axhline(floor, color=REFERENCE.color, ls=REFERENCE.line, lw=0.9, label="parameters / 2n")
    axes.set(xlabel="optimizer steps", ylabel="KL from the exact law [nats]", yscale="log")
    legend(axes, len(curves) + 1, "upper right")
    caption = (
        "Kullback-Leibler divergence of the machine from the law of the data, a sum over all states, during the fit; "
        "dotted: what the fit of largest likelihood to so many states has on average."
    )
    return Picture(figure, stacked_table(series, "method"), caption, "Learning curve", "boltzmann-divergence")


@styled
def filters(weights: np.ndarray, *, most: int = 32) -> Picture:
    """The couplings of each hidden unit to the visible ones, as images.

    Args:
        weights: shape (hidden, height, width).
        most: how many are shown, those with the largest norm first.

    Example:
        >>> len(filters(np.ones((2, 3, 3))))
        18
    """
    norm = np.sqrt(np.sum(weights**2, axis=(1, 2)))
    order = np.argsort(-norm, kind="stable")[:most]
    columns = min(8, len(order))
    lines = -(-len(order) // columns)
    figure = Figure(figsize=(4.6, 0.25 + 0.58 * lines), layout="constrained")
    grid = figure.subplots(lines, columns, squeeze=False).ravel()
    limit = float(np.abs(weights).max()) or 1.0
    for axes in grid:
        axes.set_axis_off()
    for axes, unit in zip(grid, order, strict=False):
        image = axes.imshow(weights[unit], cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest")
    figure.colorbar(image, ax=grid.tolist(), label="coupling", shrink=0.9, aspect=12, pad=0.02)
    rows, across = np.indices(weights.shape[1:])
    table = {
        "hidden unit": np.repeat(order, rows.size),
        "row": np.tile(rows.ravel(), len(order)),
        "column": np.tile(across.ravel(), len(order)),
        "coupling": weights[order].ravel(),
    }
    shown = f"all {len(weights)}" if len(order) == len(weights) else f"the {len(order)} strongest of {len(weights)}"
    caption = f"Couplings of each hidden unit to the spins ({shown} hidden units, the strongest first)."
    return Picture(figure, table, caption, "Filters", "boltzmann-filters")


@styled
def states(groups: Mapping[str, np.ndarray], *, most: int = 8) -> Picture:
    """States of several origins, one line each.

    Args:
        groups: states of -1 and 1 by what they are, each of shape (states, height, width).
        most: how many of each.

    Example:
        >>> states({"real": np.ones((3, 2, 2))}).table["mean"]
        [1.0, 1.0, 1.0]
    """
    columns = min(most, *(len(some) for some in groups.values()))
    figure = Figure(figsize=(4.6, 0.1 + 0.78 * len(groups)), layout="constrained")
    grid = figure.subplots(len(groups), columns, squeeze=False)
    series = {}
    for line, (name, some) in zip(grid, groups.items(), strict=True):
        for axes, state in zip(line, some, strict=False):
            _state(axes, state)
        line[0].set_title(plain(name), fontsize=7.5, loc="left", pad=3)
        series[name] = {"state": np.arange(columns), "mean": some[:columns].mean(axis=(1, 2))}
    caption = "States side by side (dark: up), not chosen; the table holds their mean spins."
    return Picture(figure, stacked_table(series, "origin"), caption, "States", "boltzmann-states")


def _state(axes: Axes, state: np.ndarray) -> None:
    axes.imshow(state, cmap="gray_r", vmin=-1.6, vmax=1.2, interpolation="nearest")
    axes.set(xticks=[], yticks=[])
    axes.minorticks_off()
    for spine in axes.spines.values():
        spine.set(color="#c9ced6", linewidth=0.5)


@styled
def distribution(
    values: np.ndarray, parts: Mapping[str, np.ndarray], *, counts: Mapping[str, int], quantity: str, name: str
) -> Picture:
    """The distribution of an observable in samples, with counting errors, beside the exact one or another sample.

    Args:
        values: what the observable can be, or the middles of bins.
        parts: for each origin the part of the states at each value; "exact" is drawn as a line.
        counts: number of states of each origin but the exact one.
        quantity: of the observable, for the axis.
        name: of the figure.

    Example:
        >>> parts = {"exact": np.array([0.5, 0.5]), "drawn": np.array([0.4, 0.6])}
        >>> len(distribution(np.array([0.0, 1.0]), parts, counts={"drawn": 100}, quantity="x", name="x"))
        4
    """
    figure, axes = canvas()
    seen = np.sum(list(parts.values()), axis=0) > 0
    series = {}
    for number, (origin, part) in enumerate(parts.items()):
        if origin == "exact":
            error = np.zeros(seen.sum())
            axes.plot(values[seen], part[seen], color=REFERENCE.color, lw=1.0, label="exact", zorder=3)
        else:
            n = counts[origin]
            error = np.sqrt(np.maximum(part[seen] * (1 - part[seen]), 0) / n)
            style = look(number - ("exact" in parts))
            shift = 0.12 * (number - 0.5) * np.min(np.diff(values[seen]))
            bars = {"fmt": style.marker, "color": style.color, "ms": 3.2, "lw": 0.9}
            axes.errorbar(values[seen] + shift, part[seen], error, label=plain(origin), **bars)
        series[origin] = {quantity: values[seen], "part": part[seen], "error": error}
    axes.set(xlabel=quantity, ylabel="part of the states")
    axes.set_ylim(0, None)
    legend(axes, len(parts), "best")
    caption = f"Distribution of the {quantity}: states that the machine drew beside what they should be."
    return Picture(figure, stacked_table(series, "origin"), caption, f"Distribution of the {quantity}", name)


@styled
def log_probabilities(exact: np.ndarray, model: np.ndarray, energy: np.ndarray) -> Picture:
    """The probability that the machine gives to each state, against the exact one.

    Args:
        exact: ln p of every state.
        model: ln q of every state.
        energy: energy per site of every state; states of one energy have one exact probability.

    Example:
        >>> two = np.log([0.5, 0.5])
        >>> log_probabilities(two, two, np.zeros(2)).table["spread"]
        [0.0]
    """
    figure, axes = canvas(SQUARE)
    levels = np.unique(energy)
    groups = [model[energy == level] for level in levels]
    middle = np.array([exact[energy == level][0] for level in levels])
    mean = np.array([group.mean() for group in groups])
    low, high = np.array([np.quantile(group, [0.0, 1.0]) for group in groups]).T
    style = look(0)
    axes.plot([middle.min(), middle.max()], [middle.min(), middle.max()], color=GRAY, lw=0.8, ls="--", label="equal")
    axes.vlines(middle, low, high, color=style.color, lw=0.8, alpha=0.6, label="all states of one energy")
    axes.plot(middle, mean, style.marker, color=style.color, ms=3.2, label="their mean")
    axes.set(xlabel="ln p, exact", ylabel="ln q, machine")
    legend(axes, 3, "upper left")
    table = {
        "energy per site": levels.tolist(),
        "exact": middle.tolist(),
        "mean of the machine": mean.tolist(),
        "spread": [float(group.std()) for group in groups],
    }
    caption = "Probability of every state in the machine against the exact law; lines reach from the least to the most."
    return Picture(figure, table, caption, "All states", "boltzmann-states-exact")


@styled
def annealing(log_weights: np.ndarray, value: float, error: float, exact: float | None) -> Picture:
    """The estimates of ln Z by single annealed chains, their mean on the scale of Z, and the exact value.

    Args:
        log_weights: ln of the weight of each chain.
        value: ln of their mean.
        error: of that.
        exact: the sum over all states, if it is known.

    Example:
        >>> annealing(np.array([1.0, 2.0]), 1.6, 0.3, None).table["ln weight"].tolist()
        [1.0, 2.0]
    """
    figure, axes = canvas()
    axes.hist(log_weights, bins=min(40, 5 + len(log_weights) // 12), color=look(0).color, alpha=0.35, lw=0)
    axes.axvspan(value - error, value + error, color=look(1).color, alpha=0.35, lw=0)
    axes.axvline(value, color=look(1).color, label=f"annealing: {value:.3f} ± {error:.3f}")
    if exact is not None:
        axes.axvline(exact, color=REFERENCE.color, ls=REFERENCE.line, label=f"exact: {exact:.3f}")
    axes.set(xlabel="ln Z of a single chain", ylabel="chains")
    axes.set_ylim(0, 1.3 * axes.get_ylim()[1])
    legend(axes, 2, "upper left")
    caption = (
        "Annealed importance sampling: each chain gives an estimate of Z; their mean is unbiased on the scale of Z."
    )
    return Picture(figure, {"ln weight": np.sort(log_weights)}, caption, "Partition function", "boltzmann-annealing")
