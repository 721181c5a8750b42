"""Functions of one point with parameters that a fit may change: the hypothesis."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "activations": ["ACTIVATIONS", "activation"],
        "chain": ["Chain"],
        "endpoints": ["Endpoints"],
        "initializations": ["VARIANCES", "initialize"],
        "linear": ["Linear", "linear"],
        "mlp": ["MLP", "Dropout", "is_random"],
        "parameters": ["Frozen", "Function", "count_parameters", "partition"],
    },
)
