r"""Rules that know the curvature, in `fit`: one epoch is one step on all rows, and everything else is as for any fit.

The rule sees the parameters as one vector and the risk as what it needs: a number (Newton, BFGS, L-BFGS), residuals
(Gauss-Newton, Levenberg-Marquardt), or a convex function of the answers (natural gradient). Such a fit is done in
float64, for differences of risks close to the minimum drown in the rounding of float32.
"""

from __future__ import annotations

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, PyTree

from ansatz.data import Batch, Dataset
from ansatz.errors import InputError
from ansatz.models import is_random
from ansatz.optimizers import BFGS, GaussNewton, LevenbergMarquardt, NaturalGradient, Newton, Rule
from ansatz.optimizers import stopping as reasons
from ansatz.optimizers.objective import Composite, LeastSquares
from ansatz.risk import Risk, composed, residuals, unsquared
from ansatz.training.engine import program
from ansatz.training.engine.program import Budget, Member, Rows, State
from ansatz.typing import Key, Scalar

SQUARES = (GaussNewton, LevenbergMarquardt)
MOST_NUMBERS = 2**28
"""Largest matrix that a rule may ask for, in numbers: 2 GiB."""


def check(rule: Rule, risk: Risk, data: Dataset) -> None:
    """Whether a rule can make a risk of these events small.

    Raises:
        InputError: if it needs a sum of squares or positive weights, and there are none.

    Example:
        >>> from ansatz.risk import Expected, cross_entropy
        >>> check(LevenbergMarquardt(), Expected(cross_entropy), Dataset(np.zeros((2, 1)), y=np.arange(2)))
        Traceback (most recent call last):
        ...
        ansatz.errors.InputError: LevenbergMarquardt needs a sum of squares, and 'cross_entropy' is none; take ...
    """
    name = type(rule).__name__
    odd = unsquared(risk) if isinstance(rule, SQUARES) else ()
    if odd:
        raise InputError(f"{name} needs a sum of squares, and '{odd[0]}' is none; take NaturalGradient, BFGS or adam")
    negative = int(np.sum(data.weight < 0))
    if negative and isinstance(rule, (*SQUARES, NaturalGradient)):
        raise InputError(
            f"{name} cannot be trained with negative event weights, and {negative} events have one; "
            "take Newton, BFGS or adam"
        )


def check_size(rule: Rule, models: PyTree, parameters: PyTree, rows: int) -> None:
    """Whether a rule can work on such a network.

    Raises:
        InputError: if the network is random, or its matrix would not fit into the memory.
    """
    name = type(rule).__name__
    if is_random(models):
        raise InputError(f"{name} needs a risk that is not random; leave out the dropout, or take adam")
    n = sum(int(np.prod(leaf.shape[1:])) for leaf in jax.tree.leaves(parameters))
    sides = rows + n if isinstance(rule, SQUARES) else n
    if isinstance(rule, (*SQUARES, Newton, BFGS)) and sides * n > MOST_NUMBERS:
        raise InputError(
            f"{name} would need a matrix of {sides:,} by {n:,} numbers for {n:,} parameters; "
            "take NaturalGradient or LBFGS, which need none"
        )


def begin(parameters: PyTree, members: Member, train: Rows, keys: Key, *, resample: str | None) -> State:
    """All members before their first step; every array has a leading member axis.

    Raises:
        InputError: if the risk of every member is infinite or NaN.
    """
    states = _begin(parameters, members, train, keys, resample=resample, one_by_one=jax.default_backend() == "cpu")
    if not np.isfinite(states.memory[0].value).any():
        raise InputError("the risk is not finite at the start; look for extreme values in the features and targets")
    return states


@eqx.filter_jit
def _begin(
    parameters: PyTree, members: Member, train: Rows, keys: Key, *, resample: str | None, one_by_one: bool
) -> State:
    arrays, static = eqx.partition((parameters, members, keys), eqx.is_array)

    def one(mine: PyTree) -> State:
        own, member, key = eqx.combine(mine, static)
        member, rows = program.with_rows(member, train, resample)
        theta, build = ravel_pytree(own)
        memory = member.optimizer.begin(objective(member, rows.batch, build), theta)
        return program.begun(own, memory, key)

    return jax.lax.map(one, arrays) if one_by_one else jax.vmap(one)(arrays)


def step(state: State, member: Member, train: Rows, budget: Budget, batch_size: int) -> tuple[State, dict[str, Array]]:
    """One step on all rows, whatever the size of a batch; the terms are those of the place where it lands."""
    _, build = ravel_pytree(state.parameters)
    before, memory = state.memory
    place, memory = member.optimizer.step(objective(member, train.batch, build), before, memory)
    parameters = build(place.theta)
    terms = member.risk.terms(eqx.combine(parameters, member.rest), train.batch, None)
    risk = sum(terms.values())
    status = reasons.first_of(
        (~(jnp.isfinite(risk) & jnp.isfinite(place.theta).all()), program.DIVERGED),
        (place.status == reasons.STUCK, program.STUCK),
        ((place.status != reasons.RUNNING) | (jnp.linalg.norm(place.gradient) == 0), program.CONVERGED),
    )
    state = eqx.tree_at(
        lambda s: (s.parameters, s.memory, s.epoch, s.status, s.failed_step),
        state,
        (
            parameters,
            (place, memory),
            state.epoch + 1,
            status,
            jnp.where(status == program.DIVERGED, 0, state.failed_step),
        ),
    )
    return state, {f"train/{name}": value for name, value in terms.items()} | {"train/risk": risk}


def objective(member: Member, batch: Batch, build: Callable[[Array], PyTree]) -> Callable[[Array], Scalar]:
    """The risk of a member as a function of a vector of parameters, in the form that its rule needs."""
    rule, risk = member.optimizer, member.risk

    def model(theta: Array) -> PyTree:
        return eqx.combine(build(theta), member.rest)

    if isinstance(rule, SQUARES):
        return LeastSquares(lambda theta: residuals(risk, model(theta), batch))
    if isinstance(rule, NaturalGradient):
        inner, outer = composed(risk, batch)
        return Composite(outer, lambda theta: inner(model(theta)))
    return lambda theta: risk(model(theta), batch, None)
