"""How uniform the models' efficiencies are over the columns that a study protects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError, suggest
from ansatz.keys import generator, named
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.validation.classifiers.uniformity import Uniformity, uniformity

if TYPE_CHECKING:
    from ansatz.studies.execution.evaluation import Evaluation, Judged

BINS = (30, 10, 6, 4)
"""Bins along each of one, two, three, more protected columns."""
SMALL, LARGE = 0.02, 0.1
"""Standard deviations of the efficiency that nobody minds, and that shape any spectrum."""


def check_protected(names: tuple[str, ...], data: Dataset) -> None:
    """Complain about a protected column that is not there.

    Raises:
        InputError: with the nearest name.
    """
    known = (*data.columns, *data.observers)
    for name in names:
        if name not in known:
            raise InputError(f"report.protected: there is no column '{name}'{suggest(name, known)}")


def observed(data: Dataset, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """The protected columns of some rows, for figures: name to values."""
    return {f"observer/{name}": np.asarray(data.column(name), float) for name in names}


def uniformities(given: Evaluation, judged: Mapping[str, Judged]) -> dict[str, dict[str, dict[str, object]]]:
    """For each model and class the measures of uniformity; nothing unless two classes are told apart."""
    names, data = given.study.report.protected, given.prepared.data
    if not names or data.task != "classification" or data.outputs != 2:
        return {}
    rows = given.parts.judged[given.parts.kept]
    place = np.stack([np.asarray(data.column(name), float)[rows] for name in names], axis=1)
    y, weight = data.y[rows], data.weight[rows]
    found: dict[str, dict[str, dict[str, object]]] = {}
    for name, answers in judged.items():
        score = answers.test.score[given.parts.kept]
        rng = generator(named(given.key, f"uniformity {name}"))
        parts = {c: _measured(score, place, weight, y == k, rng) for k, c in enumerate(data.classes or ())}
        found[name] = {c: _plain(measures) for c, measures in parts.items() if measures is not None}
    return found


def uniform_beliefs(found: Mapping[str, Mapping[str, Mapping]], winner: str) -> Iterator[Belief]:
    """Whether the efficiency of the best model follows what is protected."""
    for name, record in found.get(winner, {}).items():
        sde, expected = record["sde"]["value"], record["expected"]
        mark = GREEN if sde < max(SMALL, 1.3 * expected) else AMBER if sde < LARGE else RED
        words = {
            GREEN: "Its efficiency does not follow the protected columns, as far as so many events can tell.",
            AMBER: "Its efficiency follows the protected columns; look at the figures, or take 'flat-boosting'.",
            RED: "A cut on its score shapes the protected columns; take a method that is told not to.",
        }
        yield Belief(
            f"Uniformity of {winner}, {name}",
            mark,
            f"efficiencies spread by {sde:.3f}, few events alone give {expected:.3f}",
            words[mark],
        )


def _measured(
    score: np.ndarray, place: np.ndarray, weight: np.ndarray, own: np.ndarray, rng: np.random.Generator
) -> Uniformity | None:
    bins = BINS[min(place.shape[1], len(BINS)) - 1]
    while bins >= 2:
        try:
            return uniformity(score[own], place[own], weight[own], bins=bins, replicas=30, rng=rng)
        except InputError:
            bins //= 2
    return None


def _plain(measures: Uniformity) -> dict[str, object]:
    return {
        "sde": measures.sde.to_dict(),
        "theil": measures.theil,
        "cvm": measures.cvm,
        "expected": measures.expected,
    }
