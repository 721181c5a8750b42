r"""A variational auto-encoder of spins: each is up or down with a chance that the code decides."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp

from ansatz.models.energy.units import draw
from ansatz.models.networks.autoencoder import VariationalAutoEncoder
from ansatz.typing import Key, Point, Scalar


class SpinAutoEncoder(eqx.Module):
    r"""A distribution of spins -1/+1: $z \sim N(0, 1)$, $p(s|z) = \prod_i e^{s_i g_i(z)} / 2 \cosh g_i(z)$.

    Given the code the spins are independent: what binds neighbors to each other has to go through the code.

    Attributes:
        network: encoder and decoder; the decoder gives the field on each spin.
        code: components of the code.

    Source: D. Kingma and M. Welling, arXiv:1312.6114; S. Wetzel, arXiv:1703.02435 (of Ising states).

    Example:
        >>> model = spin_autoencoder(4, 2, width=(8,), key=jax.random.key(0))
        >>> sorted(set(model.sample(jax.random.key(1)).tolist()) | {-1.0, 1.0})
        [-1.0, 1.0]
        >>> [part.shape for part in model.bound(jnp.ones(4), jax.random.key(2))]
        [(), ()]
    """

    network: VariationalAutoEncoder
    code: int = eqx.field(static=True)

    def bound(self, x: Point, key: Key | None) -> tuple[Scalar, Scalar]:
        """Both terms of the bound on -ln p(x): reconstruction and divergence, see `VariationalAutoEncoder`."""
        mean, variance = self.network.posterior(x)
        divergence = 0.5 * jnp.sum(variance + mean**2 - 1 - jnp.log(variance))
        spread = jnp.sqrt(variance)
        if key is not None:
            return self._missed(x, mean + spread * jax.random.normal(key, mean.shape)), divergence
        steps = jnp.sqrt(1.0 * len(mean)) * jnp.concatenate([jnp.diag(spread), -jnp.diag(spread)])
        return jnp.mean(jax.vmap(lambda step: self._missed(x, mean + step))(steps)), divergence

    def _missed(self, x: Point, z: Point) -> Scalar:
        """-ln p(x|z)."""
        return jnp.sum(jax.nn.softplus(-2 * x * self.network.decoder(z)))

    def log_estimate(self, x: Point, key: Key, *, draws: int = 100) -> Scalar:
        r"""Estimate of ln p(x), from below: $\ln \frac1K \sum_k p(x, z_k) / q(z_k|x)$ with codes drawn from q.

        Source: Y. Burda, R. Grosse and R. Salakhutdinov, arXiv:1509.00519.
        """
        mean, variance = self.network.posterior(x)
        noise = jax.random.normal(key, (draws, *mean.shape))
        codes = mean[None] + jnp.sqrt(variance)[None] * noise
        prior = 0.5 * jnp.sum(noise**2 - codes**2 + jnp.log(variance)[None], axis=1)
        return jax.nn.logsumexp(prior - jax.vmap(lambda z: self._missed(x, z))(codes)) - jnp.log(draws)

    def sample(self, key: Key) -> Point:
        """One state."""
        first, second = jax.random.split(key)
        code = jax.random.normal(first, (self.code,))
        return draw(second, self.network.decoder(code), "spin")


def spin_autoencoder(
    inputs: int, code: int, *, width: tuple[int, ...] = (64,), activation: str = "relu", key: Key
) -> SpinAutoEncoder:
    """A variational auto-encoder of spins.

    Args:
        inputs: number of spins.
        code: number of components of the code.
        width: units of each hidden layer of the encoder; the decoder mirrors them.
        activation: of hidden units.
        key: decides the starting point.
    """
    return SpinAutoEncoder(VariationalAutoEncoder(inputs, code, width=width, activation=activation, key=key), code)
