"""Boosting by our own trees: gradient boosting that keeps a score flat over observers."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "flat": ["Boosted", "FlatBoosting", "flat_boosting"],
        "flatness": ["Flatness", "partitions"],
        "libraries": ["LibraryBoosting", "LibraryTrees", "lightgbm", "xgboost"],
        "trees": ["Binned", "TreeSum", "binned", "grow", "together"],
    },
)
