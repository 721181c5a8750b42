r"""First-order optimizers by name: Optax's update rules with a learning rate, a schedule and weight decay.

A `Recipe` keeps its numbers as arrays, so that another learning rate, momentum or weight decay is not another
program: a scan over them compiles once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import equinox as eqx
import jax.numpy as jnp
import optax
from jaxtyping import Array

from ansatz.errors import InputError, suggest
from ansatz.typing import Scalar

RULES: dict[str, Callable[[Scalar], optax.GradientTransformation]] = {
    "sgd": lambda beta: optax.identity(),
    "momentum": lambda beta: optax.trace(decay=beta),
    "nesterov": lambda beta: optax.trace(decay=beta, nesterov=True),
    "adagrad": lambda beta: optax.scale_by_rss(initial_accumulator_value=0.0, eps=1e-14),
    "adadelta": lambda beta: optax.scale_by_adadelta(rho=beta),
    "rmsprop": lambda beta: optax.scale_by_rms(decay=beta, eps_in_sqrt=False),
    "adam": lambda beta: optax.scale_by_adam(b1=beta),
    "adamw": lambda beta: optax.scale_by_adam(b1=beta),
    "nadam": lambda beta: optax.scale_by_adam(b1=beta, nesterov=True),
    "adamax": lambda beta: optax.scale_by_adamax(b1=beta),
    "amsgrad": lambda beta: optax.scale_by_amsgrad(b1=beta),
    "adabelief": lambda beta: optax.scale_by_belief(b1=beta),
    "radam": lambda beta: optax.scale_by_radam(b1=beta),
    "yogi": lambda beta: optax.scale_by_yogi(b1=beta),
    "novograd": lambda beta: optax.scale_by_novograd(b1=beta),
    "lion": lambda beta: optax.scale_by_lion(b1=beta),
    "lamb": lambda beta: optax.chain(optax.scale_by_adam(b1=beta, eps=1e-6), optax.scale_by_trust_ratio()),
    "sign": lambda beta: optax.scale_by_sign(),
}
"""Name of each rule: a function of the memory beta (momentum), without the learning rate."""

SCHEDULES: dict[str, Callable[[Scalar], Scalar]] = {
    "constant": lambda progress: jnp.ones_like(progress),
    "linear": lambda progress: 1 - progress,
    "cosine": lambda progress: 0.5 * (1 + jnp.cos(jnp.pi * progress)),
    "exponential": lambda progress: jnp.exp(-jnp.log(1000.0) * progress),
    "step": lambda progress: 0.1 ** jnp.floor(3 * progress),
    "inverse": lambda progress: 1 / (1 + 9 * progress),
}
"""Factor on the learning rate as the fit goes from progress 0 to 1."""


class Recipe(eqx.Module):
    r"""An optimizer: update rule, learning rate $\eta$, schedule, warm-up, weight decay, gradient clipping.

    The step is $\theta \leftarrow \theta - \eta\, s(t)\,(u(g) + \lambda\theta)$ with the rule's update u of the
    gradient g (clipped to norm `clip`), the schedule s and decoupled weight decay $\lambda$.

    Args:
        name: a name of `RULES`.
        learning_rate: $\eta$.
        momentum: memory beta of the rule; by default .9 (.9 for `adadelta` too).
        weight_decay: $\lambda$; by default 1e-4 for `adamw` and 0 for the others.
        schedule: a name of `SCHEDULES`.
        warmup: fraction of the fit over which the learning rate rises from zero.
        clip: largest norm of a gradient, or None.

    Raises:
        InputError: if the rule or the schedule is unknown, or a number is out of range.

    Example:
        >>> Recipe("adam", learning_rate=1e-3).name
        'adam'

    Source: S. Ruder, arXiv:1609.04747; I. Loshchilov and F. Hutter, arXiv:1711.05101.
    """

    name: str = eqx.field(static=True)
    schedule: str = eqx.field(static=True)
    learning_rate: Array
    momentum: Array
    weight_decay: Array
    warmup: Array
    clip: Array | None

    def __init__(
        self,
        name: str = "adam",
        *,
        learning_rate: float = 1e-3,
        momentum: float = 0.9,
        weight_decay: float | None = None,
        schedule: str = "constant",
        warmup: float = 0.0,
        clip: float | None = None,
    ) -> None:
        _known("optimizer", name, RULES)
        _known("schedule", schedule, SCHEDULES)
        if not learning_rate > 0:
            raise InputError(f"learning_rate must be positive, not {learning_rate}")
        if not 0 <= momentum < 1:
            raise InputError(f"momentum must be in [0, 1), not {momentum}")
        if not 0 <= warmup <= 1:
            raise InputError(f"warmup is a fraction of the fit in [0, 1], not {warmup}")
        if clip is not None and not clip > 0:
            raise InputError(f"clip, the largest norm of a gradient, must be positive, not {clip}")
        self.name, self.schedule = name, schedule
        decay = (1e-4 if name == "adamw" else 0.0) if weight_decay is None else weight_decay
        self.learning_rate, self.momentum = jnp.asarray(learning_rate, float), jnp.asarray(momentum, float)
        self.weight_decay, self.warmup = jnp.asarray(decay, float), jnp.asarray(warmup, float)
        self.clip = None if clip is None else jnp.asarray(clip, float)

    def build(self, total_steps: Array) -> optax.GradientTransformation:
        """The Optax transformation for a fit of `total_steps` steps; all numbers may be traced."""

        def rate(count: Array) -> Scalar:
            progress = jnp.minimum(count / jnp.maximum(total_steps, 1), 1.0)
            rise = jnp.where(progress < self.warmup, (progress + 1 / total_steps) / jnp.maximum(self.warmup, 1e-9), 1.0)
            return -self.learning_rate * jnp.minimum(rise, 1.0) * SCHEDULES[self.schedule](progress)

        return optax.chain(
            optax.identity() if self.clip is None else optax.clip_by_global_norm(self.clip),
            RULES[self.name](self.momentum),
            optax.add_decayed_weights(self.weight_decay),
            optax.scale_by_schedule(rate),
        )


@dataclasses.dataclass(frozen=True)
class Custom:
    """Any Optax transformation as a recipe; it is compiled once for each object.

    Example:
        >>> Custom(optax.adam(1e-3)).build(jnp.array(100)).init is not None
        True
    """

    transformation: optax.GradientTransformation

    def build(self, total_steps: Array) -> optax.GradientTransformation:
        """The transformation itself."""
        return self.transformation


def _known(what: str, name: str, table: dict[str, object]) -> None:
    if name not in table:
        raise InputError(f"there is no {what} '{name}'{suggest(name, table)}; there are: {', '.join(table)}")
