"""`Density`: a fitted distribution that answers for many events at once."""

from __future__ import annotations

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PyTree

from ansatz.errors import InputError
from ansatz.training.engine.rows import bucket
from ansatz.typing import Key

BLOCK = 65_536
"""Most events answered in one call."""

TOGETHER = 256
"""Events whose density is computed side by side, which bounds the memory."""


@dataclasses.dataclass(frozen=True, eq=False)
class Density:
    r"""A `Predictor` with one member whose response is $\ln p(x)$, in the units of the events.

    The distribution is one of $z = (x - m) / s$, so $\ln p(x) = \ln p(z) - \sum_j \ln s_j$.

    Attributes:
        model: the distribution, with `log_prob` and `sample` of one point.
        shift: m, shape (columns,).
        scale: s, shape (columns,).

    Example:
        >>> from ansatz.models import GaussianMixture
        >>> normal = GaussianMixture(jnp.zeros(1), jnp.zeros((1, 1)), jnp.ones((1, 1, 1)))
        >>> density = Density(normal, np.array([10.0]), np.array([2.0]))
        >>> np.exp(density.response(np.array([[10.0]]))).round(4).tolist()
        [[0.1995]]
    """

    model: PyTree
    shift: np.ndarray
    scale: np.ndarray

    link = "log-density"

    def response(self, x: np.ndarray) -> np.ndarray:
        """Ln p of each event, shape (1, events), float64.

        Raises:
            InputError: if the events have another number of columns, or a value is not finite.
        """
        flat = np.asarray(x, float).reshape(len(x), int(np.prod(np.shape(x)[1:])))
        if flat.shape[1] != len(self.shift):
            raise InputError(
                f"the density was fitted on {len(self.shift)} columns, but the events have {flat.shape[1]}"
            )
        bad = ~np.isfinite(flat).all(axis=1)
        if bad.any():
            raise InputError(f"{bad.sum()} events are not finite (first: number {bad.argmax()}); a density needs all")
        z = ((flat - self.shift) / self.scale).astype(np.float32)
        parts = [self._block(z[first : first + BLOCK]) for first in range(0, max(len(z), 1), BLOCK)]
        return np.concatenate(parts)[None] - np.log(self.scale).sum()

    def _block(self, z: np.ndarray) -> np.ndarray:
        padded = np.zeros((bucket(len(z)), z.shape[1]), np.float32)
        padded[: len(z)] = z
        return np.asarray(_log_prob(self.model, jnp.asarray(padded)), float)[: len(z)]

    def sample(self, n: int, *, key: Key) -> np.ndarray:
        """Independent events, shape (n, columns), float64."""
        drawn = np.asarray(_samples(self.model, jax.random.split(key, bucket(n))), float)[:n]
        return self.shift + self.scale * drawn


@eqx.filter_jit
def _log_prob(model: PyTree, z: Array) -> Array:
    return jax.lax.map(model.log_prob, z, batch_size=TOGETHER)


@eqx.filter_jit
def _samples(model: PyTree, keys: Key) -> Array:
    return jax.vmap(model.sample)(keys)
