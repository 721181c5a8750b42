"""What a classifier says about each class: its response on training and on fresh events, and its calibration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from ansatz.report.figures.binning import bin_edges, histogram
from ansatz.report.picture import Picture, stacked_table
from ansatz.report.style import (
    INK,
    Look,
    Looks,
    canvas,
    class_look,
    error_bars,
    label,
    legend,
    looks_of,
    plain,
    stacked,
    styled,
)
from ansatz.validation import Answers, CalibrationCurve


def ranking_score(answers: Answers, group: int = 1) -> np.ndarray:
    """What ranks events as class `group`, shape (events,)."""
    return answers.score if answers.score.ndim == 1 else answers.score[:, group]


RARE = 0.05
"""Below such a share of a class of two, its probabilities would all lie in one bin."""


def evened(p: np.ndarray, share: float) -> np.ndarray:
    """The probability of a class with this share of the events, if both classes were equally frequent.

    Example:
        >>> evened(np.array([0.0, 0.01, 1.0]), 0.01).tolist()
        [0.0, 0.5, 1.0]
    """
    return p * (1 - share) / (p * (1 - share) + (1 - p) * share)


def _rare(test: Answers, group: int, classes: Sequence[str]) -> float | None:
    """The share of the class, if one of two is rare and answers are probabilities."""
    share = float(test.weight[test.y == group].sum() / test.weight.sum())
    rare = test.probability is not None and len(classes) == 2 and 0 < min(share, 1 - share) < RARE
    return share if rare else None


def _edges(scores: Sequence[np.ndarray], *, probability: bool) -> np.ndarray:
    return np.linspace(0, 1, 26) if probability else bin_edges(np.concatenate(scores), 26)


@styled
def response(
    test: Answers,
    train: Answers | None,
    classes: Sequence[str],
    *,
    group: int = 1,
    p_values: Mapping[str, float] | None = None,
    name: str = "fit",
) -> Picture:
    """The response class by class: fresh events filled, training events as points with errors.

    Points that leave the filled shapes by more than their errors show that the model learned its training events by
    heart. All of class `group` are compared with those of each other class (two classes), or with all others.

    Args:
        test: answers to events that were not trained on.
        train: answers to the training events, if they are known.
        classes: names of the classes.
        group: whose response is drawn.
        p_values: of the Kolmogorov-Smirnov test of training against fresh events, by class.
        name: of the model.
    """
    probability, share = test.probability is not None, _rare(test, group, classes)
    parts = {"test": test, **({"train": train} if train else {})}
    edges = _edges([ranking_score(a, group) for a in parts.values()], probability=probability)
    figure, axes = canvas((3.5, 2.85))
    table = {}
    for title, mine, style in _groups(classes, group):
        shapes = {part: _shape(answers, mine(answers.y), edges, group, share) for part, answers in parts.items()}
        _fresh(axes, shapes["test"], edges, style, _named(title, p_values))
        if "train" in shapes:
            _trained(axes, shapes["train"], edges, style)
        table |= {f"{title}, {part}": {"from": edges[:-1], "to": edges[1:], **shape} for part, shape in shapes.items()}
    _finish(axes, probability=probability, group=classes[group], trained=train is not None)
    caption = f"Response of {name}, each class of unit area. Filled: events it was not trained on"
    caption += "; points: training events with errors." if train else "."
    if p_values:
        caption += " p: probability that training and fresh events differ so much by chance (Kolmogorov-Smirnov)."
    if share is not None:
        caption += " Probabilities are drawn as if both classes were equally frequent."
    kind = f", {classes[group]}" if len(classes) > 2 else ""
    return Picture(
        figure, stacked_table(table, "events"), caption, f"Response of {name}{kind}", f"response-{name}{kind}"
    )


def _groups(classes: Sequence[str], group: int) -> list[tuple]:
    """Title, mask and look of what is drawn: both classes of two, one class and the rest of several."""
    mine = (classes[group], lambda y: y == group, class_look(1, 2))
    other = classes[1 - group] if len(classes) == 2 else "others"
    return [(other, lambda y: y != group, class_look(0, 2)), mine]


def _shape(
    answers: Answers, mask: np.ndarray, edges: np.ndarray, group: int, share: float | None
) -> dict[str, np.ndarray]:
    score = ranking_score(answers, group)[mask]
    clipped = np.clip(score if share is None else evened(score, share), edges[0], edges[-1])
    bars = histogram(clipped, answers.weight[mask], edges)
    return {"density": bars.density, "error": bars.error, "count": bars.events}


def _named(title: str, p_values: Mapping[str, float] | None) -> str:
    known = (p_values or {}).get(title)
    return plain(title, 24) + (f" (p = {known:.2g})" if known is not None else "")


def _fresh(axes: Axes, shape: Mapping[str, np.ndarray], edges: np.ndarray, style: Look, title: str) -> None:
    kind = {"fc": "none", "ec": (style.color, 0.6), "hatch": style.hatch, "lw": 0} if style.hatch else {
        "fc": (style.color, 0.22), "lw": 0}  # fmt: skip
    axes.stairs(shape["density"], edges, fill=True, **kind)
    axes.stairs(shape["density"], edges, color=style.color, lw=1.1, label=title)


def _trained(axes: Axes, shape: Mapping[str, np.ndarray], edges: np.ndarray, style: Look) -> None:
    some = shape["count"] > 0
    middle = ((edges[1:] + edges[:-1]) / 2)[some]
    error_bars(axes, middle, shape["density"][some], shape["error"][some], color=style.color, lw=0.9)
    axes.plot(middle, shape["density"][some], style.marker, color=style.color, ms=2.8, mec="white", mew=0.3)


def _finish(axes: Axes, *, probability: bool, group: str, trained: bool) -> None:
    if trained:
        axes.plot([], [], "o", color=INK, ms=2.8, label="points: training")
    axes.set(xlabel=label(f"probability of {group}" if probability else f"score of {group}"), ylabel="density")
    low, high = axes.get_ylim()
    axes.set_ylim(min(0, low), high * 1.3)
    axes.margins(x=0)
    axes.legend(loc="upper center", ncols=1, borderaxespad=0.3)


@styled
def calibration(curves: Mapping[str, CalibrationCurve], *, looks: Looks | None = None) -> Picture:
    """Predicted probability against the fraction that is seen, per model, and how many events that rests on.

    Args:
        curves: `validation.calibration_curve(...)` of each model.
        looks: how each model is drawn; by its place if None.
    """
    figure, axes, lower = stacked()
    axes.plot([0, 1], [0, 1], color=INK, lw=0.8, ls=(0, (4, 2)))
    table, styles = {}, looks_of(curves, looks)
    for name, curve in curves.items():
        style = styles[name]
        low, value, high = np.array([(i.low, i.value, i.high) for i in curve.observed]).T
        axes.plot(
            curve.predicted, value, marker=style.marker, ls=style.line, color=style.color, lw=0.9, label=plain(name)
        )
        axes.fill_between(curve.predicted, low, high, color=style.color, alpha=0.18, lw=0)
        lower.plot(curve.predicted, curve.count, marker=style.marker, ls=style.line, color=style.color, lw=0.9, ms=2.5)
        table[name] = {"predicted": curve.predicted, "observed": value, "low": low, "high": high, "events": curve.count}
    axes.set(ylabel="observed fraction", ylim=(-0.03, 1.03), xlim=(0, 1))
    counts = np.concatenate([curve.count for curve in curves.values()])
    wide = counts.min() > 0 and counts.max() > 20 * counts.min()
    lower.set(xlabel="predicted probability", ylabel="eff. events", yscale="log" if wide else "linear")
    lower.set_ylim(bottom=None if wide else 0)
    lower.yaxis.set_minor_formatter(NullFormatter())
    legend(axes, len(curves), "upper left")
    caption = "Observed fraction against predicted probability, with its one-sigma band; below: effective number of"
    caption += " events per bin. On the diagonal, probabilities are what they claim to be."
    return Picture(figure, stacked_table(table, "model"), caption, "Calibration", "calibration")
