"""How the training of a classical method went: closed form, iterations, or one tree after the other."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from ansatz.training.classical.reading import estimators_of


@dataclasses.dataclass(frozen=True, eq=False)
class Course:
    """What a fit tells of its iterations.

    Attributes:
        stopped: why it stopped, unless a warning says that it has not converged.
        history: learning curves, as in `Fit.history`.
        best_epoch: the iteration that was kept; empty where nothing is iterated.
        remark: why it may not have finished; empty if it has.
    """

    stopped: str = "closed form"
    history: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    best_epoch: np.ndarray = dataclasses.field(default_factory=lambda: np.zeros(0, int))
    remark: str = ""


def at_once(_: Any) -> Course:
    """Nothing is iterated that could fail to converge."""
    return Course()


def iterated(_: Any) -> Course:
    """A solver that converges, or else warns."""
    return Course("converged")


def boosted(method: Any) -> Course:
    """Histogram gradient boosting: loss before the first and after every tree, if early stopping watched it."""
    first = estimators_of(method)[0]
    if len(estimators_of(method)) > 1 or not first.do_early_stopping_:
        return Course("epochs")
    name, factor = ("cross_entropy", -1.0) if first.loss == "log_loss" else ("squared_error", -2.0)
    losses = {
        "train": factor * np.asarray(first.train_score_),
        "validation": factor * np.asarray(first.validation_score_),
    }
    history = {f"{part}/{term}": loss for part, loss in losses.items() for term in (name, "risk")}
    best = np.array([first.n_iter_])
    if first.n_iter_ < first.max_iter:
        return Course("patience", history, best)
    remark = "the validation loss was still falling at the last tree; give more trees" if _falling(first) else ""
    return Course("epochs", history, best, remark)


def _falling(method: Any) -> bool:
    """Whether the last tenth of the trees brought more than a hundredth of the whole gain on held-out rows."""
    curve = np.asarray(method.validation_score_)
    tenth = max(len(curve) // 10, 1)
    return bool(curve[-1] - curve[-1 - tenth] > 0.01 * (curve[-1] - curve[0]))
