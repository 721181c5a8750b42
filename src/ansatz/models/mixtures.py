r"""Gaussian mixtures: a few ellipsoids as a distribution."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ansatz.typing import Key, Scalar

LOG_TWO_PI = 1.8378770664093453


class GaussianMixture(eqx.Module):
    r"""$p(x) = \sum_k \pi_k\, N(x; \mu_k, L_k L_k^T)$ of ONE point.

    Attributes:
        log_share: ln pi up to a constant, shape (components,).
        mean: mu, shape (components, features).
        root: L, of which the lower triangle is used, shape (components, features, features).

    Example:
        >>> one = GaussianMixture(jnp.zeros(1), jnp.zeros((1, 2)), jnp.eye(2)[None])
        >>> round(one.log_prob(jnp.zeros(2)).item(), 4)
        -1.8379

    Source: A. Dempster, N. Laird and D. Rubin, J. Royal Stat. Soc. B 39 (1977) 1.
    """

    log_share: Float[Array, "*members components"]
    mean: Float[Array, "*members components features"]
    root: Float[Array, "*members components features features"]

    @property
    def share(self) -> Float[Array, " components"]:
        """The part of each component."""
        return jax.nn.softmax(self.log_share)

    @property
    def covariance(self) -> Float[Array, "components features features"]:
        """The covariance of each component."""
        lower = jnp.tril(self.root)
        return jnp.einsum("kij,klj->kil", lower, lower)

    def joint(self, value: Float[Array, " features"]) -> Float[Array, " components"]:
        """The value of ln of share times density of each component."""
        lower = jnp.tril(self.root)
        solve = jax.vmap(lambda root, gap: jax.scipy.linalg.solve_triangular(root, gap, lower=True))
        pull = solve(lower, value[None] - self.mean)
        volume = jnp.sum(jnp.log(jnp.abs(jnp.diagonal(lower, axis1=1, axis2=2))), axis=1)
        gauss = -0.5 * jnp.sum(pull**2, axis=1) - volume - 0.5 * len(value) * LOG_TWO_PI
        return jax.nn.log_softmax(self.log_share) + gauss

    def log_prob(self, value: Float[Array, " features"]) -> Scalar:
        """The value of ln p(x)."""
        return jax.nn.logsumexp(self.joint(value))

    def responsibility(self, value: Float[Array, " features"]) -> Float[Array, " components"]:
        """The probability of each component, given the point."""
        return jax.nn.softmax(self.joint(value))

    def sample(self, key: Key) -> Float[Array, " features"]:
        """One point."""
        which, where = jax.random.split(key)
        component = jax.random.categorical(which, self.log_share)
        noise = jax.random.normal(where, self.mean.shape[1:], self.mean.dtype)
        return self.mean[component] + jnp.tril(self.root[component]) @ noise
