"""Mass histograms: the fit of a peak with its pulls, what sWeights unfold, stacked processes, a likelihood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from ansatz.report.figures.binning import bin_edges
from ansatz.report.picture import Picture
from ansatz.report.style import GRAY, INK, canvas, error_bars, label, look, pretty_unit, stacked, styled
from ansatz.validation import Interval

Arrays = Mapping[str, np.ndarray]


@styled
def peak(arrays: Arrays, *, mass: str = "mass", unit: str | None = None) -> Picture:
    """A mass histogram with the fitted curve and its parts, and the pulls below.

    Args:
        arrays: `edges`, `counts`, `variance`, `expected` of the bins; `grid` and `curves` (signal, background).
        mass: name of the mass.
        unit: its unit.
    """
    figure, axes, below = stacked()
    edges, counts, expected = arrays["edges"], arrays["counts"], arrays["expected"]
    middle, width = (edges[:-1] + edges[1:]) / 2, edges[1] - edges[0]
    signal, background = arrays["curves"] * width
    axes.fill_between(arrays["grid"], background, color=look(1).color, alpha=0.25, lw=0)
    axes.plot(arrays["grid"], background, color=look(1).color, ls=look(1).line, label="background")
    axes.plot(arrays["grid"], signal + background, color=look(0).color, label="signal + background")
    error = np.sqrt(np.where(arrays["variance"] > 0, arrays["variance"], np.maximum(expected, 0)))
    _points(axes, middle, counts, error)
    axes.set(ylabel=f"events / {width:.3g}" + (f" {unit}" if unit else ""), ylim=(0, None))
    axes.legend()
    pulls = (counts - expected) / np.where(error > 0, error, 1.0)
    below.axhspan(-1, 1, color=GRAY, alpha=0.2, lw=0)
    below.bar(middle, pulls, width, color=INK, lw=0)
    most = max(float(np.abs(pulls).max()) * 1.1, 3.5)
    below.set(xlabel=label(mass, unit), ylabel="pull", ylim=(-most, most), xlim=(edges[0], edges[-1]))
    table = {"low": edges[:-1], "high": edges[1:], "events": counts, "error": error, "fit": expected, "pull": pulls}
    caption = "The mass with the fit of a peak over a smooth background; below, (data - fit) / error and a band of one."
    return Picture(figure, table, caption, "Fit of the mass", "mass-fit")


@styled
def unfolded(
    values: np.ndarray,
    weight: np.ndarray,
    species: np.ndarray | None = None,
    *,
    name: str = "x",
    unit: str | None = None,
    p_value: float = 1.0,
) -> Picture:
    """Signal and background as sWeights unfold them, beside the true species where they are known.

    Args:
        values: the control variable, shape (events,).
        weight: sWeights of signal and background, shape (events, 2).
        species: 1 for signal and 0 for background, if known.
        name: of the variable.
        unit: of the variable.
        p_value: of its independence of the mass.
    """
    figure, axes = canvas()
    edges = bin_edges(np.clip(values, *np.quantile(values, [0.002, 0.99])), 25)
    middle, width = (edges[:-1] + edges[1:]) / 2, edges[1] - edges[0]
    table: dict[str, np.ndarray] = {"low": edges[:-1], "high": edges[1:]}
    for k, what in enumerate(("signal", "background")):
        w, style = weight[:, k], look(k)
        content = np.histogram(values, edges, weights=w)[0] / w.sum() / width
        error = np.sqrt(np.histogram(values, edges, weights=w**2)[0]) / w.sum() / width
        error_bars(axes, middle, content, error, color=style.color, marker=style.marker)
        axes.plot([], [], style.marker, color=style.color, ms=3.5, label=f"{what}, sWeighted")
        table |= {what: content, f"{what} error": error}
        if species is not None:
            chosen = values[species == 1 - k]
            truth = np.histogram(chosen, edges)[0] / len(chosen) / width
            axes.stairs(truth, edges, color=style.color, ls=style.line, label=f"{what}, true")
            table[f"true {what}"] = truth
    axes.axhline(0, color=GRAY, lw=0.6)
    per = f"density [1/{pretty_unit(unit)}]" if unit else "density"
    axes.set(xlabel=label(name, unit), ylabel=per, xlim=(edges[0], edges[-1]))
    axes.set_ylim(top=1.45 * max(float(table[what].max()) for what in ("signal", "background")))
    axes.legend(ncols=2, loc="upper center", columnspacing=1.0)
    caption = (
        f"{name} of signal and background, unfolded by sWeights from the fit of the mass; errors are statistical. "
        f"The test of its independence of the mass gives p = {p_value:.2g}."
    )
    return Picture(figure, table, caption, f"{name}, unfolded", f"unfolded-{name}")


@styled
def slices(rows: Sequence[Sequence[float]], *, mass: str = "mass", unit: str | None = None, name: str = "x") -> Picture:
    """The mean rank of a control variable in slices of the mass, beside what independence within species predicts.

    Args:
        rows: for each slice the mean mass, the mean rank, its error, and the prediction.
        mass: name of the mass.
        unit: its unit.
        name: of the variable.
    """
    figure, axes = canvas()
    middle, seen, error, predicted = np.asarray(rows, float).T
    axes.plot(middle, predicted, color=look(1).color, ls=look(1).line, label="if independent")
    error_bars(axes, middle, seen, error, color=look(0).color, marker="o")
    axes.plot([], [], "o", color=look(0).color, ms=3.5, label="seen")
    axes.set(xlabel=label(mass, unit), ylabel=f"mean rank of {name}")
    axes.legend()
    table = {"mass": middle, "mean rank": seen, "error": error, "if independent": predicted}
    caption = f"Whether {name} is independent of the mass within each species, which sWeights assume."
    return Picture(figure, table, caption, f"Independence of {name}", f"independence-{name}")


@styled
def stack(arrays: Arrays, processes: Sequence[str], *, signal: str, unit: str = "GeV") -> Picture:
    """Stacked processes with the data, and their ratio below; the band is the Poisson error of what is expected.

    Args:
        arrays: `edges`, `counts`, `signal`, and `process/NAME` for each process.
        processes: names of the backgrounds.
        signal: name of the signal.
        unit: of the mass.
    """
    figure, axes, below = stacked((4.6, 3.8))
    edges, counts = arrays["edges"], arrays["counts"]
    base, table = np.zeros(len(counts)), {"low": edges[:-1], "high": edges[1:], "events": counts}
    order = sorted(processes, key=lambda name: arrays[f"process/{name}"].sum())
    parts = [(name, arrays[f"process/{name}"], look(k + 2)) for k, name in enumerate(order)]
    for name, content, style in [*parts, (signal, arrays["signal"], look(1))]:
        axes.stairs(base + content, edges, baseline=base, fill=True, color=style.color, alpha=0.75, label=name)
        axes.stairs(base + content, edges, baseline=None, color=INK, lw=0.5)
        base, table[name] = base + content, content
    safe, error, seen = np.where(base > 0, base, np.inf), np.sqrt(np.maximum(counts, 1)), counts > 0
    _band(axes, edges, base - np.sqrt(base), base + np.sqrt(base))
    _band(below, edges, 1 - np.sqrt(base) / safe, 1 + np.sqrt(base) / safe)
    middle = (edges[:-1] + edges[1:]) / 2
    _points(axes, middle[seen], counts[seen], error[seen])
    error_bars(below, middle[seen], (counts / safe)[seen], (error / safe)[seen], color=INK, marker="o")
    below.axhline(1, color=INK, lw=0.6)
    top = 1.35 * max(float((counts + error).max()), 1.0)
    axes.set(ylabel=f"events / {edges[1] - edges[0]:g} {unit}", ylim=(0, top))
    axes.legend(ncols=2)
    below.set(xlabel=label("mass", unit), ylabel="data / expected", xlim=(edges[0], edges[-1]), ylim=(0, 3))
    caption = f"Expected processes stacked, {signal} on top, and the data; band: Poisson error of what is expected."
    return Picture(figure, table, caption, "Data and expectation", "stack")


def _band(axes: Axes, edges: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
    axes.stairs(high, edges, baseline=low, fill=True, facecolor="none", edgecolor=GRAY, hatch="/////", lw=0)


def _points(axes: Axes, x: np.ndarray, y: np.ndarray, error: np.ndarray) -> None:
    error_bars(axes, x, y, error, color=INK, marker="o")
    axes.plot([], [], "o", color=INK, ms=3, label="data")


@styled
def likelihood(mu: np.ndarray, score: np.ndarray, strength: Interval) -> Picture:
    """Twice the negative log-likelihood ratio over the signal strength, with the interval of one standard deviation."""
    figure, axes = canvas()
    axes.plot(mu, score, color=look(0).color)
    axes.axvspan(strength.low, strength.high, color=look(0).color, alpha=0.15, lw=0)
    axes.axvline(strength.value, color=look(0).color, lw=0.8)
    for n in (1, 2, 3):
        axes.axhline(n**2, color=GRAY, lw=0.6, ls=(0, (4, 2)))
        axes.annotate(f"{n} σ", (mu[-1], n**2), ha="right", va="bottom", fontsize=7, color=GRAY)
    axes.set(xlabel="signal strength μ", ylabel="−2 ln L(μ) / L(best)", ylim=(0, min(float(score.max()), 20.0)))
    axes.set_xlim(mu[0], mu[-1])
    caption = f"The likelihood of the signal strength: {strength}; at zero it says how significant the signal is."
    return Picture(figure, {"strength": mu, "-2 ln ratio": score}, caption, "Likelihood", "likelihood")
