"""Ansatz: machine learning for physicists, from a file of events to a result that can be believed.

The four abstractions: a `Source` gives events (`Dataset`), a model is an Equinox module of one point, a `Risk` says how
bad it is, and a `Learner` turns a sample into a `Fit`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "data",
        "embedding",
        "estimators",
        "models",
        "optimizers",
        "problems",
        "risk",
        "studies",
        "training",
        "validation",
    ],
    submod_attrs={
        "citations": ["cite"],
        "data": ["Dataset", "concatenate"],
        "embedding": ["Standardize"],
        "errors": ["InputError"],
        "models": ["MLP", "Chain", "Frozen"],
        "optimizers": ["Recipe"],
        "risk": ["L1", "L2", "Expected"],
        "training": ["ClosedForm", "Descent", "Fit", "Population", "fit", "load_fit", "mlp", "save_fit"],
    },
)
__version__ = "0.1.0"
