"""How well classes are told apart: ROC, rejection, precision against recall, confusion, and where to cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from ansatz.report.figures.data import heat_map
from ansatz.report.picture import Picture, stacked_table
from ansatz.report.style import GRAY, INK, SQUARE, Looks, canvas, label, legend, look, looks_of, names_on, plain, styled
from ansatz.validation import Confusion, PrecisionRecallCurve, RocCurve

RARE = 0.03
"""Below this share of the signal, precision is drawn on a logarithmic axis."""
POINTS = 150
"""Points of a curve that are drawn and listed."""


@styled
def roc(
    curves: Mapping[str, RocCurve],
    *,
    signal: str = "signal",
    background: str = "background",
    looks: Looks | None = None,
) -> Picture:
    """Signal efficiency against background efficiency of every model, with its error band.

    Args:
        curves: `validation.roc_curve(...)` of each model, or of each class against the others.
        signal: name of the class that is to be kept.
        background: name of what is to be rejected.
        looks: how each model is drawn; by its place if None.

    Example:
        >>> from ansatz.validation import roc_curve
        >>> picture = roc({"perfect": roc_curve([0, 0, 1, 1], [0.1, 0.2, 0.8, 0.9])})
        >>> picture.table["signal efficiency"]
        [0.0, 0.5, 1.0, 1.0, 1.0]
    """
    figure, axes = canvas(SQUARE)
    axes.plot([0, 1], [0, 1], color=GRAY, lw=0.7, ls=(0, (2, 2)))
    table, styles = {}, looks_of(curves, looks)
    for name, whole in curves.items():
        curve, style = whole.thinned(POINTS), styles[name]
        axes.fill_between(curve.background, curve.low, curve.high, color=style.color, alpha=0.2, lw=0)
        axes.plot(curve.background, curve.signal, color=style.color, ls=style.line, label=_with_area(name, whole))
        table[name] = _points(curve)
    axes.set(xlabel=label(f"efficiency of {background}"), ylabel=label(f"efficiency of {signal}"))
    axes.set(xlim=(0, 1), ylim=(0, 1.005), aspect="equal")
    legend(axes, len(curves), "lower right", "area under the curve")
    caption = f"Efficiency of {signal} against that of {background} over all cuts, with its {_level(curves)} band."
    return Picture(figure, stacked_table(table, "curve"), caption, "ROC curve", "roc")


def _points(curve: RocCurve) -> dict[str, np.ndarray]:
    return {
        "cut": curve.threshold,
        "background efficiency": curve.background,
        "signal efficiency": curve.signal,
        "low": curve.low,
        "high": curve.high,
    }


def _with_area(name: str, curve: RocCurve) -> str:
    return f"{plain(name, 26)}  {str(curve.auc).replace('-', '−')}"


def _level(curves: Mapping[str, RocCurve]) -> str:
    return f"{100 * next(iter(curves.values())).level:.0f} %"


@styled
def rejection(
    curves: Mapping[str, RocCurve],
    *,
    signal: str = "signal",
    background: str = "background",
    looks: Looks | None = None,
) -> Picture:
    r"""Background rejection $1/\epsilon_B$, on a logarithmic axis, against signal efficiency $\epsilon_S$.

    Args:
        curves: `validation.roc_curve(...)` of each model.
        signal: name of the class that is to be kept.
        background: name of what is to be rejected.
        looks: how each model is drawn; by its place if None.
    """
    figure, axes = canvas(SQUARE)
    across = np.linspace(0.02, 1, 60)
    axes.plot(across, 1 / across, color=GRAY, lw=0.7, ls=(0, (2, 2)), label="blind guess")
    table, styles = {}, looks_of(curves, looks)
    for name, whole in curves.items():
        curve, style = whole.thinned(POINTS), styles[name]
        shown = (curve.background > 0) & (curve.signal > 0)
        y = curve.rejection[shown]
        axes.fill_betweenx(y, curve.low[shown], curve.high[shown], color=style.color, alpha=0.2, lw=0)
        axes.plot(curve.signal[shown], y, color=style.color, ls=style.line, label=plain(name, 24))
        table[name] = {"cut": curve.threshold[shown], "signal efficiency": curve.signal[shown], "rejection": y}
        table[name] |= {"low": curve.low[shown], "high": curve.high[shown]}
    axes.set(yscale="log", xlim=(0, 1), ylim=(1, None))
    axes.set(
        xlabel=label(f"efficiency of {signal}") + r", $\epsilon_S$",
        ylabel=label(f"rejection of {background}") + r", $1/\epsilon_B$",
    )
    legend(axes, len(curves) + 1, "upper right")
    caption = f"One over the efficiency of {background} against the efficiency of {signal}; bands ({_level(curves)})"
    caption += f" are on the efficiency of {signal}. One unit up is a tenth of the {background} left."
    return Picture(figure, stacked_table(table, "model"), caption, "Background rejection", "rejection")


@styled
def precision_recall(
    curves: Mapping[str, PrecisionRecallCurve], *, signal: str = "signal", looks: Looks | None = None
) -> Picture:
    """Precision (purity) against recall (efficiency) of every model, with its band, and the level of a blind guess.

    Args:
        curves: `validation.precision_recall_curve(...)` of each model.
        signal: name of the class that is to be kept.
        looks: how each model is drawn; by its place if None.
    """
    figure, axes = canvas(SQUARE)
    table, styles = {}, looks_of(curves, looks)
    for name, curve in curves.items():
        style, kept = styles[name], _spread(curve.recall)
        recall = curve.recall[kept]
        axes.fill_between(recall, curve.low[kept], curve.high[kept], color=style.color, alpha=0.2, lw=0)
        axes.plot(recall, curve.precision[kept], color=style.color, ls=style.line, label=plain(name, 24))
        table[name] = {"cut": curve.threshold[kept], "recall": recall, "precision": curve.precision[kept]}
        table[name] |= {"low": curve.low[kept], "high": curve.high[kept]}
    blind = next(iter(curves.values())).prevalence
    axes.axhline(blind, color=GRAY, lw=0.7, ls=(0, (2, 2)), label="blind guess")
    axes.set(xlabel=label(f"recall: efficiency of {signal}"), ylabel="precision: purity", xlim=(0, 1), ylim=(0, 1.02))
    if 0 < blind < RARE:
        axes.set(yscale="log", ylim=(blind / 2, 1.1))
    legend(axes, len(curves) + 1, "lower left")
    caption = f"Share of {signal} among what passes a cut, against the share of {signal} that passes it, with its band."
    return Picture(figure, stacked_table(table, "model"), caption, "Precision and recall", "precision-recall")


def _spread(axis: np.ndarray) -> np.ndarray:
    """Points spread evenly along a rising axis."""
    rising = np.maximum.accumulate(axis)
    return np.unique(np.clip(np.searchsorted(rising, np.linspace(rising[0], rising[-1], POINTS)), 0, len(axis) - 1))


@styled
def confusion(matrix: Confusion, classes: Sequence[str], *, name: str = "fit") -> Picture:
    """Which class was taken for which: the share of each true class in each decision.

    Args:
        matrix: `validation.confusion_matrix(...)`.
        classes: names of the classes.
        name: of the model.
    """
    share = np.array([[np.nan if r is None else r.value for r in row] for row in matrix.rates])
    side = float(np.clip(1.8 + 0.24 * len(classes), 2.6, 6.5))
    figure, axes = canvas((side + 0.8, side))
    heat_map(figure, axes, share, "share of the true class", high=1.0, numbers=len(classes) <= 12)
    names_on(axes, list(classes), longest=14)
    names_on(axes, list(classes), vertical=False, longest=14)
    axes.set(xlabel="taken for", ylabel="true class")
    table = {"true class": np.repeat(classes, len(classes)), "taken for": np.tile(classes, len(classes))}
    table["share"] = share.ravel()
    for end in ("low", "high"):
        table[end] = [np.nan if r is None else getattr(r, end) for row in matrix.rates for r in row]
    caption = f"Share of each true class (rows, adding up to one) that {name} took for each class (columns)."
    return Picture(figure, table, caption, f"Confusion matrix, {name}", f"confusion-{name}")


@styled
def cut_scan(curve: RocCurve, prevalence: float, *, name: str = "fit", signal: str = "signal") -> Picture:
    r"""What a cut on the response gives: efficiencies, purity, and $\epsilon_S \sqrt{\mathrm{purity}}$.

    The last is proportional to the significance $s / \sqrt{s + b}$ at the signal share of the sample, whatever its
    luminosity; its maximum is marked.

    Args:
        curve: `validation.roc_curve(...)`.
        prevalence: share of the signal in the summed weight.
        name: of the model.
        signal: name of the signal.
    """
    thin = curve.thinned(POINTS)
    kept = np.isfinite(thin.threshold)
    cut, eps_s, eps_b = thin.threshold[kept], thin.signal[kept], thin.background[kept]
    passing = prevalence * eps_s + (1 - prevalence) * eps_b
    purity = np.divide(prevalence * eps_s, passing, out=np.full(len(cut), np.nan), where=passing > 0)
    merit = eps_s * np.sqrt(np.clip(purity, 0, None))
    lines = {f"efficiency of {signal}": eps_s, "efficiency of the rest": eps_b, "purity": purity}
    lines["∝ s/√(s + b)"] = merit
    figure, axes = canvas()
    for place, (title, values) in enumerate(lines.items()):
        axes.plot(cut, values, color=look(place).color, ls=look(place).line, label=plain(title, 32))
    best = int(np.nanargmax(merit))
    _mark(axes, float(cut[best]), float(merit[best]))
    axes.set(xlabel=label(f"cut on the response of {name}"), ylabel="efficiency, purity", ylim=(0, 1.35))
    axes.set_xlim(cut.min(), cut.max())
    axes.legend(loc="upper center", ncols=2)
    caption = f"Events whose response is above the cut pass. s/√(s + b) is largest at {cut[best]:.4g}, where"
    caption += f" {100 * eps_s[best]:.3g} % of {signal} passes with a purity of {100 * purity[best]:.3g} %"
    caption += " (at the class shares of this sample)."
    return Picture(figure, {"cut": cut, **lines}, caption, f"Where to cut, {name}", f"cut-{name}")


def _mark(axes: Axes, x: float, y: float) -> None:
    axes.plot([x, x], [0, y], color=INK, lw=0.8)
    axes.plot([x], [y], "o", color=INK, ms=3.5)
