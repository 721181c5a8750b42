"""Constructors of embeddings by neighbors, SNE, t-SNE and UMAP: their arguments are what a study file may say."""

from __future__ import annotations

import warnings

import numpy as np

from ansatz.embedding.reduction import Carried
from ansatz.embedding.reduction.sne import sne
from ansatz.errors import InputError, required
from ansatz.training.classical.adapter import chosen
from ansatz.training.classical.options import at_least, within
from ansatz.training.unsupervised.clustering import seed_of
from ansatz.training.unsupervised.learner import Found, Unsupervised
from ansatz.training.unsupervised.reducing import REDUCE, Mapped, tried
from ansatz.training.unsupervised.rows import Rows
from ansatz.typing import Key


def sne_learner(
    *,
    components: int = 2,
    perplexity: float = 30.0,
    standardize: bool = True,
    columns: list[str] | None = None,
    iterations: int = 500,
    rows: int = 800,
) -> Unsupervised:
    """Stochastic neighbor embedding with Gaussian neighborhoods in both spaces; weights. New events by neighbors.

    Args:
        components: number of coordinates.
        perplexity: number of neighbors that an event has.
        standardize: whether columns are brought to variance one first.
        columns: names of the columns that it looks at; None for all.
        iterations: most steps.
        rows: most distinct rows that it is trained on; of a larger sample so many are drawn.
    """
    at_least(1, {"components": components, "iterations": iterations})
    at_least(1.5, {"perplexity": perplexity})

    def make(some: Rows, key: Key) -> Found:
        found = sne(some.x, some.weight, components=components, perplexity=perplexity, iterations=iterations)
        message = "" if found.converged else "the divergence was still falling when it stopped"
        carried = Mapped(Carried(some.x, found.coordinates))
        return Found(carried, {"divergence": found.divergence}, found.converged, message)

    return Unsupervised(
        make, "sne", REDUCE, scale=standardize, columns=chosen(columns), rows=rows, size=components, random=False
    )


def tsne(
    *,
    components: int = 2,
    perplexity: float = 30.0,
    standardize: bool = True,
    columns: list[str] | None = None,
    iterations: int = 1000,
    rows: int = 5000,
) -> Unsupervised:
    """t-SNE: scikit-learn's, started at the principal components; no weights. New events by neighbors.

    Distances between far groups, and the sizes of groups, mean nothing in its plane.

    Args:
        components: number of coordinates, at most 3.
        perplexity: number of neighbors that an event has.
        standardize: whether columns are brought to variance one first.
        columns: names of the columns that it looks at; None for all.
        iterations: most steps.
        rows: most rows that it is trained on; of a larger sample so many are drawn.

    Source: L. van der Maaten and G. Hinton, J. Mach. Learn. Res. 9 (2008) 2579.
    """
    within(1, 3, {"components": components})
    at_least(250, {"iterations": iterations})
    at_least(1.5, {"perplexity": perplexity})

    def make(some: Rows, key: Key) -> Found:
        from sklearn.manifold import TSNE

        if perplexity >= len(some):
            raise InputError(f"perplexity must be below the number of rows ({len(some)}), not {perplexity:g}")
        start = "pca" if components <= len(some.names) else "random"
        method = TSNE(components, perplexity=perplexity, init=start, max_iter=iterations, random_state=seed_of(key))
        placed = np.asarray(tried("tsne", lambda: method.fit_transform(some.x)), float)
        return Found(Mapped(Carried(some.x, placed)), {"divergence": float(method.kl_divergence_)})

    return Unsupervised(
        make, "tsne", REDUCE, scale=standardize, columns=chosen(columns), rows=rows, size=components, weights=False
    )


def umap(
    *,
    components: int = 2,
    neighbors: int = 15,
    separation: float = 0.1,
    standardize: bool = True,
    columns: list[str] | None = None,
    rows: int = 20_000,
) -> Unsupervised:
    """UMAP, if the package umap-learn is there (extra `umap`); no weights. New events by neighbors.

    Args:
        components: number of coordinates.
        neighbors: number of neighbors that an event has.
        separation: least distance of events in the embedding.
        standardize: whether columns are brought to variance one first.
        columns: names of the columns that it looks at; None for all.
        rows: most rows that it is trained on; of a larger sample so many are drawn.

    Source: L. McInnes, J. Healy and J. Melville, arXiv:1802.03426.
    """
    at_least(1, {"components": components})
    at_least(2, {"neighbors": neighbors})
    within(0, 1, {"separation": separation})

    def make(some: Rows, key: Key) -> Found:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            package = required("umap", extra="umap")
        if neighbors >= len(some):
            raise InputError(f"neighbors must be below the number of rows ({len(some)}), not {neighbors}")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            method = package.UMAP(neighbors, components, min_dist=separation, random_state=seed_of(key), n_jobs=1)
            placed = np.asarray(tried("umap", lambda: method.fit_transform(some.x)), float)
        return Found(Mapped(Carried(some.x, placed)))

    return Unsupervised(
        make, "umap", REDUCE, scale=standardize, columns=chosen(columns), rows=rows, size=components, weights=False
    )
