"""What networks say of phases: outputs and accuracies against temperature, the W of confusion, collapses."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from ansatz.report.figures.lattice.samples import TEMPERATURE, transition_line
from ansatz.report.picture import Picture, stacked_table
from ansatz.report.style import PALE, REFERENCE, canvas, error_bars, legend, look, names_on, plain, styled
from ansatz.validation import Interval

Curve = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Abscissa, value, standard error."""


@styled
def outputs(curves: Mapping[str, Curve], exact: np.ndarray, *, critical: float) -> Picture:
    """Mean outputs of networks against temperature, beside the exact probability.

    Args:
        curves: for each network the temperatures, its mean output there and the error of that.
        exact: the mean of the exact probability that a state is ordered.
        critical: the exact transition.

    Example:
        >>> t = np.array([2.0, 2.5])
        >>> outputs({"dense": (t, np.array([0.9, 0.1]), np.zeros(2))}, np.array([1.0, 0.0]), critical=2.27).name
        'phase-outputs'
    """
    figure, axes = canvas()
    first = next(iter(curves.values()))[0]
    axes.plot(first, exact, color=REFERENCE.color, lw=1.0, label="exact probability", zorder=1)
    for number, (name, (t, value, error)) in enumerate(curves.items()):
        style = look(number)
        error_bars(axes, t, value, error, color=style.color)
        axes.plot(t, value, style.marker, color=style.color, ms=3.2, label=plain(name))
    transition_line(axes, critical)
    axes.set(xlabel=TEMPERATURE, ylabel="mean output “ordered”", ylim=(-0.04, 1.04))
    legend(axes, len(curves) + 2, "upper right")
    series = {name: {"temperature": t, "output": v, "error": e} for name, (t, v, e) in curves.items()}
    series["exact"] = {"temperature": first, "output": exact, "error": np.zeros(len(first))}
    caption = (
        "Mean over fresh states of what the networks say, and of the exact probability that the temperature of a state "
        "is below the transition, given its energy."
    )
    return Picture(figure, stacked_table(series, "network"), caption, "Phase against temperature", "phase-outputs")


@styled
def shares(found: Mapping[str, Interval], *, limit: float) -> Picture:
    """Accuracies as fractions of the largest that is possible.

    Args:
        found: for each classifier its fraction of the limit.
        limit: the largest possible accuracy.

    Example:
        >>> shares({"cut": Interval(0.99, 0.98, 1.0)}, limit=0.9888).table["accuracy"]
        [0.978912]
    """
    figure = Figure(figsize=(3.5, 1.0 + 0.3 * len(found)), layout="constrained")
    axes = figure.add_subplot()
    for place, interval in enumerate(found.values()):
        style = look(place)
        axes.plot([interval.low, interval.high], [place, place], color=style.color, lw=1.4)
        axes.plot(interval.value, place, style.marker, color=style.color, ms=4.5)
    axes.axvline(1.0, color=REFERENCE.color, ls=REFERENCE.line, lw=0.9)
    names_on(axes, list(found))
    axes.set(xlabel=f"accuracy / the exact limit of {limit:.4f}", ylim=(len(found) - 0.4, -0.6))
    least = min(i.low for i in found.values())
    axes.set_xlim(least - 0.12 * (1 - least), 1 + 0.08 * (1 - least))
    axes.xaxis.get_major_formatter().set_useOffset(False)
    table = {
        "classifier": list(found),
        "fraction": [i.value for i in found.values()],
        "low": [i.low for i in found.values()],
        "high": [i.high for i in found.values()],
        "accuracy": [i.value * limit for i in found.values()],
    }
    caption = "Accuracy on fresh states over Bayes' decision from the exact P(E), which nothing can beat (dotted)."
    return Picture(figure, table, caption, "Fraction of the limit", "phase-shares")


@styled
def confusion(
    cut: np.ndarray,
    accuracy: np.ndarray,
    error: np.ndarray,
    limit: np.ndarray,
    found: Interval | None,
    *,
    critical: float,
) -> Picture:
    """The W: accuracy against the temperature at which the labels change.

    Args:
        cut: temperatures T'.
        accuracy: on fresh states, of the member that learned each cut.
        error: its standard error.
        limit: the largest possible accuracy of each cut.
        found: the temperature of the middle peak, if there is one.
        critical: the exact transition.

    Example:
        >>> t, a = np.array([2.0, 2.2, 2.4]), np.array([0.9, 0.95, 0.9])
        >>> confusion(t, a, 0.01 * a, a + 0.01, Interval(2.2, 2.1, 2.3), critical=2.27).name
        'confusion-curve'
    """
    figure, axes = canvas()
    if found is not None:
        axes.axvspan(found.low, found.high, color=look(1).color, alpha=0.3, lw=0, label="peak found")
    axes.plot(cut, limit, color=REFERENCE.color, lw=1.0, label="best possible, exact")
    error_bars(axes, cut, accuracy, error, color=look(0).color)
    axes.plot(cut, accuracy, look(0).marker, color=look(0).color, ms=3.2, label="networks")
    if cut[0] < critical < cut[-1]:
        transition_line(axes, critical)
    axes.set(xlabel="T′: labels say “colder than T′” [J]", ylabel="accuracy on fresh states")
    low, high = axes.get_ylim()
    axes.set_ylim(low - 0.45 * (high - low), high)
    legend(axes, 4, "lower center")
    table = {"cut": cut, "accuracy": accuracy, "error": error, "best possible": limit}
    caption = (
        "Accuracy of one network for each cut T′. At the ends one class is empty; in the middle wrong labels are hard "
        "to learn, except where the states change."
    )
    return Picture(figure, table, caption, "Learning by confusion", "confusion-curve")


@styled
def collapse(
    curves: Mapping[int, Curve], found: Interval, *, known: float, lattice: str, scaled: bool, edge: float
) -> Picture:
    """Mean outputs of all sizes, against temperature or against the scaling variable.

    Args:
        curves: for each size the temperatures, mean outputs and their errors.
        found: the critical temperature of the collapse.
        known: the exact one.
        lattice: its name.
        scaled: whether the abscissa is (T - T_c) L.
        edge: outputs nearer to 0 or 1 were left out of the fit.

    Example:
        >>> t = np.array([2.0, 2.5])
        >>> parts = {8: (t, np.array([0.9, 0.1]), np.full(2, 0.01))}
        >>> options = {"known": 2.269, "lattice": "square", "scaled": True, "edge": 0.03}
        >>> collapse(parts, Interval(2.25, 2.2, 2.3), **options).table["x"]
        [-2.0, 2.0]
    """
    figure, axes = canvas()
    axes.axhspan(edge, 1 - edge, color=PALE, alpha=0.35, lw=0, zorder=0)
    series = {}
    for number, (size, (t, value, error)) in enumerate(curves.items()):
        style = look(number)
        x = (t - found.value) * size if scaled else t
        error_bars(axes, x, value, error, color=style.color)
        axes.plot(
            x, value, style.marker, color=style.color, ms=3.0, ls="" if scaled else "-", lw=0.7, label=f"L = {size}"
        )
        series[str(size)] = {"x": x.tolist(), "output": value.tolist(), "error": error.tolist()}
    if not scaled:
        transition_line(axes, known)
        axes.axvspan(found.low, found.high, color=look(1).color, alpha=0.25, lw=0, label="collapse")
    axes.set(xlabel="(T − T_c) L [J]".replace("T_c", r"$T_c$") if scaled else TEMPERATURE, ylim=(-0.04, 1.04))
    axes.set_ylabel("mean output “ordered”")
    legend(axes, len(curves) + (0 if scaled else 2), "upper right" if scaled else "lower left")
    words = "times the size, where they should be one curve" if scaled else "for all sizes"
    caption = f"Mean outputs for states of {lattice} lattices against temperature {words}; the fit used the gray range."
    title = f"{lattice.capitalize()} lattice, {'collapsed' if scaled else 'all sizes'}"
    return Picture(figure, stacked_table(series, "size"), caption, title, f"collapse-{lattice}-{scaled}")
