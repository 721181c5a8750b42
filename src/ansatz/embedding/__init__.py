"""What maps data to features: scalers and bases, part of the model and frozen once fitted."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "polynomial": ["Polynomial"],
        "shape": ["Flatten"],
        "reduction.pca": ["PCA"],
        "scaling": ["Impute", "Standardize", "Unstandardize", "medians", "moments"],
    },
)
