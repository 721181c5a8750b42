"""A decision tree, drawn from plain numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ansatz.report.picture import Column, Picture
from ansatz.report.style import INK, class_look, look, plain, styled
from ansatz.report.words import number

Nodes = Mapping[str, Column]


@styled
def tree(nodes: Nodes, classes: Sequence[str] | None, *, name: str = "tree", deepest: int = 3) -> Picture:
    """A decision tree: the question in each node, the share of the events that reach it, the answer in each leaf.

    Args:
        nodes: `Fit.details["tree"]`: `columns`, and per node `left` and `right` (number of the child, -1 in a leaf),
            `feature` (number of the column), `threshold`, `share` (of the weight), `value` (class shares or mean).
        classes: names of the classes, None for a regression.
        name: of the model.
        deepest: levels below the root that are drawn; what lies deeper is in the table.

    Example:
        >>> nodes = {"columns": ["pt"], "left": [1, -1, -1], "right": [2, -1, -1], "feature": [0, -1, -1],
        ...          "threshold": [25.0, 0, 0], "share": [1, 0.75, 0.25], "value": [[0.5, 0.5], [1, 0], [0, 1]]}
        >>> tree(nodes, ["background", "signal"]).table["answer"]
        ['background 50 %', 'background 100 %', 'signal 100 %']
    """
    places = tree_places(nodes, deepest)
    width, depth = (max(place[axis] for place in places.values()) + 1 for axis in (0, 1))
    figure = Figure(figsize=(max(3.5, 1.12 * width), 0.15 + 0.8 * depth))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(-0.55, width - 0.45), ylim=(depth - 0.5, -0.5))
    axes.set_axis_off()
    for node, (x, y) in places.items():
        for child, word in ((nodes["left"][node], "yes"), (nodes["right"][node], "no")):
            if child in places:
                _branch(axes, (x, y), places[child], word)
        _box(axes, (x, y), nodes, node, classes)
    total = len(nodes["left"])
    hidden = "" if len(places) == total else f" The upper {len(places)} of {total} nodes are drawn."
    caption = f"Events answer the question in each box and go left for yes, right for no.{hidden}"
    return Picture(figure, tree_table(nodes, classes), caption, f"Decision tree, {name}", f"tree-{name}")


def tree_places(nodes: Nodes, deepest: int) -> dict[int, tuple[float, int]]:
    """Where each node is drawn: leaves side by side, a parent in the middle over its children.

    Example:
        >>> tree_places({"left": [1, -1, -1], "right": [2, -1, -1]}, 3)
        {1: (0.0, 1), 2: (1.0, 1), 0: (0.5, 0)}
    """
    places: dict[int, tuple[float, int]] = {}
    _place(nodes, 0, 0, deepest, iter(range(len(nodes["left"]))), places)
    return places


def _place(
    nodes: Nodes, node: int, level: int, deepest: int, leaves: Iterator[int], places: dict[int, tuple[float, int]]
) -> float:
    children = [int(nodes["left"][node]), int(nodes["right"][node])]
    if children[0] < 0 or level == deepest:
        x = float(next(leaves))
    else:
        x = sum(_place(nodes, child, level + 1, deepest, leaves, places) for child in children) / 2
    places[node] = (x, level)
    return x


def _answer(value: object, classes: Sequence[str] | None) -> str:
    numbers = np.atleast_1d(np.asarray(value, dtype=float))
    if classes is None:
        return f"mean {number(numbers[0])}"
    top = int(np.argmax(numbers))
    return f"{plain(str(classes[top]), 14)} {100 * numbers[top] / max(numbers.sum(), 1e-300):.3g} %"


def _branch(axes: Axes, start: tuple[float, float], end: tuple[float, float], word: str) -> None:
    axes.plot([start[0], end[0]], [start[1] + 0.3, end[1] - 0.28], color=INK, lw=0.7, zorder=1)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    axes.text(*middle, word, fontsize=6.5, ha="center", va="center", bbox={"fc": "white", "ec": "none", "pad": 0.8})


def _box(axes: Axes, at: tuple[float, float], nodes: Nodes, node: int, classes: Sequence[str] | None) -> None:
    leaf = nodes["left"][node] < 0
    answer, share = _answer(nodes["value"][node], classes), f"{100 * nodes['share'][node]:.3g} % of events"
    words = f"{answer}\n{share}" if leaf else f"{_question(nodes, node)}\n{share}\n{answer}"
    numbers = np.atleast_1d(np.asarray(nodes["value"][node], dtype=float))
    color = class_look(int(np.argmax(numbers)), len(classes)).color if classes else look(0).color
    face = {"fc": (color, 0.16), "ec": color, "boxstyle": "round,pad=0.45"} if leaf else {"fc": "white", "ec": INK}
    axes.text(*at, words, fontsize=7, ha="center", va="center", linespacing=1.3, bbox={"pad": 4, "lw": 0.7, **face})


def _question(nodes: Nodes, node: int) -> str:
    column = str(nodes["columns"][int(nodes["feature"][node])])
    return f"{plain(column, 14)} ≤ {number(float(nodes['threshold'][node]))}?"


def tree_table(nodes: Nodes, classes: Sequence[str] | None) -> dict[str, list]:
    """The tree as rows: each node's question, children, share of the events and answer."""
    inner = [int(left) >= 0 for left in nodes["left"]]
    columns = [nodes["columns"][int(f)] if i else "" for f, i in zip(nodes["feature"], inner, strict=True)]
    return {
        "node": list(range(len(inner))),
        "column": columns,
        "threshold": [float(t) if i else float("nan") for t, i in zip(nodes["threshold"], inner, strict=True)],
        "yes": [int(n) if n >= 0 else "" for n in nodes["left"]],
        "no": [int(n) if n >= 0 else "" for n in nodes["right"]],
        "share": [float(s) for s in nodes["share"]],
        "answer": [_answer(value, classes) for value in nodes["value"]],
    }
