"""How a fitted method without a target answers: with the number of a group, or with coordinates."""

from __future__ import annotations

import dataclasses
from typing import Protocol

import numpy as np
from scipy.special import logsumexp

from ansatz.embedding.distances import Distance, Euclidean, table
from ansatz.training.unsupervised.rows import Preparation

BLOCK = 100_000
"""Most events answered at once, which bounds the memory."""

NOISE = -1
"""Number of the group of events that belong to none."""


class Answer(Protocol):
    """What answers for many prepared rows."""

    def answer(self, x: np.ndarray) -> np.ndarray:
        """Group numbers, shape (events,), or coordinates, shape (events, components)."""
        ...


@dataclasses.dataclass(frozen=True, eq=False)
class Placed:
    """A `Predictor` with one member: prepares the columns, then asks the method.

    Attributes:
        model: what answers for prepared rows.
        link: `"group"` (numbers of groups from 0 on, the heaviest first; -1 for events that belong to none),
            `"coordinates"`, `"log-density"` (ln p in the units of the columns) or `"anomaly"` (the larger, the more
            unusual).
        preparation: what is done to the columns before.
    """

    model: Answer
    link: str
    preparation: Preparation

    def response(self, x: np.ndarray) -> np.ndarray:
        """Groups, densities or scores, shape (1, events), or coordinates, shape (1, events, components).

        Raises:
            InputError: if the features do not fit those of the training, or are infinite.
        """
        blocks = [x[i : i + BLOCK] for i in range(0, max(len(x), 1), BLOCK)]
        answers = np.concatenate([self.model.answer(self.preparation.apply(block)) for block in blocks])[None]
        return answers - np.log(self.preparation.scale).sum() if self.link == "log-density" else answers


@dataclasses.dataclass(frozen=True, eq=False)
class Nearest:
    """Every event goes to the group of the nearest of some points, or to none if that is out of reach.

    Attributes:
        points: centers or training rows, shape (points, columns).
        group: number of the group of each point.
        distance: what near means.
        reach: largest distance at which an event still belongs to the group; a number, or one for each point.

    Example:
        >>> Nearest(np.array([[0.0], [10.0]]), np.array([0, 1])).answer(np.array([[2.0], [7.0]])).tolist()
        [0, 1]
    """

    points: np.ndarray
    group: np.ndarray
    distance: Distance = dataclasses.field(default_factory=Euclidean)
    reach: float | np.ndarray = np.inf

    def answer(self, x: np.ndarray) -> np.ndarray:
        """Group numbers, shape (events,)."""
        far, which = self._nearest(x)
        inside = far <= np.broadcast_to(self.reach, (len(self.points),))[which] * (1 + 1e-9)
        return np.where(inside, self.group[which], NOISE)

    def _nearest(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if isinstance(self.distance, Euclidean) and len(self.points) > 50 and x.shape[1] <= 20:
            from scipy.spatial import cKDTree

            return cKDTree(self.points).query(x)
        size = max(1, 4_000_000 // max(self.points.size, 1))
        parts = [table(self.distance, x[i : i + size], self.points) for i in range(0, max(len(x), 1), size)]
        which = np.concatenate([part.argmin(axis=1) for part in parts])
        return np.concatenate([part.min(axis=1) for part in parts]), which


@dataclasses.dataclass(frozen=True, eq=False)
class GaussianGroups:
    r"""A mixture of Gaussians; an event goes to the group with the largest $\pi_k N(x; \mu_k, \Sigma_k)$.

    Attributes:
        share: pi, shape (groups,).
        mean: mu, shape (groups, columns).
        root: triangular R with $\Sigma^{-1} = R R^T$, shape (groups, columns, columns).
    """

    share: np.ndarray
    mean: np.ndarray
    root: np.ndarray

    def answer(self, x: np.ndarray) -> np.ndarray:
        """Group numbers, shape (events,)."""
        return self.log_joint(x).argmax(axis=1)

    def probability(self, x: np.ndarray) -> np.ndarray:
        """How probable each group is, shape (events, groups)."""
        joint = self.log_joint(x)
        return np.exp(joint - logsumexp(joint, axis=1, keepdims=True))

    def log_density(self, x: np.ndarray) -> np.ndarray:
        """Log density of each event, shape (events,)."""
        return logsumexp(self.log_joint(x), axis=1)

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Independent events, shape (n, columns)."""
        which = rng.choice(len(self.share), size=n, p=self.share / self.share.sum())
        noise = rng.normal(size=(n, self.mean.shape[1]))
        turned = np.linalg.inv(self.root)
        return self.mean[which] + np.einsum("ni,nij->nj", noise, turned[which])

    def log_joint(self, x: np.ndarray) -> np.ndarray:
        r"""$\log \pi_k N(x; \mu_k, \Sigma_k)$, shape (events, groups)."""
        columns = []
        for share, mean, root in zip(self.share, self.mean, self.root, strict=True):
            pull = ((x - mean) @ root) ** 2
            norm = np.log(np.diag(root)).sum() - 0.5 * len(mean) * np.log(2 * np.pi)
            columns.append(np.log(share) + norm - pull.sum(axis=1) / 2)
        return np.stack(columns, axis=1)


def by_weight(group: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """The groups numbered anew, the heaviest first; -1 stays.

    Example:
        >>> by_weight(np.array([7, 7, 2, -1, 2]), np.array([1.0, 1.0, 5.0, 1.0, 5.0])).tolist()
        [1, 1, 0, -1, 0]
    """
    names = np.unique(group[group >= 0])
    order = np.argsort([-weight[group == name].sum() for name in names], kind="stable")
    numbers = {int(names[old]): new for new, old in enumerate(order)}
    return np.array([numbers.get(int(g), NOISE) for g in group], int) if len(group) else group
