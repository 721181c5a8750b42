"""Ratios of densities by boosted trees that stop where events which they have not seen gain no more."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.data.statistics import effective_size
from ansatz.errors import InputError
from ansatz.inference.reweighting.ratios import table, unit
from ansatz.keys import generator
from ansatz.training.boosting.trees import Binned, Grown, TreeSum, binned, grow, together
from ansatz.typing import Key

ENOUGH = 0.99
"""Part of the best gain on unseen events that fewer trees may have: they leave more effective events."""
FACTORS = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB], np.uint64)


class _Samples(NamedTuple):
    """Original and target events one after the other.

    Attributes:
        first: number of original events.
        weight: with sum one in each sample.
        place: columns as bins.
        draw: what chance has in store for each event; the same for events at the same place.
        effective: distinct effective events of the smaller sample.
    """

    first: int
    weight: np.ndarray
    place: Binned
    draw: np.ndarray
    effective: float


@dataclasses.dataclass(frozen=True)
class BoostedTrees:
    r"""Boosted trees that split where the samples differ most, $(W_t - W_o)^2 / (W_t + W_o)$ summed over the sides.

    Each tree multiplies the weights in its leaves by $(W_t / W_o)^\eta$, and the next sees what is left. The events are
    dealt into folds; each fold has trees grown on the others, and the answer is the mean of all. What the trees are
    worth to the events that they have not seen is the log-likelihood

    $$L = \sum_{\rm target} w f(x) - \log \sum_{\rm original} w\, e^{f(x)};$$

    there are the fewest that have 99 % of the largest L. Few events allow few trees, or none, with a ratio of one
    everywhere: then the samples cannot be told apart by what was seen of them.

    Attributes:
        trees: most of each fold.
        learning_rate: $\eta$.
        depth: cuts in a row.
        smallest_leaf: least share of the weight of both samples in a leaf.
        regularization: share of the weight that is added to both sums of a leaf.
        events: least distinct effective events in a leaf; a fifth of them is added to both sums of it.
        part: of the events that each tree is grown on, drawn at random.
        folds: 2 or more.
        patience: trees without a gain before the end.

    Raises:
        InputError: if a number is out of range; when called, on missing values or weights without a positive sum.

    Source: A. Rogozhnikov, J. Phys. Conf. Ser. 762 (2016) 012036, arXiv:1608.05806; L. Breiman, Machine Learning
    24 (1996) 123, for the mean of trees grown on parts.

    Example:
        >>> import jax
        >>> rng = np.random.default_rng(0)
        >>> original, target = Dataset(rng.normal(size=(3000, 1))), Dataset(rng.normal(size=(3000, 1)) + 0.5)
        >>> ratio = BoostedTrees()(original, target, jax.random.key(0))
        >>> low, high = ratio(np.array([[-1.0], [1.0]]))
        >>> bool(low < -0.3 < 0.2 < high)
        True
    """

    trees: int = 100
    learning_rate: float = 0.15
    depth: int = 3
    smallest_leaf: float = 0.003
    regularization: float = 5e-4
    events: float = 10.0
    part: float = 0.5
    folds: int = 4
    patience: int = 10

    def __post_init__(self) -> None:
        if min(self.trees, self.depth, self.patience) < 1 or self.folds < 2 or not 0 < self.part <= 1:
            raise InputError(
                "boosted trees that reweight need trees, depth and patience of one or more, two or more folds, and a "
                "part of the events between 0 and 1"
            )

    def __call__(self, original: Dataset, target: Dataset, key: Key) -> TreeSum:
        """The mean of the folds' sums of trees."""
        both = _together(original, target, key)
        fold = (both.draw % np.uint64(self.folds)).astype(int)
        scores, held = np.zeros((self.folds, len(fold))), (fold, np.arange(len(fold)))
        grown: list[tuple[Grown, np.ndarray]] = []
        gains = [0.0]
        while len(gains) <= self.trees and len(gains) - 1 - int(np.argmax(gains)) < self.patience:
            drawn = _mixed(both.draw + np.uint64(len(gains))) / 2.0**64 < self.part
            for k, score in enumerate(scores):
                tree, value = self._tree(both, score, drawn & (fold != k))
                score += value[tree.leaf]
                grown.append((tree, value / self.folds))
            gains.append(_gain(both, scores[held]))
        return self._sum(grown[: fewest(gains) * self.folds])

    def _tree(self, both: _Samples, score: np.ndarray, rows: np.ndarray) -> tuple[Grown, np.ndarray]:
        """A tree grown on some rows, and the logarithm by which it multiplies the weights in each leaf."""
        weight, first = both.weight * rows, both.first
        weight[:first] *= np.exp(score[:first])
        weight[:first] /= max(float(weight[:first].sum()), 1e-12)
        weight[first:] /= max(float(weight[first:].sum()), 1e-12)
        difference = weight.copy()
        difference[:first] *= -1
        share = self.events / max(both.effective, 1e-12)
        added = max(self.regularization, share / 5)
        tree = grow(
            both.place,
            difference,
            weight,
            depth=self.depth,
            smallest=2 * max(self.smallest_leaf, share),
            gain=lambda d, s: d * d / np.maximum(s + added, 1e-12),
        )
        sums = [np.bincount(tree.leaf, values, 2**self.depth) for values in (weight, difference)]
        above, below = (np.maximum(sums[0] + sign * sums[1], 0) / 2 + added for sign in (1, -1))
        value = self.learning_rate * np.log(above / below)
        moved = (weight[:first] * np.exp(value[tree.leaf[:first]])).sum()
        return tree, value - np.log(max(float(moved), 1e-12))

    def _sum(self, grown: list[tuple[Grown, np.ndarray]]) -> TreeSum:
        if grown:
            return together([tree for tree, _ in grown], [value for _, value in grown], 0.0)
        leaves = 2**self.depth
        return TreeSum(np.zeros((0, leaves - 1), int), np.zeros((0, leaves - 1)), np.zeros((0, leaves)))


def fewest(gains: Sequence[float]) -> int:
    """The first that has nearly the largest gain.

    Example:
        >>> fewest([0.0, 0.5, 0.9, 0.995, 1.0, 0.98]), fewest([0.0, -0.1])
        (3, 0)
    """
    return int(np.argmax(np.asarray(gains) >= ENOUGH * max(gains)))


def _together(original: Dataset, target: Dataset, key: Key) -> _Samples:
    samples = original, target
    x, weights = np.concatenate([table(one) for one in samples]), [unit(one) for one in samples]
    draw = _mixed(_places(x) ^ generator(key).integers(2**64, dtype=np.uint64))
    parts = np.split(draw, [len(original)])
    sums = (np.bincount(np.unique(part, return_inverse=True)[1], w) for part, w in zip(parts, weights, strict=True))
    effective = min(float(effective_size(distinct)) for distinct in sums)
    weight = np.concatenate(weights)
    return _Samples(len(original), weight, binned(x, weight), draw, effective)


def _gain(both: _Samples, score: np.ndarray) -> float:
    """The log-likelihood of the target beyond that of the original as it is; minus infinity where there is none."""
    first, w = both.first, both.weight
    moved = float((w[:first] * np.exp(score[:first])).sum())
    return float((w[first:] * score[first:]).sum()) - float(np.log(moved)) if moved > 0 else -np.inf


def _places(x: np.ndarray) -> np.ndarray:
    """A number for each row, the same for the same row."""
    found = np.zeros(len(x), np.uint64)
    for column in (np.asarray(x, np.float64) + 0.0).T:
        found = _mixed(found ^ np.ascontiguousarray(column).view(np.uint64))
    return found


def _mixed(number: np.ndarray) -> np.ndarray:
    """Whole numbers that look like drawn ones, each decided by the number in its place (SplitMix64, by G. Steele)."""
    mixed = number + FACTORS[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * FACTORS[1]
    mixed = (mixed ^ (mixed >> np.uint64(27))) * FACTORS[2]
    return mixed ^ (mixed >> np.uint64(31))
