"""Kohonen's self-organizing maps as methods: places on a sheet, and groups of its nodes."""

from __future__ import annotations

import math
from functools import partial
from typing import Literal

import numpy as np

from ansatz.embedding.distances import Euclidean, table
from ansatz.embedding.reduction import KohonenMap
from ansatz.errors import InputError
from ansatz.training.classical.adapter import chosen
from ansatz.training.classical.options import at_least, choice, within
from ansatz.training.unsupervised.answering import Nearest, by_weight
from ansatz.training.unsupervised.hierarchy import LINKAGES, agglomerate, cut
from ansatz.training.unsupervised.learner import Found, Unsupervised, enough
from ansatz.training.unsupervised.reducing import REDUCE, Mapped
from ansatz.training.unsupervised.rows import Rows
from ansatz.typing import Key

MOST_NODES = 2500
"""Most nodes of a sheet."""

Linkage = Literal[LINKAGES]


def kohonen(
    *,
    sheet: list[int] = (12, 12),
    radius: float = 0.5,
    rounds: int = 40,
    standardize: bool = True,
    columns: list[str] | None = None,
    rows: int = 20_000,
) -> Unsupervised:
    """The self-organizing map of Kohonen: a sheet laid through the data, whose places are the coordinates; weights.

    Args:
        sheet: nodes along each axis; of one axis a line, of two a sheet.
        radius: how far a node pulls its neighbors along in the end, in cells.
        rounds: rounds in which that radius falls from half the sheet.
        standardize: whether columns are brought to variance one first.
        columns: names of the columns that it looks at; None for all.
        rows: most distinct rows that it is trained on; of a larger sample so many are drawn.

    Raises:
        InputError: if a number is out of range.

    Example:
        >>> import jax
        >>> from ansatz.data import Dataset
        >>> x = np.linspace(0, 1, 200)[:, None]
        >>> z = kohonen(sheet=[5])(Dataset(x), jax.random.key(0)).predict(x)[:, 0]
        >>> bool(np.all(np.diff(z) >= 0) or np.all(np.diff(z) <= 0))
        True
    """
    shape = checked_sheet(sheet)
    at_least(1, {"rounds": rounds})
    within(1e-3, math.inf, {"radius": radius})

    def make(some: Rows, key: Key) -> Found:
        found = KohonenMap.of(some.x, some.weight, shape=shape, radius=radius, rounds=rounds)
        return Found(Mapped(found), told(found, some), found.settled, _still(found))

    return Unsupervised(
        make,
        "kohonen",
        REDUCE,
        scale=standardize,
        columns=chosen(columns),
        rows=rows,
        size=len(shape),
        random=False,
        require=partial(_axes, len(shape)),
    )


def kohonen_groups(
    *,
    clusters: int = 3,
    sheet: list[int] = (10, 10),
    linkage: Linkage = "ward",
    radius: float = 0.5,
    rounds: int = 40,
    standardize: bool = True,
    columns: list[str] | None = None,
    rows: int = 20_000,
) -> Unsupervised:
    """Kohonen's map first, then its prototypes are merged by hierarchical clustering; weights.

    Args:
        clusters: number of groups.
        sheet: nodes along each axis.
        linkage: as for "hierarchical".
        radius: as for the map: how far a node pulls its neighbors along in the end, in cells.
        rounds: rounds in which that radius falls from half the sheet.
        standardize: whether columns are brought to variance one first.
        columns: names of the columns that it looks at; None for all.
        rows: most distinct rows that it is trained on; of a larger sample so many are drawn.

    Raises:
        InputError: if a number is out of range.

    Source: J. Vesanto and E. Alhoniemi, IEEE Trans. Neural Networks 11 (2000) 586.
    """
    shape = checked_sheet(sheet)
    at_least(1, {"clusters": clusters, "rounds": rounds})
    within(1e-3, math.inf, {"radius": radius})
    choice("linkage", linkage, LINKAGES)
    if clusters > math.prod(shape):
        raise InputError(f"clusters: {math.prod(shape)} nodes cannot make {clusters} groups; give a larger sheet")

    def make(some: Rows, key: Key) -> Found:
        found = KohonenMap.of(some.x, some.weight, shape=shape, radius=radius, rounds=rounds)
        mass = np.bincount(found.node(some.x), some.weight, len(found.prototypes))
        points, used = found.prototypes[mass > 0], mass[mass > 0]
        if len(points) < clusters:
            raise InputError(f"only {len(points)} nodes of the sheet are used; ask for so many clusters or fewer")
        tree = agglomerate(table(Euclidean(), points, points), used, linkage)
        return Found(Nearest(points, by_weight(cut(tree, clusters), used)), {}, found.settled, _still(found))

    again = partial(
        kohonen_groups,
        sheet=sheet,
        linkage=linkage,
        radius=radius,
        rounds=rounds,
        standardize=standardize,
        columns=columns,
        rows=rows,
    )

    def require(some: Rows) -> None:
        _axes(len(shape), some)
        enough(some, clusters)

    return Unsupervised(
        make,
        "kohonen",
        frozenset({"cluster"}),
        scale=standardize,
        columns=chosen(columns),
        rows=rows,
        size=clusters,
        again=lambda k: again(clusters=k),
        random=False,
        require=require,
    )


def checked_sheet(sheet: list[int]) -> tuple[int, ...]:
    """The shape of a sheet.

    Raises:
        InputError: if it is none.
    """
    shape = tuple(sheet)
    if not 1 <= len(shape) <= 2 or min(shape) < 2 or math.prod(shape) > MOST_NODES:
        raise InputError(
            f"sheet: one or two numbers of nodes, each at least 2 and {MOST_NODES} in all, not {list(shape)}"
        )
    return shape


def told(found: KohonenMap, rows: Rows) -> dict[str, object]:
    """What a figure of the sheet needs, and how well it lies."""
    mass = np.bincount(found.node(rows.x), rows.weight, len(found.prototypes)).reshape(found.shape)
    return {
        "walls": np.atleast_2d(found.walls()).tolist(),
        "mass": np.atleast_2d(mass).tolist(),
        "torn": float(rows.weight @ found.torn(rows.x)),
        "missed": float(rows.weight @ found.missed(rows.x)),
    }


def _axes(axes: int, rows: Rows) -> None:
    if axes > len(rows.names):
        raise InputError(f"a sheet of {axes} axes needs as many columns, not {len(rows.names)}; give sheet = [20]")


def _still(found: KohonenMap) -> str:
    return "" if found.settled else "the sheet was still moving when it stopped"
