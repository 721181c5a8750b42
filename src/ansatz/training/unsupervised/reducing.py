"""Constructors of the methods that find coordinates: their arguments are what a study file may say."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable
from functools import partial
from typing import Literal, Protocol

import numpy as np

from ansatz.embedding.reduction import PCA, Carried, DiffusionMap, Independent, KernelPCA, Parts
from ansatz.embedding.reduction.kernel import KERNELS
from ansatz.errors import InputError
from ansatz.training.classical.adapter import chosen
from ansatz.training.classical.estimator import first_line
from ansatz.training.classical.options import at_least, choice, within
from ansatz.training.unsupervised.clustering import seed_of
from ansatz.training.unsupervised.learner import Found, Unsupervised
from ansatz.training.unsupervised.rows import Rows
from ansatz.typing import Key

REDUCE = frozenset({"reduce"})
Kernel = Literal[KERNELS]


class Map(Protocol):
    """Takes rows to coordinates."""

    def transform(self, x: np.ndarray) -> np.ndarray:
        """Coordinates, shape (events, components)."""
        ...


@dataclasses.dataclass(frozen=True, eq=False)
class Mapped:
    """A map from prepared rows to coordinates, as an answer.

    Attributes:
        map: takes prepared rows to coordinates, such as `PCA`.
    """

    map: Map

    def answer(self, x: np.ndarray) -> np.ndarray:
        """Coordinates, shape (events, components)."""
        return np.asarray(self.map.transform(x), float)


def pca(*, components: int = 2, standardize: bool = False, columns: list[str] | None = None) -> Unsupervised:
    """Principal components: the directions in which the events vary most; weights of either sign.

    Args:
        components: number of coordinates.
        standardize: whether columns are brought to variance one first; needed where their units differ.
        columns: names of the columns that it looks at; None for all.

    Example:
        >>> import jax
        >>> from ansatz.data import Dataset
        >>> x = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
        >>> fit = pca(components=1)(Dataset(x), jax.random.key(0))
        >>> np.round(fit.predict(x), 4).tolist()
        [[-1.4142], [0.0], [1.4142]]
    """
    at_least(1, {"components": components})

    def make(rows: Rows, key: Key) -> Found:
        found = PCA.of(rows.x, rows.weight)
        kept = PCA(found.mean, found.axes[:components], found.variance[:components], found.total)
        details = {"variance": found.variance.tolist(), "explained": kept.explained.tolist()}
        return Found(Mapped(kept), details)

    again = partial(pca, standardize=standardize, columns=columns)
    return Unsupervised(
        make,
        "pca",
        REDUCE,
        scale=standardize,
        columns=chosen(columns),
        negative_weights=True,
        size=components,
        again=lambda k: again(components=k),
        random=False,
        require=partial(_at_most, components),
    )


def kernel_pca(
    *,
    components: int = 2,
    kernel: Kernel = "rbf",
    gamma: float | None = None,
    standardize: bool = True,
    columns: list[str] | None = None,
    rows: int = 3000,
) -> Unsupervised:
    """Principal components in the space of a kernel: curved directions; weights.

    Args:
        components: number of coordinates.
        kernel: "rbf", "polynomial", "linear" or "cosine".
        gamma: of the kernel; None for one over the number of columns.
        standardize: whether columns are brought to variance one first.
        columns: names of the columns that it looks at; None for all.
        rows: most distinct rows that it is trained on; of a larger sample so many are drawn.
    """
    at_least(1, {"components": components})
    choice("kernel", kernel, KERNELS)
    within(1e-300, float("inf"), {"gamma": gamma})

    def make(some: Rows, key: Key) -> Found:
        found = KernelPCA.of(some.x, some.weight, kernel=kernel, gamma=gamma, components=components)
        return Found(Mapped(found), {"variance": found.variance.tolist(), "explained": found.explained.tolist()})

    return Unsupervised(
        make, "kernel-pca", REDUCE, scale=standardize, columns=chosen(columns), rows=rows, size=components, random=False
    )


def ica(
    *, components: int = 2, standardize: bool = True, columns: list[str] | None = None, iterations: int = 1000
) -> Unsupervised:
    """Independent components: a linear map to coordinates that are as independent as can be; no weights.

    Args:
        components: number of coordinates.
        standardize: whether columns are brought to variance one first.
        columns: names of the columns that it looks at; None for all.
        iterations: most steps.

    Source: A. Hyvaerinen and E. Oja, Neural Netw. 13 (2000) 411.
    """
    at_least(1, {"components": components, "iterations": iterations})

    def make(rows: Rows, key: Key) -> Found:
        from sklearn.decomposition import FastICA

        method = FastICA(components, whiten="unit-variance", max_iter=iterations, random_state=seed_of(key))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tried("ica", lambda: method.fit(rows.x))
        found = Independent(np.asarray(method.mean_), np.asarray(method.components_))
        return Found(Mapped(found), {"iterations": int(method.n_iter_)}, method.n_iter_ < iterations)

    return Unsupervised(
        make,
        "ica",
        REDUCE,
        scale=standardize,
        columns=chosen(columns),
        size=components,
        weights=False,
        require=partial(_at_most, components),
    )


def nmf(*, components: int = 2, columns: list[str] | None = None, iterations: int = 2000) -> Unsupervised:
    """Non-negative matrix factors: every event as a sum of parts that only add up; no weights.

    Args:
        components: number of parts.
        columns: names of the columns that it looks at; None for all.
        iterations: most steps.

    Source: D. Lee and H. Seung, Nature 401 (1999) 788.
    """
    at_least(1, {"components": components, "iterations": iterations})

    def make(rows: Rows, key: Key) -> Found:
        from sklearn.decomposition import NMF

        method = NMF(components, init="nndsvda", max_iter=iterations, random_state=seed_of(key))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tried("nmf", lambda: method.fit(rows.x))
        found = Parts(np.asarray(method.components_))
        return Found(Mapped(found), {"iterations": int(method.n_iter_)}, method.n_iter_ < iterations)

    def require(rows: Rows) -> None:
        _at_most(components, rows)
        if (rows.x < 0).any():
            name = rows.names[int((rows.x < 0).any(axis=0).argmax())]
            raise InputError(
                f"'nmf' is for columns that are never negative, but '{name}' is; leave it out, or use 'pca'"
            )

    return Unsupervised(
        make,
        "nmf",
        REDUCE,
        scale=False,
        columns=chosen(columns),
        size=components,
        weights=False,
        require=require,
    )


def diffusion_map(
    *,
    components: int = 2,
    step: float | None = None,
    alpha: float = 1.0,
    time: float = 1.0,
    standardize: bool = True,
    columns: list[str] | None = None,
    rows: int = 3000,
) -> Unsupervised:
    """Diffusion map: the slow modes of a random walk between the events; weights.

    Args:
        components: number of coordinates.
        step: length of a step; None for the distance that holds a twentieth of the weight.
        alpha: 1 takes the density of the events out of the walk, 0 keeps it.
        time: number of steps.
        standardize: whether columns are brought to variance one first.
        columns: names of the columns that it looks at; None for all.
        rows: most distinct rows that it is trained on; of a larger sample so many are drawn.
    """
    at_least(1, {"components": components})
    within(0, 1, {"alpha": alpha})
    within(0, float("inf"), {"time": time})
    within(1e-300, float("inf"), {"step": step})

    def make(some: Rows, key: Key) -> Found:
        found = DiffusionMap.of(some.x, some.weight, components=components, step=step, alpha=alpha, time=time)
        return Found(Mapped(found), {"step": found.step, "eigenvalues": found.values.tolist()})

    return Unsupervised(
        make,
        "diffusion-map",
        REDUCE,
        scale=standardize,
        columns=chosen(columns),
        rows=rows,
        size=components,
        random=False,
    )


def isomap(
    *,
    components: int = 2,
    neighbors: int = 10,
    standardize: bool = True,
    columns: list[str] | None = None,
    rows: int = 3000,
) -> Unsupervised:
    """Isomap: distances along the data, from neighbor to neighbor, laid flat; no weights. New events by neighbors.

    Args:
        components: number of coordinates.
        neighbors: number of neighbors that an event has.
        standardize: whether columns are brought to variance one first.
        columns: names of the columns that it looks at; None for all.
        rows: most rows that it is trained on; of a larger sample so many are drawn.

    Source: J. Tenenbaum, V. de Silva and J. Langford, Science 290 (2000) 2319.
    """
    at_least(1, {"components": components, "neighbors": neighbors})

    def make(some: Rows, key: Key) -> Found:
        from sklearn.manifold import Isomap

        if neighbors >= len(some):
            raise InputError(f"neighbors must be below the number of rows ({len(some)}), not {neighbors}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            method = Isomap(n_neighbors=neighbors, n_components=components, eigen_solver="dense")
            placed = tried("isomap", lambda: method.fit_transform(some.x))
        return Found(Mapped(Carried(some.x, np.asarray(placed, float))))

    known = {"columns": chosen(columns), "rows": rows, "size": components, "weights": False, "random": False}
    return Unsupervised(make, "isomap", REDUCE, scale=standardize, **known)


def _at_most(components: int, rows: Rows) -> None:
    most = min(len(rows), len(rows.names))
    if components > most:
        raise InputError(
            f"{components} components were asked for, but {len(rows)} distinct rows of {len(rows.names)} columns have"
            f" {most}; ask for fewer"
        )


def tried(name: str, fit: Callable[[], object]) -> object:
    """What a library's fit gives.

    Raises:
        InputError: with the first line of what the library complains about.
    """
    try:
        return fit()
    except (ValueError, FloatingPointError, np.linalg.LinAlgError) as error:
        raise InputError(f"'{name}' cannot be trained on this sample: {first_line(error)}") from error
