"""Markov chains of many replicas, compiled: local updates, clusters, exchange of temperatures."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "chains": ["Chains", "simulate"],
        "checkerboard": ["Checkerboard"],
        "clusters": ["Clusters"],
        "flood": ["Flood"],
        "kernels": ["Kernel"],
        "methods": ["METHODS", "kernel_named"],
        "mixture": ["Alternating"],
        "multispin": ["Multispin"],
    },
)
