"""Learning curves: what more data would bring."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import jax
import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator, named
from ansatz.training.result import Fit
from ansatz.typing import Key
from ansatz.validation.answers import answers_of
from ansatz.validation.interval import ONE_SIGMA, Interval, normal
from ansatz.validation.scoring import score, statistic_of


@dataclasses.dataclass(frozen=True, eq=False)
class LearningCurve:
    """A metric on training and fresh events against the number of training events.

    Attributes:
        metric: its name.
        sizes: numbers of training events, shape (sizes,).
        train: the metric on the events learned from.
        test: the metric on fresh events.
    """

    metric: str
    sizes: np.ndarray
    train: tuple[Interval, ...]
    test: tuple[Interval, ...]


def learning_curve(
    learner: Callable[[Dataset, Key], Fit],
    train: Dataset,
    test: Dataset,
    *,
    metric: str,
    sizes: Sequence[int],
    repeats: int = 3,
    level: float = ONE_SIGMA,
    key: Key,
) -> LearningCurve:
    """Trains on samples of growing size and judges each on the training and on the same fresh events.

    The error of a point joins the spread over repeats (other rows drawn) with that of the fresh events.

    Args:
        learner: called with the training rows and a key.
        train: where the training rows are drawn from, without replacement.
        test: fresh events.
        metric: name in `METRICS`.
        sizes: numbers of training rows.
        repeats: how often each size is drawn.
        level: probability that an interval holds the truth.
        key: random key.

    Raises:
        InputError: if a size is not within the training sample.
    """
    if min(sizes) < 2 or max(sizes) > len(train):
        raise InputError(f"the sizes of a learning curve lie between 2 and the {len(train)} training rows; got {sizes}")
    points = [_point(learner, train, test, metric, size, repeats, level, named(key, f"{size} rows")) for size in sizes]
    seen, fresh = zip(*points, strict=True)
    return LearningCurve(metric, np.array(sizes), seen, fresh)


def _point(
    learner: Callable[[Dataset, Key], Fit],
    train: Dataset,
    test: Dataset,
    metric: str,
    size: int,
    repeats: int,
    level: float,
    key: Key,
) -> tuple[Interval, Interval]:
    draw_key, judge_key, *fit_keys = jax.random.split(key, repeats + 2)
    rng = generator(draw_key)
    values, answers = [], None
    for fit_key in fit_keys:
        rows = train[np.sort(rng.permutation(len(train))[:size])]
        fit = learner(rows, fit_key)
        judged = [answers_of(fit, part) for part in (rows, test)]
        values.append([float(statistic_of(metric, a)(a.weight)) for a in judged])
        answers = judged
    sampling = [
        score(a, metric, level=ONE_SIGMA, key=k).error
        for a, k in zip(answers, jax.random.split(judge_key), strict=True)
    ]
    mean, table = np.mean(values, axis=0), np.array(values)
    spread = table.var(axis=0, ddof=1) / repeats if repeats > 1 else np.zeros(2)
    errors = np.hypot(np.sqrt(spread), sampling)
    seen, fresh = (normal(m, e, level=level, method=f"{repeats} repeats") for m, e in zip(mean, errors, strict=True))
    return seen, fresh
