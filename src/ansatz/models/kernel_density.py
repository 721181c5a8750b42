r"""Kernel density: a small Gaussian around each event."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ansatz.models.mixtures import LOG_TWO_PI
from ansatz.typing import Key, Scalar


class KernelDensity(eqx.Module):
    r"""$p(x) = \sum_i w_i\, N(x; x_i, L L^T)$ of ONE point, with weights of sum one.

    Attributes:
        points: the events, shape (events, features).
        log_weight: ln w, shape (events,).
        root: L, lower triangular, shape (features, features): the bandwidth.

    Example:
        >>> one = KernelDensity(jnp.zeros((1, 2)), jnp.zeros(1), jnp.eye(2))
        >>> round(one.log_prob(jnp.zeros(2)).item(), 4)
        -1.8379

    Source: M. Rosenblatt, Ann. Math. Stat. 27 (1956) 832; E. Parzen, Ann. Math. Stat. 33 (1962) 1065.
    """

    points: Float[Array, "*members events features"]
    log_weight: Float[Array, "*members events"]
    root: Float[Array, "*members features features"]

    def log_prob(self, value: Float[Array, " features"]) -> Scalar:
        """The value of ln p(x)."""
        pull = jax.scipy.linalg.solve_triangular(self.root, (value[None] - self.points).T, lower=True)
        volume = jnp.sum(jnp.log(jnp.diagonal(self.root))) + 0.5 * len(value) * LOG_TWO_PI
        return jax.nn.logsumexp(self.log_weight - 0.5 * jnp.sum(pull**2, axis=0)) - volume

    def sample(self, key: Key) -> Float[Array, " features"]:
        """One of the events, moved by the kernel."""
        which, where = jax.random.split(key)
        row = jax.random.categorical(which, self.log_weight)
        return self.points[row] + self.root @ jax.random.normal(where, self.points.shape[1:], self.points.dtype)
