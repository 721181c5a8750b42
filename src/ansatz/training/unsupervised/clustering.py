"""Constructors of the methods that find groups: their arguments are what a study file may say."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Literal

from ansatz.embedding.distances import Distance, Euclidean, Formula, FourMomenta, Periodic, check
from ansatz.embedding.reduction.diffusion import DiffusionMap
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.training.classical.adapter import chosen
from ansatz.training.classical.options import at_least, choice, within
from ansatz.training.unsupervised import density, hierarchy, mixture
from ansatz.training.unsupervised.answering import Nearest, by_weight
from ansatz.training.unsupervised.kmeans import k_means, k_medoids
from ansatz.training.unsupervised.learner import Found, Unsupervised, enough
from ansatz.training.unsupervised.rows import Rows
from ansatz.typing import Key

CLUSTER = frozenset({"cluster"})
Require = Callable[[Rows], None]
METRICS = ("euclidean", "periodic", "four-momenta")
Linkage = Literal[hierarchy.LINKAGES]
Covariance = Literal[mixture.COVARIANCES]


def k_means_learner(
    *,
    clusters: int = 3,
    metric: str = "euclidean",
    period: list[float] | None = None,
    standardize: bool = True,
    columns: list[str] | None = None,
    starts: int = 10,
) -> Unsupervised:
    """k-means: groups around centers, each event with the nearest one; weights, any metric.

    It looks for round groups of one size: the model behind it is a mixture of equal spherical Gaussians.

    Args:
        clusters: number of groups.
        metric: "euclidean", "periodic", "four-momenta" (columns E, px, py, pz) or a formula over two events such as
            "abs(size_1 - size_2)"; a library call also takes a `Distance`.
        period: of each column for the periodic metric; 0 for one that is not periodic.
        standardize: whether columns are brought to variance one first (Euclidean metric only).
        columns: names of the columns that it looks at; None for all.
        starts: how many times it is started; the best one is kept.

    Raises:
        InputError: if a number is out of range, or the metric is none.

    Example:
        >>> import jax, numpy as np
        >>> from ansatz.data import Dataset
        >>> x = np.array([[0.0], [0.1], [5.0], [5.1], [5.2]])
        >>> k_means_learner(clusters=2)(Dataset(x), jax.random.key(0)).predict(x).tolist()
        [1, 1, 0, 0, 0]
    """
    at_least(1, {"clusters": clusters, "starts": starts})
    again = partial(
        k_means_learner, metric=metric, period=period, standardize=standardize, columns=columns, starts=starts
    )

    def make(rows: Rows, key: Key) -> Found:
        return k_means(rows, clusters, distance_of(metric, period, rows), starts=starts, seed=seed_of(key))

    scale = standardize and plain(metric)
    return Unsupervised(
        make,
        "k-means",
        CLUSTER,
        scale=scale,
        columns=chosen(columns),
        size=clusters,
        again=lambda k: again(clusters=k),
        require=fits_rows(clusters, metric, period),
    )


def k_medoids_learner(
    *,
    clusters: int = 3,
    metric: str = "euclidean",
    period: list[float] | None = None,
    standardize: bool = True,
    columns: list[str] | None = None,
    starts: int = 3,
    rows: int = 3000,
) -> Unsupervised:
    """k-medoids: centers are events themselves, and distances count, not their squares; weights, any metric.

    Args:
        clusters: number of groups.
        metric: as for "k-means".
        period: as for "k-means".
        standardize: as for "k-means".
        columns: names of the columns that it looks at; None for all.
        starts: how many times it is started; the best one is kept.
        rows: most distinct rows whose distances are computed; of a larger sample so many are drawn.
    """
    at_least(1, {"clusters": clusters, "starts": starts, "rows": rows})
    again = partial(
        k_medoids_learner,
        metric=metric,
        period=period,
        standardize=standardize,
        columns=columns,
        starts=starts,
        rows=rows,
    )

    def make(some: Rows, key: Key) -> Found:
        return k_medoids(some, clusters, distance_of(metric, period, some), starts=starts, seed=seed_of(key))

    scale = standardize and plain(metric)
    return Unsupervised(
        make,
        "k-medoids",
        CLUSTER,
        scale=scale,
        columns=chosen(columns),
        rows=rows,
        size=clusters,
        again=lambda k: again(clusters=k),
        require=fits_rows(clusters, metric, period),
    )


def hierarchical_learner(
    *,
    clusters: int = 3,
    linkage: Linkage = "ward",
    metric: str = "euclidean",
    period: list[float] | None = None,
    standardize: bool = True,
    columns: list[str] | None = None,
    first: int = 1000,
) -> Unsupervised:
    """Hierarchical clustering: the two nearest groups are merged again and again; weights, any metric.

    Args:
        clusters: number of groups that are left in the end.
        linkage: what the distance of two groups is: the least, the largest or the mean distance of their members, or
            ("ward", Euclidean metric only) what the sum of squares grows by.
        metric: as for "k-means".
        period: as for "k-means".
        standardize: as for "k-means".
        columns: names of the columns that it looks at; None for all.
        first: from more distinct rows than this, k-means makes so many small groups, and these are merged.
    """
    at_least(1, {"clusters": clusters})
    at_least(max(2, clusters), {"first": first})
    choice("linkage", linkage, hierarchy.LINKAGES)
    if linkage == "ward" and metric != "euclidean" and not isinstance(metric, Euclidean):
        raise InputError("linkage 'ward' is made for the Euclidean metric; use 'average' with any other")
    again = partial(
        hierarchical_learner,
        linkage=linkage,
        metric=metric,
        period=period,
        standardize=standardize,
        columns=columns,
        first=first,
    )

    def make(rows: Rows, key: Key) -> Found:
        distance = distance_of(metric, period, rows)
        return hierarchy.hierarchical(rows, clusters, linkage, distance, first=first, seed=seed_of(key))

    scale = standardize and plain(metric)
    return Unsupervised(
        make,
        "hierarchical",
        CLUSTER,
        scale=scale,
        columns=chosen(columns),
        size=clusters,
        again=lambda k: again(clusters=k),
        random=False,
        require=fits_rows(clusters, metric, period),
    )


def dbscan_learner(
    *,
    radius: float | None = None,
    share: float = 0.01,
    metric: str = "euclidean",
    period: list[float] | None = None,
    standardize: bool = True,
    columns: list[str] | None = None,
    rows: int = 6000,
) -> Unsupervised:
    """DBSCAN: connected dense regions of any shape; the rest is noise, group -1; weights, any metric.

    Args:
        radius: how far an event reaches; None for the distance at which nine in ten events are cores.
        share: part of the total weight within reach that makes an event a core of a dense region.
        metric: as for "k-means".
        period: as for "k-means".
        standardize: as for "k-means".
        columns: names of the columns that it looks at; None for all.
        rows: most distinct rows whose distances are computed; of a larger sample so many are drawn.
    """
    within(1e-12, 1, {"share": share})
    within(0, math.inf, {"radius": radius})

    def make(some: Rows, key: Key) -> Found:
        return density.dbscan(some, radius, share, distance_of(metric, period, some))

    return Unsupervised(
        make,
        "dbscan",
        CLUSTER,
        scale=standardize and plain(metric),
        columns=chosen(columns),
        rows=rows,
        random=False,
        require=fits_rows(1, metric, period),
    )


def hdbscan_learner(
    *,
    smallest: int = 15,
    metric: str = "euclidean",
    period: list[float] | None = None,
    standardize: bool = True,
    columns: list[str] | None = None,
    rows: int = 20_000,
) -> Unsupervised:
    """HDBSCAN: dense regions of any shape and any density; the rest is noise, group -1; no weights.

    Args:
        smallest: events that a group has at least.
        metric: as for "k-means".
        period: as for "k-means".
        standardize: as for "k-means".
        columns: names of the columns that it looks at; None for all.
        rows: most rows that it is trained on; of a larger sample so many are drawn.
    """
    at_least(2, {"smallest": smallest})

    def make(some: Rows, key: Key) -> Found:
        return density.hdbscan(some, smallest, distance_of(metric, period, some))

    return Unsupervised(
        make,
        "hdbscan",
        CLUSTER,
        scale=standardize and plain(metric),
        columns=chosen(columns),
        rows=rows,
        random=False,
        weights=False,
        require=fits_rows(1, metric, period),
    )


def spectral_learner(
    *,
    clusters: int = 3,
    step: float | None = None,
    standardize: bool = True,
    columns: list[str] | None = None,
    starts: int = 10,
    rows: int = 3000,
) -> Unsupervised:
    """Spectral clustering: k-means in the slow modes of a random walk between the events; weights.

    Finds groups of any shape that few steps of the walk lead out of.

    Args:
        clusters: number of groups.
        step: length of a step; None for the distance that holds a twentieth of the weight.
        standardize: whether columns are brought to variance one first.
        columns: names of the columns that it looks at; None for all.
        starts: how many times k-means is started.
        rows: most distinct rows that it is trained on; of a larger sample so many are drawn.

    Source: A. Ng, M. Jordan and Y. Weiss, NeurIPS (2001) 849; J. Shi and J. Malik, IEEE PAMI 22 (2000) 888.
    """
    at_least(2, {"clusters": clusters})
    at_least(1, {"starts": starts})
    again = partial(spectral_learner, step=step, standardize=standardize, columns=columns, starts=starts, rows=rows)

    def make(some: Rows, key: Key) -> Found:
        enough(some, clusters + 1)
        walk = DiffusionMap.of(some.x, some.weight, components=clusters - 1, step=step, alpha=0.0, time=0.0)
        modes = Rows(walk.modes, some.weight, some.names, some.count, some.effective, some.even)
        group = k_means(modes, clusters, Euclidean(), starts=starts, seed=seed_of(key)).model.answer(walk.modes)
        details = {"step": walk.step, "eigenvalues": walk.values.tolist()}
        return Found(Nearest(some.x, by_weight(group, some.weight)), details)

    return Unsupervised(
        make,
        "spectral",
        CLUSTER,
        scale=standardize,
        columns=chosen(columns),
        rows=rows,
        size=clusters,
        again=lambda k: again(clusters=k),
        require=lambda rows: enough(rows, clusters + 1),
    )


def mixture_learner(
    *,
    clusters: int = 3,
    covariance: Covariance = "full",
    standardize: bool = True,
    columns: list[str] | None = None,
    starts: int = 5,
    floor: float = 1e-6,
) -> Unsupervised:
    """A mixture of Gaussians: groups of their own size, shape and orientation, with soft borders; weights.

    Args:
        clusters: number of Gaussians.
        covariance: "full", "tied" (one for all), "diagonal", "spherical" or "equal" (spherical, one for all: the model
            behind k-means).
        standardize: whether columns are brought to variance one first.
        columns: names of the columns that it looks at; None for all.
        starts: how many times it is started; the best one is kept.
        floor: what is added to every variance, in squared units of the (standardized) columns.
    """
    at_least(1, {"clusters": clusters, "starts": starts})
    at_least(0, {"floor": floor})
    choice("covariance", covariance, mixture.COVARIANCES)
    again = partial(
        mixture_learner, covariance=covariance, standardize=standardize, columns=columns, starts=starts, floor=floor
    )

    def make(rows: Rows, key: Key) -> Found:
        return mixture.gaussian_mixture(rows, clusters, covariance, starts=starts, floor=floor, seed=seed_of(key))

    return Unsupervised(
        make,
        "gaussian-mixture",
        CLUSTER,
        scale=standardize,
        columns=chosen(columns),
        size=clusters,
        again=lambda k: again(clusters=k),
        require=fits_rows(clusters),
    )


def fits_rows(clusters: int, metric: str | Distance = "euclidean", period: list[float] | None = None) -> Require:
    """What complains about rows that are too few for so many groups, or for which the metric is none."""

    def require(rows: Rows) -> None:
        enough(rows, clusters)
        check(distance_of(metric, period, rows), rows.x)

    return require


def distance_of(metric: str | Distance, period: list[float] | None, rows: Rows) -> Distance:
    """The distance that a name, a formula or an object means for these columns.

    Raises:
        InputError: if the period is missing or does not fit the columns.
    """
    if not isinstance(metric, str):
        return metric
    if metric == "periodic":
        if period is None or len(period) != len(rows.names):
            raise InputError(
                f"the periodic metric needs the period of each of the {len(rows.names)} columns"
                f" ({', '.join(rows.names[:6])}); give period = [...], 0 for one that is not periodic"
            )
        return Periodic(tuple(float(p) for p in period))
    if metric == "four-momenta":
        if len(rows.names) != 4:
            raise InputError(f"the metric of four-momenta needs the columns E, px, py, pz, not {len(rows.names)}")
        return FourMomenta()
    return Euclidean() if metric == "euclidean" else Formula(metric, rows.names)


def plain(metric: str | Distance) -> bool:
    """Whether it makes sense to standardize columns before this metric."""
    return metric == "euclidean" or isinstance(metric, Euclidean)


def seed_of(key: Key) -> int:
    """A seed for what is not JAX."""
    return int(generator(key).integers(2**31))
