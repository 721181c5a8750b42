"""`Answers`: what a model said about events whose truth is known. Everything in this chapter judges these."""

from __future__ import annotations

import dataclasses

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.training.result import Fit


@dataclasses.dataclass(frozen=True, eq=False)
class Answers:
    """Known targets, event weights, and a model's answers to them.

    Attributes:
        y: targets: classes 0..K-1, or values of shape (events,) or (events, outputs).
        weight: event weights of either sign, shape (events,), scaled to mean one.
        score: what ranks events: shape (events,) for two classes, else (events, K).
        probability: class probabilities, shape (events, K), or None if the model only ranks.
        decision: the class the model decides for, shape (events,).
        value: predicted values of a regression, shaped as `y`.
        sigma: predicted or known standard deviation of `y - value`, shaped as `y`, or None.
        outputs: names of the target columns where there are several.
        parameters: fitted parameters to be taken off the degrees of freedom; 0 for fresh events.

    Example:
        >>> a = Answers.classified([0, 1, 1], score=[-1.0, 0.5, 2.0])
        >>> a.decision.tolist(), a.classes, a.task
        ([0, 1, 1], 2, 'classification')
    """

    y: np.ndarray
    weight: np.ndarray
    score: np.ndarray | None = None
    probability: np.ndarray | None = None
    decision: np.ndarray | None = None
    value: np.ndarray | None = None
    sigma: np.ndarray | None = None
    outputs: tuple[str, ...] = ()
    parameters: int = 0

    @classmethod
    def classified(
        cls,
        y: np.ndarray,
        score: np.ndarray | None = None,
        probability: np.ndarray | None = None,
        weight: np.ndarray | None = None,
        *,
        decision: np.ndarray | None = None,
    ) -> Answers:
        """Answers of a classifier; at least one of `score` and `probability` is needed.

        Probabilities may be those of class 1 alone, shape (events,). The decision, unless given, is the most probable
        class, or the class of the largest score (two classes: class 1 where the score is above 0).

        Raises:
            InputError: if lengths differ, something is not finite, or the classes are not 0..K-1.
        """
        probability = None if probability is None else _both_columns(np.asarray(probability, float))
        if score is None:
            if probability is None:
                raise InputError("scores or probabilities of the model are needed to judge it; give one of them")
            score = probability[:, 1] if probability.shape[1] == 2 else probability
        score = _one_column(np.asarray(score, float))
        y = _classes(y, 2 if score.ndim == 1 else score.shape[1])
        if decision is None:
            decision = _decide(score, probability)
        answers = cls(y, check_weight(weight, len(y)), score, probability, np.asarray(decision, int))
        return _checked(answers, ("score", "probability", "decision"))

    @classmethod
    def predicted(
        cls,
        y: np.ndarray,
        value: np.ndarray,
        weight: np.ndarray | None = None,
        *,
        sigma: np.ndarray | float | None = None,
        outputs: tuple[str, ...] = (),
        parameters: int = 0,
    ) -> Answers:
        """Answers of a regression.

        Raises:
            InputError: if shapes differ or something is not finite.
        """
        y, value = np.asarray(y, float), np.asarray(value, float)
        if value.shape != y.shape and value.size == y.size and len(value) == len(y):
            value = value.reshape(y.shape)
        if sigma is not None:
            sigma = np.broadcast_to(np.asarray(sigma, float), y.shape)
            if not np.all(sigma > 0):
                raise InputError("every sigma must be positive; remove events whose error is zero or missing")
        if not 0 <= parameters < max(len(y), 1):
            raise InputError(f"{parameters} fitted parameters leave no degree of freedom to {len(y)} events")
        weight = check_weight(weight, len(y))
        answers = cls(y, weight, value=value, sigma=sigma, outputs=tuple(outputs), parameters=parameters)
        if value.shape != y.shape:
            raise InputError(f"predicted values have shape {value.shape} but the targets have {y.shape}")
        return _checked(answers, ("y", "value", "sigma"))

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, rows: np.ndarray | slice) -> Answers:
        """The answers to some of the events; their weights are scaled to mean one again."""
        names = ("y", "score", "probability", "decision", "value", "sigma")
        chosen = {name: getattr(self, name)[rows] for name in names if getattr(self, name) is not None}
        weight = self.weight[rows]
        return dataclasses.replace(self, weight=check_weight(weight, len(weight)), **chosen)

    @property
    def task(self) -> str:
        """`"classification"` or `"regression"`."""
        return "regression" if self.score is None else "classification"

    @property
    def classes(self) -> int:
        """Number of classes, 0 for a regression."""
        if self.score is None:
            return 0
        return 2 if self.score.ndim == 1 else self.score.shape[1]


def respond(response: np.ndarray, data: Dataset, *, link: str, sigma: np.ndarray | None = None) -> Answers:
    """What a fit's members answered to the events of `data`, averaged over members, ready to be judged.

    Args:
        response: shape (members, events) or (members, events, outputs), as `Fit.members` gives it.
        data: the events.
        link: `"probability"`, `"score"` or `"identity"`, as the predictor says.
        sigma: known standard deviation of the target, for pulls.
    """
    mean = np.asarray(response, float).mean(axis=0)
    if data.task != "classification":
        return Answers.predicted(data.y, mean, data.weight, sigma=sigma, outputs=data.target)
    if link == "probability":
        return Answers.classified(data.y, probability=mean, weight=data.weight)
    return Answers.classified(data.y, score=mean, weight=data.weight)


def answers_of(fit: Fit, data: Dataset, *, sigma: np.ndarray | None = None) -> Answers:
    """What a fit answers to the events of `data`."""
    return respond(fit.members(data.x), data, link=fit.predictor.link, sigma=sigma)


def check_weight(weight: np.ndarray | None, n: int) -> np.ndarray:
    """Event weights scaled to mean one, ones where none are given.

    Raises:
        InputError: if there are no events, or the weights are not finite or do not sum to something positive.
    """
    if n == 0:
        raise InputError("there are no events to judge the model on")
    weight = np.ones(n) if weight is None else np.asarray(weight, float)
    if weight.shape != (n,):
        raise InputError(f"there are {weight.size} event weights for {n} events; give one for each event")
    if not np.all(np.isfinite(weight)):
        raise InputError(f"{int((~np.isfinite(weight)).sum())} event weights are not finite numbers")
    largest = np.abs(weight).max()
    mean = np.mean(weight / largest) if largest > 0 else 0.0
    if mean <= 1e-14:
        raise InputError(f"the event weights sum to {weight.sum():g}; a sample needs a positive sum to be judged on")
    return weight / largest / mean


def _classes(y: np.ndarray, count: int) -> np.ndarray:
    y = np.asarray(y)
    whole = y.astype(int) if np.all(np.isfinite(y.astype(float))) else None
    if whole is None or np.any(whole != y) or np.any((whole < 0) | (whole >= count)):
        raise InputError(
            f"classes are the whole numbers 0 to {count - 1}, one for each the model knows; other targets came"
        )
    if len(whole) and np.all(whole == whole[0]):
        raise InputError(f"all {len(whole)} events are of class {whole[0]}; at least two classes are needed to judge")
    return whole


def _both_columns(probability: np.ndarray) -> np.ndarray:
    if probability.ndim == 2 and probability.shape[1] == 1:
        probability = probability[:, 0]
    return np.stack([1 - probability, probability], axis=1) if probability.ndim == 1 else probability


def _one_column(score: np.ndarray) -> np.ndarray:
    if score.ndim == 2 and score.shape[1] == 2:
        return score[:, 1]
    return score[:, 0] if score.ndim == 2 and score.shape[1] == 1 else score


def _decide(score: np.ndarray, probability: np.ndarray | None) -> np.ndarray:
    if score.ndim == 2:
        return (score if probability is None else probability).argmax(axis=1)
    return score > 0 if probability is None else probability[:, 1] > 0.5


def _checked(answers: Answers, names: tuple[str, ...]) -> Answers:
    for name in names:
        array = getattr(answers, name)
        if array is None:
            continue
        if len(array) != len(answers):
            raise InputError(f"{name} has {len(array)} entries but there are {len(answers)} events")
        if not np.all(np.isfinite(array)):
            bad = int((~np.isfinite(array)).reshape(len(array), -1).any(axis=1).sum())
            raise InputError(
                f"{name} of {bad} of {len(array)} events is not a finite number; the model or its input is broken"
            )
    return answers
