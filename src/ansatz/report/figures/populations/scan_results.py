"""What a scan over hyperparameters comes to: importance, progress, reward and cost, all settings at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ansatz.report.figures.populations.scans import BEST, Settings, in_short, in_words
from ansatz.report.picture import Picture
from ansatz.report.style import GRAY, INK, canvas, look, names_on, no_minor, plain, styled
from ansatz.validation.scans import Range


@styled
def importance(records: Sequence[Mapping[str, Any]]) -> Picture:
    """How much of the variance of the reward each choice decides, by itself and with others, with intervals.

    Args:
        records: for each choice `name`, and `main`, `total`, `good`, `permutation` as intervals in plain numbers.
    """
    names = [str(record["name"]) for record in records]
    kinds = {"total": "in all it takes part in", "main": "by itself", "good": "by itself, among the better half"}
    figure, axes = canvas((4.6, 1.15 + 0.48 * len(names)))
    table: dict[str, list] = {"choice": names}
    for number, (kind, text) in enumerate(kinds.items()):
        values, low, high = (np.array([float(r[kind][end]) for r in records]) for end in ("value", "low", "high"))
        places, style = np.arange(len(names)) + 0.26 * (number - 1), look(number)
        axes.barh(places, values, height=0.23, color=style.color, alpha=0.55, label=text)
        for place, a, b in zip(places, low, high, strict=True):
            axes.plot([a, b], [place, place], color=INK, lw=1.0, solid_capstyle="butt")
        table |= {kind: values.tolist(), f"{kind}, low": low.tolist(), f"{kind}, high": high.tolist()}
    shuffled = np.array([float(r["permutation"]["value"]) for r in records])
    axes.plot(
        np.maximum(shuffled, 0), np.arange(len(names)) - 0.26, "D", ms=3.6, mfc="white", mec=INK, label="by shuffling"
    )
    table["permutation"] = shuffled.tolist()
    names_on(axes, names)
    axes.set(xlabel="share of the variance of the reward", ylim=(len(names) - 0.45, -0.55), xlim=(0, None))
    axes.legend(loc="lower right")
    caption = (
        "Functional analysis of variance of boosted trees fitted to the rewards; lines: one-sigma intervals from"
        " bootstrap samples of the settings. Among the better half: with all rewards below the median put at it."
        " Diamonds: what shuffling a choice destroys on settings that the trees had not seen, an estimate"
        " of the first bar."
    )
    return Picture(figure, table, caption, "What mattered", "importance-choices")


@styled
def progress(settings: Settings, fresh: Mapping[str, float] | None = None) -> Picture:
    """The best score so far against the number of settings, and the score of the best one on fresh rows."""
    figure, axes = canvas()
    sign, window = (1 if settings.larger else -1), settings.window()
    filled = np.where(settings.finished, sign * settings.score, -np.inf)
    best = sign * np.maximum.accumulate(filled)
    number = np.arange(1, len(best) + 1)
    axes.plot(number, np.clip(settings.score, *window), "o", ms=2, mew=0, color=GRAY, alpha=0.7, label="each setting")
    axes.step(number, np.where(np.isfinite(best), best, np.nan), where="post", color=look(0).color, label="best so far")
    if fresh is not None:
        axes.axhspan(float(fresh["low"]), float(fresh["high"]), color=BEST, alpha=0.18, lw=0)
        axes.axhline(float(fresh["value"]), color=BEST, lw=1.1, ls=look(1).line, label="best one, fresh rows")
        low, high = float(fresh["low"]), float(fresh["high"])
        pad = 0.04 * (window[1] - window[0])
        window = (min(window[0], low - pad), max(window[1], high + pad))
    axes.set(xlabel="settings tried", ylabel=plain(settings.metric), ylim=window, xlim=(0, len(best) + 1))
    axes.legend(loc="lower right" if settings.larger else "upper right")
    caption = (
        "Score of each setting in the order in which they were tried, and the best so far. The band is the score of the"
        " best one on rows that had no part in the choice: where the line lies above it (for a score that should be"
        " large), the choice flattered."
    )
    table = {"settings": number, "score": settings.score, "best": np.where(np.isfinite(best), best, np.nan)}
    return Picture(figure, table, caption, "Best so far", "best-so-far")


@styled
def reward_and_cost(settings: Settings) -> Picture | None:
    """The reward of each setting against the cost that its fit made small; None where the costs are not known."""
    known = settings.finished & np.isfinite(settings.cost)
    if known.sum() < 3:
        return None
    figure, axes = canvas()
    cost, score, window = settings.cost[known], settings.score[known], settings.window()
    axes.plot(cost, np.clip(score, *window), "o", ms=2.6, mew=0, color=look(0).color, alpha=0.8, label="settings")
    axes.plot(settings.cost[settings.best], settings.score[settings.best], "*", ms=9, color=BEST, label="best reward")
    lowest = int(np.argmin(cost))
    axes.plot(
        cost[lowest], np.clip(score[lowest], *window), "D", ms=5, mfc="none", mec=look(2).color, label="lowest cost"
    )
    if cost.min() > 0:
        axes.set_xscale("log")
        if cost.max() < 15 * cost.min():
            few = np.geomspace(cost.min(), cost.max(), 4)
            axes.set_xticks(few, [f"{tick:.2g}" for tick in few])
            no_minor(axes.xaxis)
    axes.set(xlabel="cost: risk on the training rows", ylabel=plain(settings.metric), ylim=window)
    axes.legend(loc="lower left" if settings.larger else "upper left")
    caption = (
        "The cost is what each fit made small on its training rows; the reward grades settings on rows held out. A"
        " setting that reaches a lower cost is not the better one where the points turn down to the left."
    )
    return Picture(figure, {"cost": cost, "score": score}, caption, "Reward and cost", "reward-and-cost")


@styled
def parallel(settings: Settings) -> Picture:
    """Every setting as a line over the choices, the better the darker; the best tenth in color."""
    names = settings.space.names
    figure = Figure(figsize=(max(1.15 * len(names) + 1.2, 3.5), 2.7), layout="constrained")
    axes = figure.add_subplot()
    good = np.flatnonzero(settings.finished)
    order = good[np.argsort(settings.score[good] * (1 if settings.larger else -1))]
    rank = np.linspace(0, 1, len(order))
    across = np.arange(len(names))
    for share, row in zip(rank, order, strict=True):
        top = share > 0.9
        shade = look(0).color if top else GRAY
        axes.plot(across, settings.place[row], color=shade, alpha=0.75 if top else 0.16, lw=1.1 if top else 0.6)
    axes.plot(across, settings.place[settings.best], color=BEST, lw=2)
    for place, name in zip(across, names, strict=True):
        axes.axvline(place, color=INK, lw=0.7, zorder=0)
        _ends(axes, settings.space.ranges[name], place)
    axes.set_xticks(across, [plain(name, 16) for name in names], fontsize=7.5)
    axes.set(ylim=(-0.12, 1.12), xlim=(-0.4, len(names) - 0.6), yticks=[])
    for axis in (axes.xaxis, axes.yaxis):
        no_minor(axis)
    axes.spines[:].set_visible(False)
    axes.tick_params(which="both", length=0)
    caption = (
        "Every setting is a line over the choices, each from its lower to its upper end. Blue: the best tenth; orange:"
        " the best setting; gray: the others."
    )
    table = {name: settings.place[order, i] for i, name in enumerate(names)} | {"score": settings.score[order]}
    return Picture(figure, table, caption, "All settings", "parallel")


def _ends(axes: Axes, choices: Range, place: float) -> None:
    """The ends of a range, or the entries of a list, beside their axis."""
    if choices.ordered:
        marks = [(choices.low, -0.03, "top", 0.0), (choices.high, 1.03, "bottom", 0.0)]
    else:
        marks = [(option, choices.place(option), "center", 0.04) for option in choices.options]
    for value, height, where, aside in marks:
        text = in_short(value) if choices.ordered else in_words(value)
        side = "left" if aside else "center"
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85}
        axes.text(place + aside, height, plain(text, 12), ha=side, va=where, fontsize=7, bbox=paper, zorder=9)
