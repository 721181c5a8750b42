r"""How far to go along a direction: the weak Wolfe conditions, by bracketing.

Source: A. Lewis and M. Overton, Math. Program. 141 (2013) 135; near the minimum, where the decrease drowns in
rounding, the slopes alone decide: W. Hager and H. Zhang, SIAM J. Optim. 16 (2005) 170.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array

from ansatz.optimizers.descent import Objective, Place, evaluate
from ansatz.optimizers.stopping import PRECISION, RUNNING, STUCK

DECREASE, CURVATURE, LEVEL, TRIES, IDLE = 1e-4, 0.9, 1e-12, 40, 20


class Bracket(NamedTuple):
    """Step lengths between which a good one lies, and the best place that lies low enough."""

    low: Array
    high: Array
    length: Array
    place: Place
    kept: Place
    tries: Array
    found: Array


def search(function: Objective, place: Place, direction: Array, length: Array) -> Place:
    """A place along a direction of descent that lies lower and where the slope has flattened.

    Where there is none the place comes back as it was, with the reason as its status.
    """
    slope = jnp.dot(place.gradient, direction)
    rounding = 8 * jnp.finfo(place.value.dtype).eps * jnp.abs(place.value)
    noise = jnp.maximum(rounding, LEVEL * jnp.abs(place.value))

    def low_enough(new: Place, t: Array) -> Array:
        plain = new.value <= place.value + DECREASE * t * slope
        level = jnp.dot(new.gradient, direction) <= (2 * DECREASE - 1) * slope
        return jnp.isfinite(new.value) & (plain | ((new.value <= place.value + noise) & level))

    def body(b: Bracket) -> Bracket:
        new = evaluate(function, place.theta + b.length * direction, b.place.evaluations)
        low = low_enough(new, b.length)
        flat = jnp.dot(new.gradient, direction) >= CURVATURE * slope
        kept = jax.tree.map(lambda a, c: jnp.where(low, a, c), new, b.kept)
        lower, upper = jnp.where(low, b.length, b.low), jnp.where(low, b.high, b.length)
        following = jnp.where(low, _longer(b, new, direction, upper), _shorter(b, new, slope, place.value))
        return Bracket(lower, upper, following, new, kept, b.tries + 1, low & flat)

    first = Bracket(jnp.zeros(()), jnp.asarray(jnp.inf), length, place, place, jnp.asarray(0), jnp.asarray(False))
    last = jax.lax.while_loop(lambda b: ~b.found & (b.tries < TRIES), body, first)
    lost = jnp.where(-slope <= noise + jnp.finfo(slope.dtype).tiny, PRECISION, STUCK)
    idle = jnp.where(last.kept.value < place.value - noise, 0, place.idle + 1)
    status = jnp.where(last.low > 0, jnp.where(idle > IDLE, PRECISION, RUNNING), lost)
    return last.kept._replace(evaluations=last.place.evaluations, status=status, idle=idle)


def _longer(b: Bracket, new: Place, direction: Array, upper: Array) -> Array:
    """Beyond a place that still goes down: where the slope would vanish, or the middle of the bracket."""
    here, before = jnp.dot(new.gradient, direction), jnp.dot(b.kept.gradient, direction)
    secant = b.length + here * (b.length - b.low) / jnp.where(before < here, before - here, -jnp.inf)
    outward = jnp.where(before < here, jnp.clip(secant, 1.5 * b.length, 5 * b.length), 2 * b.length)
    return jnp.where(jnp.isfinite(upper), 0.5 * (b.length + upper), outward)


def _shorter(b: Bracket, new: Place, slope: Array, value: Array) -> Array:
    """Before a place that lies too high: the minimum of the parabola, kept inside the bracket."""
    width = b.length - b.low
    local = jnp.where(b.low > 0, 0.0, slope)
    parabola = b.low - 0.5 * local * width**2 / (new.value - value - local * width)
    inside = jnp.clip(parabola, b.low + 0.1 * width, b.low + 0.6 * width)
    return jnp.where(jnp.isfinite(new.value) & (b.low == 0), inside, b.low + 0.5 * width)
