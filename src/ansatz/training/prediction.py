"""Answers of a fitted network for many events: compiled once, in blocks, for all members."""

from __future__ import annotations

import contextlib
import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PyTree

from ansatz.models import evaluate
from ansatz.training.engine.rows import bucket

BLOCK = 16_384
"""Most events in one call, which bounds the memory of the hidden layers."""

HEADS = {"identity": "identity", "sigmoid": "probability", "softmax": "probability", "score": "score"}
"""What each head answers with, see `Predictor.link`."""


@dataclasses.dataclass(frozen=True, eq=False)
class Network:
    """A function of one point (with a leading member axis on every array) that answers for many events.

    Attributes:
        model: the Equinox module of all members.
        head: "identity" (values), "sigmoid" (one logit to the probabilities of two classes), "softmax" (K logits to
            K probabilities) or "score" (a real number that only ranks).
    """

    model: PyTree
    head: str = "identity"

    @property
    def link(self) -> str:
        """What the response is: "identity", "probability" or "score"."""
        return HEADS[self.head]

    def response(self, x: np.ndarray) -> np.ndarray:
        """Answers, shape (members, events) or (members, events, outputs), in float64."""
        leaves = [leaf for leaf in jax.tree.leaves(self.model) if eqx.is_inexact_array(leaf)]
        double = any(leaf.dtype == np.float64 for leaf in leaves)
        with jax.enable_x64(True) if double else contextlib.nullcontext():
            x = np.asarray(x, np.float64 if double else np.float32)
            size = min(bucket(len(x)), BLOCK)
            blocks = [self._block(x[first : first + size], size) for first in range(0, max(len(x), 1), size)]
        return np.concatenate(blocks, axis=1)

    def _block(self, x: np.ndarray, size: int) -> np.ndarray:
        padded = np.zeros((size, *x.shape[1:]), x.dtype)
        padded[: len(x)] = x
        one_by_one = jax.default_backend() == "cpu"
        outputs = np.asarray(_answers(self.model, jnp.asarray(padded), one_by_one=one_by_one), float)[:, : len(x)]
        return answer(outputs, self.head)


@eqx.filter_jit
def _answers(model: PyTree, x: Array, *, one_by_one: bool) -> Array:
    arrays, static = eqx.partition(model, eqx.is_array)

    def one(mine: PyTree) -> Array:
        return evaluate(eqx.combine(mine, static), x)

    return jax.lax.map(one, arrays) if one_by_one else jax.vmap(one)(arrays)


def answer(outputs: np.ndarray, head: str) -> np.ndarray:
    """Outputs of a network as values, probabilities or scores.

    Example:
        >>> answer(np.array([[0.0]]), "sigmoid").tolist()
        [[[0.5, 0.5]]]
    """
    if head == "sigmoid":
        return np.stack([_sigmoid(-outputs), _sigmoid(outputs)], axis=-1)
    if head == "softmax":
        powers = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
        return powers / powers.sum(axis=-1, keepdims=True)
    return outputs


def _sigmoid(z: np.ndarray) -> np.ndarray:
    return np.where(z >= 0, 1.0, np.exp(-np.abs(z))) / (1 + np.exp(-np.abs(z)))
