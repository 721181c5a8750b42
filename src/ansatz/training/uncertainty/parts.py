"""Models that answer with several numbers for each target: mean and variance, or quantiles."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.risk import Expected, Risk
from ansatz.training.learners import Descent, Learner
from ansatz.training.result import Predictor
from ansatz.typing import Point, Scalar


@dataclasses.dataclass(frozen=True, eq=False)
class Widened:
    """A network with several outputs for each target, one of which is its answer.

    Attributes:
        inside: the network; its outputs are part after part, each of all targets.
        parts: how many numbers it has for each target.
        answer: which of them is the answer.
        scalar: whether there is one target, without an axis of its own.
    """

    inside: Predictor
    parts: int
    answer: int
    scalar: bool

    @property
    def link(self) -> str:
        """Values."""
        return "identity"

    @property
    def model(self) -> object:
        """The network."""
        return self.inside.model

    def response(self, x: np.ndarray) -> np.ndarray:
        """The answer, shape (members, events) or (members, events, targets)."""
        return self.every(x)[self.answer]

    def every(self, x: np.ndarray) -> np.ndarray:
        """All numbers, shape (parts, members, events) or (parts, members, events, targets)."""
        outputs = self.inside.response(x)
        outputs = np.moveaxis(outputs.reshape(*outputs.shape[:2], self.parts, -1), 2, 0)
        return outputs[..., 0] if self.scalar else outputs


@dataclasses.dataclass(frozen=True, eq=False)
class Beside:
    """Models of one kind, each fitted for a number of its own, one of which is the answer.

    Attributes:
        predictors: one for each number.
        answer: which of them is the answer.
    """

    predictors: tuple[Predictor, ...]
    answer: int

    @property
    def link(self) -> str:
        """Values."""
        return "identity"

    @property
    def model(self) -> object:
        """The model whose number is the answer."""
        return self.predictors[self.answer].model

    def response(self, x: np.ndarray) -> np.ndarray:
        """The answer, shape (members, events) or (members, events, targets)."""
        return self.predictors[self.answer].response(x)

    def every(self, x: np.ndarray) -> np.ndarray:
        """All numbers, shape (parts, members, events) or (parts, members, events, targets)."""
        return np.stack([predictor.response(x) for predictor in self.predictors])


@dataclasses.dataclass(frozen=True, eq=False)
class OtherLoss:
    """Training rows -> the risk of a descent with another loss in its expectation; penalties stay.

    Attributes:
        risk: training rows -> the risk as it was.
        loss: the loss instead.
        name: name of its term.
        unit: what predictions and targets are divided by.
    """

    risk: Callable[[Dataset], Risk]
    loss: Callable[[Point, Point], Scalar]
    name: str
    unit: np.ndarray

    def __call__(self, data: Dataset) -> Risk:
        """The risk for these rows.

        Raises:
            InputError: if the loss as it was is of counts, for then the model predicts a logarithm.
        """
        return jax.tree.map(self._other, self.risk(data), is_leaf=lambda node: isinstance(node, Expected))

    def _other(self, node: object) -> object:
        if not isinstance(node, Expected):
            return node
        if node.name == "poisson":
            raise InputError("a network of counts (loss = 'poisson') has no such band; use 'bootstrap'")
        return Expected(self.loss, name=self.name, unit=jnp.asarray(self.unit, float))


def check_network(learner: Learner, name: str) -> None:
    """Complain about a learner that is not a network.

    Raises:
        InputError: if it is none, with what can be done instead.
    """
    if not isinstance(learner, Descent):
        raise InputError(
            f"'{name}' is for networks (mlp, linear-descent); for other methods use 'split-conformal', 'cv-plus', "
            "'bootstrap' or 'replicas'"
        )
