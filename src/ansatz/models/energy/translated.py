r"""A Boltzmann machine on a periodic lattice that knows that all its sites are alike."""

from __future__ import annotations

import math

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ansatz.errors import InputError
from ansatz.models.energy.rbm import RBM, Visible
from ansatz.models.energy.units import UNITS, checked_units, field_of
from ansatz.typing import Key, Scalar


class TranslatedRBM(eqx.Module):
    r"""A machine whose hidden units are copies of few, one at every site r, which see a window of spins there.

    $W_{i, (k, r)} = w_k(i - r)$ inside of the window, else zero. States that are translations of each other have one
    probability, and there are far fewer parameters, so that a sample says more of each. Spins with couplings between
    neighbors need no more: with one hidden unit for each bond, $\sum_h e^{w h (s + s')} \propto e^{J s s'}$ for
    $\cosh 2w = e^{2J}$.

    Attributes:
        filters: w, shape (groups, sites of the window).
        visible: the field on every site, shape ().
        hidden: the field on the hidden units of each group, shape (groups,).
        lattice: sites along each axis.
        window: sites of the window along each axis.
        units: "binary" (0/1) or "spin" (-1/+1), of both layers.
        even: whether spins have no fields, so that a state and its mirror image have one probability.

    Example:
        >>> ring = TranslatedRBM(jnp.array([[1.0, 2.0]]), jnp.zeros(()), jnp.zeros(1), (3,), (2,), "spin")
        >>> ring.whole().weight.T.tolist()
        [[1.0, 2.0, 0.0], [0.0, 1.0, 2.0], [2.0, 0.0, 1.0]]

    Source: H. Lee, R. Grosse, R. Ranganath and A. Ng, ICML (2009) 609;
    J. Hubbard, Phys. Rev. Lett. 3 (1959) 77 (a unit for each bond).
    """

    filters: Float[Array, "*members groups spins"]
    visible: Float[Array, "*members"]
    hidden: Float[Array, "*members groups"]
    lattice: tuple[int, ...] = eqx.field(static=True)
    window: tuple[int, ...] = eqx.field(static=True)
    units: str = eqx.field(static=True)
    even: bool = eqx.field(static=True, default=False)

    def whole(self) -> RBM:
        """The same machine with all its hidden units, group by group."""
        sites = math.prod(self.lattice)
        everywhere = jnp.zeros((len(self.filters), sites)).at[:, _inside(self.window, self.lattice)].set(self.filters)
        weight = everywhere[:, _apart(self.lattice)].reshape(-1, sites).T
        fields = jnp.full(sites, self.visible), jnp.repeat(self.hidden, sites)
        return RBM(weight, *(jnp.zeros_like(field) if self.even else field for field in fields), self.units)

    def free_energy(self, value: Visible) -> Scalar:
        """F(v)."""
        return self.whole().free_energy(value)

    def log_prob(self, value: Visible) -> Scalar:
        """The value of ln p(v), exact, where that can be summed up."""
        return self.whole().log_prob(value)

    def sweep(self, key: Key, value: Visible) -> Visible:
        """One Gibbs sweep."""
        return self.whole().sweep(key, value)


def translated(
    lattice: tuple[int, ...],
    hidden: int,
    *,
    window: tuple[int, ...] | None = None,
    units: str = "binary",
    even: bool = False,
    average: float | None = None,
    scale: float = 0.05,
    key: Key,
) -> TranslatedRBM:
    """A machine of that kind with small random couplings.

    Args:
        lattice: sites along each axis.
        hidden: number of hidden units, a multiple of the number of sites.
        window: sites of the window along each axis; None for the whole lattice.
        units: "binary" (0/1) or "spin" (-1/+1).
        even: whether spins have no fields.
        average: mean value of a visible unit in the data, which the visible bias starts from; None for no bias.
        scale: standard deviation of the couplings (for 0/1 units; a quarter of it for spins).
        key: decides the couplings.

    Raises:
        InputError: if the hidden units are not as many at every site, the window does not fit into the lattice, or
            units of 0 and 1 should be even.

    Example:
        >>> translated((4, 4), 32, window=(2, 2), key=jax.random.key(0)).filters.shape
        (2, 4)
    """
    sites = math.prod(lattice)
    groups, rest = divmod(hidden, sites)
    if rest or not groups:
        raise InputError(f"hidden: {hidden} units cannot be as many at each of {sites} sites; give a multiple of these")
    window = tuple(lattice if window is None else window)
    if len(window) != len(lattice) or not all(1 <= w <= n for w, n in zip(window, lattice, strict=True)):
        raise InputError(f"a window of {_shown(window)} sites does not fit into a lattice of {_shown(lattice)}")
    if even and units != "spin":
        raise InputError("a machine without fields is even for spins -1/+1 only; map 0/1 by 2 x - 1")
    low, high = UNITS[checked_units(units)]
    filters = scale / (high - low) ** 2 * jax.random.normal(key, (groups, math.prod(window)))
    mean = 0.5 * (low + high) if average is None else min(max(average, low + 0.02), high - 0.02)
    return TranslatedRBM(
        filters, field_of(jnp.asarray(mean), units), jnp.zeros(groups), tuple(lattice), window, units, even
    )


def _shown(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))


def _inside(window: tuple[int, ...], lattice: tuple[int, ...]) -> np.ndarray:
    """The numbers of the sites of a window that begins at site 0, shape (sites of the window,)."""
    return np.ravel_multi_index(tuple(np.indices(window).reshape(len(window), -1)), lattice)


def _apart(lattice: tuple[int, ...]) -> np.ndarray:
    """The number of the site i - r for each r and i, around the edges, shape (sites, sites)."""
    place = np.stack(np.unravel_index(np.arange(math.prod(lattice)), lattice))
    steps = (place[:, None, :] - place[:, :, None]) % np.array(lattice)[:, None, None]
    return np.ravel_multi_index(tuple(steps), lattice)
