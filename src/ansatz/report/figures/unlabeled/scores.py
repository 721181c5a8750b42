"""Scores of how unusual events are: which they are, and how the scores of ordinary and unusual ones lie."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ansatz.report.figures.binning import histogram
from ansatz.report.figures.unlabeled.groups import some_of
from ansatz.report.picture import Picture, stacked_table
from ansatz.report.style import GRAY, INK, SQUARE, canvas, class_look, error_bars, look, plain, styled


@styled
def most_unusual(
    points: np.ndarray, score: np.ndarray, flagged: np.ndarray, axes_names: tuple[str, str], *, name: str = "method"
) -> Picture:
    """Events in a plane in the shade of their rank, the most unusual ones ringed.

    Args:
        points: places, shape (events, 2).
        score: the larger, the more unusual.
        flagged: whether each event is among the most unusual ones.
        axes_names: what the axes are.
        name: of the method.
    """
    figure, axes = canvas(SQUARE)
    rank = np.argsort(np.argsort(score)) / max(len(score) - 1, 1)
    rows = np.union1d(some_of(len(points)), np.flatnonzero(flagged)[:200])
    dots = axes.scatter(*points[rows].T, c=rank[rows], s=6, cmap="cividis_r", lw=0, rasterized=len(rows) > 150)
    axes.plot(*points[flagged].T, "o", ms=6, mfc="none", mec=look(1).color, mew=0.9)
    bar = figure.colorbar(dots, ax=axes, pad=0.02, aspect=28)
    bar.set_label("rank of the score")
    bar.outline.set_linewidth(0.5)
    axes.set(xlabel=plain(axes_names[0]), ylabel=plain(axes_names[1]))
    caption = f"Events in the shade of their rank by {name}; rings: the {int(flagged.sum())} most unusual ones."
    table = {axes_names[0]: points[rows, 0], axes_names[1]: points[rows, 1], "score": score[rows]}
    return Picture(figure, table, caption, f"Most unusual, {name}", f"unusual-{name}")


@styled
def score_distribution(
    score: np.ndarray, odd: np.ndarray, weight: np.ndarray, names: Sequence[str], *, name: str = "method"
) -> Picture:
    """Ranks of the scores of ordinary and of unusual events.

    Args:
        score: the larger, the more unusual.
        odd: 1 for unusual events, else 0.
        weight: of the events.
        names: of both kinds, the ordinary first.
        name: of the method.
    """
    figure, axes = canvas()
    rank = np.argsort(np.argsort(score)) / max(len(score) - 1, 1)
    edges, table = np.linspace(0, 1, 21), {}
    for k, kind in enumerate(names):
        style, inside = class_look(k, 2), odd == k
        bars = histogram(rank[inside], weight[inside], edges)
        axes.stairs(bars.density, edges, color=style.color, ls=style.line, label=plain(str(kind), 24))
        error_bars(axes, (edges[1:] + edges[:-1]) / 2, bars.density, bars.error, color=style.color, lw=0.8)
        table[str(kind)] = {"from": edges[:-1], "to": edges[1:], "density": bars.density, "error": bars.error}
    axes.axhline(1, color=GRAY, lw=0.6)
    axes.axhline(0, color=INK, lw=0.5)
    axes.set(xlabel="rank of the score", ylabel="density", xlim=(0, 1))
    axes.legend(loc="upper left")
    caption = (
        f"Ranks of the scores of {name}, each kind of unit area, with standard errors; labels were not seen. A method"
        " that finds the unusual ones puts them to the right."
    )
    return Picture(figure, stacked_table(table, "kind"), caption, f"Scores, {name}", f"scores-{name}")
