"""Quantile regression, and its bands made right by events kept aside."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import numpy as np
from scipy.special import ndtr, ndtri

from ansatz.data import Dataset
from ansatz.embedding import moments
from ansatz.errors import InputError
from ansatz.risk import Pinball
from ansatz.training.classical.adapter import Job, SklearnLearner
from ansatz.training.learners import Descent, Learner
from ansatz.training.result import Fit
from ansatz.training.uncertainty.conformal import check_regression
from ansatz.training.uncertainty.members import together
from ansatz.training.uncertainty.parts import Beside, OtherLoss, Widened
from ansatz.training.uncertainty.quantile import conformal_quantile
from ansatz.training.uncertainty.rows import set_aside
from ansatz.training.uncertainty.wrapping import regression_inside, signs_inside
from ansatz.typing import Key

LEVELS = tuple(float(level) for level in ndtr([-2.0, -1.0, 0.0, 1.0, 2.0]))
"""The median, and the quantiles at one and two standard deviations of a normal distribution."""


@dataclasses.dataclass(frozen=True)
class QuantileBand:
    """From one quantile to another; between those learned, straight in standard deviations of a normal distribution.

    Attributes:
        levels: of the quantiles learned, ascending.
        method: how it was made, for people.
        kind: "prediction".
    """

    levels: tuple[float, ...]
    method: str
    kind: str = "prediction"

    def interval(self, predictor: Widened | Beside, x: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end for each event."""
        return central(ordered(predictor, x), self.levels, level)


@dataclasses.dataclass(frozen=True, eq=False)
class ConformalQuantileBand:
    """Quantiles, moved outward or inward by as much as events kept aside ask for.

    Attributes:
        levels: of the quantiles learned, ascending.
        quantiles: those of the events kept aside, shape (levels, events) or (levels, events, outputs).
        y: their targets.
        weight: their weights.
        method: how it was made, for people.
        kind: "prediction".
    """

    levels: tuple[float, ...]
    quantiles: np.ndarray
    y: np.ndarray
    weight: np.ndarray
    method: str
    kind: str = "prediction"

    def interval(self, predictor: Widened | Beside, x: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end for each event; infinite where too few events were kept aside for the level."""
        below, above = central(self.quantiles, self.levels, level)
        outside = conformal_quantile(np.maximum(below - self.y, self.y - above), self.weight, level)
        low, high = central(ordered(predictor, x), self.levels, level)
        middle = (low + high) / 2
        return np.minimum(low - outside, middle), np.maximum(high + outside, middle)


@dataclasses.dataclass(frozen=True)
class QuantileRegression:
    """Learns quantiles of the target: the median is the answer, the others are a band of a new measurement.

    For networks (all quantiles at once) and for boosted trees (one after the other). Quantiles that cross are put in
    order. Nothing makes the band cover on fresh events; see `ConformalizedQuantile`.

    Attributes:
        learner: a network such as `mlp()`, or boosted trees.
        levels: of the quantiles, ascending, with 0.5 among them.

    Example:
        >>> from ansatz.training.classical import boosted_trees
        >>> x = np.linspace(0, 1, 200)[:, None]
        >>> y = np.random.default_rng(0).normal(size=200)
        >>> fit = QuantileRegression(boosted_trees(trees=5))(Dataset(x, y=y), jax.random.key(0))
        >>> low, high = fit.predict_interval(x)
        >>> bool(np.all(low <= fit.predict(x)) and np.all(fit.predict(x) <= high))
        True

    Source: R. Koenker and G. Bassett, Econometrica 46 (1978) 33; V. Chernozhukov et al., arXiv:0704.3649 (order).
    """

    learner: Learner
    levels: tuple[float, ...] = LEVELS

    tasks = property(regression_inside)
    negative_weights = property(signs_inside)

    def __post_init__(self) -> None:
        if not isinstance(self.learner, Descent) and not _is_boosted(self.learner):
            raise InputError(
                "quantiles are learned by networks (mlp, linear-descent) and boosted-trees; use one of them"
            )
        rising = all(0 < a < b < 1 for a, b in zip(self.levels, self.levels[1:], strict=False))
        if len(self.levels) < 3 or not rising or 0.5 not in self.levels:
            raise InputError(f"levels must rise between 0 and 1 and hold 0.5, not {self.levels}")

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The fit with its band.

        Raises:
            InputError: if the target is a class.
        """
        check_regression(data, "quantiles")
        fit = self._network(data, key) if isinstance(self.learner, Descent) else self._trees(data, key)
        return dataclasses.replace(
            fit, band=QuantileBand(self.levels, f"quantile regression ({len(self.levels)} levels)")
        )

    @property
    def _median(self) -> int:
        return self.levels.index(0.5)

    def _network(self, data: Dataset, key: Key) -> Fit:
        y = np.asarray(data.y, float).reshape(len(data), -1)
        unit = np.tile(moments(y, data.weight)[1], len(self.levels))
        risk = OtherLoss(self.learner.risk, Pinball(self.levels), "pinball", unit)
        many = data.replace(y=np.tile(y, (1, len(self.levels))))
        fit = dataclasses.replace(self.learner, risk=risk)(many, key)
        return dataclasses.replace(
            fit, predictor=Widened(fit.predictor, len(self.levels), self._median, data.y.ndim == 1)
        )

    def _trees(self, data: Dataset, key: Key) -> Fit:
        fits = [
            dataclasses.replace(self.learner, make=partial(at_quantile, self.learner.make, level))(data, own)
            for level, own in zip(self.levels, jax.random.split(key, len(self.levels)), strict=True)
        ]
        predictor = Beside(tuple(fit.predictor for fit in fits), self._median)
        return dataclasses.replace(together(fits), predictor=predictor)


@dataclasses.dataclass(frozen=True)
class ConformalizedQuantile:
    """Quantile regression whose bands are moved so that they cover events kept aside.

    The width follows the noise from place to place, and the promise is that of `SplitConformal`.

    Attributes:
        learner: a network such as `mlp()`, or boosted trees.
        fraction: of the events kept aside.
        levels: of the quantiles learned.

    Example:
        >>> from ansatz.training.classical import boosted_trees
        >>> x = np.linspace(0, 1, 200)[:, None]
        >>> y = np.random.default_rng(0).normal(size=200)
        >>> fit = ConformalizedQuantile(boosted_trees(trees=5))(Dataset(x, y=y), jax.random.key(0))
        >>> fit.uncertainty
        'band of a new measurement: conformalized quantile regression (50 events kept aside)'

    Source: Y. Romano, E. Patterson and E. Candes, arXiv:1905.03222.
    """

    learner: Learner
    fraction: float = 0.25
    levels: tuple[float, ...] = LEVELS

    tasks = property(regression_inside)
    negative_weights = property(signs_inside)

    def __post_init__(self) -> None:
        QuantileRegression(self.learner, self.levels)

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The fit with its band.

        Raises:
            InputError: if the target is a class, or there are too few events to keep some aside.
        """
        check_regression(data, "conformalized-quantile")
        split_key, fit_key = jax.random.split(key)
        train, fresh = set_aside(data, self.fraction, key=split_key)
        fit = QuantileRegression(self.learner, self.levels)(train, fit_key)
        quantiles = ordered(fit.predictor, fresh.x)
        method = f"conformalized quantile regression ({len(fresh)} events kept aside)"
        band = ConformalQuantileBand(self.levels, quantiles, fresh.y, fresh.weight, method)
        return dataclasses.replace(fit, band=band)


def ordered(predictor: Widened | Beside, x: np.ndarray) -> np.ndarray:
    """The quantiles of each event, mean over the members, ascending, shape (levels, events) or (.., outputs)."""
    return np.sort(predictor.every(x).mean(axis=1), axis=0)


def central(quantiles: np.ndarray, levels: tuple[float, ...], level: float) -> tuple[np.ndarray, np.ndarray]:
    """The ends between which the central probability `level` lies, from quantiles of other levels.

    Example:
        >>> low, high = central(np.array([-1.0, 0.0, 1.0]), tuple(ndtr([-1.0, 0.0, 1.0])), float(2 * ndtr(0.5) - 1))
        >>> round(float(low), 9), round(float(high), 9)
        (-0.5, 0.5)
    """
    z = ndtri(np.asarray(levels))
    low, high = (_straight(quantiles, z, float(ndtri((1 + sign * level) / 2))) for sign in (-1, 1))
    return low, high


def _straight(quantiles: np.ndarray, z: np.ndarray, at: float) -> np.ndarray:
    place = int(np.clip(np.searchsorted(z, at) - 1, 0, len(z) - 2))
    share = (at - z[place]) / (z[place + 1] - z[place])
    return (1 - share) * quantiles[place] + share * quantiles[place + 1]


def at_quantile(make: Callable[[Job], Any], level: float, job: Job) -> Any:
    """Boosted trees, not fitted yet, that learn a quantile instead of the mean."""
    return make(job).set_params(loss="quantile", quantile=level)


def _is_boosted(learner: Learner) -> bool:
    return isinstance(learner, SklearnLearner) and learner.name == "boosted-trees"
