"""Evolution in `fit`: a population of points in the space of a network's parameters, no gradient.

The parameters are one vector, a generation is one vmapped evaluation of the risk on all rows, and an epoch is a
generation. The best point so far is what a generation is judged by; look-back stopping works as for any fit.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Mapping

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PyTree

from ansatz.errors import InputError
from ansatz.models import count_parameters, is_random
from ansatz.optimizers import CMAES, Evolving, Stop
from ansatz.optimizers import stopping as reasons
from ansatz.optimizers.evolution.search import Search, Task
from ansatz.optimizers.objective import Shape, flatten
from ansatz.risk import total
from ansatz.training.engine import program
from ansatz.training.engine.program import Budget, Member, Rows, State
from ansatz.training.population import member as chosen
from ansatz.typing import Key, Scalar

REACH = 5.0
"""How far from the start each parameter may go, for a search that needs bounds."""

MOST = 2_000
"""Most parameters whose full covariance is learned."""

Report = Callable[[int, Mapping[str, float]], None]
"""Told the number of generations done and the risks, for whoever shows them."""


class Cost(eqx.Module):
    """The risk of a member as a function of a vector of parameters; its arrays are arguments of the program."""

    member: Member
    rows: Rows
    shape: Shape

    def __call__(self, theta: Array) -> Scalar:
        """The risk on all rows."""
        return total(self.terms(self.shape.build(theta)))

    def terms(self, parameters: PyTree) -> dict[str, Scalar]:
        """Its terms."""
        return self.member.risk.terms(eqx.combine(parameters, self.member.rest), self.rows.batch, None)


def check(optimizer: Search, models: PyTree, members: int) -> None:
    """Whether a search can train a network.

    Raises:
        InputError: if it does not go by generations, the network is random, or it has too many parameters.
    """
    name, n = type(optimizer).__name__, count_parameters(models) // members
    if not isinstance(optimizer, Evolving):
        raise InputError(f"{name} cannot train a network; take CMAES, DifferentialEvolution or GeneticAlgorithm")
    if is_random(models):
        raise InputError(f"{name} needs a risk that is not random; leave out the dropout, or take adam")
    if isinstance(optimizer, CMAES) and not optimizer.separable and n > MOST:
        raise InputError(f"CMAES learns a matrix of {n:,} by {n:,} numbers; take CMAES(separable=True) or fewer units")


@eqx.filter_jit
def begin(parameters: PyTree, keys: Key) -> State:
    """All members before their first generation; every array has a leading member axis."""
    return eqx.filter_vmap(lambda own, key: program.begun(own, None, key))(parameters, keys)


def evolve(
    states: State,
    members: Member,
    train: Rows,
    validation: Rows | None,
    budget: Budget,
    *,
    resample: str | None,
    report: Report | None,
) -> tuple[State, dict[str, np.ndarray]]:
    """All members, one after another, with their history of shape (members, epochs)."""
    done = []
    for number in range(len(states.status)):
        state, member = chosen(states, number), chosen(members, number)
        done.append(_evolved(state, member, train, validation, budget, resample, report))
    epochs = max(len(table["train/risk"]) for _, table in done)
    history = {
        name: np.array(
            [np.pad(table[name], (0, epochs - len(table[name])), constant_values=np.nan) for _, table in done]
        )
        for name in done[0][1]
    }
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *[state for state, _ in done]), history


def _evolved(
    state: State,
    member: Member,
    train: Rows,
    validation: Rows | None,
    budget: Budget,
    resample: str | None,
    report: Report | None,
) -> tuple[State, dict[str, list[float]]]:
    judge = program.judge_of(member, validation)
    member, rows = program.with_rows(member, train, resample)
    start, shape = flatten(state.parameters)
    cost, optimizer = Cost(member, rows, shape), member.optimizer
    watcher = Watcher(cost, judge, int(budget.epochs), int(budget.patience), report)
    if int(state.status) != program.RUNNING:
        watcher(start)
        return eqx.tree_at(lambda s: s.best_epoch, state, jnp.asarray(0)), watcher.history
    stop = Stop(evaluations=int(budget.epochs) * optimizer.size(len(start)) + 1)
    box = (start - REACH, start + REACH) if optimizer.boxed() else None
    task = Task(cost, smooth=True, start=start, shape=shape, bounds=box, stop=stop, path=False, key=state.seed.key())
    end = optimizer.search(dataclasses.replace(task, watch=watcher))
    code = {"budget": program.RUNNING, "patience": program.PATIENCE}.get(end.stopped, program.CONVERGED)
    final = eqx.tree_at(
        lambda s: (s.parameters, s.best, s.best_score, s.best_epoch, s.epoch, s.status),
        state,
        (
            watcher.built(watcher.last),
            watcher.built(watcher.best),
            jnp.asarray(watcher.score, state.best_score.dtype),
            jnp.asarray(watcher.epoch),
            jnp.asarray(len(watcher.history["train/risk"])),
            jnp.asarray(code),
        ),
    )
    return final, watcher.history


class Watcher:
    """Writes down each generation of a member, and calls the search off when its epochs or its patience are used up.

    Attributes:
        history: each risk term, generation by generation.
        last: the best point so far by the training rows.
        best: the one of them with the best score.
        epoch: when that was.
    """

    def __init__(
        self, cost: Cost, judge: program.Judge | None, epochs: int, patience: int, report: Report | None
    ) -> None:
        self.cost, self.judge, self.epochs, self.patience, self.report = cost, judge, epochs, patience, report
        self.history: dict[str, list[float]] = {}
        self.last = self.best = np.zeros(0)
        self.score, self.epoch, self.told = np.inf, -1, 0.0
        self.row: dict[str, float] = {}

    def __call__(self, theta: np.ndarray) -> int:
        """One generation more, whose best point so far is theta."""
        if not np.array_equal(theta, self.last):
            self.row = {name: float(value) for name, value in _seen(self.cost, self.judge, theta).items()}
            self.last = theta
        for name, value in self.row.items():
            self.history.setdefault(name, []).append(value)
        done = len(self.history["train/risk"])
        score = self.row.get("validation/risk")
        if score is None or score < self.score:
            self.best, self.epoch, self.score = theta, done - 1, np.inf if score is None else score
        self._tell(done)
        if done - 1 - self.epoch >= self.patience:
            return reasons.TIRED
        return reasons.BUDGET if done >= self.epochs else reasons.RUNNING

    def built(self, theta: np.ndarray) -> PyTree:
        """The parameters of a vector, in the precision of the fit."""
        dtype = self.cost.rows.batch.weight.dtype
        return jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype), self.cost.shape.build(theta))

    def _tell(self, done: int) -> None:
        now = time.perf_counter()
        if self.report is not None and (now - self.told > 0.5 or done == self.epochs):
            self.report(done, self.row)
            self.told = now


@eqx.filter_jit
def _seen(cost: Cost, judge: program.Judge | None, theta: Array) -> dict[str, Scalar]:
    """The risks at one point, on training and validation rows."""
    parameters = cost.shape.build(jnp.asarray(theta, cost.rows.batch.weight.dtype))
    terms = cost.terms(parameters)
    train = {f"train/{name}": value for name, value in terms.items()} | {"train/risk": total(terms)}
    return train | program.scores(parameters, cost.member, judge)
