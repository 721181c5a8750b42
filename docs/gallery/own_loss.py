"""A loss of one's own: a network that predicts the 90 % quantile.

A loss is a pure function of one prediction and one target. The pinball loss is smallest at a quantile (R.
Koenker and G. Bassett, Econometrica 46 (1978) 33). Nothing else changes.
"""

import jax
import jax.numpy as jnp
import numpy as np

from ansatz.models import MLP
from ansatz.optimizers import Recipe
from ansatz.problems import NoisyPolynomial
from ansatz.risk import Expected
from ansatz.training import fit


def pinball(prediction, target):
    """Small where a tenth of the targets is above the prediction."""
    d = target - prediction
    return jnp.maximum(0.9 * d, -0.1 * d)


draw_key, test_key, fit_key = jax.random.split(jax.random.key(5), 3)
problem = NoisyPolynomial(coefficients=(0.0, 2.0))
train, test = problem.draw(draw_key, 4000), problem.draw(test_key, 20_000)

found = fit(
    lambda key: MLP(1, None, width=16, activation="tanh", key=key),
    Expected(pinball),
    train,
    optimizer=Recipe("adam", learning_rate=0.01, schedule="cosine"),
    epochs=40,
    key=fit_key,
)
print(f"{np.mean(test.y < found.predict(test.x)):.1%} of fresh events are below the predicted 90 % quantile")
