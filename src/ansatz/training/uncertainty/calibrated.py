"""Probabilities made right on events kept aside: temperature, Platt's sigmoid, isotonic regression."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_expit, logit, softmax

from ansatz.data import Dataset
from ansatz.data.statistics import effective_size
from ansatz.errors import InputError, suggest
from ansatz.training.learners import Learner, check_target
from ansatz.training.result import Band, Fit, Predictor
from ansatz.training.uncertainty.rows import set_aside
from ansatz.training.uncertainty.spread import Spread
from ansatz.training.uncertainty.wrapping import classification_inside
from ansatz.typing import Key

METHODS = ("temperature", "platt", "isotonic")
TINY = 1e-300


@dataclasses.dataclass(frozen=True, eq=False)
class Rescaled:
    r"""$p \to 1 / (1 + e^{-(a z + b)})$ for each class, z the logit of a probability, or a score; a > 0.

    Attributes:
        slope: a of each class.
        shift: b of each class.
    """

    slope: np.ndarray
    shift: np.ndarray

    def __call__(self, z: np.ndarray) -> np.ndarray:
        """Probabilities, shape (events, classes)."""
        return expit(self.slope * z + self.shift)


@dataclasses.dataclass(frozen=True, eq=False)
class Steps:
    """For each class a function that never falls, straight between its corners.

    Attributes:
        z: places of the corners of each class.
        p: probability at each corner.
    """

    z: tuple[np.ndarray, ...]
    p: tuple[np.ndarray, ...]

    def __call__(self, z: np.ndarray) -> np.ndarray:
        """Probabilities, shape (events, classes)."""
        return np.stack([np.interp(z[:, k], self.z[k], self.p[k]) for k in range(len(self.z))], axis=1)


@dataclasses.dataclass(frozen=True, eq=False)
class Recalibrated:
    """A classifier whose mean answer is turned into probabilities that are right on average.

    Attributes:
        inside: the classifier.
        map: from logits (or scores) to probabilities, class by class; of two classes that of class 1 alone.
        together: whether the classes of a temperature share one softmax.
    """

    inside: Predictor
    map: Rescaled | Steps
    together: bool

    @property
    def link(self) -> str:
        """Probabilities."""
        return "probability"

    @property
    def model(self) -> object:
        """The fitted model inside."""
        return self.inside.model

    def response(self, x: np.ndarray) -> np.ndarray:
        """Class probabilities, shape (1, events, classes)."""
        z = lines(self.inside.response(x).mean(axis=0), self.inside.link)
        return joined(z, self.map, together=self.together)[None]


@dataclasses.dataclass(frozen=True, eq=False)
class MappedBand:
    """The band of the classifier inside, its ends moved as its answer is.

    Attributes:
        band: the band of the classifier inside.
        method: how it was made, for people.
        kind: that of the band inside.
    """

    band: Band
    method: str
    kind: str

    def interval(self, predictor: Recalibrated, x: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end of the probability of each event."""
        ends = self.band.interval(predictor.inside, x, level)
        low, high = (predictor.map(_line(end, predictor.inside.link)) for end in ends)
        if low.shape[1] == 1:
            return low[:, 0], high[:, 0]
        middle = lines(predictor.inside.response(x).mean(axis=0), predictor.inside.link)
        moved = predictor.response(x)[0] - predictor.map(middle)
        return np.clip(low + moved, 0, 1), np.clip(high + moved, 0, 1)


@dataclasses.dataclass(frozen=True)
class Calibrated:
    r"""Keeps events aside and learns from them how the probabilities of a classifier must be changed to be right.

    `"temperature"` divides logits by one number, `"platt"` takes $1/(1 + e^{-(a z + b)})$ with a > 0; both keep the
    order of the events of two classes, and so every ROC curve. `"isotonic"` takes the best function that never falls,
    for many events; it makes ties. Scores without a probability (a support-vector machine) need the last two, which
    treat each of several classes against the rest. All three minimize the weighted log-loss (isotonic: the weighted
    squared error); negative weights count as they are, but isotonic cannot take them.

    Attributes:
        learner: a classifier, fitted to the other events.
        method: "temperature", "platt" or "isotonic".
        fraction: of the events kept aside.

    Example:
        >>> from ansatz.training.classical import decision_tree
        >>> rng = np.random.default_rng(0)
        >>> x = rng.normal(size=(400, 1))
        >>> data = Dataset(x, y=(x[:, 0] + rng.normal(size=400) > 0).astype(int), classes=("b", "s"))
        >>> fit = Calibrated(decision_tree(depth=None))(data, jax.random.key(0))
        >>> fit.details["temperature"] > 1
        True

    Source: C. Guo et al., arXiv:1706.04599 (temperature); J. Platt (1999); B. Zadrozny and C. Elkan, KDD (2002) 694.
    """

    learner: Learner
    method: str = "temperature"
    fraction: float = 0.25

    tasks = property(classification_inside)

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            near, names = suggest(self.method, METHODS), ", ".join(METHODS)
            raise InputError(f"there is no calibration '{self.method}'{near}; there are: {names}")

    @property
    def negative_weights(self) -> bool:
        """As the learner; isotonic regression cannot take them."""
        return self.learner.negative_weights and self.method != "isotonic"

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The calibrated fit.

        Raises:
            InputError: if the target is no class, too few events are there, or a temperature is asked of scores.
        """
        check_classes(data, self.method)
        split_key, fit_key = jax.random.split(key)
        train, fresh = set_aside(data, self.fraction, key=split_key)
        fit = self.learner(train, fit_key)
        link = fit.predictor.link
        if link != "probability" and self.method == "temperature":
            raise InputError("'temperature' needs probabilities, not scores; use 'platt' or 'isotonic'")
        z = lines(fit.members(fresh.x).mean(axis=0), link)
        found = self._learn(z, fresh)
        predictor = Recalibrated(fit.predictor, found, together=self.method == "temperature")
        return dataclasses.replace(
            fit,
            predictor=predictor,
            band=self._band(fit, fresh.x[:1]),
            details={**fit.details, **_told(found, self.method)},
        )

    def _learn(self, z: np.ndarray, fresh: Dataset) -> Rescaled | Steps:
        weight = fresh.weight / fresh.weight.sum()
        if self.method == "temperature":
            return _temperature(z, fresh.y, weight)
        outcomes = [fresh.y == k for k in range(z.shape[1])] if z.shape[1] > 1 else [fresh.y == 1]
        if self.method == "platt":
            slope, shift = np.array([_platt(z[:, k], o, weight) for k, o in enumerate(outcomes)]).T
            return Rescaled(slope, shift)
        corners = [_isotonic(z[:, k], o, fresh.weight) for k, o in enumerate(outcomes)]
        return Steps(tuple(c[0] for c in corners), tuple(c[1] for c in corners))

    def _band(self, fit: Fit, x: np.ndarray) -> MappedBand | None:
        if fit.band is None and len(fit.members(x)) == 1:
            return None
        band = fit.band or Spread()
        return MappedBand(band, f"{band.method}, calibrated ({self.method})", band.kind)


def check_classes(data: Dataset, name: str) -> None:
    """Complain about a target that is no class.

    Raises:
        InputError: if it is a number, or the sample cannot be learned from.
    """
    check_target(data)
    if data.task != "classification":
        raise InputError(f"'{name}' is for classification; for numbers use 'split-conformal' or 'cv-plus'")


def lines(mean: np.ndarray, link: str) -> np.ndarray:
    """Answers as numbers from minus to plus infinity, shape (events, classes); of two classes one column."""
    if link == "probability" and mean.shape[-1] == 2:
        return (_log(mean[:, 1]) - _log(mean[:, 0]))[:, None]
    return _line(mean, link)


def joined(z: np.ndarray, map_: Rescaled | Steps, *, together: bool) -> np.ndarray:
    """Probabilities of all classes, which sum to one."""
    if z.shape[1] == 1:
        p = map_(z)[:, 0]
        return np.stack([1 - p, p], axis=1)
    if together:
        return softmax(map_.slope * log_expit(z), axis=1)
    p = np.maximum(map_(z), TINY)
    return p / p.sum(axis=1, keepdims=True)


def _line(end: np.ndarray, link: str) -> np.ndarray:
    end = end[:, None] if end.ndim == 1 else end
    return logit(np.clip(end, 1e-16, 1 - 1e-16)) if link == "probability" else end


def _log(p: np.ndarray) -> np.ndarray:
    return np.log(np.maximum(p, TINY))


def _temperature(z: np.ndarray, y: np.ndarray, weight: np.ndarray) -> Rescaled:
    """One over the temperature of least log-loss, between 1e-3 and 1e3."""

    def loss(log_slope: np.ndarray) -> float:
        scale = Rescaled(np.exp(log_slope), np.zeros(1))
        if z.shape[1] == 1:
            return float(weight @ np.logaddexp(0, -(2 * y - 1) * scale.slope * z[:, 0]))
        return float(-weight @ _log(joined(z, scale, together=True)[np.arange(len(y)), y]))

    found = minimize(loss, np.zeros(1), method="L-BFGS-B", bounds=[(-6.9, 6.9)])
    return Rescaled(np.exp(found.x), np.zeros(1))


def _platt(z: np.ndarray, outcome: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Slope and shift of least log-loss, with Platt's targets that keep a sample without errors finite."""
    scale = max(float(np.std(z)), TINY)
    count = effective_size(weight)
    share = float(np.clip(weight @ outcome, 0.0, 1.0))
    target = np.where(outcome, (count * share + 1) / (count * share + 2), 1 / (count * (1 - share) + 2))

    def loss(parameters: np.ndarray) -> float:
        line = np.exp(parameters[0]) * z / scale + parameters[1]
        return float(weight @ (np.logaddexp(0, line) - target * line))

    start = np.array([0.0, 0.0])
    found = minimize(loss, start, method="L-BFGS-B", bounds=[(-9.2, 9.2), (-50.0, 50.0)])
    return float(np.exp(found.x[0]) / scale), float(found.x[1])


def _isotonic(z: np.ndarray, outcome: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Corners of the weighted isotonic regression; probabilities stay off 0 and 1 by one in the events there are."""
    from sklearn.isotonic import IsotonicRegression

    if np.any(weight < 0):
        raise InputError("'isotonic' cannot take negative event weights; use 'platt' or 'temperature'")
    found = IsotonicRegression(out_of_bounds="clip").fit(z, outcome.astype(float), sample_weight=weight)
    edge = 1 / (effective_size(weight) + 2)
    return found.X_thresholds_, np.clip(found.y_thresholds_, edge, 1 - edge)


def _told(found: Rescaled | Steps, method: str) -> dict[str, object]:
    if isinstance(found, Steps):
        return {"calibration": method, "corners": len(found.z[0])}
    if method == "temperature":
        return {"calibration": method, "temperature": float(1 / found.slope[0])}
    return {"calibration": method, "slope": found.slope.tolist(), "shift": found.shift.tolist()}
