"""Ways to an uncertainty by name, for study files: `uncertainty = "replicas"`.

What the bands hold of what they promise, measured in 200 pseudo-experiments on a sine with noise that grows along it
(500 events; networks 1-16-1 with look-back stopping, but where it says otherwise; straight lines from 50 or 100
events). The first number of each is uncertain by .01 to .03, the second by half of that:

| way | band of | 68.27 % | 95 % |
|---|---|---|---|
| split-conformal | a measurement | .690 | .958 |
| split-conformal in units of a heteroscedastic network | a measurement | .691 | .953 |
| conformalized-quantile: network, boosted trees | a measurement | .689, .685 | .952, .943 |
| quantiles: network, boosted trees | a measurement | .676, .681 | .950, .937 |
| heteroscedastic | a measurement | .672 | .949 |
| laplace with noise (equal noise) | a measurement | .672 | .946 |
| cv-plus, straight line | a measurement | .679 | .945 |
| replicas, straight line | the mean | .680 | .950 |
| replicas, straight line, noise unknown | the mean | .680 | .945 |
| replicas, polynomial of degree 5 | the mean | .694 | .958 |
| replicas, network 1-4-1 to the end in full batches | the mean | .729 | .962 |
| replicas, 300 epochs of small batches without stopping | the mean | .818 | .985 |
| replicas, stopped early | the mean | .489 | .810 |
| bootstrap, straight line | the mean | .690 | .930 |
| bootstrap, polynomial of degree 5 | the mean | .693 | .957 |
| bootstrap, stopped early | the mean | .473 | .805 |
| ensemble | the mean | .344 | .615 |
| laplace | the mean | .412 | .722 |
| mc-dropout, rate .1 | the mean | .918 | .991 |

A band of the mean knows the statistical error alone: a fit that stops early is biased, and its band too narrow. Members
that end in different places by their starts and batches have a band that is too wide, for their mean averages that out.
"""

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
