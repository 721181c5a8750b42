"""The Laplace approximation of the last layer: a Gaussian posterior where it has a closed form."""

from __future__ import annotations

import contextlib
import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, PyTree
from scipy.special import expit, ndtri

from ansatz.data import Dataset
from ansatz.data.statistics import effective_size
from ansatz.errors import InputError
from ansatz.models import Linear
from ansatz.training.engine.rows import bucket
from ansatz.training.learners import Descent
from ansatz.training.prediction import Network, answer
from ansatz.training.result import Fit
from ansatz.training.uncertainty.parts import check_network
from ansatz.training.uncertainty.wrapping import signs_inside, tasks_inside
from ansatz.typing import Key

BLOCK = 1024
"""Events whose derivatives are held at a time."""


@dataclasses.dataclass(frozen=True, eq=False)
class LaplaceBand:
    r"""$u(x) \pm z \sqrt{J \Sigma J^T}$ with $J = \partial u / \partial\theta$ and the covariance of the last layer.

    u is the value of a regression, or the logit of a probability, so that the ends of a probability stay between 0
    and 1. Of a population the variance between the members is added.

    Attributes:
        root: a root A of the covariance of each member, $\Sigma = A A^T$, shape (members, parameters, parameters).
        noise: standard deviation of a measurement, shape () or (outputs,); zero for a band of the mean.
        method: how it was made, for people.
        kind: "mean", or "prediction" where the noise is added.
    """

    root: np.ndarray
    noise: np.ndarray
    method: str
    kind: str = "mean"

    def interval(self, predictor: Network, x: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper end for each event."""
        parts = [self._moments(predictor, x[rows]) for rows in _blocks(len(x))]
        center, variance = (np.concatenate(part) for part in zip(*parts, strict=True))
        half = ndtri((1 + level) / 2) * np.sqrt(variance + self.noise**2)
        low, high = center - half, center + half
        if predictor.head == "identity":
            return low, high
        return expit(low), expit(high)

    def _moments(self, network: Network, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of u for each event (and output)."""
        outputs, jacobian = linearized(network, x)
        center, jacobian = _on_the_line(outputs, jacobian, network.head)
        within = np.square(np.einsum("mnkp,mpq->mnkq", jacobian, self.root, optimize=True)).sum(axis=-1)
        variance, center = within.mean(axis=0) + center.var(axis=0), center.mean(axis=0)
        plain = outputs.ndim == 2
        return (center[:, 0], variance[:, 0]) if plain else (center, variance)


@dataclasses.dataclass(frozen=True)
class LastLayerLaplace:
    r"""After a fit, the posterior of the last layer's parameters in the Gaussian approximation at its optimum.

    $\Sigma^{-1} = \sum_i w_i J_i^T \Lambda_i J_i + \lambda 1$, with $\Lambda$ the second derivative of the loss: one
    over the noise variance, or p (1 - p). The precision $\lambda$ of the prior is where the evidence is largest. Event
    weights are scaled to sum to the effective number of events, and a direction where they cancel has no information.
    The layers before are taken as known, so the band of the mean is too narrow where these could be otherwise.

    Attributes:
        learner: a network, such as `mlp()`.
        noise: whether the noise of a measurement is added, for a band of a prediction (regression only).

    Example:
        >>> from ansatz.training import mlp
        >>> sorted(LastLayerLaplace(mlp()).tasks)
        ['classification', 'regression']

    Source: D. MacKay, Neural Computation 4 (1992) 448; A. Kristiadi et al., arXiv:2002.10118; E. Daxberger et al.,
    arXiv:2106.14806.
    """

    learner: Descent
    noise: bool = False

    tasks = property(tasks_inside)
    negative_weights = property(signs_inside)

    def __post_init__(self) -> None:
        check_network(self.learner, "laplace")

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The fit with its band.

        Raises:
            InputError: if the network only ranks.
        """
        fit = self.learner(data, key)
        network = fit.predictor
        if network.link == "score":
            raise InputError("'laplace' needs a likelihood, which loss = 'hinge' is not; use cross-entropy")
        weight = data.weight / data.weight.sum() * effective_size(data.weight)
        sigma = _noise(fit, data)
        roots = [
            evidence_root(_information(network, data, weight, sigma, member), theta)
            for member, theta in enumerate(_last_parameters(network.model))
        ]
        noisy = self.noise and data.task == "regression"
        size = roots[0].shape[0]
        band = LaplaceBand(
            np.stack(roots),
            sigma if noisy else np.zeros(()),
            f"Laplace approximation of the last layer ({size} parameters)" + (" and noise" if noisy else ""),
            "prediction" if noisy else "mean",
        )
        return dataclasses.replace(fit, band=band)


def evidence_root(information: np.ndarray, theta: np.ndarray) -> np.ndarray:
    r"""A root of $(H + \lambda)^{-1}$ with MacKay's $\lambda = \gamma / |\theta|^2$, $\gamma = \sum h / (h + \lambda)$.

    Example:
        >>> root = evidence_root(np.diag([99.0, 0.0]), np.array([1.0, 0.0]))
        >>> np.round(np.diag(root @ root.T), 3).tolist()
        [0.01, 1.01]
    """
    values, vectors = np.linalg.eigh(information)
    values = np.maximum(values, 0.0)
    precision, square = 1.0, max(float(theta @ theta), 1e-12)
    for _ in range(200):
        precision = max(float(np.sum(values / (values + precision))) / square, 1e-9)
    return vectors / np.sqrt(values + precision)


def linearized(network: Network, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Outputs, shape (members, events[, outputs]), and their derivatives to the last layer's parameters.

    The derivatives have shape (members, events, outputs, parameters), one output where there is a plain number.
    """
    leaves = [leaf for leaf in jax.tree.leaves(network.model) if eqx.is_inexact_array(leaf)]
    double = any(leaf.dtype == np.float64 for leaf in leaves)
    with jax.enable_x64(True) if double else contextlib.nullcontext():
        x = np.asarray(x, np.float64 if double else np.float32)
        padded = np.zeros((bucket(len(x)), *x.shape[1:]), x.dtype)
        padded[: len(x)] = x
        found = _linearized(network.model, jnp.asarray(padded))
    outputs, jacobian = (np.asarray(part, float)[:, : len(x)] for part in found)
    return outputs, jacobian.reshape(*outputs.shape[:2], -1, jacobian.shape[-1])


@eqx.filter_jit
def _linearized(model: PyTree, x: Array) -> tuple[Array, Array]:
    arrays, static = eqx.partition(model, eqx.is_array)

    def one(mine: PyTree) -> tuple[Array, Array]:
        whole = eqx.combine(mine, static)
        theta, unravel = ravel_pytree(_last(whole))

        def outputs(theta: Array, point: Array) -> Array:
            return eqx.tree_at(_last, whole, unravel(theta))(point)

        return jax.vmap(whole)(x), jax.vmap(jax.jacrev(outputs), in_axes=(None, 0))(theta, x)

    return jax.lax.map(one, arrays)


def _last(model: PyTree) -> Linear:
    """The last linear layer."""
    nodes = jax.tree.leaves(model, is_leaf=lambda node: isinstance(node, Linear))
    return [node for node in nodes if isinstance(node, Linear)][-1]


def _last_parameters(model: PyTree) -> list[np.ndarray]:
    """The last layer's parameters of each member."""
    last = _last(model)
    return [
        np.asarray(ravel_pytree(jax.tree.map(lambda leaf, m=m: leaf[m], last))[0], float) for m in range(len(last.bias))
    ]


def _noise(fit: Fit, data: Dataset) -> np.ndarray:
    """Root mean square residual of each target; one for classes."""
    if data.task == "classification":
        return np.ones(())
    square = np.average((fit.predict(data.x) - data.y) ** 2, axis=0, weights=np.abs(data.weight))
    return np.sqrt(np.maximum(square, np.finfo(float).tiny))


def _information(network: Network, data: Dataset, weight: np.ndarray, sigma: np.ndarray, member: int) -> np.ndarray:
    """The sum over events of w J^T Lambda J for one member."""
    total = 0.0
    for rows in _blocks(len(data)):
        outputs, jacobian = (part[member] for part in linearized(network, data.x[rows]))
        half = _half_curvature(outputs, jacobian, network.head, sigma)
        flat = half.reshape(-1, half.shape[-1])
        total = total + (flat * np.repeat(weight[rows], half.shape[1])[:, None]).T @ flat
    return total


def _half_curvature(outputs: np.ndarray, jacobian: np.ndarray, head: str, sigma: np.ndarray) -> np.ndarray:
    """L^T J with L L^T the second derivative of the loss by the outputs, shape (events, outputs, parameters)."""
    if head == "identity":
        return jacobian / np.reshape(sigma, (1, -1, 1))
    p = answer(outputs, head)
    if head == "sigmoid":
        return jacobian * np.sqrt(p[:, 0] * p[:, 1])[:, None, None]
    root = np.sqrt(p)
    return root[..., None] * (jacobian - np.einsum("nk,nkp->np", p, jacobian)[:, None])


def _on_the_line(outputs: np.ndarray, jacobian: np.ndarray, head: str) -> tuple[np.ndarray, np.ndarray]:
    """Values, or the logit of each class, and their derivatives; a plain number gets an axis of one."""
    if head != "softmax":
        return outputs.reshape(jacobian.shape[:3]), jacobian
    p = answer(outputs, head)
    rest = np.maximum(1 - p, 1e-12)
    mean = np.einsum("mnk,mnkp->mnp", p, jacobian)[:, :, None]
    return np.log(np.maximum(p, 1e-12)) - np.log(rest), (jacobian - mean) / rest[..., None]


def _blocks(n: int) -> list[slice]:
    return [slice(first, first + BLOCK) for first in range(0, max(n, 1), BLOCK)]
