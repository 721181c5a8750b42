"""The overtraining test: do training and test events of a class look alike to the model?"""

from __future__ import annotations

import dataclasses

import numpy as np

from ansatz.errors import InputError
from ansatz.keys import generator, named
from ansatz.typing import Key
from ansatz.validation.answers import Answers, check_weight
from ansatz.validation.resampling import CHUNK


@dataclasses.dataclass(frozen=True)
class TwoSampleTest:
    """A weighted Kolmogorov-Smirnov test.

    Attributes:
        ks: largest distance between the two weighted distribution functions.
        p_value: probability of one at least as large if both samples came from the same distribution.
        permutations: how many permutations it was counted over.
        rows: how many events of the two samples were looked at.
    """

    ks: float
    p_value: float
    permutations: int
    rows: tuple[int, int]

    def to_dict(self) -> dict[str, object]:
        """Plain numbers for JSON."""
        return {**dataclasses.asdict(self), "rows": list(self.rows)}


def two_sample_test(
    a: np.ndarray,
    b: np.ndarray,
    weight_a: np.ndarray | None = None,
    weight_b: np.ndarray | None = None,
    *,
    permutations: int = 500,
    key: Key,
) -> TwoSampleTest:
    r"""Weighted two-sample Kolmogorov-Smirnov test with a permutation p-value.

    \(D = \max_s |F_a(s) - F_b(s)|\) with \(F(s) = \sum_i w_i [s_i \le s] / \sum_i w_i\). The events, each with its
    weight, are dealt to the two samples anew many times, which is right for weights of either sign, for which no table
    exists; \(p = (1 + \#\{D^* \ge D\}) / (1 + \mathrm{permutations})\). A deal in which a sample weighs nothing
    positive counts as \(D^* \ge D\).

    Raises:
        InputError: if a sample is empty, not finite or weighs nothing.

    Example:
        >>> import jax
        >>> x = np.linspace(0, 1, 50)
        >>> two_sample_test(x, x + 0.5, key=jax.random.key(0)).p_value < 0.01
        True
    """
    a, b = np.asarray(a, float), np.asarray(b, float)
    if not (np.all(np.isfinite(a)) and np.all(np.isfinite(b))):
        raise InputError("the two samples of a Kolmogorov-Smirnov test hold values that are not finite")
    weight = _common_scale(weight_a, weight_b, len(a), len(b))
    pooled = np.concatenate([a, b])
    order = np.argsort(pooled, kind="stable")
    last = np.append(np.diff(pooled[order]) != 0, True)
    first = np.arange(len(pooled)) < len(a)
    distance = float(_distance(weight[order], first[order][None], last)[0])
    rng, block = generator(key), max(1, CHUNK // len(pooled))
    larger = 0
    for start in range(0, permutations, block):
        dealt = rng.permuted(np.tile(first, (min(block, permutations - start), 1)), axis=1)
        larger += int(np.sum(_distance(weight[order], dealt, last) >= distance * (1 - 1e-12)))
    return TwoSampleTest(distance, (1 + larger) / (1 + permutations), permutations, (len(a), len(b)))


def _common_scale(weight_a: np.ndarray | None, weight_b: np.ndarray | None, n_a: int, n_b: int) -> np.ndarray:
    """Both samples' weights, each scaled to mean one, so that a common or a separate factor changes nothing."""
    return np.concatenate([check_weight(weight_a, n_a), check_weight(weight_b, n_b)])


def _distance(weight: np.ndarray, first: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Largest distance of the distribution functions, for each row of `first`: who is in the first sample."""
    a = np.cumsum(weight * first, axis=1)
    b = np.cumsum(weight) - a
    total_a, total_b = a[:, -1:], b[:, -1:]
    sound = (total_a > 0) & (total_b > 0)
    gap = np.abs(a / np.where(sound, total_a, 1) - b / np.where(sound, total_b, 1))[:, last].max(axis=1)
    return np.where(sound[:, 0], gap, np.inf)


def overtraining(
    train: Answers,
    test: Answers,
    *,
    classes: tuple[str, ...] | None = None,
    permutations: int = 500,
    rows: int = 50_000,
    key: Key,
) -> dict[str, TwoSampleTest]:
    """Compares the model's response to training and to test events, class by class.

    A small p-value says that the model knows its training events: the two distributions of its score differ. For a
    regression the residuals are compared, under the name `"residual"`; for several classes the score of the class.

    Args:
        train: answers to the events that were learned from.
        test: answers to fresh events.
        classes: names for the result; the numbers of the classes if left out.
        permutations: number of permutations.
        rows: most rows of a class in each sample that are looked at; of more the first this many, and the result
            says how many it used.
        key: random key.

    Raises:
        InputError: if a class is missing in one of the samples.
    """
    if test.task == "regression":
        parts = {"residual": [((a.value - a.y).reshape(len(a), -1)[:, 0], a.weight) for a in (train, test)]}
    else:
        names = classes or tuple(str(k) for k in range(test.classes))
        parts = {name: [_of_class(a, k) for a in (train, test)] for k, name in enumerate(names)}
    found = {}
    for name, ((a, weight_a), (b, weight_b)) in parts.items():
        if not (len(a) and len(b)):
            raise InputError(f"class '{name}' has no events in the {'training' if len(b) else 'test'} sample")
        cut = slice(rows)
        found[name] = two_sample_test(
            a[cut], b[cut], weight_a[cut], weight_b[cut], permutations=permutations, key=named(key, name)
        )
    return found


def _of_class(answers: Answers, k: int) -> tuple[np.ndarray, np.ndarray]:
    inside = answers.y == k
    score = answers.score if answers.score.ndim == 1 else answers.score[:, k]
    return score[inside], answers.weight[inside]
