"""Whether two samples of states come from one distribution, and whether one of them was copied from a third."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.stats import mannwhitneyu, norm

from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.problems.lattice.estimates import Estimate
from ansatz.typing import Key

ROWS = 2000
"""Most states of a sample that are compared with all others."""

BLOCK = 500
"""States whose distances to all of a sample are known at once, which bounds the memory."""


@dataclasses.dataclass(frozen=True)
class StateTest:
    r"""A two-sample test of whole states.

    Attributes:
        discrepancy: squared maximum mean discrepancy.
        p_value: probability of one at least as large if both samples came from one distribution.
        scale: part of the spins in which two states of the pooled sample differ, at the median.
        rows: how many states of each sample were compared.
    """

    discrepancy: float
    p_value: float
    scale: float
    rows: tuple[int, int]


def state_test(a: np.ndarray, b: np.ndarray, *, permutations: int = 400, rows: int = ROWS, key: Key) -> StateTest:
    r"""Do two samples of independent states come from one distribution?

    The squared maximum mean discrepancy with the kernel \( e^{-d(s, s') / d_0} \), d the part of the spins that differ
    and \( d_0 \) its median, with a permutation p-value (A. Gretton et al., JMLR 13 (2012) 723). It sees any
    difference between the two distributions, given enough states.

    Args:
        a: states of -1 and 1, shape (states, ...).
        b: states of the same lattice.
        permutations: how often the states are dealt to the two samples anew.
        rows: most states of each sample; of more, so many are drawn.
        key: random key.

    Raises:
        InputError: if the lattices differ, or a sample has fewer than two states.

    Example:
        >>> import jax
        >>> rng = np.random.default_rng(0)
        >>> up, even = (np.where(rng.random((200, 4, 4)) < p, 1, -1) for p in (0.6, 0.5))
        >>> state_test(up, even, key=jax.random.key(0)).p_value < 0.01
        True
    """
    rng = generator(key)
    a, b = (_some(flat(sample), rows, rng) for sample in same_lattice(a, b))
    if min(len(a), len(b)) < 2:
        raise InputError("a two-sample test needs two states or more of each sample")
    differ = distances(np.concatenate([a, b]), np.concatenate([a, b]))
    scale = max(float(np.median(differ)), 1 / a.shape[1])
    kernel = np.exp(-differ / scale)
    np.fill_diagonal(kernel, 0.0)
    first = np.arange(len(kernel)) < len(a)
    dealt = np.stack([first, *(rng.permutation(first) for _ in range(permutations))]).astype(np.float32)
    found = _discrepancy(kernel, dealt)
    p_value = (1 + np.sum(found[1:] >= found[0] * (1 - 1e-9))) / (1 + permutations)
    return StateTest(float(found[0]), float(p_value), scale, (len(a), len(b)))


def _discrepancy(kernel: np.ndarray, first: np.ndarray) -> np.ndarray:
    """The unbiased estimate for each deal; `first` has shape (deals, states)."""
    inside = first @ kernel
    n = first.sum(axis=1)
    m = first.shape[1] - n
    both, one, total = np.sum(inside * first, axis=1), inside.sum(axis=1), kernel.sum()
    neither = total - 2 * one + both
    return both / (n * (n - 1)) + neither / (m * (m - 1)) - 2 * (one - both) / (n * m)


@dataclasses.dataclass(frozen=True)
class Memorization:
    """How near generated states are to those that a model was trained on, beside fresh states.

    Attributes:
        distance: mean part of the spins in which a generated state differs from the nearest training state.
        fresh: the same for states that the model has not seen.
        z: standard errors by which the generated ones rank nearer than fresh ones (Mann and Whitney); above 3 the
            model reproduces what it was shown.
        copies: part of the generated states that are training states.
        fresh_copies: part of the fresh states that are training states.
        p_value: probability of so large a z if generated states are like fresh ones.
    """

    distance: Estimate
    fresh: Estimate
    z: float
    copies: float
    fresh_copies: float
    p_value: float


def memorization(generated: np.ndarray, train: np.ndarray, fresh: np.ndarray) -> Memorization:
    """Are generated states nearer to the training states than fresh ones are?

    The ranks of the distances to the nearest training state are compared (C. Meehan, K. Chaudhuri and S. Dasgupta,
    arXiv:2004.05675), with the correction for ties.

    Args:
        generated: states of -1 and 1, shape (states, ...).
        train: the states that the model was trained on.
        fresh: states of the same distribution that it was not.

    Raises:
        InputError: if the lattices differ, or a sample is empty.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> train, fresh = (np.where(rng.random((300, 5, 5)) < 0.5, 1, -1) for _ in range(2))
        >>> memorization(train[:100], train, fresh).z > 3, abs(memorization(fresh[:150], train, fresh[150:]).z) < 3
        (True, True)
    """
    generated, train, fresh = (flat(sample) for sample in same_lattice(generated, train, fresh))
    if min(map(len, (generated, train, fresh))) < 2:
        raise InputError("a memorization test needs two states or more of each sample")
    own, other = (_nearest(sample, train) for sample in (generated, fresh))
    p_value = (
        1.0 if np.ptp(np.concatenate([own, other])) == 0 else float(mannwhitneyu(own, other, alternative="less")[1])
    )
    return Memorization(
        distance=_mean(own),
        fresh=_mean(other),
        z=float(norm.isf(np.clip(p_value, 1e-300, 1 - 1e-16))),
        copies=float(np.mean(own == 0)),
        fresh_copies=float(np.mean(other == 0)),
        p_value=p_value,
    )


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Part of the spins in which states differ, for all pairs of rows, float32.

    Example:
        >>> distances(np.array([[1, 1, -1, 1]]), np.array([[1, 1, 1, 1], [-1, -1, 1, -1]])).tolist()
        [[0.25, 1.0]]
    """
    overlap = a.astype(np.float32) @ b.astype(np.float32).T
    return (a.shape[1] - overlap) / np.float32(2 * a.shape[1])


def _nearest(states: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Part of the spins in which each state differs from the most similar one of the others."""
    parts = [distances(states[i : i + BLOCK], others).min(axis=1) for i in range(0, len(states), BLOCK)]
    return np.concatenate(parts)


def flat(states: np.ndarray) -> np.ndarray:
    """One row for each state."""
    return states.reshape(len(states), -1)


def same_lattice(*samples: np.ndarray) -> list[np.ndarray]:
    """The samples, if they are states of one lattice.

    Raises:
        InputError: if they are not.
    """
    arrays = [np.asarray(sample) for sample in samples]
    sites = {array[0].size if len(array) else 0 for array in arrays}
    if len(sites) > 1:
        raise InputError(f"samples of states have one number of sites, not {', '.join(map(str, sorted(sites)))}")
    return arrays


def _some(states: np.ndarray, rows: int, rng: np.random.Generator) -> np.ndarray:
    return states if len(states) <= rows else states[rng.choice(len(states), rows, replace=False)]


def _mean(values: np.ndarray) -> Estimate:
    return Estimate(float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values))))
