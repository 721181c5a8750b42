"""How likely a change of the energy is taken."""

import jax.numpy as jnp
from jax import Array
from jax.nn import sigmoid

from ansatz.errors import InputError, suggest

RULES = ("metropolis", "heat-bath")


def check_rule(rule: str) -> None:
    """Refuse an unknown rule.

    Raises:
        InputError: if the rule is neither `"metropolis"` nor `"heat-bath"`.
    """
    if rule not in RULES:
        raise InputError(f"an update is by {' or '.join(RULES)}, not '{rule}'{suggest(rule, RULES)}")


def flip_probability(rule: str, change: Array) -> Array:
    r"""Probability to take a change, from \( \beta \Delta E \): \( \min(1, e^{-\beta \Delta E}) \) or the heat bath's.

    Example:
        >>> flip_probability("metropolis", jnp.array([-1.0, 0.0])).tolist(), float(flip_probability("heat-bath", 0.0))
        ([1.0, 1.0], 0.5)
    """
    return jnp.exp(-jnp.maximum(change, 0.0)) if rule == "metropolis" else sigmoid(-jnp.asarray(change))
