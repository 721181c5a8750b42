"""Ways to an uncertainty by name, for study files: `uncertainty = "replicas"`."""

from __future__ import annotations

from collections.abc import Callable

from ansatz.errors import InputError, suggest
from ansatz.training.learners import Learner
from ansatz.training.uncertainty.calibrated import Calibrated
from ansatz.training.uncertainty.conformal import CVPlus, SplitConformal
from ansatz.training.uncertainty.dropout import MonteCarloDropout
from ansatz.training.uncertainty.laplace import LastLayerLaplace
from ansatz.training.uncertainty.members import Bootstrap, Ensemble, Replicas
from ansatz.training.uncertainty.moments import Heteroscedastic
from ansatz.training.uncertainty.quantiles import ConformalizedQuantile, QuantileRegression
from ansatz.training.uncertainty.sets import ConformalSets

UNCERTAINTIES: dict[str, Callable[[Learner], Learner]] = {
    "replicas": Replicas,
    "ensemble": Ensemble,
    "bootstrap": Bootstrap,
    "split-conformal": SplitConformal,
    "cv-plus": CVPlus,
    "quantiles": QuantileRegression,
    "conformalized-quantile": ConformalizedQuantile,
    "heteroscedastic": Heteroscedastic,
    "mc-dropout": MonteCarloDropout,
    "laplace": LastLayerLaplace,
    "temperature": lambda learner: Calibrated(learner, "temperature"),
    "platt": lambda learner: Calibrated(learner, "platt"),
    "isotonic": lambda learner: Calibrated(learner, "isotonic"),
    "conformal-sets": ConformalSets,
}
"""Name of each way from a learner to one that knows its uncertainty."""


def with_uncertainty(learner: Learner, name: str) -> Learner:
    """A learner that knows its uncertainty, by name.

    Raises:
        InputError: if there is no such way, or it is not for this learner.

    Example:
        >>> from ansatz.training import ClosedForm
        >>> with_uncertainty(ClosedForm(), "bootstrap").members
        25
    """
    if name not in UNCERTAINTIES:
        names = ", ".join(UNCERTAINTIES)
        raise InputError(f"there is no uncertainty '{name}'{suggest(name, UNCERTAINTIES)}; there are: {names}")
    return UNCERTAINTIES[name](learner)
