r"""A function extracted from measurements of its functionals, by fits to noise replicas of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PyTree

from ansatz.data import Dataset
from ansatz.embedding import Standardize
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.models import MLP, Chain, Endpoints, FixedIntegral, Frozen
from ansatz.optimizers import Recipe
from ansatz.risk import Chi2, Errors, Observable, Pointwise, Risk, errors_of
from ansatz.risk.constraints import unit_quadrature
from ansatz.training.fit import fit
from ansatz.training.population import Population, replicas
from ansatz.training.prediction import Network
from ansatz.training.result import Fit
from ansatz.training.uncertainty.spread import Spread
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True)
class PartonDensity:
    r"""Data -> key -> $x^a (1-x)^b N(x, \ln x)$ with a network of tanh units.

    The exponents of each member are drawn from their range and kept, so that members do not agree by construction
    where no measurement reaches.

    Attributes:
        widths: units of each hidden layer.
        low: range of a.
        high: range of b.
        momentum: what the function integrates to from 0 to 1, by construction (`FixedIntegral`); None for no sum rule.

    Source: NNPDF, arXiv:0808.1231.
    """

    widths: tuple[int, ...] = (25, 20)
    low: tuple[float, float] = (-0.4, 0.0)
    high: tuple[float, float] = (4.0, 6.0)
    momentum: float | None = None

    def __call__(self, data: Dataset) -> Callable[[Key], PyTree]:
        """The function of a key that makes the model; the scaler of (x, ln x) is fitted on these rows."""
        if data.x.ndim != 2 or data.x.shape[1] != 1 or not ((data.x > 0) & (data.x <= 1)).all():
            raise InputError("a parton density is a function of one column, the momentum fraction, between 0 and 1")
        features = np.concatenate([data.x, np.log(data.x)], axis=1)
        scaler = Frozen(Standardize(jnp.asarray(features.mean(0), float), jnp.asarray(features.std(0), float)))

        def make(key: Key) -> PyTree:
            network_key, low_key, high_key = jax.random.split(key, 3)
            network = MLP(2, None, width=self.widths, activation="tanh", initialization="glorot", key=network_key)
            low = jax.random.uniform(low_key, minval=self.low[0], maxval=self.low[1])
            high = jax.random.uniform(high_key, minval=self.high[0], maxval=self.high[1])
            if self.momentum is None:
                return Endpoints(Chain(scaler, network), Frozen(low), Frozen(high))
            positive = eqx.tree_at(lambda n: n.layers[-1].bias, network, jnp.ones(()))
            return _carrying(Endpoints(Chain(scaler, positive), Frozen(low), Frozen(high)), self.momentum)

        return make


def _carrying(density: Endpoints, momentum: float) -> FixedIntegral:
    """The density with its norm taken from the momentum that it carries."""
    nodes, weights = unit_quadrature(64)
    numbers = (nodes[:, None], weights, momentum)
    return FixedIntegral(density, *(Frozen(jnp.asarray(number, float)) for number in numbers))


def pointwise(data: Dataset) -> Observable:
    """The measurements are values of the function itself."""
    return Pointwise()


@dataclasses.dataclass(frozen=True, eq=False)
class Extraction:
    r"""Fits a function to measurements with correlated errors that see it through a functional.

    Each member is fitted to a replica of the measurements, drawn from their covariance, for all its epochs and at a
    learning rate that falls to zero: it settles. With `validation` each replica keeps a part of its own aside to find
    its best epoch instead. That makes two mistakes: a bias towards the start, and members that differ by what they
    kept aside, which their mean averages out. The second is the larger, so the bands become too wide.

    The errors are read from the observers of the data (`errors_of`). Normalizations are fractions of predictions, not
    of the data: in round one of the data, in each later one of the mean prediction of the fit before (t0).

    The fit answers with the function, not with the observable. Its details hold `prediction` (of the members' mean, for
    each measurement), `chi2` (of that prediction, with normalizations that are fractions of it), `points` N, and
    `parameters`: how much of the noise a fit follows, $p = \mathrm{tr}\, \partial T / \partial y$, found from how the
    predictions of the members follow the noise of their replicas, $p = \langle z^T C^{-1} T \rangle$. For a linear
    model it is the number of its parameters, and chi2 is expected to be N - p.

    Attributes:
        model: (measurements) -> (key -> model).
        observable: (measurements) -> what they see of the function.
        law: further risks, such as `10 * MomentumSumRule(0.42)`.
        members: number of replicas.
        validation: part of the measurements that a replica keeps aside to look back; 0 for none.
        rounds: fits, each with the normalizations of the one before.
        scouts: number of replicas in all rounds but the last, of which only the mean is needed.
        optimizer: update rule and its numbers.
        epochs: most steps.
        patience: steps without improvement before a replica that keeps some aside stops, None for never.
        tasks: regression.
        negative_weights: False.

    Source: NNPDF, arXiv:0808.1231 (replicas, look-back stopping), arXiv:0912.2276 (t0); J. Ye, J. Am. Stat. Assoc. 93
    (1998) 120 (generalized degrees of freedom).
    """

    model: Callable[[Dataset], Callable[[Key], PyTree]] = dataclasses.field(default_factory=PartonDensity)
    observable: Callable[[Dataset], Observable] = pointwise
    law: Risk | None = None
    members: int = 100
    validation: float = 0.0
    rounds: int = 2
    scouts: int = 10
    optimizer: Recipe = dataclasses.field(default_factory=lambda: Recipe("adam", learning_rate=5e-3, schedule="cosine"))
    epochs: int = 2000
    patience: int | None = 500
    tasks: frozenset[str] = frozenset({"regression"})
    negative_weights: bool = False

    def __post_init__(self) -> None:
        if min(self.members, self.rounds, self.scouts) < 1:
            raise InputError(
                f"members, rounds and scouts are at least 1, not {self.members}, {self.rounds} and {self.scouts}"
            )
        if not 0 <= self.validation < 1:
            raise InputError(f"validation is a part of the measurements, in [0, 1), not {self.validation}")

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The fitted function.

        Raises:
            InputError: if the data carry no errors, or their covariance is not positive definite.
            NonFiniteRisk: if the risk stopped being finite.
        """
        if data.task != "regression":
            raise InputError(f"sample '{data.name}' has no measurements to fit; it needs a numeric target")
        errors, observable = errors_of(data), self.observable(data)
        reference = np.asarray(data.y, float)
        for left, own in zip(reversed(range(self.rounds)), jax.random.split(key, self.rounds), strict=True):
            members = min(self.scouts, self.members) if left else self.members
            noise_key, fit_key = jax.random.split(own)
            covariance = errors.covariance(reference)
            target = replicas(np.asarray(data.y, float), covariance, members, key=noise_key)
            found = self._fit(data, covariance, observable, target, fit_key)
            each = predictions(found, observable, data.x)
            reference = each.mean(axis=0)
        return dataclasses.replace(
            found,
            band=Spread(f"noise replicas of the measurements ({self.members} members)"),
            details=_details(data, errors, reference) | {"parameters": _parameters(each, target, covariance)},
        )

    def _fit(self, data: Dataset, covariance: np.ndarray, observable: Observable, target: np.ndarray, key: Key) -> Fit:
        split_key, fit_key = jax.random.split(key)
        members = len(target)
        judged = self._split(len(data), members, split_key)
        kept_aside = self.validation > 0
        risk = Chi2(data.y, covariance, observable=observable)
        return fit(
            self.model(data),
            risk if self.law is None else risk + self.law,
            data,
            optimizer=self.optimizer,
            epochs=self.epochs,
            validation=data if kept_aside else None,
            patience=self.patience if kept_aside else None,
            population=Population(
                members,
                weight=1.0 - judged,
                target=target,
                validation_weight=judged if kept_aside else None,
                validation_target=target if kept_aside else None,
            ),
            key=fit_key,
        )

    def _split(self, n: int, members: int, key: Key) -> np.ndarray:
        """One for each measurement that a member keeps aside, shape (members, n)."""
        count = round(self.validation * n)
        if self.validation > 0 and not 0 < count < n:
            raise InputError(f"{n} measurements cannot be split with {self.validation:g} of them kept aside")
        order = generator(key).permuted(np.tile(np.arange(n), (members, 1)), axis=1)
        return (order < count).astype(float)


def _details(data: Dataset, errors: Errors, prediction: np.ndarray) -> dict[str, object]:
    residual = np.asarray(data.y, float) - prediction
    chi2 = residual @ np.linalg.solve(errors.covariance(prediction), residual)
    return {"prediction": prediction, "chi2": float(chi2), "points": len(data)}


def _parameters(each: np.ndarray, target: np.ndarray, covariance: np.ndarray) -> float:
    """Parameters that the fits use, between 0 and the number of measurements; 0 for one member."""
    noise = target - target.mean(axis=0)
    followed = np.sum((each - each.mean(axis=0)) * np.linalg.solve(covariance, noise.T).T)
    return float(np.clip(followed / max(len(each) - 1, 1), 0.0, len(covariance)))


def predicted(fit: Fit, observable: Observable, x: np.ndarray) -> np.ndarray:
    """What measurements at x should show, the mean over the members, float64, shape (measurements,).

    Raises:
        InputError: if the fit is not of a network.
    """
    return predictions(fit, observable, x).mean(axis=0)


def predictions(fit: Fit, observable: Observable, x: np.ndarray) -> np.ndarray:
    """What measurements at x should show if a member were right, float64, shape (members, measurements).

    Raises:
        InputError: if the fit is not of a network.
    """
    if not isinstance(fit.predictor, Network):
        raise InputError("only the fit of a network can be asked for an observable")
    return np.asarray(_predictions(fit.predictor.model, observable, jnp.asarray(x, float)), float)


@eqx.filter_jit
def _predictions(models: PyTree, observable: Observable, x: jax.Array) -> jax.Array:
    arrays, static = eqx.partition(models, eqx.is_array)
    return jax.lax.map(lambda own: observable.predict(eqx.combine(own, static), x, None), arrays)
