"""The methods that are neither scikit-learn's nor networks, by name, for study files."""

from __future__ import annotations

from collections.abc import Callable

from ansatz.training.boosting.flat import flat_boosting
from ansatz.training.boosting.libraries import lightgbm, xgboost
from ansatz.training.composite.categories import categories
from ansatz.training.composite.stack import stack
from ansatz.training.density.generative import generative
from ansatz.training.learners import Learner
from ansatz.training.multivariate.kinds import MULTIVARIATE
from ansatz.training.random_features import random_features

METHODS: dict[str, Callable[..., Learner]] = {
    **MULTIVARIATE,
    "categories": categories,
    "flat-boosting": flat_boosting,
    "stack": stack,
    "generative": generative,
    "random-features": random_features,
    "xgboost": xgboost,
    "lightgbm": lightgbm,
}
"""Name of each constructor; its signature is the schema of its table in a study."""
