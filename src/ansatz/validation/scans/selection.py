r"""How good the best setting really is: the best of many scores is too good, for it was chosen for being so.

Three answers, from cheap to honest. The best score itself is biased by about the standard error times
$\sqrt{2 \ln N}$ for N like settings. Choosing on all folds but one and reading off the score in that one takes most of
the bias away at no cost. A fresh test set, or nested cross-validation, has none.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path

import jax
import numpy as np

from ansatz.data import Dataset, folds
from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.typing import Key
from ansatz.validation.answers import Answers
from ansatz.validation.folds import FinishedFold, Folds, check_folds, collect
from ansatz.validation.interval import ONE_SIGMA, Interval, normal
from ansatz.validation.scans.judging import Make
from ansatz.validation.scans.running import Scan, default_reward, scan
from ansatz.validation.scans.space import Setting, Space
from ansatz.validation.scans.strategies import Strategy
from ansatz.validation.scans.trials import Trial, reward_of
from ansatz.validation.scoring import score


@dataclasses.dataclass(frozen=True)
class Selection:
    """The best setting, and its score with and without the bias of having been chosen.

    Attributes:
        trial: what came out of it.
        seen: its score on the rows by which it was chosen: too good on average.
        crossed: mean over folds of the score of the setting that the other folds would have chosen; None for one fold.
        rivals: number of settings whose score is within one standard error of the best.
    """

    trial: Trial
    seen: Interval
    crossed: Interval | None
    rivals: int


def select(found: Scan, *, level: float = ONE_SIGMA) -> Selection:
    """The best setting of a scan.

    Example:
        >>> from ansatz.validation import metric_named
        >>> from ansatz.validation.scans import OneOf, Trial
        >>> trials = [Trial(0, {"a": 1}, (0.8, 0.6), (0.1, 0.1), 0.7), Trial(1, {"a": 2}, (0.5, 0.7), (0.1, 0.1), 0.6)]
        >>> best = select(Scan(Space({"a": OneOf((1, 2))}), metric_named("auc"), tuple(trials)))
        >>> best.trial.number, round(best.seen.value, 2), round(best.crossed.value, 2), best.rivals
        (0, 0.7, 0.55, 0)

    Source: G. Cawley and N. Talbot, J. Mach. Learn. Res. 11 (2010) 2079; R. J. Tibshirani and R. Tibshirani,
    Ann. Appl. Stat. 3 (2009) 822.
    """
    best = found.best
    rivals = sum(best.reward - trial.reward < best.error for trial in found.last) - 1
    return Selection(best, found.interval(best, level=level), _crossed(found, level), rivals)


def _crossed(found: Scan, level: float) -> Interval | None:
    table = np.array([trial.scores for trial in found.last])
    errors = np.array([trial.errors for trial in found.last])
    count = table.shape[1]
    if count < 2:
        return None
    values, spread = np.empty(count), np.empty(count)
    for fold in range(count):
        others = np.delete(table, fold, axis=1).mean(axis=1)
        chosen = int(np.argmax([reward_of(found.metric, float(mean)) for mean in others]))
        values[fold], spread[fold] = table[chosen, fold], errors[chosen, fold]
    error = float(np.sqrt(np.sum(spread**2)) / count)
    return normal(float(values.mean()), error, level=level, method=f"chosen on the other {count - 1} folds")


@dataclasses.dataclass(frozen=True, eq=False)
class Nested:
    """What nested cross-validation says of the whole procedure: scanning, choosing, fitting.

    Attributes:
        score: of all rows, each judged by a fit whose setting was chosen without it.
        answers: these judgements.
        chosen: the setting that each outer fold chose.
    """

    score: Interval
    answers: Answers
    chosen: tuple[Setting, ...]


def nested_scan(
    make: Make,
    data: Dataset,
    space: Space,
    *,
    outer: Folds,
    inner: int = 3,
    fixed: Mapping[str, object] | None = None,
    strategy: Strategy | None = None,
    settings: int = 64,
    reward: str | None = None,
    block: int = 16,
    folder: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
    level: float = ONE_SIGMA,
    key: Key,
) -> Nested:
    """A scan inside of each outer fold, on its training rows alone; the setting it chose judges the rows held out.

    Args:
        make: constructor of the learner.
        data: the sample.
        space: which settings are allowed.
        outer: pairs of row numbers (train, held out).
        inner: folds of each scan, of the training rows of the outer one.
        fixed: arguments of the learner that all settings share.
        strategy: as in `scan`.
        settings: how many in each scan.
        reward: name of the metric.
        block: as in `scan`.
        folder: where finished blocks are kept, in a folder for each outer fold.
        progress: called with (outer folds finished, outer folds).
        level: probability that the interval holds the truth.
        key: random key.

    Raises:
        InputError: as `scan`.
    """
    check_folds(outer, len(data))
    metric = reward or default_reward(data)
    chosen, judged = [], []
    for number, (train, held) in enumerate(outer):
        split_key, scan_key, fit_key = jax.random.split(named(key, f"outer fold {number}"), 3)
        inside = data[train]
        found = scan(
            make,
            inside,
            space,
            folds=folds(inside, inner, key=split_key),
            fixed=fixed,
            strategy=strategy,
            settings=settings,
            reward=metric,
            block=block,
            folder=None if folder is None else folder / f"outer-{number + 1}",
            key=scan_key,
        )
        chosen.append(found.best.setting)
        fit = make(**{**(fixed or {}), **found.best.setting})(inside, fit_key)
        judged.append(FinishedFold(held, fit.members(data.x[held]), fit.predictor.link, train))
        if progress is not None:
            progress(number + 1, len(outer))
    answers = collect(data, judged).answers
    value = score(answers, metric, level=level, key=named(key, "score"))
    return Nested(value, answers, tuple(chosen))


def optimism(found: Scan, seen: Interval, fresh: Interval) -> tuple[float, float]:
    """How much better the score by which a setting was chosen is than a fresh one, and the error of the difference.

    Positive if the choice flattered it, whichever way the metric is better.

    Raises:
        InputError: if the two are at different levels.
    """
    if seen.level != fresh.level:
        raise InputError(f"intervals of one level are compared, not {seen.level} and {fresh.level}")
    difference = reward_of(found.metric, seen.value) - reward_of(found.metric, fresh.value)
    return difference, float(np.hypot(seen.error, fresh.error))
