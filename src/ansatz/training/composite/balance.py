"""Classes of equal weight while a method is trained; its probabilities are those of the true shares again."""

from __future__ import annotations

import dataclasses

import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.training.learners import Learner
from ansatz.training.result import Band, Fit, Predictor
from ansatz.training.uncertainty.sets import ConformalSets
from ansatz.training.uncertainty.wrapping import CLASSIFICATION, signs_inside
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True, eq=False)
class Balanced:
    r"""Trains a classifier on classes whose weights have equal sums, and puts its probabilities right afterwards.

    A rare signal would otherwise be drowned by its background. With class weights \( W_k \) the method sees
    \( w_i / W_{y_i} \); its probabilities \( q_k \) become \( p_k \propto q_k W_k \) by Bayes' theorem, so that nothing
    downstream knows that it was trained on other shares. Scores stay as they are. Conformal sets are made around the
    balanced method, of events with their own weights, so that they hold the truth as often as promised in the true mix.

    Attributes:
        learner: the method.

    Raises:
        InputError: when called, if the target is no class, or a class does not weigh something positive.

    Example:
        >>> import jax
        >>> from ansatz.training.classical import logistic
        >>> x = np.linspace(-1, 1, 200)[:, None]
        >>> data = Dataset(x, y=(x[:, 0] > 0.8).astype(int), classes=("background", "signal"))
        >>> fit = Balanced(logistic())(data, jax.random.key(0))
        >>> bool(abs(fit.probability(x)[:, 1].mean() - 0.1) < 0.05)
        True

    Source: M. Saerens, P. Latinne and C. Decaestecker, Neural Comput. 14 (2002) 21.
    """

    learner: Learner

    negative_weights = property(signs_inside)

    @property
    def tasks(self) -> frozenset[str]:
        """Classification, if the learner inside can do it."""
        return self.learner.tasks & CLASSIFICATION

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The fitted method."""
        if data.classes is None:
            raise InputError("only classes can be balanced; leave out data.balance")
        if isinstance(self.learner, ConformalSets):
            return dataclasses.replace(self.learner, learner=Balanced(self.learner.learner))(data, key)
        sums = np.bincount(data.y, weights=data.weight, minlength=len(data.classes))
        if not np.all(sums[np.unique(data.y)] > 0):
            raise InputError(f"a class does not weigh something positive ({sums.min():g}) and cannot be balanced")
        fit = self.learner(data.replace(weight=data.weight / sums[data.y]), key)
        if fit.predictor.link != "probability":
            return fit
        shares = tuple((sums / sums.sum()).tolist())
        return dataclasses.replace(
            fit,
            predictor=Reweighted(fit.predictor, shares),
            band=None if fit.band is None else ReweightedBand(fit.band, shares),
            sets=None,
        )


@dataclasses.dataclass(frozen=True, eq=False)
class Reweighted:
    """The probabilities of a predictor that was trained on equal shares, for the true shares of the classes.

    Attributes:
        predictor: the predictor.
        shares: share of each class.
    """

    predictor: Predictor
    shares: tuple[float, ...]
    link: str = "probability"

    @property
    def model(self) -> object:
        """The fitted model itself."""
        return self.predictor.model

    def response(self, x: np.ndarray) -> np.ndarray:
        """Class probabilities of every member, shape (members, events, classes)."""
        return reweighted(self.predictor.response(x), np.array(self.shares))


@dataclasses.dataclass(frozen=True, eq=False)
class ReweightedBand:
    """The band of such a predictor: of two classes, both ends go through the same map."""

    band: Band
    shares: tuple[float, ...]

    @property
    def kind(self) -> str:
        """As the band inside."""
        return self.band.kind

    @property
    def method(self) -> str:
        """As the band inside."""
        return self.band.method

    def interval(self, predictor: Reweighted, x: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper ends, shaped as the probability of class 1."""
        ends = self.band.interval(predictor.predictor, x, level)
        low, high = (reweighted(np.stack([1 - end, end], axis=-1), np.array(self.shares))[..., 1] for end in ends)
        return low, high


def reweighted(probability: np.ndarray, shares: np.ndarray) -> np.ndarray:
    r"""Probabilities for equal shares of the classes as those for other shares, \( p_k \propto q_k s_k \).

    Example:
        >>> reweighted(np.array([0.5, 0.5]), np.array([0.9, 0.1])).tolist()
        [0.9, 0.1]
    """
    product = probability * shares
    return product / product.sum(axis=-1, keepdims=True)
