"""Scores of how unusual an event is, and constructors of the methods that learn them without a target."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable
from typing import Literal, Protocol

import numpy as np

from ansatz.embedding import PCA
from ansatz.errors import InputError
from ansatz.models import ACTIVATIONS
from ansatz.training.classical.adapter import chosen
from ansatz.training.classical.estimator import first_line
from ansatz.training.classical.options import at_least, choice, within
from ansatz.training.density.methods import SHAPES, Covariance, Dense, Shape, kernel_density, mixture_density
from ansatz.training.unsupervised.autoencoder import autoencoder
from ansatz.training.unsupervised.clustering import seed_of
from ansatz.training.unsupervised.learner import Found, Unsupervised
from ansatz.training.unsupervised.rows import Rows
from ansatz.typing import Key

TASK = frozenset({"anomaly"})
Activation = Literal[tuple(ACTIVATIONS)]


@dataclasses.dataclass(frozen=True, eq=False)
class Improbable:
    """-ln p: events where the density is low are unusual.

    Attributes:
        model: the density.
    """

    model: Dense

    def answer(self, x: np.ndarray) -> np.ndarray:
        """Score of each event, shape (events,)."""
        return -self.model.log_density(x)


class Code(Protocol):
    """Takes rows to fewer coordinates and back."""

    def answer(self, x: np.ndarray) -> np.ndarray:
        """Coordinates, shape (events, components)."""
        ...

    def restore(self, z: np.ndarray) -> np.ndarray:
        """The points of these coordinates, shape (events, columns)."""
        ...


@dataclasses.dataclass(frozen=True, eq=False)
class Lost:
    """What an event loses on the way through a code and back, as squared distance.

    Attributes:
        code: the way there and back.
    """

    code: Code

    def answer(self, x: np.ndarray) -> np.ndarray:
        """Score of each event, shape (events,)."""
        return np.sum((self.code.restore(self.code.answer(x)) - x) ** 2, axis=1)


@dataclasses.dataclass(frozen=True, eq=False)
class Components:
    """Principal components as a code.

    Attributes:
        pca: the components.
    """

    pca: PCA

    def answer(self, x: np.ndarray) -> np.ndarray:
        """Coordinates, shape (events, components)."""
        return self.pca.transform(x)

    def restore(self, z: np.ndarray) -> np.ndarray:
        """The points of these coordinates, shape (events, columns)."""
        return self.pca.restore(z)


@dataclasses.dataclass(frozen=True, eq=False)
class FarAway:
    """Distance to the neighborhood that holds a share of the training weight.

    Attributes:
        points: training rows, shape (rows, columns).
        weight: their weights, of sum one.
        share: part of the weight that is a neighborhood.

    Example:
        >>> FarAway(np.array([[0.0], [1.0]]), np.array([0.5, 0.5]), 0.5).answer(np.array([[3.0]])).tolist()
        [2.0]
    """

    points: np.ndarray
    weight: np.ndarray
    share: float

    def answer(self, x: np.ndarray) -> np.ndarray:
        """Score of each event, shape (events,)."""
        from scipy.spatial.distance import cdist

        size = max(1, 4_000_000 // len(self.points))
        parts = [self._block(cdist(x[i : i + size], self.points)) for i in range(0, max(len(x), 1), size)]
        return np.concatenate(parts)

    def _block(self, apart: np.ndarray) -> np.ndarray:
        order = np.argsort(apart, axis=1)
        reached = (np.cumsum(self.weight[order], axis=1) >= self.share * (1 - 1e-12)).argmax(axis=1)
        return np.take_along_axis(apart, order, axis=1)[np.arange(len(apart)), reached]


@dataclasses.dataclass(frozen=True, eq=False)
class Scored:
    """A scikit-learn outlier detector, turned round: the larger, the more unusual.

    Attributes:
        estimator: has `score_samples`.
    """

    estimator: object

    def answer(self, x: np.ndarray) -> np.ndarray:
        """Score of each event, shape (events,)."""
        return -np.asarray(self.estimator.score_samples(x), float)


def improbable_mixture(
    *, components: int = 3, covariance: Covariance = "full", columns: list[str] | None = None, starts: int = 3
) -> Unsupervised:
    """-ln p of a mixture of Gaussians; of one Gaussian it is the squared Mahalanobis distance, halved; weights.

    Args:
        components: number of Gaussians.
        covariance: as for the mixture of the task density.
        columns: names of the columns that it looks at; None for all.
        starts: how many times it is started; the best one is kept.
    """
    density = mixture_density(components=components, covariance=covariance, columns=columns, starts=starts, floor=1e-4)
    return _scored(density, "gaussian-mixture")


def improbable_kernel(
    *, width: float | None = None, shape: Shape = "full", columns: list[str] | None = None, rows: int = 3000
) -> Unsupervised:
    """-ln p of a kernel density; weights.

    Args:
        width: of the kernels, in units of the spread of the sample; None to find it.
        shape: "full" (kernels with the correlations of the sample) or "diagonal".
        columns: names of the columns that it looks at; None for all.
        rows: most distinct rows that carry a kernel; of a larger sample so many are drawn.
    """
    choice("shape", shape, SHAPES)
    return _scored(kernel_density(width=width, shape=shape, columns=columns, rows=rows), "kernel-density")


def _scored(density: Unsupervised, name: str) -> Unsupervised:
    """A density as a method of the task anomaly."""

    def make(rows: Rows, key: Key) -> Found:
        found = density.make(rows, key)
        return dataclasses.replace(found, model=Improbable(found.model.model))

    return dataclasses.replace(density, make=make, name=name, tasks=TASK, again=None)


def neighbors(*, share: float = 0.01, columns: list[str] | None = None, rows: int = 4000) -> Unsupervised:
    """Distance to the nearest events: of those, as many as hold a share of the weight; weights.

    Args:
        share: part of the weight that is a neighborhood.
        columns: names of the columns that it looks at; None for all.
        rows: most distinct rows to which distances are computed; of a larger sample so many are drawn.

    Source: S. Ramaswamy, R. Rastogi and K. Shim, SIGMOD (2000) 427.
    """
    within(1e-9, 1, {"share": share})

    def make(some: Rows, key: Key) -> Found:
        return Found(FarAway(some.x, some.weight, share))

    return Unsupervised(make, "neighbors", TASK, columns=chosen(columns), rows=rows, random=False)


def lost_components(*, components: int = 2, columns: list[str] | None = None) -> Unsupervised:
    """What an event has outside the plane of the leading principal components; weights.

    Args:
        components: dimension of the plane; fewer than columns.
        columns: names of the columns that it looks at; None for all.
    """
    at_least(1, {"components": components})

    def make(rows: Rows, key: Key) -> Found:
        most = min(len(rows), len(rows.names)) - 1
        if components > most:
            raise InputError(
                f"{components} components leave nothing over of {len(rows)} rows of {len(rows.names)} columns; ask for"
                f" at most {most}"
            )
        pca = PCA.of(rows.x, rows.weight, components=components)
        return Found(Lost(Components(pca)), {"explained": pca.explained.tolist()})

    return Unsupervised(make, "pca", TASK, columns=chosen(columns), random=False)


def lost_code(
    *,
    components: int = 2,
    width: list[int] | int = 32,
    activation: Activation = "tanh",
    corruption: float = 0.0,
    learning_rate: float = 3e-3,
    epochs: int = 200,
    batch_size: int = 128,
    columns: list[str] | None = None,
) -> Unsupervised:
    """What an auto-encoder cannot give back of an event; weights.

    Args:
        components: units of the narrow passage.
        width: units of the hidden layer of the encoder, or a list with one number a layer; the decoder mirrors it.
        activation: of hidden units.
        corruption: probability that an input is dropped while fitting (denoising).
        learning_rate: step size of Adam.
        epochs: most times through the data.
        batch_size: events in a mini-batch.
        columns: names of the columns that it looks at; None for all.

    Source: T. Heimel et al., arXiv:1808.08979; M. Farina, Y. Nakai and D. Shih, arXiv:1808.08992.
    """
    coder = autoencoder(
        components=components,
        width=width,
        activation=activation,
        corruption=corruption,
        learning_rate=learning_rate,
        epochs=epochs,
        batch_size=batch_size,
        columns=columns,
    )

    def make(rows: Rows, key: Key) -> Found:
        found = coder.make(rows, key)
        return dataclasses.replace(found, model=Lost(found.model))

    return dataclasses.replace(coder, make=make, tasks=TASK)


def isolation_forest(
    *, trees: int = 200, rows_per_tree: int = 256, columns: list[str] | None = None, rows: int = 100_000
) -> Unsupervised:
    """Isolation forest: how few random cuts part an event from all others; weights decide what each tree sees.

    Args:
        trees: number of trees.
        rows_per_tree: events that each tree is grown from.
        columns: names of the columns that it looks at; None for all.
        rows: most rows that it is trained on; of a larger sample so many are drawn.

    Source: F. Liu, K. Ting and Z.-H. Zhou, ICDM (2008) 413.
    """
    at_least(1, {"trees": trees})
    at_least(2, {"rows_per_tree": rows_per_tree})

    def make(some: Rows, key: Key) -> Found:
        from sklearn.ensemble import IsolationForest

        rng = np.random.default_rng(seed_of(key))
        uneven = np.ptp(some.weight) > 1e-9 * some.weight.max()
        seen = some.x[rng.choice(len(some), len(some), p=some.weight)] if uneven else some.x
        method = IsolationForest(
            n_estimators=trees, max_samples=min(rows_per_tree, len(seen)), random_state=int(rng.integers(2**31))
        )
        return Found(Scored(_fitted("isolation-forest", method, seen)))

    return Unsupervised(make, "isolation-forest", TASK, scale=False, columns=chosen(columns), rows=rows)


def local_outlier_factor(*, neighbors: int = 20, columns: list[str] | None = None, rows: int = 10_000) -> Unsupervised:
    """Local outlier factor: how much thinner an event's surroundings are than those of its neighbors; no weights.

    Args:
        neighbors: number of neighbors that are the surroundings.
        columns: names of the columns that it looks at; None for all.
        rows: most rows that it is trained on; of a larger sample so many are drawn.

    Source: M. Breunig et al., SIGMOD (2000) 93.
    """
    at_least(1, {"neighbors": neighbors})

    def make(some: Rows, key: Key) -> Found:
        from sklearn.neighbors import LocalOutlierFactor

        if neighbors >= len(some):
            raise InputError(f"neighbors must be below the number of rows ({len(some)}), not {neighbors}")
        method = LocalOutlierFactor(n_neighbors=neighbors, novelty=True, algorithm="brute")
        return Found(Scored(_fitted("local-outlier-factor", method, some.x)))

    return Unsupervised(
        make, "local-outlier-factor", TASK, columns=chosen(columns), rows=rows, random=False, weights=False
    )


def _fitted(name: str, method: object, x: np.ndarray) -> object:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return method.fit(x)
        except (ValueError, FloatingPointError) as error:
            raise InputError(f"'{name}' cannot be trained on this sample: {first_line(error)}") from error


ANOMALY: dict[str, Callable[..., Unsupervised]] = {
    "gaussian-mixture": improbable_mixture,
    "kernel-density": improbable_kernel,
    "neighbors": neighbors,
    "local-outlier-factor": local_outlier_factor,
    "isolation-forest": isolation_forest,
    "pca": lost_components,
    "autoencoder": lost_code,
}
"""Name -> constructor of a learner that scores how unusual events are."""
