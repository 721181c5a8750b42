"""The tree of merges of a hierarchical clustering."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.cluster.hierarchy import dendrogram as layout

from ansatz.report.figures.unlabeled.groups import group_look
from ansatz.report.picture import Picture
from ansatz.report.style import INK, canvas, styled


@styled
def dendrogram(
    tree: np.ndarray,
    leaf_group: np.ndarray,
    *,
    linkage: str = "ward",
    name: str = "method",
    colors: Mapping[int, int] | None = None,
) -> Picture:
    """Which groups are merged at which distance; branches in the color of their group.

    Args:
        tree: merges in SciPy's form, shape (leaves - 1, 4).
        leaf_group: group of each leaf.
        linkage: what the distance of two groups is.
        name: of the method.
        colors: number of the look of each group.

    Example:
        >>> tree = np.array([[0.0, 1.0, 1.0, 2.0], [2.0, 3.0, 8.0, 3.0]])
        >>> dendrogram(tree, np.array([1, 1, 0])).table["distance"].tolist()
        [1.0, 8.0]
    """
    figure, axes = canvas((5.4, 2.9))
    groups = _groups(tree, leaf_group)
    drawn = layout(tree, no_plot=True, link_color_func=lambda node: str(node), get_leaves=True)
    for across, up, node in zip(drawn["icoord"], drawn["dcoord"], drawn["color_list"], strict=True):
        inside = groups[int(node)]
        axes.plot(across, up, color=INK if inside is None else group_look(inside, colors).color, lw=0.9)
    cut = _cut(tree, groups, len(leaf_group))
    if cut is not None:
        axes.axhline(cut, color=INK, lw=0.7, ls="--")
    axes.set(ylabel=f"distance of the groups ({linkage})", xlabel=f"{len(leaf_group)} leaves", ylim=(0, None))
    axes.set_xticks([])
    axes.set_xlim(0, 10 * len(leaf_group))
    caption = f"Merges of {name} from single events or small branches (below) to one (above)."
    caption += " The dashed line is where the tree was cut; branches have the color of their group." if cut else ""
    table = {"first": tree[:, 0], "second": tree[:, 1], "distance": tree[:, 2], "size": tree[:, 3]}
    return Picture(figure, table, caption, f"Tree of merges, {name}", f"dendrogram-{name}")


def _groups(tree: np.ndarray, leaf_group: np.ndarray) -> list[int | None]:
    """The group of all leaves under each node, or None where they differ."""
    found: list[int | None] = [int(g) for g in leaf_group]
    for a, b, _, _ in tree:
        left, right = found[int(a)], found[int(b)]
        found.append(left if left == right else None)
    return found


def _cut(tree: np.ndarray, groups: list[int | None], leaves: int) -> float | None:
    """A height between the last merge within a group and the first between groups."""
    inside = [height for node, height in enumerate(tree[:, 2]) if groups[leaves + node] is not None]
    between = [height for node, height in enumerate(tree[:, 2]) if groups[leaves + node] is None]
    return float((max(inside, default=0.0) + min(between)) / 2) if between else None
