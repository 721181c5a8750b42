"""Deep belief networks as a learner: Boltzmann machines fitted one after another, each to the hidden units below it."""

from __future__ import annotations

import dataclasses
import time

import jax
import jax.numpy as jnp
import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.models import RBM
from ansatz.models.energy import DeepBelief
from ansatz.models.energy.units import draw
from ansatz.training.density.boltzmann import Boltzmann
from ansatz.training.density.prediction import Density
from ansatz.training.result import Fit
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True, eq=False)
class Stacked:
    r"""Fits a deep belief network layer by layer.

    The first machine learns the events; hidden units are drawn for every event, and the next machine learns these, and
    so on. Each layer replaces the law of the hidden units of the machine below by a better one, as long as it fits them
    better than that machine does itself.

    Attributes:
        layers: hidden units of each machine, from the events upwards.
        machine: how each of them is fitted; its own number of hidden units is not looked at.

    Example:
        >>> states = np.random.default_rng(0).choice([0, 1], size=(200, 4), p=[0.2, 0.8])
        >>> fit = Stacked((3, 2), Boltzmann(blocks=3, chains=20))(Dataset(states), jax.random.key(0))
        >>> len(fit.model.layers), fit.predict(states).shape
        (2, (200,))

    Source: G. Hinton, S. Osindero and Y.-W. Teh, Neural Computation 18 (2006) 1527.
    """

    layers: tuple[int, ...] = (16, 12)
    machine: Boltzmann = dataclasses.field(default_factory=Boltzmann)

    tasks = frozenset({"density"})
    negative_weights = False

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The fitted network.

        Raises:
            InputError: if there is no layer, or a value is neither -1, 0 nor 1.
        """
        if not self.layers or min(self.layers) < 1:
            raise InputError(f"layers: expected numbers of hidden units, got {list(self.layers)}")
        began, below, fits = time.perf_counter(), data, []
        for number, hidden in enumerate(self.layers):
            learner = dataclasses.replace(self.machine, hidden=hidden)
            fits.append(learner(below, named(key, f"layer {number}")))
            below = _above(fits[-1].model.machine, below, named(key, f"units {number}"))
        count = int(np.prod(data.x.shape[1:]))
        machines = tuple(fit.model.machine for fit in fits)
        late = [f"layer {number}: {fit.message}" for number, fit in enumerate(fits) if not fit.converged]
        history = {f"layer {n}/{name}": curve for n, fit in enumerate(fits) for name, curve in fit.history.items()}
        return Fit(
            Density(DeepBelief(machines), np.zeros(count), np.ones(count)),
            task="none",
            columns=data.columns,
            history=history,
            stopped="epochs",
            converged=not late,
            seconds=time.perf_counter() - began,
            message="; ".join(late),
            details={"units": machines[0].units, "layers": list(self.layers)},
        )


def _above(machine: RBM, data: Dataset, key: Key) -> Dataset:
    """Hidden units drawn for every event, with the weight of that event."""
    visible = jnp.asarray(np.asarray(data.x, float).reshape(len(data), -1), float)
    hidden = draw(key, jax.vmap(machine.hidden_field)(visible), machine.units)
    return Dataset(np.asarray(hidden), weight=data.weight, name="hidden units")
