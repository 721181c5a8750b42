"""Small samples of answers, with event weights of either sign."""

import jax
import numpy as np
import pytest

from ansatz.keys import generator
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
