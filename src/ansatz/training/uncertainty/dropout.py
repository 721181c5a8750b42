"""Monte-Carlo dropout: a network thinned at random, many times."""

from __future__ import annotations

import dataclasses

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.models import is_random
from ansatz.training.learners import Descent
from ansatz.training.prediction import Network
from ansatz.training.result import Fit
from ansatz.training.uncertainty.members import at_least_two
from ansatz.training.uncertainty.parts import check_network
from ansatz.training.uncertainty.spread import Spread
from ansatz.training.uncertainty.wrapping import signs_inside, tasks_inside
from ansatz.typing import Key, Point


class Thinned(eqx.Module):
    """A network with dropout whose masks are drawn once and stay: one and the same function of every point.

    Attributes:
        model: the network.
        seed: the data of the key that decides the masks.
    """

    model: PyTree
    seed: Array

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """The answer for one point; `key` is not used."""
        return self.model(x, key=jax.random.wrap_key_data(self.seed))


@dataclasses.dataclass(frozen=True)
class MonteCarloDropout:
    """Keeps dropout on after the fit: each member is the network with units dropped at random.

    The mean of the members answers, their spread is a band of the mean. How wide it is follows from the dropout rate
    and not from the number of events, so it is right only where the rate was chosen to make it so: see its coverage.

    Attributes:
        learner: a network with dropout, such as `mlp(dropout=0.1)`.
        samples: how many thinned networks.

    Example:
        >>> from ansatz.training import mlp
        >>> sorted(MonteCarloDropout(mlp(dropout=0.1), samples=50).tasks)
        ['classification', 'regression']

    Source: Y. Gal and Z. Ghahramani, arXiv:1506.02142.
    """

    learner: Descent
    samples: int = 30

    tasks = property(tasks_inside)
    negative_weights = property(signs_inside)

    def __post_init__(self) -> None:
        check_network(self.learner, "mc-dropout")
        at_least_two(self.samples)

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The fit, with thinned networks for members.

        Raises:
            InputError: if the network has no dropout.
        """
        fit_key, mask_key, trial_key = jax.random.split(key, 3)
        if not is_random(self.learner.model(data)(trial_key)):
            raise InputError("'mc-dropout' needs a network with dropout; give it one, for instance dropout = 0.1")
        fit = self.learner(data, fit_key)
        predictor = Network(thinned(fit.model, self.samples, mask_key), fit.predictor.head)
        return dataclasses.replace(fit, predictor=predictor, band=Spread(f"dropout ({self.samples} thinned networks)"))


def thinned(model: PyTree, samples: int, key: Key) -> Thinned:
    """Each member of a stacked model, `samples` times, each time with masks of its own."""
    repeated = jax.tree.map(lambda leaf: jnp.repeat(leaf, samples, axis=0) if eqx.is_array(leaf) else leaf, model)
    count = len(next(leaf for leaf in jax.tree.leaves(repeated) if eqx.is_array(leaf)))
    return Thinned(repeated, jax.random.key_data(jax.random.split(key, count)))
