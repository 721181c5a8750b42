"""`Minimum`: the one small record that every minimizer returns."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import PyTree

from ansatz.optimizers.stopping import CONVERGED, REASONS


@dataclasses.dataclass(frozen=True, eq=False)
class Minimum:
    """Where a minimizer ended and how it got there.

    The rows of `path`, `values`, `gradient_norms` and `evaluations` belong together: the start, then the place after
    each step (for a population: the best place of each generation).

    Attributes:
        theta: where it ended (the best place seen, if it did not converge), built like the start.
        value: the function there.
        path: the places, shape (steps + 1, parameters); empty if it was not asked for.
        values: the function at each place.
        gradient_norms: the norm of its gradient there; NaN for optimizers that use none.
        evaluations: how often the function had been called by then.
        stopped: why it stopped: "gradient", "step", "decrease", "target", "precision", "budget", "stuck", "diverged",
            "done".
        converged: whether the end may be taken for a minimum.
        message: the same as a sentence.
        details: further numbers of a method, such as the width of the population in each generation.
    """

    theta: PyTree
    value: float
    path: np.ndarray
    values: np.ndarray
    gradient_norms: np.ndarray
    evaluations: np.ndarray
    stopped: str
    converged: bool
    message: str
    details: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)


def explained(code: int, value: float, evaluations: int) -> dict[str, Any]:
    """The fields of a `Minimum` that say why it stopped."""
    word, sentence = REASONS[code]
    message = f"{value:.6g} after {evaluations:,} evaluations: {sentence}"
    return {"stopped": word, "converged": code in CONVERGED, "message": message}
