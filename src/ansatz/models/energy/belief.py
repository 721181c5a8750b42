r"""Deep belief networks: Boltzmann machines stacked, each a prior for the hidden units of the one below."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp

from ansatz.errors import InputError
from ansatz.models.energy.enumeration import all_states
from ansatz.models.energy.rbm import RBM, Hidden, Visible
from ansatz.models.energy.units import draw, log_partition
from ansatz.models.energy.units import mean as unit_mean
from ansatz.typing import Key, Scalar

LARGEST = 12
"""Most units of an inner layer whose states are summed up for an exact probability."""


class DeepBelief(eqx.Module):
    r"""$p(v, h_1, ..., h_n) = p(v|h_1) \cdots p(h_{n-2}|h_{n-1})\, p_\mathrm{RBM}(h_{n-1}, h_n)$.

    The two uppermost layers are a Boltzmann machine; each layer below is drawn from the one above it.

    Attributes:
        layers: the machines from the data upwards; the hidden units of one are the visible units of the next.

    Raises:
        InputError: if their sizes or their kinds of units do not fit.

    Example:
        >>> from ansatz.models.energy import rbm
        >>> first, second = rbm(4, 3, key=jax.random.key(0)), rbm(3, 2, key=jax.random.key(1))
        >>> DeepBelief((first, second)).sample(jax.random.key(2)).shape
        (4,)

    Source: G. Hinton, S. Osindero and Y.-W. Teh, Neural Computation 18 (2006) 1527.
    """

    layers: tuple[RBM, ...]

    def __check_init__(self) -> None:
        for lower, upper in zip(self.layers, self.layers[1:], strict=False):
            if lower.weight.shape[-1] != upper.weight.shape[-2] or lower.units != upper.units:
                raise InputError(
                    f"a machine with {lower.weight.shape[-1]} hidden {lower.units} units cannot carry one with "
                    f"{upper.weight.shape[-2]} visible {upper.units} units"
                )

    @property
    def units(self) -> str:
        """Kind of all units."""
        return self.layers[0].units

    def sample(self, key: Key) -> Visible:
        """A state: Gibbs sweeps of the uppermost machine, then one draw of each layer below."""
        top, *rest = jax.random.split(key, len(self.layers))
        value = self.layers[-1].sample(top)
        for machine, own in zip(reversed(self.layers[:-1]), rest, strict=True):
            value = draw(own, machine.visible_field(value), machine.units)
        return value

    def features(self, value: Visible) -> Hidden:
        """Mean values of the uppermost hidden units, layer by layer upwards."""
        for machine in self.layers:
            value = unit_mean(machine.hidden_field(value), machine.units)
        return value

    def reconstruct(self, value: Visible) -> Visible:
        """What comes back when the features are sent down again, as mean values."""
        value = self.features(value)
        for machine in reversed(self.layers):
            value = unit_mean(machine.visible_field(value), machine.units)
        return value

    def log_prob(self, value: Visible) -> Scalar:
        """The value of ln p(v), exact, by summing over all states of each inner layer.

        Raises:
            InputError: if an inner layer has more than `LARGEST` units.
        """
        return _log_prob(self.layers, value)


def _log_prob(layers: tuple[RBM, ...], value: Visible) -> Scalar:
    lowest, *above = layers
    if not above:
        return lowest.log_prob(value)
    count = lowest.weight.shape[1]
    if count > LARGEST:
        raise InputError(f"an inner layer of {count} units has too many states to sum up; it may have {LARGEST}")
    states = all_states(count, lowest.units, lowest.weight.dtype)
    prior = jax.vmap(lambda state: _log_prob(tuple(above), state))(states)
    return jax.nn.logsumexp(prior + jax.vmap(lambda state: _log_given(lowest, value, state))(states))


def _log_given(machine: RBM, value: Visible, hidden: Hidden) -> Scalar:
    """The value of ln p(v | h) of one machine."""
    field = machine.visible_field(hidden)
    return value @ field - jnp.sum(log_partition(field, machine.units))
