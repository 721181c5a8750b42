"""The methods that particle physicists know from TMVA, with event weights of either sign where they have a meaning."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "boxes": ["Boxes"],
        "discriminants": ["HMatrix"],
        "kinds": [
            "MULTIVARIATE",
            "h_matrix",
            "pde_neighbors",
            "pde_range_search",
            "projective_likelihood",
            "rectangular_cuts",
        ],
        "likelihood": ["ProjectiveLikelihood"],
        "range_search": ["NeighborDensity", "RangeSearch"],
    },
)
