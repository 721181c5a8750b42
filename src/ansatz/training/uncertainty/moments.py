"""Heteroscedastic regression: a network that knows how large its own error is."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.special import ndtri

from ansatz.data import Dataset
from ansatz.embedding import moments
from ansatz.risk import GaussianLikelihood
from ansatz.training.learners import Descent
from ansatz.training.result import Fit
from ansatz.training.uncertainty.conformal import check_regression
from ansatz.training.uncertainty.parts import OtherLoss, Widened, check_network
from ansatz.training.uncertainty.wrapping import REGRESSION, signs_inside
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True, eq=False)
class GaussianBand:
    r"""$\mu \pm z\,\sigma$, for a population with $\sigma^2$ the mean variance plus the variance of the means.

    Attributes:
        unit: spread of each target, in whose units the network knows its standard deviation.
        method: how it was made, for people.
        kind: "prediction".
    """

    unit: np.ndarray
    method: str
    kind: str = "prediction"

    def interval(self, predictor: Widened, x: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end for each event."""
        mean, log_variance = predictor.every(x)
        within = self.unit * np.sqrt(np.exp(log_variance).mean(axis=0))
        half = ndtri((1 + level) / 2) * np.hypot(within, mean.std(axis=0))
        return mean.mean(axis=0) - half, mean.mean(axis=0) + half


@dataclasses.dataclass(frozen=True)
class Heteroscedastic:
    r"""A network with two outputs for each target, the mean and the logarithm of the variance of a Gaussian.

    Trained by maximum likelihood, weights and penalties as they are. The band is of a new measurement; it covers where
    the noise is Gaussian and the network has not learned its training events by heart. A population of networks
    adds the variance of their means.

    Attributes:
        learner: a network, such as `mlp()`.
        beta: how far a noisy point keeps its pull on the mean, see `GaussianLikelihood`.

    Example:
        >>> from ansatz.training import mlp
        >>> Heteroscedastic(mlp(population=5)).tasks
        frozenset({'regression'})

    Source: D. Nix and A. Weigend, ICNN (1994) 55; B. Lakshminarayanan et al., arXiv:1612.01474 (populations).
    """

    learner: Descent
    beta: float = 0.0

    tasks = frozenset(REGRESSION)
    negative_weights = property(signs_inside)

    def __post_init__(self) -> None:
        check_network(self.learner, "heteroscedastic")

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The fit with its band.

        Raises:
            InputError: if the target is a class, or the network one of counts.
        """
        check_regression(data, "heteroscedastic")
        y = np.asarray(data.y, float).reshape(len(data), -1)
        unit = moments(y, data.weight)[1]
        units = np.append(unit, np.ones_like(unit))
        risk = OtherLoss(self.learner.risk, GaussianLikelihood(self.beta), "gaussian", units)
        two = data.replace(y=np.column_stack([y, np.zeros_like(y)]))
        fit = dataclasses.replace(self.learner, risk=risk)(two, key)
        scalar = data.y.ndim == 1
        band = GaussianBand(unit[0] if scalar else unit, f"Gaussian of a {network_words(fit)}")
        return dataclasses.replace(fit, predictor=Widened(fit.predictor, 2, 0, scalar), band=band)


def network_words(fit: Fit) -> str:
    """What gave the mean and the variance."""
    members = len(fit.best_epoch)
    return "network with mean and variance" + (f" (population of {members})" if members > 1 else "")
