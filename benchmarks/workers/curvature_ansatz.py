"""A small network fitted to a curve without noise, within so many CPU seconds; compilation apart."""

import sys
import time

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import stopwatch

from ansatz.models import MLP, partition
from ansatz.optimizers import BFGS, LBFGS, LeastSquares, LevenbergMarquardt, NaturalGradient, Recipe, Stop, minimize

RECIPES = {
    "adam": lambda: Recipe("adam", learning_rate=1e-2, schedule="cosine"),
    "levenberg-marquardt": LevenbergMarquardt,
    "natural-gradient": NaturalGradient,
    "bfgs": BFGS,
    "l-bfgs": LBFGS,
}


class Residuals(eqx.Module):
    """What the network is off by at each point, so that the sum of squares is the mean squared error."""

    rest: MLP
    x: jax.Array
    y: jax.Array

    def __call__(self, parameters):
        """The residuals for the parameters of the network."""
        network = eqx.combine(parameters, self.rest)
        return (jax.vmap(network)(self.x[:, None]) - self.y) / jnp.sqrt(len(self.y))


def main(name, seconds):
    """One fit that is given as many steps as fit into the time."""
    with jax.enable_x64(True):
        x = jnp.linspace(-1, 1, 500)
        y = jnp.sin(3 * x) + 0.5 * jnp.cos(7 * x)
        network = MLP(1, None, width=20, depth=1, activation="tanh", key=jax.random.key(0))
        start, rest = partition(jax.tree.map(lambda leaf: leaf.astype(float) if eqx.is_array(leaf) else leaf, network))
        risk = LeastSquares(Residuals(rest, x, y))
        optimizer = RECIPES[name]()

    def fit(evaluations):
        stop = Stop(gradient=0.0, evaluations=evaluations)
        return minimize(risk, start, optimizer=optimizer, stop=stop, path=False)

    fit(300)
    _, cpu, _ = stopwatch.clocked(lambda: fit(300))
    budget = max(int(300 * seconds / cpu), 10)
    began = time.process_time()
    end = fit(budget)
    stopwatch.report(risk=end.value, cpu=time.process_time() - began, steps=int(np.size(end.values)))


main(sys.argv[1], float(sys.argv[2]))
