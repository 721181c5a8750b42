"""Why learners err: bars of bias, variance and noise, the fits behind them, and curves over a growing learner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.ticker import NullFormatter

from ansatz.report.picture import Picture, stacked_table
from ansatz.report.style import INK, canvas, error_bars, legend, look, names_on, plain, styled

PARTS = {"bias": ("bias²", 1), "variance": ("variance", 0), "noise": ("noise", 5)}
"""How each part of the risk is called, and which look it has, in every figure."""

Terms = Mapping[str, np.ndarray]
"""Value of each term and, as `"term/error"`, its standard error, shape (learners,)."""


@styled
def parts(names: Sequence[str], terms: Terms) -> Picture:
    """Bias squared, variance and noise of each learner stacked, and its risk, measured apart, as a point.

    Example:
        >>> one = np.array([1.0])
        >>> terms = {n: one for t in ("bias", "variance", "noise", "risk") for n in (t, f"{t}/error")}
        >>> parts(["line"], terms).table["risk"]
        array([1.])
    """
    figure, axes = canvas((3.5, 2.0 + 0.22 * len(names)))
    rows, left = np.arange(len(names))[::-1], np.zeros(len(names))
    for term, (label, style) in PARTS.items():
        value = np.maximum(terms[term], 0)
        axes.barh(
            rows, value, 0.55, left=left, color=look(style).color, hatch=look(style).hatch, ec="white", label=label
        )
        left = left + value
    axes.errorbar(terms["risk"], rows, xerr=terms["risk/error"], fmt="o", ms=4, color=INK, lw=1, label="risk")
    names_on(axes, list(names)[::-1])
    axes.set(
        xlabel="mean squared error",
        ylim=(-0.6, len(names) - 0.4),
        xlim=(0, 1.12 * max(left.max(), terms["risk"].max())),
    )
    figure.legend(loc="outside upper center", ncols=4, columnspacing=1.0, handlelength=1.3)
    table = {"learner": list(names), **{name: values for name, values in terms.items()}}
    caption = (
        "The expected squared error of each learner, taken apart; points: the risk as measured on other fresh events."
        " Bars that end at the points add up."
    )
    return Picture(figure, table, caption, "Bias, variance and noise", "bias-variance")


@styled
def fits(name: str, x: np.ndarray, truth: np.ndarray, mean: np.ndarray, spread: np.ndarray) -> Picture:
    """The law, the mean of all fits and their standard deviation, along the one feature."""
    figure, axes = canvas()
    axes.plot(x, truth, color=INK, ls=(0, (4, 2)), lw=1, label="law")
    axes.plot(x, mean, color=look(1).color, label="mean of the fits")
    axes.fill_between(x, mean - spread, mean + spread, color=look(0).color, alpha=0.3, lw=0, label="±1 σ of the fits")
    margin = 0.6 * np.ptp(truth)
    axes.set(xlabel="x", ylabel="y", title=plain(name), ylim=(truth.min() - margin, truth.max() + margin))
    axes.legend(loc="best")
    caption = f"{name}: the gap between the lines is bias, the width of the band is variance."
    return Picture(figure, {"x": x, "law": truth, "mean": mean, "spread": spread}, caption, name, f"fits-{name}")


@styled
def growing(parameter: str, values: np.ndarray, terms: Terms) -> Picture:
    """Risk on fresh and on training events, bias squared and variance, against what makes a learner larger."""
    figure, axes = canvas((3.5, 3.0))
    shown = {"risk": ("risk, fresh events", look(6)), "train": ("risk, training events", look(2))}
    shown |= {term: (label, look(style)) for term, (label, style) in PARTS.items() if term != "noise"}
    for term, (label, style) in shown.items():
        positive = np.maximum(terms[term], 1e-12)
        axes.plot(values, positive, color=style.color, ls=style.line, marker=style.marker, label=label)
        error_bars(axes, values, positive, _inside(positive, terms[f"{term}/error"]), color=style.color)
    axes.axhline(terms["noise"].mean(), color=look(5).color, ls=look(5).line, label="noise")
    axes.set(xlabel=plain(parameter), ylabel="mean squared error", yscale="log")
    axes.set_ylim(0.02 * float(terms["noise"].mean()) or None, None)
    if parameter == "events":
        axes.set_xscale("log")
        axes.set_xticks(values, [f"{value:g}" for value in values])
        axes.xaxis.set_minor_formatter(NullFormatter())
    elif values[-1] > 30 * values[0] > 0:
        axes.set_xscale("log")
    legend(axes, 5, "best")
    table = stacked_table(
        {term: {parameter: values, "value": terms[term], "error": terms[f"{term}/error"]} for term in shown}, "term"
    )
    caption = f"Bias falls and variance rises with {parameter}; the best learner is where their sum is smallest."
    if parameter == "events":
        caption = "Variance falls with the number of events, bias stays: once the risks meet, more events do not help."
    return Picture(figure, table, caption, f"Risk against {parameter}", f"complexity-{parameter}")


def _inside(values: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Errors whose lower ends a logarithmic axis can show."""
    return np.stack([np.minimum(errors, 0.9 * values), errors])
