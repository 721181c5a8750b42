"""`Fit`: the one small record that every learner returns."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Protocol

import numpy as np

from ansatz.errors import InputError
from ansatz.training.uncertainty.spread import Spread


class Predictor(Protocol):
    """A fitted model that answers for many events at once.

    `response(x)` has shape (members, events) or (members, events, outputs): class probabilities, real-valued scores,
    or values, as `link` says. A plain fit has one member.
    """

    link: str

    def response(self, x: np.ndarray) -> np.ndarray:
        """The answer of every member for every event."""
        ...


class Band(Protocol):
    """How sure a fit is: the way from its predictor to an interval for each event.

    `kind` says what should lie inside: `"mean"` (what the model would answer without statistical error: the law behind
    the data, or the true probability) or `"prediction"` (a new measurement, with its noise). `method` says in a few
    words how the ends were found.
    """

    kind: str
    method: str

    def interval(self, predictor: Predictor, x: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper ends, shaped as the values (of two classes: of the probability of class 1)."""
        ...


class ClassSets(Protocol):
    """The way from the probabilities of a classifier to a set of classes for each event."""

    method: str

    def contains(self, predictor: Predictor, x: np.ndarray, level: float) -> np.ndarray:
        """Whether each class is in the set, shape (events, classes)."""
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
        stopped: why it stopped: `"closed form"`, `"epochs"`, `"patience"`, `"converged"`, `"diverged"`,
            `"stuck"`.
        converged: whether the optimizer may be believed to have finished.
        seconds: wall-clock time of the fit, compilation apart.
        compile_seconds: wall-clock time of compilation.
        message: one sentence for a person, empty if there is nothing to say.
        details: further numbers of a method (the cut of a threshold, the coefficients of a line ...).
        band: how `predict_interval` finds the ends; None for the spread of the members.
        sets: how `predict_set` chooses classes, or None.
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
    band: Band | None = None
    sets: ClassSets | None = None

    @property
    def model(self) -> object:
        """The fitted model itself."""
        return self.predictor.model

    def members(self, x: np.ndarray) -> np.ndarray:
        """The answer of each member, shape (members, events) or (members, events, outputs).

        Raises:
            InputError: if the events have other columns than those that were fitted.
        """
        return self.predictor.response(self._events(x))

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Values, the most probable class as an integer (classification), or the number of the group (clusters).

        Shape (events,) or, for several targets, (events, outputs).
        """
        if self.predictor.link == "group":
            return self.members(x)[0].astype(int)
        if self.task != "classification":
            return self.members(x).mean(axis=0)
        score = self.score(x)
        threshold = 0.5 if self.predictor.link == "probability" else 0.0
        return (score > threshold).astype(int) if score.ndim == 1 else score.argmax(axis=1)

    def predict_interval(self, x: np.ndarray, level: float = 0.6827) -> tuple[np.ndarray, np.ndarray]:
        """Bands: lower and upper end for each event; `uncertainty` says what they mean.

        Of the values, shaped as `predict`, for a regression; of the probability (or score), shaped as `score`, for a
        classifier. Without a `band` it is the spread of the members, see `Spread`.

        Raises:
            InputError: if the level is not between 0 and 1, a single fit has no band, or the events have other columns.

        Example:
            >>> import jax
            >>> from ansatz.data import Dataset
            >>> from ansatz.training import Bootstrap, ClosedForm
            >>> x = np.linspace(0, 1, 30)[:, None]
            >>> noise = np.random.default_rng(0).normal(size=30)
            >>> fit = Bootstrap(ClosedForm(), members=10)(Dataset(x, y=x[:, 0] + noise), jax.random.key(0))
            >>> low, high = fit.predict_interval(x)
            >>> bool(np.all(low < high)), fit.uncertainty
            (True, 'band of the mean: bootstrap of the events (10 members)')
        """
        return (self.band or Spread()).interval(self.predictor, self._events(x), checked_level(level))

    def predict_set(self, x: np.ndarray, level: float = 0.6827) -> np.ndarray:
        """The classes that an event may be of, shape (events, classes): a set that holds the true one at that level.

        Raises:
            InputError: if the level is not between 0 and 1, the fit has no sets, or the events have other columns.
        """
        if self.sets is None:
            raise InputError("this fit has no sets of classes; train it with ConformalSets ('conformal-sets')")
        return self.sets.contains(self.predictor, self._events(x), checked_level(level))

    @property
    def uncertainty(self) -> str:
        """What bands and sets of this fit mean, in words; empty if nothing but the spread of members is known."""
        band = f"band of {MEANING[self.band.kind]}: {self.band.method}" if self.band else ""
        return "; ".join(filter(None, [band, f"sets of classes: {self.sets.method}" if self.sets else ""]))

    def score(self, x: np.ndarray) -> np.ndarray:
        """What ranks events: the larger, the more like class 1 (two classes, shape (events,)) or class k (columns)."""
        mean = self.members(x).mean(axis=0)
        return mean[:, 1] if mean.ndim == 2 and len(self.classes or ()) == 2 else mean

    def probability(self, x: np.ndarray) -> np.ndarray | None:
        """Class probabilities, shape (events, classes), or None if the method only ranks."""
        if self.task != "classification" or self.predictor.link != "probability":
            return None
        return self.members(x).mean(axis=0)

    def _events(self, x: np.ndarray) -> np.ndarray:
        """The events as an array of as many columns as were fitted; fields and images have no columns."""
        x, names = np.asarray(x), self.columns
        if names and (x.ndim != 2 or x.shape[1] != len(names)):
            known = ", ".join(names[:8]) + (" ..." if len(names) > 8 else "")
            raise InputError(
                f"the model was fitted on {len(names)} columns ({known}), but the events have shape {x.shape}; "
                f"give an array of shape (events, {len(names)})"
            )
        return x


MEANING = {"mean": "the mean", "prediction": "a new measurement"}
"""What should lie inside a band of each kind, in words."""


def checked_level(level: float) -> float:
    """The level of an interval.

    Raises:
        InputError: if it is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise InputError(f"the level of an interval lies between 0 and 1 (0.6827 is one sigma), not {level}")
    return float(level)
