"""What a scan over hyperparameters found: violins for each choice, scores along each range, importance, progress."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from ansatz.report.picture import Picture
from ansatz.report.style import GRAY, INK, error_bars, few_ticks, look, no_minor, plain, styled
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
        good = self.score[self.finished] * (1 if self.larger else -1)
        middle, high = float(np.median(good)), float(good.max())
        low = max(float(good.min()), min(middle - 2 * (high - middle), float(np.quantile(good, 0.2))))
        margin = 0.06 * ((high - low) or abs(high) or 1.0)
        ends = (low - margin, high + margin)
        return ends if self.larger else (-ends[1], -ends[0])

    def beyond(self, window: tuple[float, float]) -> np.ndarray:
        """Which settings are worse than the scores that are drawn."""
        return self.score < window[0] if self.larger else self.score > window[1]


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
        _name_groups(axes, [text for text, _ in groups])
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


def _name_groups(axes: Axes, names: list[str]) -> None:
    """Names under the violins, slanted only where they would touch."""
    short = [plain(name, 12) for name in names]
    slant = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"} if sum(map(len, short)) > 32 else {}
    axes.xaxis.set_ticks(np.arange(len(short)), short, fontsize=7, **slant)
    axes.xaxis.set_tick_params(which="both", length=0)
    no_minor(axes.xaxis)


def _outer_labels(panels: Mapping[str, Axes], text: str) -> None:
    for number, axes in enumerate(panels.values()):
        if number % min(len(panels), ACROSS) == 0:
            axes.set_ylabel(plain(text))


def _groups(settings: Settings, name: str) -> list[tuple[str, np.ndarray]]:
    """Values of a choice in words, and which finished settings have them."""
    choices, values = settings.space.ranges[name], settings.values[name]
    if not choices.ordered:
        return [(in_words(o), settings.finished & (values == i)) for i, o in enumerate(choices.options)]
    if choices.count <= PARTS:
        whole = range(choices.low, choices.high + 1)
        return [(str(value), settings.finished & (values == value)) for value in whole]
    place = settings.place[:, settings.space.names.index(name)]
    part = np.clip((place * PARTS).astype(int), 0, PARTS - 1)
    middles = [choices.at((i + 0.5) / PARTS) for i in range(PARTS)]
    return [(in_short(middle), settings.finished & (part == i)) for i, middle in enumerate(middles)]


def in_words(option: object) -> str:
    """An entry of a list for a tick."""
    return "-".join(map(str, option)) if isinstance(option, list | tuple) else str(option)


def in_short(value: float) -> str:
    """A number for a tick.

    Example:
        >>> in_short(0.000123), in_short(0.25), in_short(64)
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
    axes.plot(number + spread, score, "o", ms=1.7, color=style.color, mew=0, alpha=0.75)
    _at_the_edge(axes, number, int(settings.beyond(window)[members].sum()), settings, window)
    if len(score):
        axes.plot([number - 0.22, number + 0.22], [np.median(score)] * 2, color=INK, lw=1.3)
    if members[settings.best]:
        axes.plot([number], [settings.score[settings.best]], "*", ms=8, color=BEST, mec="white", mew=0.4, zorder=6)


def _at_the_edge(axes: Axes, place: float, count: int, settings: Settings, window: tuple[float, float]) -> None:
    """How many settings lie beyond the edge of the axes."""
    if not count:
        return
    edge, mark, up = (window[0], "v", 5) if settings.larger else (window[1], "^", -5)
    axes.plot([place], [edge], mark, ms=4.5, color=GRAY, clip_on=False, zorder=5)
    where = "bottom" if settings.larger else "top"
    axes.annotate(
        str(count), (place, edge), (5, up), textcoords="offset points", fontsize=6.5, color=GRAY, va=where, zorder=7
    )


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
    worse = int(settings.beyond(window).sum())
    bad = int(np.sum(~settings.finished))
    parts = [f"{worse} settings with a worse score lie beyond the edge (gray, with their number)"] if worse else []
    parts += [f"{bad} settings that did not finish are not shown"] if bad else []
    return f" {'; '.join(parts)}." if parts else ""


CROWD = 60
"""Settings above which error bars of their own would hide the points."""


@styled
def against(settings: Settings) -> Picture | None:
    """The score against each range, with its error, and the median over neighbors; None if no choice has an order."""
    names = [n for n, r in settings.space.ranges.items() if r.ordered and r.count > 2]
    if not names:
        return None
    figure, panels = _panels(names, 1.95)
    window, good, rows = settings.window(), settings.finished, []
    best, error = settings.score[settings.best], settings.error[settings.best]
    crowded = good.sum() > CROWD
    for name, axes in panels.items():
        x, score = settings.values[name][good], settings.score[good]
        inside = (score >= window[0]) & (score <= window[1])
        if crowded:
            axes.axhspan(best - error, best + error, color="#9cc3de", alpha=0.35, lw=0)
        else:
            error_bars(axes, x[inside], score[inside], settings.error[good][inside], color="#9cc3de", lw=0.6)
        axes.plot(x[inside], score[inside], "o", ms=2.1, mew=0, color=look(0).color, alpha=0.85)
        axes.plot(*_neighbors(x, score), color=INK, lw=1.2)
        _edge_marks(axes, settings, settings.values[name], window)
        axes.plot(settings.values[name][settings.best], settings.score[settings.best], "*", ms=8, color=BEST, zorder=6)
        _range_axis(axes, settings.space.ranges[name], name)
        axes.set_ylim(window)
        rows += [(name, *row) for row in zip(x.tolist(), score.tolist(), settings.error[good].tolist(), strict=True)]
    _outer_labels(panels, settings.metric)
    table = dict(zip(("choice", "value", "score", "error"), map(list, zip(*rows, strict=True)), strict=True))
    bars = "blue: error of the best one" if crowded else "bars: error"
    caption = (
        f"{settings.metric} of every setting against each range; {bars}, from the finite number of held-out rows;"
        " line: median of neighbors; star: the best setting; crosses at the edge: settings that did not finish."
    )
    return Picture(figure, table, caption, "The score along each range", "against-ranges")


def _edge_marks(axes: Axes, settings: Settings, x: np.ndarray, window: tuple[float, float]) -> None:
    """Settings beyond the edge, as triangles, and those that did not finish, as crosses."""
    edge, mark = (window[0], "v") if settings.larger else (window[1], "^")
    for rows, shape, size in ((settings.beyond(window), mark, 3.0), (~settings.finished, "x", 3.5)):
        if rows.any():
            axes.plot(x[rows], np.full(rows.sum(), edge), shape, ms=size, color=GRAY, clip_on=False)


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
