"""From a model, a risk and a source to a fitted model: `fit`, populations and learners."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={"result": ["Fit", "Predictor"]},
)
