"""Many fits as one: ensembles, the bootstrap and replicas of the measurements."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import jax
import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.optimizers import Recipe
from ansatz.training.fit import fit as descend
from ansatz.training.learners import Descent, Learner, check_target, hold_out
from ansatz.training.population import Population
from ansatz.training.result import Fit, Predictor
from ansatz.training.uncertainty.rows import fold_numbers
from ansatz.training.uncertainty.spread import Spread
from ansatz.training.uncertainty.wrapping import signs_inside, tasks_inside
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True, eq=False)
class Committee:
    """Several predictors as one: their members are its members.

    Attributes:
        predictors: the fitted models.
    """

    predictors: tuple[Predictor, ...]

    @property
    def link(self) -> str:
        """What the response is, the same for all."""
        return self.predictors[0].link

    @property
    def model(self) -> tuple[object, ...]:
        """The fitted models."""
        return tuple(predictor.model for predictor in self.predictors)

    def response(self, x: np.ndarray) -> np.ndarray:
        """The answers of all members of all of them."""
        return np.concatenate([predictor.response(x) for predictor in self.predictors])


@dataclasses.dataclass(frozen=True)
class Ensemble:
    """Fits the same events from different starts; the members' mean answers, their spread is a band of the mean.

    A network's members are one compiled population. The spread shows what the choice of the start decides, not the
    statistical error of the events, so the band is mostly too narrow.

    Attributes:
        learner: what is fitted.
        members: how often.

    Example:
        >>> from ansatz.training import mlp
        >>> Ensemble(mlp(width=4), members=5).tasks == mlp().tasks
        True

    Source: B. Lakshminarayanan, A. Pritzel and C. Blundell, arXiv:1612.01474.
    """

    learner: Learner
    members: int = 10

    tasks = property(tasks_inside)
    negative_weights = property(signs_inside)

    def __post_init__(self) -> None:
        at_least_two(self.members)

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The ensemble."""
        if isinstance(self.learner, Descent):
            fit = _with_population(self.learner, Population(self.members))(data, key)
        else:
            fit = together([self.learner(data, own) for own in jax.random.split(key, self.members)])
        fit = dataclasses.replace(fit, band=Spread(f"spread over starts ({self.members} members)"))
        return _with_remark_if_equal(fit, data)


@dataclasses.dataclass(frozen=True)
class Bootstrap:
    """Fits resamplings of the events, drawn with replacement; the spread of the members is a band of the mean.

    A network's members are one compiled population in which events are counted by weight; other learners see the rows
    drawn. Each member knows 63 % of the events, so members vary more than fits to all, but share the bias.

    Attributes:
        learner: what is fitted.
        members: how often.
        shape: of the band, "gaussian" or "percentile", see `Spread`.

    Example:
        >>> from ansatz.training import ClosedForm
        >>> x = np.linspace(0, 1, 40)[:, None]
        >>> fit = Bootstrap(ClosedForm(), members=5)(Dataset(x, y=np.sin(9 * x[:, 0])), jax.random.key(0))
        >>> fit.members(x).shape
        (5, 40)

    Source: B. Efron, Ann. Statist. 7 (1979) 1; L. Breiman, Machine Learning 24 (1996) 123.
    """

    learner: Learner
    members: int = 25
    shape: str = "gaussian"

    tasks = property(tasks_inside)
    negative_weights = property(signs_inside)

    def __post_init__(self) -> None:
        at_least_two(self.members)

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The bagged fits.

        Raises:
            InputError: if the sample has no target, or hardly any resampling of it can be learned from.
        """
        check_target(data)
        if isinstance(self.learner, Descent):
            fit = _with_population(self.learner, Population(self.members, "bootstrap"))(data, key)
        else:
            fits = []
            for own in jax.random.split(key, self.members):
                draw_key, fit_key = jax.random.split(own)
                fits.append(self.learner(_redrawn(data, draw_key), fit_key))
            fit = together(fits)
        return dataclasses.replace(fit, band=Spread(f"bootstrap of the events ({self.members} members)", self.shape))


@dataclasses.dataclass(frozen=True)
class Replicas:
    r"""Fits noise replicas of the measurements, $y^{(k)} = y + \sigma z^{(k)}$, z standard normal.

    The spread of the members is the statistical error of the fit as it follows from the errors of the measurements; the
    band is of the mean. For classes, which have no measurement error, it is the bootstrap.

    A network that looks back to where events kept aside liked it best is stopped early, and so is biased towards where
    it started; the replicas share that bias and their band does not show it: it covers half the time where it promises
    two thirds. So networks are let settle, see `settled`: nothing is kept aside, and what is left of bias is that of
    the network itself. The fit is then as flexible as the network is; penalties, not stopping, are what makes it stiff.
    Too few epochs to come to rest leave a part of that bias.

    That z comes on top of the noise of y counts nothing twice: to first order $f(y + \sigma z) - f(y)$ scatters as f(y)
    does about the truth. Members differ by their starts too, which their mean averages out: between a twentieth and a
    seventh of their variance, where two starts shared each replica of the noise, so bands are up to 7 % too wide.

    Attributes:
        learner: what is fitted; a network's members are one compiled population.
        members: how many replicas.
        noise: the standard deviation of a measurement: a number, or the name of an observer that holds one for each
            event; None for one number, the root mean square residual of events not trained on (five fits more), too
            large where the model is too simple.
        shape: of the band, "gaussian" or "percentile", see `Spread`.
        settle: whether networks are let settle; if not, they look back as the learner says.

    Example:
        >>> from ansatz.training import ClosedForm
        >>> x = np.linspace(0, 1, 40)[:, None]
        >>> data = Dataset(x, y=3 * x[:, 0], observers={"error": np.full(40, 0.1)})
        >>> fit = Replicas(ClosedForm(), members=20, noise="error")(data, jax.random.key(0))
        >>> low, high = fit.predict_interval(x, level=0.95)
        >>> bool(np.mean((low < 3 * x[:, 0]) & (3 * x[:, 0] < high)) > 0.9)
        True

    Source: W. Giele, S. Keller and D. Kosower, hep-ph/0104052; NNPDF, arXiv:0808.1231.
    """

    learner: Learner
    members: int = 25
    noise: str | float | None = None
    shape: str = "gaussian"
    settle: bool = True

    tasks = property(tasks_inside)
    negative_weights = property(signs_inside)

    def __post_init__(self) -> None:
        at_least_two(self.members)

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The fits to replicas.

        Raises:
            InputError: if the sample has no target, or the noise is not a positive number for each event.
        """
        check_target(data)
        if data.task == "classification":
            return Bootstrap(self.learner, self.members, self.shape)(data, key)
        noise_key, own = jax.random.split(key)
        learner = settled(self.learner) if self.settle and isinstance(self.learner, Descent) else self.learner
        sigma = self._noise(learner, data, noise_key)
        if isinstance(learner, Descent):
            fit = _descend_replicas(learner, data, sigma, self.members, own)
        else:
            draw_key, fit_key = jax.random.split(own)
            targets = noisy(data.y, sigma, self.members, draw_key)
            keys = jax.random.split(fit_key, self.members)
            fit = together([learner(data.replace(y=y), k) for y, k in zip(targets, keys, strict=True)])
        stopped = "; stopped early, which leaves a bias that it does not show" if fit.stopped == "patience" else ""
        band = Spread(f"noise replicas of the measurements ({self.members} members{stopped})", self.shape)
        return dataclasses.replace(fit, band=band, details={**fit.details, "noise": float(np.sqrt(np.mean(sigma**2)))})

    def _noise(self, learner: Learner, data: Dataset, key: Key) -> np.ndarray:
        """Standard deviation of each measurement, shaped to be added to the targets."""
        if self.noise is None:
            return _residual(learner, data, key)
        try:
            sigma = data.column(self.noise) if isinstance(self.noise, str) else np.full(len(data), self.noise)
        except KeyError as error:
            raise InputError(f"noise: {error.args[0]}") from None
        sigma = np.asarray(sigma, float)
        if not np.all(np.isfinite(sigma) & (sigma > 0)):
            raise InputError("noise: the error of every measurement must be a positive number")
        return sigma.reshape(-1, *(1,) * (data.y.ndim - 1))


def settled(learner: Descent) -> Descent:
    """The network fitted to all events for all its epochs, at a learning rate that falls to zero.

    No event is kept aside to stop it, and a constant rate becomes a cosine, so that it comes to rest where the risk is
    smallest: where it ends is then decided by the events, not by when it was stopped or which batch came last.

    Example:
        >>> from ansatz.training import mlp
        >>> network = settled(mlp(epochs=300))
        >>> network.validation, network.epochs, network.optimizer.schedule
        (0.0, 300, 'cosine')
    """
    return dataclasses.replace(learner, validation=0.0, patience=None, optimizer=_slowing(learner.optimizer))


def _slowing(recipe: object) -> object:
    """A first-order rule at a constant rate, as one whose rate falls to zero; others as they are."""
    if not isinstance(recipe, Recipe) or recipe.schedule != "constant":
        return recipe
    return Recipe(
        recipe.name,
        learning_rate=float(recipe.learning_rate),
        momentum=float(recipe.momentum),
        weight_decay=float(recipe.weight_decay),
        schedule="cosine",
        warmup=float(recipe.warmup),
        clip=None if recipe.clip is None else float(recipe.clip),
    )


def at_least_two(members: int) -> None:
    """Complain about a band from fewer than two members.

    Raises:
        InputError: if there are fewer than two.
    """
    if members < 2:
        raise InputError(f"a band needs at least 2 members, not {members}")


def together(fits: list[Fit]) -> Fit:
    """Fits of the same task as the members of one."""
    first, messages = fits[0], dict.fromkeys(fit.message for fit in fits if fit.message)
    return Fit(
        predictor=Committee(tuple(fit.predictor for fit in fits)),
        task=first.task,
        classes=first.classes,
        columns=first.columns,
        stopped=first.stopped if len({fit.stopped for fit in fits}) == 1 else "epochs",
        converged=all(fit.converged for fit in fits),
        seconds=sum(fit.seconds for fit in fits),
        compile_seconds=sum(fit.compile_seconds for fit in fits),
        message="; ".join(list(messages)[:3]),
    )


def noisy(y: np.ndarray, sigma: np.ndarray, members: int, key: Key) -> np.ndarray:
    """Noise replicas of targets, shape (members, events) or (members, events, outputs)."""
    return y + sigma * generator(key).normal(size=(members, *y.shape))


def _with_population(learner: Descent, population: Population) -> Callable[[Dataset, Key], Fit]:
    return dataclasses.replace(learner, population=population)


def _descend_replicas(learner: Descent, data: Dataset, sigma: np.ndarray, members: int, key: Key) -> Fit:
    """All replicas as one compiled population; what they are judged on is as it was measured."""
    split_key, noise_key, fit_key = jax.random.split(key, 3)
    observed = data.replace(observers={**data.observers, NOISE: np.broadcast_to(sigma, data.y.shape)})
    train, judged = hold_out(observed, learner.validation, key=split_key)
    targets = noisy(train.y, train.observers[NOISE], members, noise_key)
    return descend(
        learner.model(train),
        learner.risk(train),
        train,
        optimizer=learner.optimizer,
        epochs=learner.epochs,
        batch_size=learner.batch_size,
        validation=judged,
        patience=learner.patience if judged is not None else None,
        population=Population(members, target=targets),
        head=learner.head(train),
        progress=learner.progress,
        cluster=learner.cluster,
        key=fit_key,
    )


NOISE = "standard deviation of the measurement"


def _residual(learner: Learner, data: Dataset, key: Key) -> np.ndarray:
    """Root mean square residual of each target, each event judged by a fit to four fifths without it."""
    split_key, fit_key = jax.random.split(key)
    number = fold_numbers(data, 5, key=split_key)
    square = np.zeros(data.y.shape)
    for k, own in enumerate(jax.random.split(fit_key, 5)):
        rows = number == k
        square[rows] = (learner(data[~rows], own).predict(data.x[rows]) - data.y[rows]) ** 2
    mean = np.average(square, axis=0, weights=np.abs(data.weight))
    return np.sqrt(np.maximum(mean, np.finfo(float).tiny))


def _redrawn(data: Dataset, key: Key) -> Dataset:
    """As many rows drawn with replacement; again, until every class and a positive total weight is among them."""
    rng, classes = generator(key), len(np.unique(data.y)) if data.task == "classification" else 0
    for _ in range(100):
        drawn = data[np.sort(rng.integers(len(data), size=len(data)))]
        if drawn.weight.sum() > 0 and (not classes or len(np.unique(drawn.y)) == classes):
            return drawn
    raise InputError(f"a resampling of '{data.name}' lacks a class or positive weight; it is too small for a bootstrap")


def _with_remark_if_equal(fit: Fit, data: Dataset) -> Fit:
    """The fit, with a remark if chance played no part in it."""
    answers = fit.members(data.x[:100])
    if np.ptp(answers, axis=0).max() > 0:
        return fit
    remark = "all members are equal, for nothing in this method is random; use 'bootstrap' or 'replicas' for a band"
    return dataclasses.replace(fit, message="; ".join(filter(None, [fit.message, remark])))
