"""Figures of what was found without a target: groups, maps, dimensions, densities, and events that are unusual."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules={"cubes"},
    submod_attrs={
        "choices": ["choice", "kept", "outline", "steadiness"],
        "densities": ["evenness", "line", "marginal", "surface"],
        "groups": ["agreements", "matched", "plane", "profile"],
        "maps": ["sheet", "spectrum", "values_map"],
        "scores": ["most_unusual", "score_distribution"],
        "trees": ["dendrogram"],
    },
)
