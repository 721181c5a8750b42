"""Judging what was found without a target: groups, coordinates, and the number of dimensions that there are."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "agreement": ["Agreement", "agreement"],
        "choice": ["Choice", "choose_clusters", "choose_components"],
        "dimension": ["intrinsic_dimension", "levina_bickel", "participation", "two_nn"],
        "groups": ["GroupColumn", "describe_groups", "silhouettes", "spread_ratio"],
        "kept": ["likeness", "neighbor_agreement", "neighborhood_intervals"],
        "volume": ["ball_fraction", "nearest_in_cube", "near_the_edge"],
    },
)
