"""The scikit-learn faces: thin estimators with a learner inside, for the pipelines and searches that people have."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={"neural": ["NeuralClassifier", "NeuralRegressor"]},
)
