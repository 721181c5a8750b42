"""What a scan over hyperparameters found: violins for each choice, scores along each range, importance, progress."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from ansatz.report.picture import Picture
from ansatz.report.style import GRAY, INK, canvas, error_bars, few_ticks, look, names_on, no_minor, plain, styled
from ansatz.validation.scans import Range, Space

PARTS = 5
"""Parts that a range is cut into for its violins."""
LEAST = 4
"""Fewest settings that get a violin; fewer are drawn as dots alone."""
ACROSS = 3
"""Panels beside each other."""
BEST = look(1).color


@dataclasses.dataclass(frozen=True, eq=False)
class Settings:
    """The settings of a scan as figures see them.

    Attributes:
        space: which were allowed.
        place: settings as points of the unit cube, shape (settings, hyperparameters).
        values: for each hyperparameter its values, shape (settings,); of a list the numbers of its entries.
        score: shape (settings,); NaN where a setting did not finish.
        error: standard error of each score.
        cost: risk on training rows; NaN where it is not known.
        metric: what the score is called.
        larger: whether a larger score is better.
    """

    space: Space
    place: np.ndarray
    values: Mapping[str, np.ndarray]
    score: np.ndarray
    error: np.ndarray
    cost: np.ndarray
    metric: str
    larger: bool = True

    @property
    def finished(self) -> np.ndarray:
        """Which settings have a score."""
        return np.isfinite(self.score)

    @property
    def best(self) -> int:
        """Place of the best setting."""
        return int(np.nanargmax(self.score if self.larger else -self.score))

    def window(self) -> tuple[float, float]:
        """The scores that are drawn: all, or without a long tail of bad ones, which are marked at the edge."""
        good = np.sort(self.score[self.finished] * (1 if self.larger else -1))
        low, middle, high = good[0], np.median(good), good[-1]
        tail = max(4 * (high - middle), 1e-9 + 1e-6 * abs(high))
        low, margin = max(low, high - 2 * tail), 0.06 * (high - max(low, high - 2 * tail) or 1.0)
        ends = (low - margin, high + margin)
        return ends if self.larger else (-ends[1], -ends[0])


@styled
def violins(settings: Settings) -> Picture:
    """The distribution of the score for each value of each choice; a range is cut into parts.

    Each violin is a Gaussian kernel estimate; dots are settings, the bar is their median, the star the best setting.

    Example:
        >>> from ansatz.validation.scans import OneOf
        >>> space, x = Space({"depth": OneOf((1, 2))}), np.array([0.0, 1.0] * 5)
        >>> found = Settings(space, x[:, None] / 2 + 0.25, {"depth": x}, x / 10, x / 100, x, "auc")
        >>> violins(found).table["settings"]
        [5, 5]
    """
    figure, panels = _panels(settings.space.names, 2.05)
    window, rows = settings.window(), []
    for name, axes in panels.items():
        groups = _groups(settings, name)
        for number, (text, members) in enumerate(groups):
            _violin(axes, number, settings, members, window)
            rows.append((name, text, *_summary(settings.score[members])))
        names_on(axes, [text for text, _ in groups], vertical=False, longest=12)
        axes.set(ylim=window, xlim=(-0.6, len(groups) - 0.4))
        axes.set_title(plain(name, 26))
    _outer_labels(panels, settings.metric)
    columns = ("choice", "value", "settings", "median", "low", "high", "best")
    table = dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True))
    caption = (
        f"Distribution of {settings.metric} over the settings, for each value of each choice (a range is cut into"
        " parts of equal share). Shape: Gaussian kernel estimate; dots: settings; bar: median; star: the best setting."
        f"{_outside(settings, window)}"
    )
    return Picture(figure, table, caption, "What each choice does", "violins")


def _panels(names: Sequence[str], height: float, *, share: bool = True) -> tuple[Figure, dict[str, Axes]]:
    columns = min(len(names), ACROSS)
    lines = -(-len(names) // columns)
    figure = Figure(figsize=(2.35 * columns + 0.6, height * lines + 0.2), layout="constrained")
    grid = figure.subplots(lines, columns, squeeze=False, sharey=share)
    for empty in grid.ravel()[len(names) :]:
        empty.remove()
    return figure, dict(zip(names, grid.ravel(), strict=False))


def _outer_labels(panels: Mapping[str, Axes], text: str) -> None:
    for number, axes in enumerate(panels.values()):
        if number % min(len(panels), ACROSS) == 0:
            axes.set_ylabel(plain(text))


def _groups(settings: Settings, name: str) -> list[tuple[str, np.ndarray]]:
    """Values of a choice in words, and which finished settings have them."""
    choices, values = settings.space.ranges[name], settings.values[name]
    if not choices.ordered:
        return [(_word(o), settings.finished & (values == i)) for i, o in enumerate(choices.options)]
    if choices.count <= PARTS:
        whole = range(choices.low, choices.high + 1)
        return [(str(value), settings.finished & (values == value)) for value in whole]
    place = settings.place[:, settings.space.names.index(name)]
    part = np.clip((place * PARTS).astype(int), 0, PARTS - 1)
    middles = [choices.at((i + 0.5) / PARTS) for i in range(PARTS)]
    return [(_short(middle), settings.finished & (part == i)) for i, middle in enumerate(middles)]


def _word(option: object) -> str:
    return "-".join(map(str, option)) if isinstance(option, list | tuple) else str(option)


def _short(value: float) -> str:
    """A number for a tick.

    Example:
        >>> _short(0.000123), _short(0.25), _short(64)
        ('1.2e−4', '0.25', '64')
    """
    if value and not 1e-2 <= abs(value) < 1e4:
        power = math.floor(math.log10(abs(value)))
        return f"{value / 10.0**power:.2g}e{power}".replace("-", "−")
    return f"{value:.2g}" if isinstance(value, float) and abs(value) < 100 else f"{value:.0f}"


def _violin(axes: Axes, number: int, settings: Settings, members: np.ndarray, window: tuple[float, float]) -> None:
    score, style = settings.score[members], look(0)
    if len(score) >= LEAST and np.ptp(score) > 1e-9 * max(abs(score).max(), 1e-300):
        along = np.linspace(max(window[0], score.min()), min(window[1], score.max()), 160)
        width = _kernel(score, along)
        width = 0.42 * width / width.max()
        axes.fill_betweenx(along, number - width, number + width, color=style.color, alpha=0.28, lw=0)
    spread = 0.16 * ((np.arange(len(score)) * 0.618034) % 1 - 0.5)
    axes.plot(number + spread, np.clip(score, *window), "o", ms=1.7, color=style.color, mew=0, alpha=0.75)
    below = score < window[0] if settings.larger else score > window[1]
    if below.any():
        edge = window[0] if settings.larger else window[1]
        axes.plot([number], [edge], "v" if settings.larger else "^", ms=5, color=GRAY, clip_on=False, zorder=5)
    if len(score):
        axes.plot([number - 0.22, number + 0.22], [np.median(score)] * 2, color=INK, lw=1.3)
    if members[settings.best]:
        axes.plot([number], [settings.score[settings.best]], "*", ms=8, color=BEST, mec="white", mew=0.4, zorder=6)


def _kernel(score: np.ndarray, along: np.ndarray) -> np.ndarray:
    """Gaussian kernel estimate; the width is Silverman's rule with the smaller of the deviation and the quartiles."""
    quartiles = np.subtract(*np.quantile(score, [0.75, 0.25])) / 1.349
    spread = min(score.std(ddof=1), quartiles) if quartiles > 0 else score.std(ddof=1)
    width = max(0.9 * spread * len(score) ** -0.2, 1e-3 * np.ptp(score))
    return np.exp(-0.5 * ((along[:, None] - score) / width) ** 2).mean(axis=1)


def _summary(score: np.ndarray) -> tuple[int, float, float, float, float]:
    if not len(score):
        return 0, math.nan, math.nan, math.nan, math.nan
    low, middle, high = np.quantile(score, [0.1587, 0.5, 0.8413])
    return len(score), float(middle), float(low), float(high), float(score.max())


def _outside(settings: Settings, window: tuple[float, float]) -> str:
    score = settings.score[settings.finished]
    worse = int(np.sum(score < window[0] if settings.larger else score > window[1]))
    bad = int(np.sum(~settings.finished))
    parts = [f"{worse} settings with a worse score lie beyond the edge (gray triangles)"] if worse else []
    parts += [f"{bad} settings that did not finish are not shown"] if bad else []
    return f" {'; '.join(parts)}." if parts else ""


@styled
def against(settings: Settings) -> Picture | None:
    """The score against each range, with its error, and the median over neighbors; None if no choice has an order."""
    names = [n for n, r in settings.space.ranges.items() if r.ordered and r.count > 2]
    if not names:
        return None
    figure, panels = _panels(names, 1.95)
    window, good, rows = settings.window(), settings.finished, []
    for name, axes in panels.items():
        x, score = settings.values[name][good], settings.score[good]
        inside = (score >= window[0]) & (score <= window[1])
        error_bars(axes, x[inside], score[inside], settings.error[good][inside], color="#9cc3de", lw=0.6)
        axes.plot(x[inside], score[inside], "o", ms=2.1, mew=0, color=look(0).color, alpha=0.85)
        axes.plot(*_neighbors(x, score), color=INK, lw=1.2)
        bad = settings.values[name][~good]
        edge = window[0] if settings.larger else window[1]
        axes.plot(bad, np.full(len(bad), edge), "x", ms=3.5, color=GRAY, clip_on=False)
        axes.plot(x[~inside], np.full((~inside).sum(), edge), "v", ms=3, mew=0, color=GRAY, clip_on=False)
        axes.plot(settings.values[name][settings.best], settings.score[settings.best], "*", ms=8, color=BEST, zorder=6)
        _range_axis(axes, settings.space.ranges[name], name)
        axes.set_ylim(window)
        rows += [(name, *row) for row in zip(x.tolist(), score.tolist(), settings.error[good].tolist(), strict=True)]
    _outer_labels(panels, settings.metric)
    table = dict(zip(("choice", "value", "score", "error"), map(list, zip(*rows, strict=True)), strict=True))
    caption = (
        f"{settings.metric} of every setting against each range; bars: error from the finite number of held-out rows;"
        " line: median of neighbors; star: the best setting; crosses at the edge: settings that did not finish."
    )
    return Picture(figure, table, caption, "The score along each range", "against-ranges")


def _neighbors(x: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Medians over a sliding window of a sixth of the settings."""
    order = np.argsort(x, kind="stable")
    size = max(len(x) // 6, min(5, len(x)))
    starts = range(0, len(x) - size + 1, max(size // 3, 1))
    lots = [order[start : start + size] for start in starts]
    return np.array([np.median(x[lot]) for lot in lots]), np.array([np.median(score[lot]) for lot in lots])


def _range_axis(axes: Axes, choices: Range, name: str) -> None:
    axes.set_xlabel(plain(name))
    if choices.log:
        axes.set_xscale("log")
        if choices.high < 20 * choices.low:
            ticks = np.unique(np.round(np.geomspace(choices.low, choices.high, 4)).astype(int))
            axes.set_xticks(ticks, [str(tick) for tick in ticks])
            axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        few_ticks(axes)


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
        "Functional analysis of variance of a forest fitted to the rewards; lines: one-sigma intervals from bootstrap"
        " samples of the settings. Among the better half: with all rewards below the median put at the median."
        " Diamonds: what shuffling a choice destroys on settings that the forest had not seen, an estimate"
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
        choices = settings.space.ranges[name]
        ends = (choices.low, choices.high) if choices.ordered else (choices.options[0], choices.options[-1])
        for end, height, where in ((ends[0], -0.03, "top"), (ends[1], 1.03, "bottom")):
            text = _short(end) if choices.ordered else _word(end)
            axes.text(place, height, plain(text, 12), ha="center", va=where, fontsize=7)
        axes.axvline(place, color=INK, lw=0.7)
    names_on(axes, list(names), vertical=False, longest=16)
    axes.set(ylim=(-0.12, 1.12), xlim=(-0.4, len(names) - 0.6), yticks=[])
    no_minor(axes.yaxis)
    axes.spines[:].set_visible(False)
    axes.tick_params(which="both", length=0)
    caption = (
        "Every setting is a line over the choices, each from its lower to its upper end. Blue: the best tenth; orange:"
        " the best setting; gray: the others."
    )
    table = {name: settings.place[order, i] for i, name in enumerate(names)} | {"score": settings.score[order]}
    return Picture(figure, table, caption, "All settings", "parallel")
