"""Classification without labels: what sets a mass window apart from its sidebands, learned from the data alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from ansatz.data import Dataset, folds
from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.training.composite.balance import Balanced
from ansatz.training.result import Fit
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True, eq=False)
class Unlabeled:
    """Scores that no event took part in learning.

    Attributes:
        score: of each event, by a model that had not seen it; larger is more like the signal region.
        passed: whether the event is among the most signal-like part of its fold.
        inside: whether it lies in the signal region.
    """

    score: np.ndarray
    passed: np.ndarray
    inside: np.ndarray


def cwola(
    data: Dataset,
    mass: np.ndarray,
    *,
    region: tuple[float, float],
    sidebands: float,
    learner: Callable[[Dataset, Key], Fit],
    keep: float = 0.05,
    parts: int = 5,
    key: Key,
) -> Unlabeled:
    """Trains signal region against sidebands on some folds and keeps the most signal-like part of each other fold.

    If the features of background do not depend on the mass, only a signal tells region from sidebands, and the best
    classifier for that is the best one for signal against background. Where there is no signal the score is chance,
    and because no event is scored by a model that saw it, a cut on it makes no bump.

    Args:
        data: the events; only their features are looked at.
        mass: of each event.
        region: where the signal is looked for.
        sidebands: how far the sidebands reach on both sides of it.
        learner: what learns.
        keep: part of the events of each fold that passes.
        parts: number of folds.
        key: random key.

    Raises:
        InputError: if region or sidebands hold too few events, or `keep` is no part.

    Source: E. Metodiev, B. Nachman and J. Thaler, arXiv:1708.02949; J. Collins, K. Howe and B. Nachman, 1805.02664.
    """
    if not 0 < keep < 1:
        raise InputError(f"keep is a part of the events, above 0 and below 1, not {keep}")
    inside = (mass >= region[0]) & (mass < region[1])
    near = (mass >= region[0] - sidebands) & (mass < region[1] + sidebands)
    for name, count in (("signal region", inside.sum()), ("sidebands", (near & ~inside).sum())):
        if count < 10 * parts:
            raise InputError(f"{count} events in the {name} are too few for {parts} folds; widen it")
    labelled = data.replace(y=inside.astype(int), classes=("sidebands", "region"), weight=np.ones(len(data)))
    score, passed = np.zeros(len(data)), np.zeros(len(data), bool)
    for number, (train, held) in enumerate(folds(labelled, parts, key=named(key, "folds"))):
        fit = Balanced(learner)(labelled[train[near[train]]], named(key, f"fold {number}"))
        score[held] = fit.score(data.x[held])
        passed[held] = score[held] > np.quantile(score[held], 1 - keep)
    return Unlabeled(score, passed, inside)
