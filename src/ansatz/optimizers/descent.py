"""The compiled loop of all minimizers that follow a gradient: one step after another until it is time to stop."""

from __future__ import annotations

import abc
from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from ansatz.optimizers.recipes import Custom, Recipe
from ansatz.optimizers.stopping import (
    BUDGET,
    DECREASE,
    DIVERGED,
    GRADIENT,
    RUNNING,
    STEP,
    TARGET,
    Limits,
    first_of,
)
from ansatz.typing import Scalar

Objective = Callable[[Array], Scalar]

ROWS = 256
"""Most steps in one call of the compiled loop; the record of a call is a table of that many rows."""


class Place(NamedTuple):
    """A place on the way.

    Attributes:
        theta: the parameters.
        value: the function there.
        gradient: its gradient there.
        evaluations: how often the function has been called so far.
        status: `RUNNING`, or the reason why the rule can go no further.
        saddle: whether the curvature says that the way goes on although the gradient vanishes.
        idle: how many steps up to here lowered the value by no more than rounding.
    """

    theta: Array
    value: Array
    gradient: Array
    evaluations: Array
    status: Array
    saddle: Array
    idle: Array


class Rule(eqx.Module):
    """The abstract step: from one place to the next, with a memory. A step that fails stays where it is."""

    @abc.abstractmethod
    def begin(self, function: Objective, theta: Array) -> tuple[Place, PyTree]:
        """The start and the first memory."""

    @abc.abstractmethod
    def step(self, function: Objective, place: Place, memory: PyTree) -> tuple[Place, PyTree]:
        """The next place."""


class Walk(NamedTuple):
    """Where a minimizer stands."""

    place: Place
    memory: PyTree
    status: Array
    best_theta: Array
    best_value: Array


class Row(NamedTuple):
    """What is written down of each step."""

    theta: Array
    value: Array
    gradient_norm: Array
    evaluations: Array


class FirstOrder(Rule):
    """A recipe as a rule: `theta + update(gradient)`; the schedule ends with the budget."""

    recipe: Recipe | Custom
    steps: Array

    def begin(self, function: Objective, theta: Array) -> tuple[Place, PyTree]:
        """The start."""
        return evaluate(function, theta, jnp.asarray(0)), self.recipe.build(self.steps).init(theta)

    def step(self, function: Objective, place: Place, memory: PyTree) -> tuple[Place, PyTree]:
        """One update."""
        update, memory = self.recipe.build(self.steps).update(place.gradient, memory, place.theta)
        return evaluate(function, place.theta + update, place.evaluations), memory


def evaluate(function: Objective, theta: Array, evaluations: Array) -> Place:
    """The place at `theta`, after one more call of the function."""
    value, gradient = jax.value_and_grad(function)(theta)
    return place_at(theta, value, gradient, evaluations + 1)


def place_at(theta: Array, value: Array, gradient: Array, evaluations: Array) -> Place:
    """A place of which nothing else is known."""
    return Place(theta, value, gradient, evaluations, jnp.asarray(RUNNING), jnp.asarray(False), jnp.asarray(0))


def start(function: Objective, rule: Rule, theta: Array, limits: Limits) -> Walk:
    """A walk before its first step."""
    place, memory = rule.begin(function, theta)
    status = first_of(
        (~jnp.isfinite(place.value), DIVERGED),
        (place.value <= limits.target, TARGET),
        (_flat(place, limits), GRADIENT),
        (place.evaluations >= limits.evaluations, BUDGET),
    )
    return Walk(place, memory, status, place.theta, place.value)


def step(function: Objective, rule: Rule, walk: Walk, limits: Limits) -> Walk:
    """One step, and whether it was the last. A place that is not finite is not gone to."""
    place, memory = rule.step(function, walk.place, walk.memory)
    status = _status(walk.place, place, limits)
    fine = status != DIVERGED
    place = jax.tree.map(lambda new, old: jnp.where(fine, new, old), place, walk.place)
    better = place.value < walk.best_value
    return Walk(
        place,
        memory,
        status,
        jnp.where(better, place.theta, walk.best_theta),
        jnp.where(better, place.value, walk.best_value),
    )


def run(function: Objective, rule: Rule, walk: Walk, limits: Limits) -> Walk:
    """All steps until it is time to stop, without a record."""
    return jax.lax.while_loop(
        lambda walk: walk.status == RUNNING, lambda walk: step(function, rule, walk, limits), walk
    )


@eqx.filter_jit
def begin(function: Objective, rule: Rule, theta: Array, limits: Limits) -> tuple[Walk, Row]:
    """The start and its row."""
    walk = start(function, rule, theta, limits)
    return walk, _row(walk.place, keep_path=True)


@eqx.filter_jit
def advance(function: Objective, rule: Rule, walk: Walk, limits: Limits, *, keep_path: bool) -> tuple[Walk, Row, Array]:
    """Up to `ROWS` steps with their table, and how many of its rows are filled."""
    empty = jax.tree.map(lambda cell: jnp.zeros((ROWS, *cell.shape), cell.dtype), _row(walk.place, keep_path=keep_path))

    def go_on(carry: tuple[Walk, Row, Array]) -> Array:
        return (carry[0].status == RUNNING) & (carry[2] < ROWS)

    def body(carry: tuple[Walk, Row, Array]) -> tuple[Walk, Row, Array]:
        walk, table, count = carry
        walk = step(function, rule, walk, limits)
        table = jax.tree.map(
            lambda cells, cell: cells.at[count].set(cell), table, _row(walk.place, keep_path=keep_path)
        )
        return walk, table, count + 1

    return jax.lax.while_loop(go_on, body, (walk, empty, jnp.asarray(0)))


@eqx.filter_jit
def run_many(function: Objective, rule: Rule, starts: Array, limits: Limits) -> Walk:
    """A walk from each start, side by side."""
    return jax.vmap(lambda theta: run(function, rule, start(function, rule, theta, limits), limits))(starts)


def _row(place: Place, *, keep_path: bool) -> Row:
    theta = place.theta if keep_path else place.theta[:0]
    return Row(theta, place.value, jnp.linalg.norm(place.gradient), place.evaluations)


def _flat(place: Place, limits: Limits) -> Array:
    return (jnp.linalg.norm(place.gradient) <= limits.gradient) & ~place.saddle


def _status(old: Place, new: Place, limits: Limits) -> Array:
    finite = jnp.isfinite(new.value) & jnp.isfinite(new.theta).all() & jnp.isfinite(new.gradient).all()
    size = jnp.linalg.norm(new.theta - old.theta)
    change, scale = jnp.abs(new.value - old.value), jnp.maximum(jnp.abs(new.value), jnp.abs(old.value))
    moved = (size > 0) & ~new.saddle
    return first_of(
        (~finite, DIVERGED),
        (new.value <= limits.target, TARGET),
        (_flat(new, limits), GRADIENT),
        (moved & (size < limits.step * (limits.step + jnp.linalg.norm(new.theta))), STEP),
        (moved & (change < limits.decrease * scale), DECREASE),
        (new.status != RUNNING, new.status),
        (new.evaluations >= limits.evaluations, BUDGET),
    )
