"""An error band from a population of networks, and whether it covers the truth.

Each of ten networks has its own starting point and its own bootstrap sample; all of them are trained by one
program. Where the data are dense the band is narrow.
"""

import jax
import numpy as np

from ansatz.problems import NoisyPolynomial
from ansatz.training import mlp

draw_key, fit_key = jax.random.split(jax.random.key(4))
problem = NoisyPolynomial(noise=0.5)
data = problem.draw(draw_key, 200)

learner = mlp(
    width=20, activation="tanh", population=10, resample="bootstrap", learning_rate=0.02, batch_size=50, epochs=100
)
fit = learner(data, fit_key)

x = np.linspace(0.1, 0.9, 5)[:, None]
members = fit.members(x)
for point, truth, mean, error in zip(x[:, 0], problem.truth(x), members.mean(axis=0), members.std(axis=0), strict=True):
    print(f"x = {point:.1f}   truth {truth:6.2f}   networks {mean:6.2f} ± {error:.2f}")
