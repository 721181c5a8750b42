"""When a minimizer stops, and what it says then."""

from __future__ import annotations

import dataclasses
from numbers import Real
from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array

from ansatz.errors import InputError

RUNNING, GRADIENT, STEP, DECREASE, TARGET, PRECISION, BUDGET, STUCK, DIVERGED, DONE, TIRED = range(11)


REASONS = {
    RUNNING: ("running", "it has not stopped"),
    GRADIENT: ("gradient", "the gradient is smaller than asked for"),
    STEP: ("step", "the steps are smaller than asked for"),
    DECREASE: ("decrease", "the value decreases by less than asked for"),
    TARGET: ("target", "the value has reached the target"),
    PRECISION: ("precision", "no further decrease can be told from rounding"),
    BUDGET: ("budget", "the budget of evaluations is spent; give more, or take another optimizer"),
    STUCK: ("stuck", "no step lowers the value, yet the gradient is not small; is the function smooth and bounded?"),
    DIVERGED: ("diverged", "the value stopped being finite; take a smaller learning rate or another start"),
    DONE: ("done", "everything that was asked for has been tried"),
    TIRED: ("patience", "the score on fresh data has not improved for long"),
}
"""Word and sentence of each reason."""

CONVERGED = frozenset({GRADIENT, STEP, DECREASE, TARGET, PRECISION, DONE, TIRED})
"""The reasons after which the end may be believed."""


@dataclasses.dataclass(frozen=True)
class Stop:
    r"""When to stop: at the first of these.

    Attributes:
        gradient: largest norm of the gradient at a minimum.
        step: stop when $\|\Delta\theta\| \le s\,(s + \|\theta\|)$; 0 for never. For a population: its width.
        decrease: stop when the value changes by less than this fraction of itself; 0 for never. For a population:
            the spread of its values.
        evaluations: most evaluations of the function (a value with its gradient is one).
        target: stop when the value is no larger.

    Raises:
        InputError: if the budget is not positive or a tolerance is negative.

    Example:
        >>> Stop(evaluations=100).gradient
        1e-08
        >>> Stop(evaluations=0)
        Traceback (most recent call last):
        ...
        ansatz.errors.InputError: the budget must be at least one evaluation, not 0
    """

    gradient: float = 1e-8
    step: float = 0.0
    decrease: float = 0.0
    evaluations: int = 10_000
    target: float = -float("inf")

    def __post_init__(self) -> None:
        for name in ("gradient", "step", "decrease", "evaluations", "target"):
            if not isinstance(getattr(self, name), Real):
                raise InputError(f"'{name}' of a Stop must be a number, not {getattr(self, name)!r}")
        if not self.evaluations >= 1:
            raise InputError(f"the budget must be at least one evaluation, not {self.evaluations}")
        for name in ("gradient", "step", "decrease"):
            if not getattr(self, name) >= 0:
                raise InputError(f"the tolerance '{name}' must not be negative, but is {getattr(self, name)}")

    def limits(self) -> Limits:
        """The same as arrays, so that other limits are not another program."""
        return Limits(*(jnp.asarray(getattr(self, name)) for name in Limits._fields))


class Limits(NamedTuple):
    """The numbers of a `Stop` as arrays."""

    gradient: Array
    step: Array
    decrease: Array
    evaluations: Array
    target: Array


def first_of(*pairs: tuple[Array, int | Array]) -> Array:
    """The code that belongs to the first true condition, or `RUNNING`."""
    conditions, codes = zip(*pairs, strict=True)
    return jnp.select(list(conditions), [jnp.asarray(code) for code in codes], RUNNING)
