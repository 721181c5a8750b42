"""Conformal bands: from how far fresh events were off to how far a new one will be, whatever the model."""

from __future__ import annotations

import dataclasses

import jax
import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.training.learners import Learner, check_target
from ansatz.training.result import Band, Fit, Predictor
from ansatz.training.uncertainty.quantile import conformal_quantile, needed
from ansatz.training.uncertainty.rows import fold_numbers, set_aside
from ansatz.training.uncertainty.wrapping import regression_inside, signs_inside
from ansatz.typing import Key

ONE_SIGMA = 0.6827


@dataclasses.dataclass(frozen=True, eq=False)
class ConformalBand:
    r"""$f(x) \pm q\, h(x)$ with the conformal quantile q of the residuals of events kept aside.

    Attributes:
        score: residuals of these events, divided by h, shape (events,) or (events, outputs).
        weight: their weights.
        width: where h comes from: half the band at one sigma of this one; None for h = 1.
        method: how it was made, for people.
        kind: "prediction".
    """

    score: np.ndarray
    weight: np.ndarray
    width: Band | None
    method: str
    kind: str = "prediction"

    def interval(self, predictor: Predictor, x: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end for each event; infinite where too few events were kept aside for the level."""
        value = predictor.response(x).mean(axis=0)
        half = conformal_quantile(self.score, self.weight, level) * half_width(self.width, predictor, x)
        return value - half, value + half


@dataclasses.dataclass(frozen=True, eq=False)
class CrossConformalBand:
    r"""The band of CV+: quantiles of $f_{-k(i)}(x) \pm |y_i - f_{-k(i)}(x_i)|$ over all events i of all folds k.

    Attributes:
        folds: the model that was fitted without each fold.
        residual: how far each event was off for the model that had not seen it, shape (events,) or (events, outputs).
        number: fold of each event.
        weight: weight of each event.
        method: how it was made, for people.
        kind: "prediction".
    """

    folds: tuple[Predictor, ...]
    residual: np.ndarray
    number: np.ndarray
    weight: np.ndarray
    method: str
    kind: str = "prediction"

    def interval(self, predictor: Predictor, x: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end for each event; `predictor`, fitted to all events, is not needed."""
        values = np.stack([fold.response(x).mean(axis=0) for fold in self.folds])
        shape = values.shape[1:]
        values = values.reshape(*values.shape[:2], -1)
        residual = self.residual.reshape(len(self.residual), -1)
        ends = []
        for output in range(values.shape[2]):
            steps = [self._steps(residual[:, output], k) for k in range(len(self.folds))]
            bound = needed(self.weight, level)
            high = reached(values[..., output], steps, bound)
            ends.append((-reached(-values[..., output], steps, bound), high))
        low, high = np.moveaxis(np.array(ends), 0, -1)
        return low.reshape(shape), high.reshape(shape)

    def _steps(self, residual: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
        """Residuals of a fold in order, and the weight up to each."""
        rows = np.flatnonzero(self.number == k)
        rows = rows[np.argsort(residual[rows])]
        return residual[rows], np.append(0.0, np.cumsum(self.weight[rows]))


@dataclasses.dataclass(frozen=True)
class SplitConformal:
    r"""Keeps events aside and takes the quantile of their residuals as half the width of a band.

    For events drawn as those of the sample, a new measurement lies in the band with at least the probability asked for,
    and at most one in the number of events kept aside more, whatever the model, on average over samples and events (not
    at every x). With weights the promise is for the weighted distribution, up to one in the effective number; it says
    nothing of events drawn from elsewhere. Where the learner inside gives a band of a new measurement, residuals are
    counted in units of it, so that the width follows the events.

    Attributes:
        learner: what is fitted to the other events.
        fraction: of the events kept aside.

    Example:
        >>> from ansatz.training import ClosedForm
        >>> x = np.linspace(0, 1, 80)[:, None]
        >>> y = x[:, 0] + np.random.default_rng(0).normal(size=80)
        >>> low, high = SplitConformal(ClosedForm())(Dataset(x, y=y), jax.random.key(0)).predict_interval(x)
        >>> bool(0.55 < np.mean((low < y) & (y < high)) < 0.85)
        True

    Source: H. Papadopoulos et al., ECML (2002) 345; J. Lei et al., arXiv:1604.04173.
    """

    learner: Learner
    fraction: float = 0.25

    tasks = property(regression_inside)
    negative_weights = property(signs_inside)

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The fit with its band.

        Raises:
            InputError: if the target is a class, or there are too few events to keep some aside.
        """
        check_regression(data, "split-conformal")
        split_key, fit_key = jax.random.split(key)
        train, fresh = set_aside(data, self.fraction, key=split_key)
        fit = self.learner(train, fit_key)
        width = fit.band if fit.band is not None and fit.band.kind == "prediction" else None
        score = np.abs(fresh.y - fit.predict(fresh.x)) / half_width(width, fit.predictor, fresh.x)
        scaled = f", in units of: {width.method}" if width else ""
        method = f"split conformal ({len(fresh)} events kept aside{scaled})"
        return dataclasses.replace(fit, band=ConformalBand(score, fresh.weight, width, method))


@dataclasses.dataclass(frozen=True)
class CVPlus:
    r"""Fits without each fold in turn; every event then says how far a model that had not seen it was off.

    No event is lost to the fit, which is trained on all of them. A new measurement lies in the band with probability at
    least 2 level - 1 for certain, and about the level in practice; with weights as for `SplitConformal`. With as many
    folds as events it is the jackknife+.

    Attributes:
        learner: what is fitted, once more than there are folds.
        folds: how many, equal rows in one fold; None for one fold for each event (jackknife+).

    Example:
        >>> from ansatz.training import ClosedForm
        >>> x = np.linspace(0, 1, 40)[:, None]
        >>> y = x[:, 0] + np.random.default_rng(0).normal(size=40)
        >>> low, high = CVPlus(ClosedForm(), folds=5)(Dataset(x, y=y), jax.random.key(0)).predict_interval(x)
        >>> bool(0.5 < np.mean((low < y) & (y < high)) < 0.9)
        True

    Source: R. Barber, E. Candes, A. Ramdas and R. Tibshirani, arXiv:1905.02928.
    """

    learner: Learner
    folds: int | None = 10

    tasks = property(regression_inside)
    negative_weights = property(signs_inside)

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The fit to all events with its band.

        Raises:
            InputError: if the target is a class, or there are more folds than different rows.
        """
        check_regression(data, "cv-plus")
        split_key, whole_key, fold_key = jax.random.split(key, 3)
        number = fold_numbers(data, self.folds, key=split_key)
        fit = self.learner(data, whole_key)
        residual, folds = np.zeros(np.shape(data.y)), []
        for k, own in enumerate(jax.random.split(fold_key, number.max() + 1)):
            part, rows = self.learner(data[number != k], own), number == k
            residual[rows] = np.abs(data.y[rows] - part.predict(data.x[rows]))
            folds.append(part.predictor)
        name = "jackknife+" if self.folds is None else "CV+"
        method = f"{name} ({len(folds)} folds)"
        return dataclasses.replace(fit, band=CrossConformalBand(tuple(folds), residual, number, data.weight, method))


def jackknife_plus(learner: Learner) -> CVPlus:
    """CV+ with each event a fold of its own: as many fits as events, for small samples.

    Example:
        >>> from ansatz.training import ClosedForm
        >>> x, y = np.arange(6.0)[:, None], np.array([0.0, 1.1, 1.9, 3.2, 3.9, 5.0])
        >>> jackknife_plus(ClosedForm())(Dataset(x, y=y), jax.random.key(0)).uncertainty
        'band of a new measurement: jackknife+ (6 folds)'
    """
    return CVPlus(learner, folds=None)


def half_width(band: Band | None, predictor: Predictor, x: np.ndarray) -> np.ndarray | float:
    """Half the width of a band at one sigma, never zero; one without a band."""
    if band is None:
        return 1.0
    low, high = band.interval(predictor, x, ONE_SIGMA)
    return np.maximum((high - low) / 2, np.finfo(float).tiny)


def check_regression(data: Dataset, name: str) -> None:
    """Complain about a target that has no conformal band.

    Raises:
        InputError: if it is a class, or the sample cannot be learned from.
    """
    check_target(data)
    if data.task != "regression":
        raise InputError(f"'{name}' is for regression; for classes use 'conformal-sets' or a calibration")


def reached(values: np.ndarray, steps: list[tuple[np.ndarray, np.ndarray]], bound: float) -> np.ndarray:
    """Where the weight of all values[k] + residual of fold k at or below t first reaches `bound`, shape (events,).

    Found by bisection, for sorting all pairs of events would take the square of their number.
    """

    def below(t: np.ndarray) -> np.ndarray:
        pairs = zip(values, steps, strict=True)
        return sum(sums[np.searchsorted(sizes, t - v, side="right")] for v, (sizes, sums) in pairs)

    largest = max(sizes[-1] for sizes, _ in steps)
    low, high = values.min(axis=0), values.max(axis=0) + largest * (1 + 1e-12) + np.finfo(float).tiny
    never = below(high) < bound
    for _ in range(60):
        middle = low / 2 + high / 2
        enough = below(middle) >= bound
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(never, np.inf, high)
