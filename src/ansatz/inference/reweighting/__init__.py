"""Reweighting: weights that make one sample look like another, by bins, by boosted trees, by a classifier."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "ratios": ["Bins", "Classifier", "Ratio", "Reweighter"],
        "boosted": ["BoostedTrees"],
        "judging": ["Reweighted", "closure", "overlap", "reweight"],
    },
)
