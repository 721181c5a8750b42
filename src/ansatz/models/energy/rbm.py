r"""The restricted Boltzmann machine: visible and hidden units, coupled to each other but not among themselves."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from ansatz.models.energy import enumeration
from ansatz.models.energy.units import UNITS, checked_units, draw, field_of, log_partition
from ansatz.typing import Key, Scalar

Visible = Float[Array, " visible"]
Hidden = Float[Array, " hidden"]


class RBM(eqx.Module):
    r"""$p(v) = \frac1Z \sum_h e^{-E(v, h)}$ with $E(v, h) = -a \cdot v - b \cdot h - v^T W h$.

    A distribution of ONE vector of units with two values each. The sum over the hidden units can be done, which
    leaves the free energy $F(v) = -a \cdot v - \sum_j \ln \sum_{h_j} e^{h_j (b + W^T v)_j}$ and $p(v) = e^{-F(v)} / Z$.

    Attributes:
        weight: W, shape (visible, hidden).
        visible: a, shape (visible,).
        hidden: b, shape (hidden,).
        units: "binary" (0/1) or "spin" (-1/+1), of both layers; see `recoded`.
        sweeps: Gibbs sweeps from a random state to a sample.

    Example:
        >>> fair = RBM(jnp.zeros((3, 2)), jnp.zeros(3), jnp.zeros(2), "spin")
        >>> round(float(jnp.exp(fair.log_prob(jnp.array([1.0, -1.0, 1.0])))), 6)
        0.125

    Source: P. Smolensky, in Parallel Distributed Processing 1 (1986) 194; G. Hinton, Neural Computation 14 (2002) 1771.
    """

    weight: Float[Array, "*members visible hidden"]
    visible: Float[Array, "*members visible"]
    hidden: Float[Array, "*members hidden"]
    units: str = eqx.field(static=True)
    sweeps: int = eqx.field(static=True, default=1000)

    def __check_init__(self) -> None:
        checked_units(self.units)

    def energy(self, value: Visible, hidden: Hidden) -> Scalar:
        """E(v, h)."""
        return -value @ self.visible - hidden @ self.hidden - value @ self.weight @ hidden

    def free_energy(self, value: Visible) -> Scalar:
        """F(v)."""
        return -value @ self.visible - jnp.sum(log_partition(self.hidden_field(value), self.units))

    def hidden_free_energy(self, hidden: Hidden) -> Scalar:
        """The free energy of a state of the hidden units: the same with the two layers exchanged."""
        return -hidden @ self.hidden - jnp.sum(log_partition(self.visible_field(hidden), self.units))

    def hidden_field(self, value: Visible) -> Hidden:
        """The field on each hidden unit, b + W^T v."""
        return self.hidden + value @ self.weight

    def visible_field(self, hidden: Hidden) -> Visible:
        """The field on each visible unit, a + W h."""
        return self.visible + self.weight @ hidden

    def log_z(self) -> Scalar:
        """The value of ln Z by a sum over all states of the smaller layer.

        Raises:
            InputError: if both layers are too large for that; see `annealed_log_z`.
        """
        return enumeration.log_z(self)

    def log_prob(self, value: Visible) -> Scalar:
        """The value of ln p(v), exact.

        Raises:
            InputError: if both layers are too large for the partition function to be summed up.
        """
        return -self.free_energy(value) - self.log_z()

    def sweep(self, key: Key, value: Visible) -> Visible:
        """One Gibbs sweep: hidden units given the visible ones, then visible units given the hidden ones."""
        up, down = jax.random.split(key)
        hidden = draw(up, self.hidden_field(value), self.units)
        return draw(down, self.visible_field(hidden), self.units)

    def sample(self, key: Key) -> Visible:
        """A state after `sweeps` Gibbs sweeps from a random one."""
        first, rest = jax.random.split(key)
        start = draw(first, jnp.zeros_like(self.visible), self.units)
        return jax.lax.fori_loop(
            0, self.sweeps, lambda number, value: self.sweep(jax.random.fold_in(rest, number), value), start
        )


def rbm(
    visible: int,
    hidden: int,
    *,
    units: str = "binary",
    average: Float[Array, " visible"] | None = None,
    scale: float = 0.05,
    key: Key,
) -> RBM:
    """A restricted Boltzmann machine with small random couplings.

    Args:
        visible: number of visible units.
        hidden: number of hidden units.
        units: "binary" (0/1) or "spin" (-1/+1).
        average: mean value of each visible unit in the data, which the visible biases start from; none for no bias.
        scale: standard deviation of the couplings (for 0/1 units; a quarter of it for spins, see `recoded`).
        key: decides the couplings.

    Example:
        >>> rbm(4, 2, key=jax.random.key(0)).weight.shape
        (4, 2)
    """
    low, high = UNITS[checked_units(units)]
    weight = scale / (high - low) ** 2 * jax.random.normal(key, (visible, hidden))
    bias = jnp.zeros(visible) if average is None else field_of(jnp.clip(average, low + 0.02, high - 0.02), units)
    return RBM(weight, bias, jnp.zeros(hidden), units)


def recoded(machine: RBM) -> RBM:
    r"""The same distribution with the other encoding, $s = 2u - 1$: spins for 0/1 and the other way round.

    For $W' = 4 W$, $a' = 2 a - 2 W 1$ and $b' = 2 b - 2 W^T 1$ the 0/1 machine has the energy of the -1/+1 machine up
    to a constant. The probability of each state is the same; the way of a gradient descent is not.

    Example:
        >>> spins = rbm(3, 2, units="spin", scale=1.0, key=jax.random.key(0))
        >>> state = jnp.array([1.0, -1.0, 1.0])
        >>> abs(float(recoded(spins).log_prob((state + 1) / 2) - spins.log_prob(state))) < 1e-5
        True
    """
    w, a, b = machine.weight, machine.visible, machine.hidden
    if machine.units == "spin":
        return RBM(4 * w, 2 * (a - w.sum(axis=1)), 2 * (b - w.sum(axis=0)), "binary", machine.sweeps)
    w = w / 4
    return RBM(w, a / 2 + w.sum(axis=1), b / 2 + w.sum(axis=0), "spin", machine.sweeps)
