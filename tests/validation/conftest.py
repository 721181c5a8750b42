"""Small samples of answers, with event weights of either sign, and learners to be understood at a glance."""

import dataclasses
from types import SimpleNamespace

import jax
import numpy as np
import pytest

from ansatz.keys import generator
from ansatz.training import Fit
from ansatz.validation import Answers


def binary_answers(key, n=300, *, negative=0.15, ties=True):
    """Two classes, signed weights, some equal scores, probabilities that are not quite calibrated."""
    rng = generator(key)
    y = rng.integers(2, size=n)
    p = np.clip(0.5 + 0.2 * (2 * y - 1) + rng.normal(0, 0.25, n), 0.02, 0.98)
    p = np.round(p, 2) if ties else p
    weight = rng.uniform(0.5, 2, n) * np.where(rng.random(n) < negative, -1, 1)
    return Answers.classified(y, probability=p, weight=weight)


def multi_answers(key, n=300, *, negative=0.1):
    rng = generator(key)
    y = rng.integers(3, size=n)
    p = rng.dirichlet(np.ones(3), n) + 0.4 * np.eye(3)[y]
    weight = rng.uniform(0.5, 2, n) * np.where(rng.random(n) < negative, -1, 1)
    return Answers.classified(y, probability=p / p.sum(axis=1, keepdims=True), weight=weight)


def regression_answers(key, n=300, *, negative=0.1):
    rng = generator(key)
    y = rng.normal(size=(n, 2))
    weight = rng.uniform(0.5, 2, n) * np.where(rng.random(n) < negative, -1, 1)
    return Answers.predicted(y, y + rng.normal(0.05, 0.4, (n, 2)), weight, sigma=0.4, outputs=("a", "b"))


@pytest.fixture
def binary():
    return binary_answers(jax.random.key(1))


@pytest.fixture
def samples():
    """Answers of every kind, by task."""
    return {
        "binary": binary_answers(jax.random.key(1)),
        "multi": multi_answers(jax.random.key(2)),
        "regression": regression_answers(jax.random.key(3)),
    }


@pytest.fixture
def positive_samples():
    """The same without negative weights, to compare with other codes."""
    return {
        "binary": binary_answers(jax.random.key(4), n=1500, negative=0),
        "multi": multi_answers(jax.random.key(5), n=1500, negative=0),
        "regression": regression_answers(jax.random.key(6), n=1500, negative=0),
    }


@dataclasses.dataclass(frozen=True)
class Mean:
    """Distance to the two class means: a ranking."""

    low: np.ndarray
    high: np.ndarray
    link: str = "score"

    def response(self, x):
        return (np.sum((x - self.low) ** 2, axis=1) - np.sum((x - self.high) ** 2, axis=1))[None]


@dataclasses.dataclass(frozen=True)
class NearestMean:
    tasks: frozenset = frozenset({"classification"})
    negative_weights: bool = True

    def __call__(self, data, key):
        low, high = (np.average(data.x[data.y == k], axis=0, weights=data.weight[data.y == k]) for k in (0, 1))
        return Fit(Mean(low, high), "classification", data.classes, data.columns)


@dataclasses.dataclass(frozen=True)
class Neighbor:
    """Repeats the target of the nearest event it has seen."""

    x: np.ndarray
    y: np.ndarray
    link: str = "score"

    def response(self, x):
        nearest = np.argmin(np.sum((x[:, None] - self.x) ** 2, axis=2), axis=1)
        return np.where(self.y[nearest] == 1, 1.0, -1.0)[None]


@dataclasses.dataclass(frozen=True)
class NearestNeighbor:
    tasks: frozenset = frozenset({"classification"})
    negative_weights: bool = False

    def __call__(self, data, key):
        return Fit(Neighbor(data.x, data.y), "classification", data.classes, data.columns)


@dataclasses.dataclass(frozen=True)
class Line:
    theta: np.ndarray
    link: str = "identity"

    def response(self, x):
        return (np.column_stack([np.ones(len(x)), x]) @ self.theta)[None]


@dataclasses.dataclass(frozen=True)
class LeastSquares:
    tasks: frozenset = frozenset({"regression"})
    negative_weights: bool = True

    def __call__(self, data, key):
        design = np.column_stack([np.ones(len(data)), data.x])
        weighted = design * data.weight[:, None]
        return Fit(Line(np.linalg.lstsq(weighted.T @ design, weighted.T @ data.y)[0]), "regression", None, data.columns)


@pytest.fixture
def toys():
    """Three learners: two classifiers, one of which learns by heart, and a straight line."""
    return SimpleNamespace(mean=NearestMean(), neighbor=NearestNeighbor(), line=LeastSquares())
