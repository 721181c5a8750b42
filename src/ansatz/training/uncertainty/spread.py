"""The spread of a population as a band of its mean answer."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

from ansatz.errors import InputError

if TYPE_CHECKING:
    from ansatz.training.result import Predictor

WAYS = "'ensemble', 'bootstrap', 'replicas', 'split-conformal', 'cv-plus' ..."


@dataclasses.dataclass(frozen=True)
class Spread:
    r"""Members differ by what the data or the start could as well have been; so far may the truth be from their mean.

    `"gaussian"`: $\bar f \pm t\, s \sqrt{1 + 1/m}$ with the standard deviation s of m members and the quantile t of
    Student's distribution with m - 1 degrees of freedom, so that few members give the level too. `"percentile"`: the
    percentiles of the members, which follow a skewed distribution but need about 10 / (1 - level) members.
    Probabilities stay between 0 and 1.

    What members do not vary in, a band cannot know: the bias of an early stop or of a model too simple, and, where only
    starts differ (an ensemble), the statistical error of the sample.

    Attributes:
        method: how members came to differ, for people.
        shape: "gaussian" or "percentile".
        kind: "mean".

    Example:
        >>> class Two:
        ...     link = "identity"
        ...     def response(self, x):
        ...         return np.stack([x[:, 0], x[:, 0] + 2.0])
        >>> low, high = Spread(shape="percentile").interval(Two(), np.zeros((1, 1)), 0.5)
        >>> low.tolist(), high.tolist()
        ([0.5], [1.5])
    """

    method: str = "spread of the members"
    shape: str = "gaussian"
    kind: str = "mean"

    def __post_init__(self) -> None:
        if self.shape not in ("gaussian", "percentile"):
            raise InputError(f"a band is 'gaussian' or 'percentile', not '{self.shape}'")

    def interval(self, predictor: Predictor, x: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end for each event.

        Raises:
            InputError: if there is one member only.
        """
        answers = ranked(predictor.response(x), predictor.link)
        count = len(answers)
        if count < 2:
            raise InputError(f"one fit alone has no error band; give population = 20, or an uncertainty: {WAYS}")
        if self.shape == "percentile":
            low, high = np.quantile(answers, [(1 - level) / 2, (1 + level) / 2], axis=0)
            return low, high
        half = stdtrit(count - 1, (1 + level) / 2) * np.sqrt(1 + 1 / count) * answers.std(axis=0, ddof=1)
        return inside(answers.mean(axis=0) - half, answers.mean(axis=0) + half, predictor.link)


def ranked(response: np.ndarray, link: str) -> np.ndarray:
    """Answers as `Fit.score` gives them: of two probabilities that of class 1."""
    return response[..., 1] if link == "probability" and response.shape[-1] == 2 else response


def inside(low: np.ndarray, high: np.ndarray, link: str) -> tuple[np.ndarray, np.ndarray]:
    """The ends of a band, those of a probability between 0 and 1."""
    return (np.clip(low, 0, 1), np.clip(high, 0, 1)) if link == "probability" else (low, high)
