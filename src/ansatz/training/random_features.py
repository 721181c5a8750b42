"""Random features: a network whose hidden layer stays as it was drawn, so that the rest is least squares."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ansatz.data import Dataset
from ansatz.embedding import Standardize, moments
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.models import ACTIVATIONS, Chain, Frozen, Linear
from ansatz.models.networks.activations import activation
from ansatz.training.learners import BOTH, check_target
from ansatz.training.population import stack
from ansatz.training.prediction import Network
from ansatz.training.result import Fit
from ansatz.typing import Key, Point

Activation = Literal[tuple(ACTIVATIONS)]


class RandomUnits(eqx.Module):
    r"""$\phi_j(x) = g(w_j \cdot x + b_j)$: a layer of units.

    Attributes:
        layer: w and b.
        activation: g.
    """

    layer: Linear
    activation: Callable[[jax.Array], jax.Array] = eqx.field(static=True)

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """All features of one point."""
        return self.activation(self.layer(x))


@dataclasses.dataclass(frozen=True)
class RandomFeatures:
    r"""Least squares on $\phi_j(x) = g(w_j \cdot x + b_j)$ with w and b drawn at random and never fitted.

    $w_j \sim \mathcal N(0, 1/d)$ for d standardized features, $b_j \sim \mathcal N(0, 1)$; the mean of the target is
    taken off first. Of all solutions with the least squared error, that of the smallest norm is taken, by a
    singular-value decomposition in float64. With more features than events it goes through every event, and the norm
    is all that singles it out. Two classes are fitted as -1 and 1, and the response only ranks.

    Attributes:
        features: how many.
        strength: of a ridge penalty, in units of the mean squared error; 0 for the solution of smallest norm.
        activation: name of g.

    Raises:
        InputError: if there are no features or the strength is negative.

    Example:
        >>> x = np.linspace(-1, 1, 20)[:, None]
        >>> fit = RandomFeatures(200)(Dataset(x, y=np.sin(3 * x[:, 0])), jax.random.key(0))
        >>> bool(np.max(np.abs(fit.predict(x) - np.sin(3 * x[:, 0]))) < 1e-4)
        True

    Source: A. Rahimi and B. Recht, NeurIPS (2007); M. Belkin et al., arXiv:1812.11118.
    """

    features: int = 100
    strength: float = 0.0
    activation: Activation = "relu"
    tasks: frozenset[str] = BOTH
    negative_weights: bool = False

    def __post_init__(self) -> None:
        if self.features < 1 or self.strength < 0:
            raise InputError(
                f"random features: at least one, and a strength of zero or more; not {self.features}, {self.strength}"
            )

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The fitted function.

        Raises:
            InputError: if the sample has no target, several, more than two classes, or a negative weight.
        """
        check_target(data)
        if np.any(data.weight < 0):
            raise InputError("least squares in closed form cannot take negative event weights; mlp and logistic can")
        y, weight = _target(data), data.weight / data.weight.sum()
        with jax.enable_x64(True):
            embedding = self._embedding(data, key)
            phi = np.asarray(jax.vmap(embedding)(np.asarray(data.x, float)))
            offset = float(weight @ y)
            theta, details = _smallest(phi, y - offset, weight, self.strength)
            model = stack(Chain(embedding, Linear(jnp.asarray(theta), jnp.asarray(offset))), 1)
        head = "score" if data.task == "classification" else "identity"
        return Fit(Network(model, head), data.task, data.classes, data.columns, details=details)

    def _embedding(self, data: Dataset, key: Key) -> Frozen:
        rng, inputs = generator(key), data.x.shape[1]
        directions = rng.normal(size=(self.features, inputs)) / np.sqrt(inputs)
        layer = Linear(jnp.asarray(directions), jnp.asarray(rng.normal(size=self.features)))
        scaler = Standardize(*(jnp.asarray(part) for part in moments(np.asarray(data.x, float), data.weight)))
        return Frozen(Chain(scaler, RandomUnits(layer, activation(self.activation))))


def random_features(*, features: int = 100, strength: float = 1e-3, activation: Activation = "relu") -> RandomFeatures:
    """Random features for a study; unlike `RandomFeatures` alone with a little ridge penalty.

    Args:
        features: how many.
        strength: of the ridge penalty, in units of the mean squared error; 0 for the solution of smallest norm.
        activation: what each unit applies.

    Example:
        >>> random_features(features=50).strength
        0.001
    """
    return RandomFeatures(features, strength, activation)


def _target(data: Dataset) -> np.ndarray:
    if data.task == "classification" and len(data.classes) > 2 or np.ndim(data.y) != 1 or data.x.ndim != 2:
        raise InputError("random features are for a table with one number, or one of two classes, to predict")
    return 2.0 * data.y - 1 if data.task == "classification" else np.asarray(data.y, float)


def _smallest(
    phi: np.ndarray, y: np.ndarray, weight: np.ndarray, strength: float
) -> tuple[np.ndarray, dict[str, object]]:
    """The coefficients of least squared error and then of smallest norm, and what is known of them."""
    root = np.sqrt(weight)
    u, s, vt = np.linalg.svd(root[:, None] * phi, full_matrices=False)
    kept = s > s[0] * max(phi.shape) * np.finfo(float).eps
    inverse = np.where(kept, s / np.maximum(s**2 + strength, 1e-300), 0.0)
    theta = vt.T @ (inverse * (u.T @ (root * y)))
    return theta, {"rank": int(kept.sum()), "norm": float(np.linalg.norm(theta))}
