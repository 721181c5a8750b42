"""The command line: new, check, run, list, show, compare, predict, report."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submod_attrs={"entry": ["main"]})
