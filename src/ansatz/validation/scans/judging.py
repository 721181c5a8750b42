"""Settings on folds: those of one architecture as one population where the learner is a network, else one by one.

A setting is given the numbers that the same learner has alone: in each fold all settings see the same rows, start at
the same place and see the same shuffles (common random numbers), so that they differ in their hyperparameters only.
"""

from __future__ import annotations

import dataclasses
import inspect
import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import jax
import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError, suggest
from ansatz.training.engine.outcome import NonFiniteRisk
from ansatz.training.learners import Descent
from ansatz.training.population import Population
from ansatz.training.result import Fit
from ansatz.typing import Key
from ansatz.validation.answers import respond
from ansatz.validation.folds import Folds
from ansatz.validation.metrics import Metric
from ansatz.validation.scans.space import Setting
from ansatz.validation.scans.strategies import Ask
from ansatz.validation.scans.trials import DIVERGED, FAILED, FINISHED, Trial, reward_of, told
from ansatz.validation.scoring import applicable
from ansatz.validation.statistics import linear_error

Make = Callable[..., Callable[[Dataset, Key], Fit]]
"""A constructor of learners, as a study names it; its keyword arguments are what may be scanned."""

TRACED: dict[str, float] = {
    "learning_rate": 1e-3,
    "momentum": 0.9,
    "weight_decay": 0.0,
    "warmup": 0.0,
    "clip": 1.0,
    "dropout": 0.0,
    "scale": 1.0,
    "l1": 1.0,
    "l2": 1.0,
    "smoothness": 1.0,
}
"""Arguments of a network that members of a population may have of their own, and what the shared part is built with."""


class One(NamedTuple):
    """One setting in one fold."""

    score: float = math.nan
    error: float = math.nan
    cost: float = math.nan
    epochs: int = 0
    seconds: float = 0.0
    status: str = FINISHED
    message: str = ""


@dataclasses.dataclass(frozen=True, eq=False)
class Task:
    """What all settings of a scan share.

    Attributes:
        make: constructor of the learners.
        fixed: its arguments that are not scanned.
        data: the sample.
        folds: pairs of row numbers (train, held out).
        metric: what held-out rows are scored by.
        block: most settings in one population.
        resource: argument that is rationed; empty where nothing is.
        key: random key; each fold has its own.
    """

    make: Make
    fixed: Mapping[str, object]
    data: Dataset
    folds: Folds
    metric: Metric
    block: int
    resource: str
    key: Key

    def arguments(self, ask: Ask) -> Setting:
        """All arguments of a setting."""
        rationed = {} if not self.resource else {self.resource: self.budget(ask)}
        return {**self.fixed, **ask.setting, **rationed}

    def budget(self, ask: Ask) -> int | None:
        """How much of the resource a setting is given."""
        if not self.resource:
            return None
        return max(round(ask.share * full_budget(self.make, {**self.fixed, **ask.setting}, self.resource)), 1)

    def fold_key(self, number: int) -> Key:
        """The key of a fold, the same for all settings."""
        return jax.random.fold_in(self.key, number)

    def traced(self, ask: Ask) -> dict[str, float]:
        """The values of a setting that do not change the compiled program."""
        return {n: float(v) for n, v in ask.setting.items() if n in TRACED and isinstance(v, int | float)}


def full_budget(make: Make, arguments: Mapping[str, object], resource: str) -> int:
    """The resource of a learner if nothing is rationed.

    Raises:
        InputError: if the learner has no such argument, or it is not a number.
    """
    parameters = inspect.signature(make).parameters
    if resource not in parameters:
        raise InputError(f"the learner has no '{resource}' to be rationed{suggest(resource, parameters)}")
    full = arguments.get(resource, parameters[resource].default)
    if not isinstance(full, int | float) or isinstance(full, bool):
        raise InputError(f"'{resource}' is to be rationed; give its full value as a number in `fixed`, not {full}")
    return int(full)


def blocks(task: Task, wave: Sequence[Ask]) -> list[list[Ask]]:
    """The settings of a wave in blocks of one compiled shape each, in order of their first setting."""
    shapes: dict[str, list[Ask]] = {}
    for ask in wave:
        traced = task.traced(ask)
        rest = {name: value for name, value in task.arguments(ask).items() if name not in traced}
        shapes.setdefault(json.dumps(rest, sort_keys=True, default=str), []).append(ask)
    return [asks[first : first + task.block] for asks in shapes.values() for first in range(0, len(asks), task.block)]


def judged(task: Task, block: Sequence[Ask]) -> list[Trial]:
    """The settings of a block, each fitted and scored in every fold."""
    table = [_in_fold(task, block, number) for number in range(len(task.folds))]
    return [_trial(task, ask, [row[place] for row in table]) for place, ask in enumerate(block)]


def _trial(task: Task, ask: Ask, parts: list[One]) -> Trial:
    bad = next((part for part in parts if part.status != FINISHED), None)
    told_of = {
        "epochs": sum(part.epochs for part in parts),
        "seconds": sum(part.seconds for part in parts),
        "rung": ask.rung,
        "budget": task.budget(ask),
    }
    if bad is not None:
        return Trial(ask.number, ask.setting, status=bad.status, message=bad.message, **told_of)
    scores = tuple(part.score for part in parts)
    return Trial(
        ask.number,
        ask.setting,
        scores,
        errors=tuple(part.error for part in parts),
        reward=reward_of(task.metric, float(np.mean(scores))),
        cost=float(np.mean([part.cost for part in parts])),
        **told_of,
    )


def _in_fold(task: Task, block: Sequence[Ask], number: int) -> list[One]:
    train, held = (task.data[rows] for rows in task.folds[number])
    key = task.fold_key(number)
    traced = [task.traced(ask) for ask in block]
    learner = _shared(task, block[0], traced[0])
    if isinstance(learner, Descent) and all(traced) and _plain(learner):
        return _together(task, learner, traced, train, held, key)
    return [_alone(task, ask, train, held, key) for ask in block]


def _plain(learner: Descent) -> bool:
    return learner.population == 1 or (isinstance(learner.population, Population) and learner.population.members == 1)


def _shared(task: Task, ask: Ask, traced: Mapping[str, float]) -> Callable:
    """The learner of a block, with such numbers where the settings differ that every part they belong to is there."""
    return task.make(**{**task.arguments(ask), **{name: TRACED[name] for name in traced}})


def _together(
    task: Task, learner: Descent, traced: list[dict[str, float]], train: Dataset, held: Dataset, key: Key
) -> list[One]:
    """All settings as members of one population; it is filled up to the size of a block with idle ones."""
    place = _places(len(traced), task.block)
    idle = ~np.isin(np.arange(task.block), place)
    values = {name: np.full(task.block, traced[0][name]) for name in traced[0]}
    for name, column in values.items():
        column[place] = [numbers[name] for numbers in traced]
    resample = learner.population.resample if isinstance(learner.population, Population) else None
    population = Population(task.block, resample, values, common=True, idle=idle)
    began = time.perf_counter()
    fit = _caught(dataclasses.replace(learner, population=population), train, key)
    seconds = time.perf_counter() - began
    epochs = np.isfinite(fit.history["train/risk"].reshape(task.block, -1)).sum(axis=1)
    shares = seconds * epochs[place] / max(epochs[place].sum(), 1)
    response = fit.members(held.x)
    return [
        _scored(task, fit, int(p), response[p][None], held)._replace(epochs=int(epochs[p]), seconds=float(share))
        for p, share in zip(place, shares, strict=True)
    ]


def _places(count: int, size: int) -> np.ndarray:
    """Places of some members among `size`, spread evenly, so that every core has its share.

    Example:
        >>> _places(3, 8).tolist()
        [0, 2, 5]
    """
    return (np.arange(count) * size) // count


def _caught(learner: Descent, train: Dataset, key: Key) -> Fit:
    """The fit; where all members diverged, as it was at the last good epoch."""
    try:
        return learner(train, key)
    except NonFiniteRisk as error:
        return error.fit


def _scored(task: Task, fit: Fit, member: int, response: np.ndarray, held: Dataset) -> One:
    words = fit.details.get("members_stopped", [fit.stopped])
    if words[member] == "diverged":
        return One(status=DIVERGED, message="the risk became infinite or NaN")
    return _score(task, response, held, fit.predictor.link)._replace(cost=_cost(fit, member))


def _cost(fit: Fit, member: int) -> float:
    """The risk on training rows at the epoch that was kept."""
    if "train/risk" not in fit.history or not len(fit.best_epoch):
        return math.nan
    return float(np.atleast_2d(fit.history["train/risk"])[member, fit.best_epoch[member]])


def _score(task: Task, response: np.ndarray, held: Dataset, link: str) -> One:
    try:
        answers = respond(response, held, link=link)
        statistic = applicable(task.metric.name, answers).build(answers)
        score, error = float(statistic(answers.weight)), linear_error(statistic, answers.weight)
    except InputError as complaint:
        return One(status=FAILED, message=str(complaint))
    if not (math.isfinite(score) and math.isfinite(error)):
        return One(status=FAILED, message=f"the held-out rows leave {task.metric.name} undefined")
    return One(score, error)


def _alone(task: Task, ask: Ask, train: Dataset, held: Dataset, key: Key) -> One:
    """One setting by itself; what goes wrong with it is told and stops no other."""
    began = time.perf_counter()
    try:
        fit = task.make(**task.arguments(ask))(train, key)
        found = _score(task, fit.members(held.x), held, fit.predictor.link)._replace(cost=_cost(fit, 0))
    except NonFiniteRisk as error:
        return One(status=DIVERGED, message=str(error), seconds=time.perf_counter() - began)
    except InputError as error:
        return One(status=FAILED, message=str(error), seconds=time.perf_counter() - began)
    epochs = max((np.shape(curve)[-1] for curve in fit.history.values()), default=0)
    return found._replace(epochs=int(epochs), seconds=time.perf_counter() - began)


def check_settings(make: Make, fixed: Mapping[str, object], asks: Sequence[Ask]) -> None:
    """Whether every hyperparameter is an argument of the learner, none is fixed too, and the settings can be built.

    Raises:
        InputError: if not.
    """
    parameters = [name for name in inspect.signature(make).parameters if name != "key"]
    for name in (*fixed, *(asks[0].setting if asks else ())):
        if name not in parameters:
            raise InputError(
                f"there is no hyperparameter '{name}'{suggest(name, parameters)}; there are: {', '.join(parameters)}"
            )
    for name in asks[0].setting if asks else ():
        if name in fixed:
            raise InputError(f"'{name}' is both fixed and in the space; keep one")
    for ask in asks:
        try:
            make(**{**fixed, **ask.setting})
        except (ValueError, TypeError) as error:
            raise InputError(f"setting {ask.number} ({told(ask.setting)}) cannot be tried: {error}") from None
