"""Fewer coordinates for the same points: linear, kernel, neighbor and diffusion maps."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "diffusion": ["DiffusionMap"],
        "kernel": ["KernelPCA"],
        "kohonen": ["KohonenMap"],
        "linear": ["Independent", "Parts"],
        "neighbors": ["Carried", "reach", "typical_reach"],
        "pca": ["PCA", "Gathered"],
        "quality": ["Kept", "kept_neighbors"],
        "sne": ["neighborhoods", "sne"],
    },
)
