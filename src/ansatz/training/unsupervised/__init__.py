"""Learning without a target: groups of events, and fewer coordinates for them, as learners with event weights."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "autoencoder": ["Coder"],
        "answering": ["GaussianGroups", "Nearest", "Placed", "by_weight"],
        "learner": ["Found", "Unsupervised"],
        "reducing": ["Mapped"],
        "rows": ["Preparation", "Rows", "prepared", "remarks"],
        "table": ["CLUSTERING", "REDUCTION"],
    },
)
