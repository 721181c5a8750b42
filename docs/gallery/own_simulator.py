"""A simulator of one's own as a source, and a model with physical parameters.

The decay constant of a sample, seen with a background, is a parameter of a model that is written for one point.
The same `fit` that trains networks finds it by maximum likelihood, for the likelihood is a loss.
"""

import equinox as eqx
import jax
import jax.numpy as jnp

from ansatz.data import Dataset
from ansatz.keys import generator
from ansatz.optimizers import Recipe
from ansatz.risk import Expected
from ansatz.training import fit


class Decays:
    """Decay times of 2.2 us, in a window of 20 us, with a fifth of flat background."""

    def draw(self, key, n):
        """`n` decay times."""
        rng = generator(key)
        times = rng.exponential(2.2, 3 * n)
        times = times[times < 20][:n]
        flat = rng.random(n) < 0.2
        times[flat] = rng.uniform(0, 20, flat.sum())
        return Dataset(times[:, None], y=times * 0, columns=("t",), units={"t": "us"}, name="decays")


class LogDensity(eqx.Module):
    """log p(t) = log((1 - b) exp(-t / tau) / (tau (1 - exp(-20 / tau))) + b / 20)."""

    log_tau: jax.Array
    logit_background: jax.Array

    def __call__(self, x, *, key=None):
        """At one time, x of shape (1,)."""
        tau, b = jnp.exp(self.log_tau), jax.nn.sigmoid(self.logit_background)
        return jnp.log((1 - b) * jnp.exp(-x[0] / tau) / (tau * -jnp.expm1(-20 / tau)) + b / 20)


def negative_log_likelihood(prediction, target):
    """The model answers with a log-density; there is no target."""
    return -prediction


draw_key, fit_key = jax.random.split(jax.random.key(6))
found = fit(
    LogDensity(jnp.array(0.0), jnp.array(0.0)),
    Expected(negative_log_likelihood),
    Decays().draw(draw_key, 20_000),
    optimizer=Recipe("adam", learning_rate=0.02),
    epochs=20,
    key=fit_key,
)
model = jax.tree.map(lambda leaf: leaf[0], found.model)
print(f"lifetime {jnp.exp(model.log_tau):.2f} us, background {jax.nn.sigmoid(model.logit_background):.3f}")
