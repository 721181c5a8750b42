r"""What to do about negative event weights: take them as they are, cancel them nearby, or learn the density they mean.

Weights of either sign come from generators at next-to-leading order and from subtracted backgrounds. What they mean is
the density $p(x) \propto \mathrm{E}[w|x]\,q(x)$, with q that of the events; a method that cannot take them can be given
positive weights with the same meaning.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy.spatial import cKDTree

from ansatz.data.dataset import Dataset
from ansatz.embedding.scaling import medians, moments
from ansatz.errors import InputError, suggest
from ansatz.keys import named
from ansatz.training.learners import Learner
from ansatz.training.result import Fit
from ansatz.training.uncertainty.wrapping import CLASSIFICATION
from ansatz.typing import Key

STRATEGIES = ("as-they-are", "annihilate", "reweight")
"""Names of the strategies, for study files: `negative = "annihilate"`."""

FIRST = 16
"""Neighbors of a negative event that are looked at first; then twice as many, and so on."""
LEAST = 0.01
"""Least ratio E[w|x] / E[|w||x], where fluctuations would leave less."""


@dataclasses.dataclass(frozen=True)
class Unsigned:
    r"""Gives a learner weights that are not negative, and mean the same density.

    - `"as-they-are"`: the learner gets the weights as they are; only for one that can take them.
    - `"annihilate"`: each negative weight and its nearest neighbors of the same class share their sum,
      $w_i \to |w_i| \sum w / \sum |w|$, in the smallest cell where that sum is not negative (cell resampling). Sums
      over regions larger than such a cell stay as they are.
    - `"reweight"`: $w_i \to |w_i|\, r(x_i)$ with $r(x) = \mathrm{E}[w|x] / \mathrm{E}[|w|\,|x] = 2 p_+(x) - 1$, where a
      network learns for each class the probability $p_+$ that the weight of an event at x is positive.

    Attributes:
        learner: what is trained.
        strategy: one of these.
        network: the classifier that learns $p_+$; None for a small network.

    Raises:
        InputError: on an unknown strategy; when called, if a class does not weigh something positive.

    Example:
        >>> import jax
        >>> from ansatz.training.classical import knn
        >>> rng = np.random.default_rng(0)
        >>> x = rng.normal(size=(400, 1)) + np.repeat([0, 2], 200)[:, None]
        >>> data = Dataset(x, y=np.repeat([0, 1], 200), weight=rng.choice([-1, 1, 1, 1], 400), classes=("b", "s"))
        >>> fit = Unsigned(knn(), "annihilate")(data, jax.random.key(0))
        >>> fit.message
        '91 negative weights were cancelled nearby'

    Source: J. R. Andersen, A. Maier and D. Maitre, Eur. Phys. J. C 83 (2023) 835, arXiv:2303.15246 (cells); B. Nachman
    and J. Thaler, Phys. Rev. D 102 (2020) 076004, arXiv:2007.11586 (network).
    """

    learner: Learner
    strategy: str = "annihilate"
    network: Learner | None = None

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            near, names = suggest(self.strategy, STRATEGIES), ", ".join(STRATEGIES)
            raise InputError(f"there is no strategy '{self.strategy}'{near}; there are: {names}")

    @property
    def tasks(self) -> frozenset[str]:
        """Those of the learner; reweighting is for classes."""
        return self.learner.tasks & CLASSIFICATION if self.strategy == "reweight" else self.learner.tasks

    @property
    def negative_weights(self) -> bool:
        """Yes, unless they are passed on to a learner that cannot take them."""
        return self.strategy != "as-they-are" or self.learner.negative_weights

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The learner's fit to the weights that the strategy gives."""
        count = int((data.weight < 0).sum())
        if self.strategy == "as-they-are" or not count:
            return self.learner(data, key)
        if self.strategy == "annihilate":
            positive, said = annihilated(data), "cancelled nearby"
        else:
            positive, said = reweighted(data, self._network(), named(key, "signs")), "replaced by the density they mean"
        fit = self.learner(positive, key)
        remark = f"{count} negative weights were {said}"
        return dataclasses.replace(fit, message="; ".join(filter(None, [remark, fit.message])))

    def _network(self) -> Learner:
        from ansatz.training.networks.dense import mlp

        return self.network or mlp(width=32, epochs=60, patience=8, learning_rate=3e-3)


def annihilated(data: Dataset) -> Dataset:
    r"""The same events with weights that are not negative: each negative one cancels with its nearest neighbors.

    Most negative first, a cell grows around each event (in standardized columns, within its class; for a regression the
    target is one of the columns) until its weights sum to zero or more; then $w_i \to |w_i| \sum w / \sum |w|$ inside.

    Raises:
        InputError: if a class does not weigh something positive, or the events are no table.

    Example:
        >>> data = Dataset(np.array([[0.0], [0.1], [5.0]]), y=np.zeros(3), weight=np.array([3.0, -1.0, 2.0]))
        >>> annihilated(data).weight.tolist()
        [1.5, 0.5, 2.0]
    """
    place, weight = _places(data), np.array(data.weight, float)
    for rows in _groups(data):
        weight[rows] = _cancelled(place[rows], weight[rows])
    return data.replace(weight=weight)


def reweighted(data: Dataset, network: Learner, key: Key) -> Dataset:
    r"""The same events with weights $|w|\, r(x)$, $r = 2 p_+ - 1$ learned for each class; the sums of classes stay.

    Args:
        data: events of classes.
        network: a classifier with probabilities.
        key: of the fits.

    Raises:
        InputError: if a class does not weigh something positive, or the classifier only ranks.
    """
    weight = np.array(data.weight, float)
    for number, rows in enumerate(_groups(data)):
        w = weight[rows]
        if not (w < 0).any():
            continue
        signs = data[rows].replace(y=(w > 0).astype(int), weight=np.abs(w), classes=("negative", "positive"))
        fit = network(signs, named(key, f"class {number}"))
        if fit.predictor.link != "probability":
            raise InputError("the strategy 'reweight' needs a classifier with probabilities")
        ratio = np.maximum(2 * fit.probability(data.x[rows])[:, 1] - 1, LEAST)
        new = np.abs(w) * ratio
        weight[rows] = new * (w.sum() / new.sum())
    return data.replace(weight=weight)


def _groups(data: Dataset) -> list[np.ndarray]:
    """Rows that may cancel among themselves: those of each class.

    Raises:
        InputError: if the weights of a class do not sum to something positive.
    """
    if data.classes is None:
        groups = [np.arange(len(data))]
    else:
        groups = [np.flatnonzero(data.y == k) for k in np.unique(data.y)]
    for rows in groups:
        total = data.weight[rows].sum()
        if not total > 0:
            name = "the events" if data.classes is None else f"class '{data.classes[int(data.y[rows[0]])]}'"
            raise InputError(f"the weights of {name} sum to {total:g}; no positive weights mean that")
    return groups


def _places(data: Dataset) -> np.ndarray:
    """Standardized columns without gaps; with the targets, if these are numbers."""
    if data.x.ndim != 2:
        raise InputError(f"negative weights are cancelled in tables, not in events of shape {data.x.shape[1:]}")
    x = np.where(np.isnan(data.x), medians(data.x), np.asarray(data.x, float))
    if data.classes is None and data.y is not None:
        x = np.column_stack([x, np.asarray(data.y, float).reshape(len(data), -1)])
    mean, spread = moments(x, data.weight)
    return (x - mean) / spread


def _cancelled(place: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weights after every negative one has shared with its neighbors."""
    weight, tree = weight.copy(), cKDTree(place)
    seeds = np.flatnonzero(weight < 0)
    seeds = seeds[np.argsort(weight[seeds], kind="stable")]
    if not len(seeds):
        return weight
    _, near = tree.query(place[seeds], k=np.arange(1, min(FIRST, len(weight)) + 1))
    for seed, first in zip(seeds, near, strict=True):
        if weight[seed] < 0:
            cell = _cell(tree, place, int(seed), weight, first)
            w = weight[cell]
            weight[cell] = np.abs(w) * (max(w.sum(), 0.0) / np.abs(w).sum())
    return weight


def _cell(tree: cKDTree, place: np.ndarray, seed: int, weight: np.ndarray, near: np.ndarray) -> np.ndarray:
    """An event and the fewest of its nearest others with which the weights sum to zero or more."""
    while True:
        cell = np.append(seed, near[near != seed])
        passed = np.cumsum(weight[cell]) >= 0
        if passed.any():
            return cell[: int(passed.argmax()) + 1]
        if len(near) == len(weight):
            return cell
        _, near = tree.query(place[seed], k=np.arange(1, min(2 * len(near), len(weight)) + 1))
