"""Cross-validation, written once for all learners."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Mapping, MutableMapping, Sequence

import jax
import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.training.learners import Descent
from ansatz.training.result import Fit
from ansatz.typing import Key
from ansatz.validation.answers import Answers, respond
from ansatz.validation.comparison import Comparison, compare, corrected_t, holm
from ansatz.validation.interval import ONE_SIGMA, Interval
from ansatz.validation.metrics import metric_named
from ansatz.validation.scoring import scores, statistic_of

Learn = Callable[[Dataset, Key], Fit]
"""A learner, seen as a function."""

Folds = Sequence[tuple[np.ndarray, np.ndarray]]
"""Pairs of row numbers (train, test), as `ansatz.data.folds` makes them."""


@dataclasses.dataclass(frozen=True, eq=False)
class FinishedFold:
    """One fold: what was learned from the other rows says about these.

    Attributes:
        rows: rows of the sample that were judged, shape (events,).
        response: answer of each member, shape (members, events) or (members, events, outputs).
        link: `"probability"`, `"score"` or `"identity"`.
        train_rows: rows that were learned from.
        train_response: the answers to these, or None if not asked for.
        fit: the fit, or None if it was not kept (a fold that is read back from a file).
    """

    rows: np.ndarray
    response: np.ndarray
    link: str
    train_rows: np.ndarray
    train_response: np.ndarray | None = None
    fit: Fit | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class OutOfFold:
    """The answers to every event by the model that had not seen it.

    Attributes:
        data: the judged events.
        rows: their row numbers in the sample given.
        fold: the fold of each.
        response: answer of each member, shape (members, events, ...); one member, the mean, if their number differs
            between folds.
        folds: what each fold gave.
    """

    data: Dataset
    rows: np.ndarray
    fold: np.ndarray
    response: np.ndarray
    folds: tuple[FinishedFold, ...]

    @property
    def answers(self) -> Answers:
        """All out-of-fold answers together."""
        return respond(self.response, self.data, link=self.folds[0].link)

    def scores(self, *, level: float = ONE_SIGMA, key: Key) -> dict[str, Interval]:
        """Every metric on all out-of-fold answers together."""
        return scores(self.answers, level=level, key=key)

    def fold_values(self, metric: str) -> np.ndarray:
        """The metric in each fold alone, shape (folds,).

        Raises:
            InputError: if a fold does not allow it, for instance because it holds one class only.
        """
        found = []
        for number in range(len(self.folds)):
            inside = self.fold == number
            part = respond(self.response[:, inside], self.data[inside], link=self.folds[0].link)
            found.append(float(statistic_of(metric, part)(part.weight)))
        return np.array(found)


def cross_validate(
    learner: Learn,
    data: Dataset,
    folds: Folds,
    *,
    training: bool = False,
    done: MutableMapping[int, FinishedFold] | None = None,
    progress: Callable[[int, int], None] | None = None,
    key: Key,
) -> OutOfFold:
    """Trains a learner once for each fold and collects its answers to the rows left out.

    Args:
        learner: called with the training rows and a key.
        data: the sample.
        folds: pairs of row numbers (train, test); no row may be tested twice.
        training: whether to keep the answers to the training rows too, for the overtraining test.
        done: folds that are finished already, by number; new ones are put in as they finish, so that a run that was
            stopped goes on where it was.
        progress: called with (folds finished, folds) after each.
        key: random key; each fold has its own, whatever is done already.

    Raises:
        InputError: if a row is tested twice or also trained on, or the learner cannot do what the data ask.
    """
    check_folds(folds, len(data))
    check_learner(learner, data)
    done = {} if done is None else done
    for number, (train, test) in enumerate(folds):
        if number not in done:
            done[number] = _run_fold(learner, data, train, test, training=training, key=jax.random.fold_in(key, number))
        if progress is not None:
            progress(number + 1, len(folds))
    return collect(data, [done[number] for number in range(len(folds))])


def _run_fold(
    learner: Learn,
    data: Dataset,
    train: np.ndarray,
    test: np.ndarray,
    *,
    training: bool,
    key: Key,
) -> FinishedFold:
    fit = learner(data[train], key)
    seen = fit.members(data.x[train]) if training else None
    return FinishedFold(test, fit.members(data.x[test]), fit.predictor.link, train, seen, fit)


def collect(data: Dataset, folds: Sequence[FinishedFold]) -> OutOfFold:
    """Finished folds as one set of out-of-fold answers, in the order of the rows."""
    rows = np.concatenate([f.rows for f in folds])
    number = np.repeat(np.arange(len(folds)), [len(f.rows) for f in folds])
    members = {len(f.response) for f in folds}
    parts = [f.response if len(members) == 1 else f.response.mean(axis=0, keepdims=True) for f in folds]
    order = np.argsort(rows, kind="stable")
    response = np.concatenate(parts, axis=1)[:, order]
    return OutOfFold(data[rows[order]], rows[order], number[order], response, tuple(folds))


def check_folds(folds: Folds, n: int) -> None:
    """Whether folds can be trusted: no row tested twice, none trained on and tested in the same fold.

    Raises:
        InputError: if not.
    """
    if len(folds) < 2:
        raise InputError(f"cross-validation needs at least two folds, not {len(folds)}")
    tested = np.concatenate([test for _, test in folds])
    if len(np.unique(tested)) < len(tested):
        raise InputError("a row is tested in two folds; every row may be judged once")
    if len(tested) and (tested.min() < 0 or tested.max() >= n):
        raise InputError(f"the folds speak of row {tested.max()}, but there are {n} rows")
    for number, (train, test) in enumerate(folds):
        both = np.intersect1d(train, test)
        if len(both):
            raise InputError(f"{len(both)} rows of fold {number} are both trained on and tested; that is leakage")


def check_learner(learner: Learn, data: Dataset) -> None:
    """Whether a learner can do what the data ask, before anything runs.

    Raises:
        InputError: if not.
    """
    name = type(learner).__name__
    if data.task not in learner.tasks:
        raise InputError(f"{name} does {' and '.join(sorted(learner.tasks))}, but the target asks for {data.task}")
    if np.any(data.weight < 0) and not learner.negative_weights:
        negative = int(np.sum(data.weight < 0))
        raise InputError(f"{name} cannot be trained with negative event weights, and {negative} events have one")
    if isinstance(learner, Descent):
        learner.check(data)


@dataclasses.dataclass(frozen=True, eq=False)
class LearnerComparison:
    """Several learners on the same folds.

    Attributes:
        metric: what they are compared by.
        results: out-of-fold answers by learner name.
        comparisons: every pair, on all out-of-fold answers.
        over_folds: for each pair of names the mean difference over folds and its p-value (Nadeau-Bengio, Holm).
        winner: the learner with the best value on all out-of-fold answers.
    """

    metric: str
    results: Mapping[str, OutOfFold]
    comparisons: tuple[Comparison, ...]
    over_folds: Mapping[tuple[str, str], tuple[Interval, float]]
    winner: str


def compare_learners(
    learners: Mapping[str, Learn],
    data: Dataset,
    folds: Folds,
    *,
    metric: str,
    replicas: int = 500,
    level: float = ONE_SIGMA,
    done: Mapping[str, MutableMapping[int, FinishedFold]] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
    key: Key,
) -> LearnerComparison:
    """Cross-validates every learner on the same folds and compares them in pairs.

    Args:
        learners: by name; each is given the key of its name, so that adding one changes no other.
        data: the sample.
        folds: pairs of row numbers (train, test).
        metric: name in `METRICS`.
        replicas: number of bootstrap samples.
        level: probability that an interval holds the truth.
        done: for each name the folds that are finished already.
        progress: called with (name, folds finished, folds).
        key: random key.

    Raises:
        InputError: as `cross_validate`; all learners are checked before the first one runs.
    """
    for learner in learners.values():
        check_learner(learner, data)
    results = {}
    for name, learner in learners.items():
        report = None if progress is None else _prefixed(progress, name)
        kept = None if done is None else done.get(name)
        results[name] = cross_validate(learner, data, folds, done=kept, progress=report, key=named(key, name))
    answers = {name: result.answers for name, result in results.items()}
    pairs = compare(answers, metric=metric, replicas=replicas, level=level, key=named(key, "compare"))
    chosen = metric_named(metric)
    values = {name: float(chosen.build(a)(a.weight)) for name, a in answers.items()}
    winner = next(n for n in values if not any(chosen.better(v, values[n]) for v in values.values()))
    return LearnerComparison(metric, results, tuple(pairs), _over_folds(results, metric, folds, level), winner)


def _prefixed(progress: Callable[[str, int, int], None], name: str) -> Callable[[int, int], None]:
    return lambda finished, total: progress(name, finished, total)


def _over_folds(
    results: Mapping[str, OutOfFold], metric: str, folds: Folds, level: float
) -> dict[tuple[str, str], tuple[Interval, float]]:
    values = {name: result.fold_values(metric) for name, result in results.items()}
    train, test = (float(np.mean([len(fold[i]) for fold in folds])) for i in (0, 1))
    found = {
        (a, b): corrected_t(values[a] - values[b], train=train, test=test, level=level)
        for a, b in itertools.combinations(values, 2)
    }
    adjusted = holm([p for _, p in found.values()])
    return {pair: (interval, float(p)) for (pair, (interval, _)), p in zip(found.items(), adjusted, strict=True)}
