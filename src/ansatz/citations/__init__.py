"""`cite(anything)`: BibTeX of the methods that a model, a fit or a name stands for."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__, submod_attrs={"citing": ["METHODS", "SOFTWARE", "cite", "entries"]}
)
