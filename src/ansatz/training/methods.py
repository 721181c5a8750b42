"""The methods that are neither scikit-learn's nor networks, by name, for study files."""

from __future__ import annotations

from collections.abc import Callable

from ansatz.training.boosting.flat import flat_boosting
from ansatz.training.density.generative import generative
from ansatz.training.learners import Learner

METHODS: dict[str, Callable[..., Learner]] = {
    "flat-boosting": flat_boosting,
    "generative": generative,
}
"""Name of each constructor; its signature is the schema of its table in a study."""
