"""Why a learner errs: bias, variance and noise, measured over many training samples of a problem whose law is known."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Protocol, runtime_checkable

import jax
import numpy as np

from ansatz.data.dataset import Dataset, Source
from ansatz.errors import InputError
from ansatz.training.learners import Learner
from ansatz.training.result import Fit
from ansatz.typing import Key
from ansatz.validation.answers import check_weight
from ansatz.validation.interval import Interval, normal

Draw = Callable[[Key], tuple[Dataset, Dataset, np.ndarray | None]]
"""From a key to training events, fresh events, and the law at these, as for `coverage_over`."""

TERMS = ("bias", "variance", "noise", "sum", "risk", "train", "gap")
"""What is measured of a learner; `gap` is the sum minus the risk."""


@dataclasses.dataclass(frozen=True, eq=False)
class Decomposition:
    r"""The expected risk of a learner and the three reasons for it, all in the squared units of the target.

    $$\mathrm{E}(y - \hat f(x))^2 = \underbrace{(\mathrm{E}\hat f(x) - f(x))^2}_{\text{bias}^2} +
    \underbrace{\mathrm{E}(\hat f(x) - \mathrm{E}\hat f(x))^2}_{\text{variance}} +
    \underbrace{\mathrm{E}(y - f(x))^2}_{\text{noise}}$$

    Attributes:
        bias: bias squared, averaged over fresh events. An unbiased estimate, so it may come out below zero.
        variance: variance of the fits over training samples (and starts), averaged over fresh events.
        noise: what no model can predict.
        sum: the three together.
        risk: the expected squared error, measured on other fresh events than the three.
        train: the squared error on the events that each fit was trained on.
        gap: sum - risk, which is zero within its error if the law is the law.
        experiments: number of training samples.
        x: the fresh events with which the three terms were found, shape (events, ...).
        truth: the law there, shape (events,) or (events, outputs).
        mean: the mean of the fits there.
        spread: their standard deviation there.
        each: the risk of each fit, shape (experiments,).

    Source: S. Geman, E. Bienenstock and R. Doursat, Neural Computation 4 (1992) 1.
    """

    bias: Interval
    variance: Interval
    noise: Interval
    sum: Interval
    risk: Interval
    train: Interval
    gap: Interval
    experiments: int
    x: np.ndarray
    truth: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    each: np.ndarray

    @property
    def adds_up(self) -> float:
        """How many of its standard errors the gap is away from zero."""
        return self.gap.value / self.gap.error if self.gap.error > 0 else 0.0

    def to_dict(self) -> dict[str, object]:
        """Plain numbers for JSON."""
        return {name: getattr(self, name).to_dict() for name in TERMS} | {"experiments": self.experiments}


def decompose(
    learner: Learner,
    draw: Draw,
    *,
    experiments: int = 100,
    progress: Callable[[int, int], None] | None = None,
    key: Key,
) -> Decomposition:
    r"""Draws a training sample and fits it, again and again; takes the risk apart into bias, variance and noise.

    Every fit answers for the fresh events of all experiments. Those of even experiments give the three terms, those of
    odd ones the risk, so that their agreement is no matter of algebra. With K fits of mean $\bar f$ and variance $s^2$,
    the estimate of bias squared is $(\bar f - f)^2 - s^2 / K$. Errors join a jackknife over the fits with the scatter
    over events. Two classes are judged by the squared error of the probability of class 1 (the Brier score).

    Args:
        learner: what is fitted.
        draw: from a key to (training events, fresh events, the law at these: of two classes the probability of class
            1), see `experiments_of`.
        experiments: number of training samples, at least four.
        progress: called with (done, experiments) after each.
        key: decides samples and fits.

    Raises:
        InputError: if there are too few experiments, the law is not known, or the fit answers with ranks only.

    Example:
        >>> from ansatz.problems import NoisyPolynomial
        >>> from ansatz.training import ClosedForm
        >>> problem = NoisyPolynomial(noise=1.0)
        >>> line = decompose(ClosedForm(), experiments_of(problem, 50, 100), experiments=20, key=jax.random.key(0))
        >>> abs(line.bias.value - (problem.best_risk(1) - 1)) < 4 * line.bias.error, abs(line.adds_up) < 4
        (True, True)

    Source: P. Mehta et al., arXiv:1803.08823, section III.
    """
    if experiments < 4:
        raise InputError(f"a decomposition needs at least 4 training samples, not {experiments}")
    fits, fresh, trained = [], [], np.zeros(experiments)
    for number, own in enumerate(jax.random.split(key, experiments)):
        draw_key, fit_key = jax.random.split(own)
        train, events, truth = draw(draw_key)
        fits.append(learner(train, fit_key))
        fresh.append((events, _law(events, truth)))
        trained[number] = _mean(np.square(_values(fits[-1], train) - _target(train)), train.weight)
        if progress is not None:
            progress(number + 1, experiments)
    terms, judged = _pooled(fits, fresh[::2]), _pooled(fits, fresh[1::2])
    return _decomposition(terms, judged, trained)


@dataclasses.dataclass(frozen=True, eq=False)
class Pool:
    """Answers of all fits to the same fresh events, with axes (fits, events, outputs)."""

    x: np.ndarray
    y: np.ndarray
    truth: np.ndarray
    weight: np.ndarray
    answers: np.ndarray


def _pooled(fits: list[Fit], fresh: list[tuple[Dataset, np.ndarray]]) -> Pool:
    x = np.concatenate([events.x for events, _ in fresh])
    truth = np.concatenate([truth for _, truth in fresh])
    y = np.concatenate([_target(events) for events, _ in fresh])
    weight = np.concatenate([events.weight for events, _ in fresh])
    first = fresh[0][0].replace
    like = first(x=x, y=np.concatenate([events.y for events, _ in fresh]), weight=weight, observers={}, row=None)
    return Pool(x, y, truth, check_weight(weight, len(x)), np.stack([_values(fit, like) for fit in fits]))


def _decomposition(terms: Pool, judged: Pool, trained: np.ndarray) -> Decomposition:
    means, per_event = _three(terms.answers, terms)
    square = _over_outputs((judged.y - judged.answers) ** 2)
    risks = square @ judged.weight / len(judged.weight)
    kept = np.array([means(without) for without in range(len(trained))])
    left = (risks.sum() - risks) / (len(risks) - 1)
    values = {"bias": means(None)[0], "variance": means(None)[1], "noise": _mean(per_event[2], terms.weight)}
    values["sum"], values["risk"] = sum(values.values()), risks.mean()
    values["gap"] = values["sum"] - values["risk"]
    fits = {"bias": kept[:, 0], "variance": kept[:, 1], "noise": np.zeros(len(kept)), "sum": kept.sum(axis=1)}
    fits |= {"risk": left, "gap": kept.sum(axis=1) - left}
    events = dict(zip(("bias", "variance", "noise"), (_scatter(v, terms.weight) for v in per_event), strict=True))
    events |= {"sum": _scatter(sum(per_event), terms.weight), "risk": _scatter(square.mean(axis=0), judged.weight)}
    events["gap"] = events["sum"] + events["risk"]
    found = {name: normal(values[name], np.sqrt(_jackknife(fits[name]) + events[name])) for name in values}
    train = normal(trained.mean(), trained.std(ddof=1) / np.sqrt(len(trained)))
    mean, spread = terms.answers.mean(axis=0), terms.answers.std(axis=0, ddof=1)
    place = (len(terms.x), *terms.truth.shape[1:])
    return Decomposition(
        **found,
        train=train,
        experiments=len(trained),
        x=terms.x,
        truth=terms.truth,
        mean=mean.reshape(place),
        spread=spread.reshape(place),
        each=risks,
    )


def _three(answers: np.ndarray, pool: Pool) -> tuple[Callable[[int | None], tuple[float, float]], list[np.ndarray]]:
    """Mean bias squared and variance without one of the fits, and the three terms of each event."""
    truth = pool.truth.reshape(len(pool.x), -1)
    first, second = answers.sum(axis=0), (answers**2).sum(axis=0)

    def each(without: int | None) -> tuple[np.ndarray, np.ndarray]:
        left = np.zeros_like(first) if without is None else answers[without]
        count = len(answers) - (without is not None)
        mean = (first - left) / count
        variance = np.maximum((second - left**2) / count - mean**2, 0) * count / (count - 1)
        return _over_outputs((mean - truth) ** 2 - variance / count), _over_outputs(variance)

    def means(without: int | None) -> tuple[float, float]:
        bias, variance = each(without)
        return _mean(bias, pool.weight), _mean(variance, pool.weight)

    return means, [*each(None), _over_outputs((pool.y - truth) ** 2)]


def _jackknife(values: np.ndarray) -> float:
    return (len(values) - 1) * values.var()


def _scatter(values: np.ndarray, weight: np.ndarray) -> float:
    """Variance of a weighted mean over events; the weights have mean one."""
    mean = weight @ values / len(weight)
    return float(np.sum((weight * (values - mean)) ** 2) / len(weight) ** 2)


def _mean(values: np.ndarray, weight: np.ndarray) -> float:
    return float(check_weight(weight, len(weight)) @ _flat(values) / len(weight))


def _flat(values: np.ndarray) -> np.ndarray:
    return values if values.ndim == 1 else values.reshape(len(values), -1).sum(axis=1)


def _over_outputs(values: np.ndarray) -> np.ndarray:
    return values.sum(axis=-1)


def _values(fit: Fit, data: Dataset) -> np.ndarray:
    """Answers in the units of the target, shape (events, outputs)."""
    if data.task == "classification":
        probability = fit.probability(data.x)
        if probability is None or probability.shape[1] != 2:
            raise InputError("bias and variance are those of a number, or of the probability of one of two classes")
        return probability[:, 1:]
    return np.asarray(fit.predict(data.x), float).reshape(len(data), -1)


def _target(data: Dataset) -> np.ndarray:
    if data.task == "none":
        raise InputError(f"sample '{data.name}' has no target")
    return np.asarray(data.y, float).reshape(len(data), -1)


def _law(events: Dataset, truth: np.ndarray | None) -> np.ndarray:
    if truth is None or len(truth) != len(events):
        raise InputError("bias and noise are told apart by the law behind the events; draw must give it for each event")
    return np.asarray(truth, float)


@runtime_checkable
class KnowsLaw(Protocol):
    """A problem with a known law y = f(x) + noise."""

    def truth(self, x: np.ndarray) -> np.ndarray:
        """f(x)."""
        ...


@runtime_checkable
class KnowsProbability(Protocol):
    """A problem with a known probability of class 1."""

    def probability(self, x: np.ndarray) -> np.ndarray:
        """P(1 | x)."""
        ...


def law_of(problem: object) -> Callable[[np.ndarray], np.ndarray]:
    """What a problem knows of its answer at x.

    Raises:
        InputError: if it knows no law.
    """
    if isinstance(problem, KnowsLaw):
        return problem.truth
    if isinstance(problem, KnowsProbability):
        return problem.probability
    raise InputError(f"{type(problem).__name__} knows neither its law nor a probability; nothing can be held to it")


def experiments_of(problem: Source, events: int, fresh: int) -> Draw:
    """Draws training and fresh events of a problem that knows its law (`truth`) or its `probability` of class 1.

    Args:
        problem: a source that draws events.
        events: training events in each experiment.
        fresh: fresh events in each experiment.

    Raises:
        InputError: if the problem knows no law.

    Example:
        >>> from ansatz.problems import NoisyPolynomial
        >>> train, events, law = experiments_of(NoisyPolynomial(), 20, 5)(jax.random.key(0))
        >>> len(train), len(events), law.shape
        (20, 5, (5,))
    """
    law = law_of(problem)

    def draw(key: Key) -> tuple[Dataset, Dataset, np.ndarray]:
        first, second = jax.random.split(key)
        later = problem.draw(second, fresh)
        return problem.draw(first, events), later, np.asarray(law(later.x), float)

    return draw
