"""A stack: methods answer for events that they did not see, and one more method learns from their answers."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np

from ansatz.data import Dataset, folds
from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.training.learners import Learner
from ansatz.training.result import Fit, Predictor
from ansatz.typing import Key

SMALLEST = 1e-9
"""Probabilities closer to 0 or 1 are taken as this far from them, so that logits are finite."""


@dataclasses.dataclass(frozen=True, eq=False)
class Stacked:
    """Predictors whose answers another predictor answers to.

    Attributes:
        first: what answers to the events.
        last: what answers to their answers.
        features: whether `last` sees the events too.
    """

    first: tuple[Predictor, ...]
    last: Predictor
    features: bool = False

    @property
    def link(self) -> str:
        """That of the last."""
        return self.last.link

    @property
    def model(self) -> tuple[object, ...]:
        """All models, the last one last."""
        return (*(predictor.model for predictor in self.first), self.last.model)

    def response(self, x: np.ndarray) -> np.ndarray:
        """The answers of the last, shaped as its own."""
        columns = np.concatenate([answers(predictor, x) for predictor in self.first], axis=1)
        return self.last.response(np.concatenate([x, columns], axis=1) if self.features else columns)


def answers(predictor: Predictor, x: np.ndarray) -> np.ndarray:
    """Mean answers of a predictor as columns: logits of probabilities, scores or values, shape (events, columns)."""
    mean = predictor.response(np.asarray(x)).mean(axis=0)
    if predictor.link == "probability":
        clipped = np.clip(mean, SMALLEST, 1 - SMALLEST)
        logits = np.log(clipped) - np.log1p(-clipped)
        return logits[:, 1:] if mean.shape[1] == 2 else logits
    return mean[:, None] if mean.ndim == 1 else mean


@dataclasses.dataclass(frozen=True)
class Stack:
    """See `stack`, which checks the options."""

    names: tuple[str, ...]
    learners: tuple[Learner, ...]
    final: Learner
    parts: int
    features: bool

    @property
    def tasks(self) -> frozenset[str]:
        """What all methods can do."""
        return frozenset.intersection(self.final.tasks, *(learner.tasks for learner in self.learners))

    @property
    def negative_weights(self) -> bool:
        """Whether all of them take negative event weights."""
        return all(learner.negative_weights for learner in (self.final, *self.learners))

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The methods fitted on all events, the last one on answers to events that were held out.

        Raises:
            InputError: if there are too few events for the folds, or a method cannot be trained.
        """
        found = [self._held_out(data, number, key) for number in range(len(self.learners))]
        columns = np.concatenate(found, axis=1)
        sizes = zip(self.names, (part.shape[1] for part in found), strict=True)
        names = tuple(f"answer of {name}{k or ''}" for name, size in sizes for k in range(size))
        x = np.concatenate([data.x, columns], axis=1) if self.features else columns
        stacked = data.replace(x=x, columns=(*data.columns, *names) if self.features else names, observers={})
        last = self.final(stacked, named(key, "final"))
        fits = [learner(data, named(key, f"all {number}")) for number, learner in enumerate(self.learners)]
        return dataclasses.replace(
            last,
            predictor=Stacked(tuple(fit.predictor for fit in fits), last.predictor, self.features),
            columns=data.columns,
            history={},
            best_epoch=np.zeros(0, int),
            converged=last.converged and all(fit.converged for fit in fits),
            seconds=last.seconds + sum(fit.seconds for fit in fits),
            band=None,
            sets=None,
        )

    def _held_out(self, data: Dataset, number: int, key: Key) -> np.ndarray:
        """The answers of one method to every event, by a fit that did not see it."""
        own, columns = named(key, f"held out {number}"), None
        for fold, (train, held) in enumerate(folds(data, self.parts, key=named(key, "folds"))):
            fit = self.learners[number](data[train], jax.random.fold_in(own, fold))
            part = answers(fit.predictor, data.x[held])
            columns = np.zeros((len(data), part.shape[1])) if columns is None else columns
            columns[held] = part
        return columns


def stack(*, learners: dict[str, object], final: object = None, parts: int = 5, features: bool = False) -> Stack:
    """Several methods and one that learns how far to trust each of them.

    Every method answers to events that it was not trained on (by folds); these answers, as logits, are the columns of
    the last method. In a study the methods are tables:

        [models.together]
        kind = "stack"
        learners.trees = {kind = "boosted-trees"}
        learners.network = {kind = "mlp"}
        final = {kind = "logistic"}

    Args:
        learners: name of each method to its table; from Python to the learner itself.
        final: the last method; logistic regression if None.
        parts: number of folds.
        features: whether the last method sees the events' own columns too.

    Raises:
        InputError: if there is no method, or fewer than two folds.

    Example:
        >>> from ansatz.training.classical import lda, logistic, qda
        >>> rng = np.random.default_rng(0)
        >>> data = Dataset(rng.normal(size=(200, 2)), y=np.arange(200) % 2, classes=("b", "s"))
        >>> fit = stack(learners={"flat": lda(), "round": qda()}, final=logistic())(data, jax.random.key(0))
        >>> fit.predictor.last.model[-1].coef_.shape
        (1, 2)

    Source: D. Wolpert, Neural Networks 5 (1992) 241.
    """
    from ansatz.training.classical import logistic

    if not learners:
        raise InputError('a stack needs methods, such as learners.trees = {kind = "boosted-trees"}')
    if parts < 2:
        raise InputError(f"a stack needs at least two folds, not parts = {parts}")
    return Stack(tuple(learners), tuple(learners.values()), final or logistic(), parts, features)
