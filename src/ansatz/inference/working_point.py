"""One cut on a score: what passes it, and what every formula makes of that, with intervals."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

import numpy as np

from ansatz.inference.replicas import replicated_sums
from ansatz.inference.significance import SIGNIFICANCES, Counts, formula_named
from ansatz.keys import generator
from ansatz.typing import Key
from ansatz.validation import Interval, proportion


@dataclasses.dataclass(frozen=True)
class WorkingPoint:
    """What a cut on a score gives.

    Attributes:
        cut: events with at least this score are kept.
        signal: expected signal that passes.
        background: expected background that passes.
        efficiencies: of background and signal.
        left: background events of the sample that pass, whatever their weights.
        significances: by name of the formula; `"asimov with error"` knows the uncertainty of the background.
    """

    cut: float
    signal: Interval
    background: Interval
    efficiencies: tuple[Interval, Interval]
    left: int
    significances: Mapping[str, Interval]


def working_point(
    score: np.ndarray,
    y: np.ndarray,
    weight: np.ndarray,
    cut: float,
    *,
    relative_error: float = 0.0,
    replicas: int = 500,
    level: float = 0.6827,
    key: Key,
) -> WorkingPoint:
    """What a cut that was chosen elsewhere gives on these events.

    Args:
        score: larger means more like signal, shape (events,).
        y: 1 for signal, 0 for background.
        weight: expected events for each event of the sample, of either sign.
        cut: the cut.
        relative_error: uncertainty of the background, as a part of it.
        replicas: of the Poisson bootstrap, which gives all intervals but those of the efficiencies.
        level: of the intervals.
        key: of the bootstrap.

    Raises:
        InputError: if the weights of a class sum to zero.

    Example:
        >>> import jax
        >>> y, score = np.repeat([0, 1], 1000), np.concatenate([np.linspace(0, 1, 1000), np.linspace(0.5, 1.5, 1000)])
        >>> found = working_point(score, y, np.where(y == 1, 0.02, 0.5), 0.9, key=jax.random.key(0))
        >>> round(found.signal.value, 2), found.background.value, found.left
        (12.0, 50.0, 100)
    """
    y = np.asarray(y).astype(int)
    passed = score >= cut
    place = np.where(passed, y, -1)
    spread = replicated_sums(place, weight, 2, replicas=replicas, rng=generator(key))
    b, s = np.bincount(y[passed], weight[passed], 2)
    formulas: dict[str, Callable[[Counts, Counts], Counts]] = dict(SIGNIFICANCES)
    if relative_error:
        formulas["asimov with error"] = formula_named("asimov", relative_error)
    found = {
        name: _interval(float(formula(s, b)), np.asarray(formula(spread[:, 1], spread[:, 0])), level)
        for name, formula in formulas.items()
    }
    efficiencies = tuple(proportion(passed[y == k], weight[y == k], level=level) for k in (0, 1))
    left = int(np.sum(passed & (y == 0)))
    amounts = (_interval(float(value), spread[:, k], level) for k, value in ((1, s), (0, b)))
    return WorkingPoint(float(cut), *amounts, efficiencies, left, found)


def _interval(value: float, spread: np.ndarray, level: float) -> Interval:
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(np.where(np.isfinite(spread), spread, np.inf), [tail, 100 - tail], method="nearest")
    return Interval(value, float(low), float(high), level, "Poisson bootstrap")
