"""What maps data to features: scalers and bases, part of the model and frozen once fitted."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "polynomial": ["Polynomial"],
        "shape": ["Flatten", "Reshape"],
        "distances": ["Distance", "Euclidean", "Formula", "FourMomenta", "Given", "Periodic"],
        "jets": ["Jets", "cluster_jets"],
        "reduction.diffusion": ["DiffusionMap"],
        "reduction.kernel": ["KernelPCA"],
        "reduction.kohonen": ["KohonenMap"],
        "reduction.linear": ["Independent", "Parts"],
        "reduction.neighbors": ["Carried"],
        "reduction.pca": ["PCA"],
        "transformations": ["TRANSFORMATIONS", "Affine", "Ranks", "Transformation", "transformations"],
        "scaling": ["Impute", "Standardize", "Unstandardize", "medians", "moments"],
    },
)
