"""The methods without a target by name; the signature of each constructor is the schema of its table in a study."""

from __future__ import annotations

from collections.abc import Callable

from ansatz.training.unsupervised.autoencoder import autoencoder
from ansatz.training.unsupervised.clustering import (
    dbscan_learner,
    hdbscan_learner,
    hierarchical_learner,
    k_means_learner,
    k_medoids_learner,
    mixture_learner,
    spectral_learner,
)
from ansatz.training.unsupervised.neighbors import sne_learner, tsne, umap
from ansatz.training.unsupervised.reducing import diffusion_map, ica, isomap, kernel_pca, nmf, pca
from ansatz.training.unsupervised.sheets import kohonen, kohonen_groups

CLUSTERING: dict[str, Callable] = {
    "k-means": k_means_learner,
    "k-medoids": k_medoids_learner,
    "hierarchical": hierarchical_learner,
    "dbscan": dbscan_learner,
    "hdbscan": hdbscan_learner,
    "spectral": spectral_learner,
    "gaussian-mixture": mixture_learner,
    "kohonen": kohonen_groups,
}
"""Name -> constructor of a learner that finds groups."""

REDUCTION: dict[str, Callable] = {
    "pca": pca,
    "kernel-pca": kernel_pca,
    "ica": ica,
    "nmf": nmf,
    "sne": sne_learner,
    "tsne": tsne,
    "umap": umap,
    "diffusion-map": diffusion_map,
    "isomap": isomap,
    "kohonen": kohonen,
    "autoencoder": autoencoder,
}
"""Name -> constructor of a learner that finds coordinates."""
