"""`Fit`: the one small record that every learner returns."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Protocol

import numpy as np


class Predictor(Protocol):
    """A fitted model that answers for many events at once.

    `response(x)` has shape (members, events) or (members, events, outputs): class probabilities, real-valued scores,
    or values, as `link` says. A plain fit has one member.
    """

    link: str

    def response(self, x: np.ndarray) -> np.ndarray:
        """The answer of every member for every event."""
        ...


@dataclasses.dataclass(frozen=True, eq=False)
class Fit:
    """What came out of a fit.

    Attributes:
        predictor: the fitted model, ready to answer; `predictor.model` is the Equinox module or scikit-learn object.
        task: `"regression"` or `"classification"`, or `"none"`.
        classes: names of the classes, or None.
        columns: names of the features it was fitted on.
        history: risk terms per epoch, `"train/squared_error"`, `"validation/squared_error"` ..., each of shape
            (epochs,), or (members, epochs) for a population; empty where nothing is iterated. Epochs after a member
            had stopped are NaN.
        best_epoch: the epoch whose model was kept, per member (empty where nothing is iterated).
        stopped: why it stopped: `"closed form"`, `"epochs"`, `"patience"`, `"converged"`, `"diverged"`.
        converged: whether the optimizer may be believed to have finished.
        seconds: wall-clock time of the fit, compilation apart.
        compile_seconds: wall-clock time of compilation.
        message: one sentence for a person, empty if there is nothing to say.
        details: further numbers of a method (the cut of a threshold, the coefficients of a line ...).
    """

    predictor: Predictor
    task: str
    classes: tuple[str, ...] | None = None
    columns: tuple[str, ...] = ()
    history: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    best_epoch: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(0, int))
    stopped: str = "closed form"
    converged: bool = True
    seconds: float = 0.0
    compile_seconds: float = 0.0
    message: str = ""
    details: Mapping[str, object] = dataclasses.field(default_factory=dict)

    @property
    def model(self) -> object:
        """The fitted model itself."""
        return self.predictor.model

    def members(self, x: np.ndarray) -> np.ndarray:
        """The answer of each member, shape (members, events) or (members, events, outputs)."""
        return self.predictor.response(np.asarray(x))

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Values (regression), or the most probable class as an integer (classification).

        Shape (events,) or, for several targets, (events, outputs).
        """
        if self.task != "classification":
            return self.members(x).mean(axis=0)
        score = self.score(x)
        threshold = 0.5 if self.predictor.link == "probability" else 0.0
        return (score > threshold).astype(int) if score.ndim == 1 else score.argmax(axis=1)

    def score(self, x: np.ndarray) -> np.ndarray:
        """What ranks events: the larger, the more like class 1 (two classes, shape (events,)) or class k (columns)."""
        mean = self.members(x).mean(axis=0)
        return mean[:, 1] if mean.ndim == 2 and len(self.classes or ()) == 2 else mean

    def probability(self, x: np.ndarray) -> np.ndarray | None:
        """Class probabilities, shape (events, classes), or None if the method only ranks."""
        if self.task != "classification" or self.predictor.link != "probability":
            return None
        return self.members(x).mean(axis=0)
