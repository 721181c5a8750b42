r"""Hopfield's network: spins whose couplings remember patterns as minima of the energy."""

from __future__ import annotations

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from ansatz.errors import InputError
from ansatz.typing import Key, Scalar

State = Float[Array, " spins"]

ROUNDING = 1e-5
"""Fields smaller than this are taken as none: a spin stays as it is."""


class Hopfield(eqx.Module):
    r"""$E(s) = -\tfrac12\, s^T J s$ over spins -1/+1, which turn one after another towards their local field.

    With Hebb's couplings $J = \frac1N \sum_\mu \xi_\mu \xi_\mu^T$ it recalls up to .138 N random patterns of N spins;
    with the projection on the patterns up to N linearly independent ones.

    Attributes:
        couplings: J, shape (spins, spins), symmetric with a diagonal of zeros.
        sweeps: most times that each spin is looked at.

    Example:
        >>> patterns = np.array([[1, 1, 1, 1, -1, -1, -1, -1], [1, -1, 1, -1, 1, -1, 1, -1]])
        >>> network = Hopfield.hebb(patterns)
        >>> broken = jnp.array([-1.0, 1, 1, 1, -1, -1, -1, -1])
        >>> network.recall(broken, key=jax.random.key(0)).tolist() == patterns[0].tolist()
        True

    Source: J. Hopfield, PNAS 79 (1982) 2554; D. Amit, H. Gutfreund and H. Sompolinsky, Phys. Rev. Lett. 55 (1985) 1530
    (capacity); L. Personnaz, I. Guyon and G. Dreyfus, J. Physique Lett. 46 (1985) 359 (projection).
    """

    couplings: Float[Array, "spins spins"]
    sweeps: int = eqx.field(static=True, default=50)

    @staticmethod
    def hebb(patterns: np.ndarray, weight: np.ndarray | None = None) -> Hopfield:
        r"""Stores patterns by $J_{ij} = \frac{P}{N} \sum_\mu w_\mu \xi_{\mu i} \xi_{\mu j}$ with weights of sum one.

        Args:
            patterns: -1/+1, shape (patterns, spins).
            weight: how well each shall be remembered; all alike if not given.

        Raises:
            InputError: if a value is neither -1 nor +1, or the weights do not sum to something positive.
        """
        xi = checked_patterns(patterns)
        weight = np.ones(len(xi)) if weight is None else np.asarray(weight, float)
        if not weight.sum() > 0:
            raise InputError(f"the weights of the patterns sum to {weight.sum():g}; they must be positive")
        return _without_diagonal((xi * weight[:, None] / weight.sum()).T @ xi * len(xi) / xi.shape[1])

    @staticmethod
    def projection(patterns: np.ndarray) -> Hopfield:
        r"""Stores patterns by the projection on the space they span, $J = \Xi^+ \Xi$: each is a fixed point.

        Args:
            patterns: -1/+1, shape (patterns, spins).

        Raises:
            InputError: if a value is neither -1 nor +1.
        """
        xi = checked_patterns(patterns)
        return _without_diagonal(np.linalg.pinv(xi) @ xi)

    def energy(self, state: State) -> Scalar:
        """E(s)."""
        return -0.5 * state @ self.couplings @ state

    def stable(self, state: State) -> Array:
        """Whether no spin would turn."""
        return jnp.all((self.couplings @ state) * state >= -ROUNDING)

    def recall(self, state: State, *, key: Key) -> State:
        """The minimum that is reached from a state; spins turn one by one in random order, so the energy only falls."""

        def turn(now: State, site: Array) -> tuple[State, None]:
            field = self.couplings[site] @ now
            return now.at[site].set(jnp.where(jnp.abs(field) < ROUNDING, now[site], jnp.sign(field))), None

        def go_on(carry: tuple[Array, State, Array]) -> Array:
            number, _, moved = carry
            return (number < self.sweeps) & moved

        def body(carry: tuple[Array, State, Array]) -> tuple[Array, State, Array]:
            number, now, _ = carry
            order = jax.random.permutation(jax.random.fold_in(key, number), len(now))
            after, _ = jax.lax.scan(turn, now, order)
            return number + 1, after, jnp.any(after != now)

        begin = (jnp.asarray(0), jnp.asarray(state, self.couplings.dtype), jnp.asarray(True))
        return jax.lax.while_loop(go_on, body, begin)[1]


def checked_patterns(patterns: np.ndarray) -> np.ndarray:
    """Patterns as floats.

    Raises:
        InputError: if there are none, or a value is neither -1 nor +1.
    """
    xi = np.asarray(patterns, float)
    if xi.ndim != 2 or not len(xi):
        raise InputError(f"patterns are a table of one row each, not an array of shape {xi.shape}")
    if not np.all(np.abs(xi) == 1):
        row = int(np.argmax(np.any(np.abs(xi) != 1, axis=1)))
        raise InputError(f"a spin is -1 or +1; pattern {row} has other values (map 0/1 by 2 x - 1)")
    return xi


def _without_diagonal(couplings: np.ndarray) -> Hopfield:
    return Hopfield(jnp.asarray(couplings - np.diag(np.diag(couplings)), float))


def mean_field_overlap(load: float, *, start: float = 1.0, sweeps: int = 2000) -> float:
    r"""Overlap with a stored pattern in the limit of many spins at zero temperature, $\alpha = P / N$.

    $m = \mathrm{erf}(m / \sqrt{2 \alpha r})$ with $r = (1 - C)^{-2}$ and
    $C = \sqrt{2 / \pi \alpha r}\, e^{-m^2 / 2 \alpha r}$, iterated from m = 1; zero above the capacity .138.

    Example:
        >>> round(mean_field_overlap(0.137), 3), round(mean_field_overlap(0.15), 3)
        (0.975, 0.0)

    Source: D. Amit, H. Gutfreund and H. Sompolinsky, Annals of Physics 173 (1987) 30.
    """
    from scipy.special import erf

    overlap, noise = start, load
    for _ in range(sweeps):
        gain = np.sqrt(2 / (np.pi * noise)) * np.exp(-(overlap**2) / (2 * noise))
        noise = load / (1 - min(gain, 0.999)) ** 2
        overlap = float(erf(overlap / np.sqrt(2 * noise)))
    return overlap if overlap > 1e-3 else 0.0
