"""The compiled training program: one member's epochs in one loop, all members in one call.

Everything that may differ between like fits (data, number of rows, learning rate, strengths, number of epochs,
patience) is a traced argument, and rows are padded to a few bucket sizes, so that like fits share one compilation.

On a CPU a call advances one member, on one core, so that its numbers depend neither on the other members nor on the
number of cores or hosts, a population of any size shares one compilation, and members that have stopped cost nothing.
On an accelerator a call advances all members side by side (`vmap`), for batched matrix products, which are slow on a
CPU, are fast there. Measured in CPU seconds on one core: 32 networks 30-64-64-64-1 one after another 3.0, side by side
4.3; 100 networks 1-25-20-1 2.0 and 1.8, too little to give up that members do not depend on each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import optax
from jax.sharding import Mesh
from jax.sharding import PartitionSpec as Axes
from jaxtyping import Array, PyTree

from ansatz.data import Batch
from ansatz.risk import Risk, settled, total
from ansatz.training.engine.shuffling import permutation
from ansatz.typing import Key, Scalar

RUNNING, PATIENCE, DIVERGED, CONVERGED, STUCK = range(5)
CHUNK = 256
"""Most epochs in one call; the history of a call is a table of that many rows."""


class Rows(eqx.Module):
    """Events padded to a bucket size; `count` of them are real."""

    batch: Batch
    count: Array


class Budget(eqx.Module):
    """When to stop."""

    epochs: Array
    patience: Array


class Judge(NamedTuple):
    """What finds the best epoch: the expected part of a risk and the rows it is taken on."""

    risk: Risk
    rows: Rows


class Seed(eqx.Module):
    """A key as plain numbers, which are cut, joined and sent as all arrays are."""

    numbers: Array
    kind: str = eqx.field(static=True)

    @classmethod
    def of(cls, key: Key) -> Seed:
        """The numbers of a key, or of an array of keys."""
        return cls(jax.random.key_data(key), str(jax.random.key_impl(key)))

    def key(self) -> Key:
        """The key again."""
        return jax.random.wrap_key_data(self.numbers, impl=self.kind)


class Layout(NamedTuple):
    """How the members of one call are laid out: one after another or side by side, and over which devices."""

    one_by_one: bool
    mesh: Mesh | None = None


class State(eqx.Module):
    """Where a member stands."""

    parameters: PyTree
    memory: PyTree
    best: PyTree
    best_score: Array
    best_epoch: Array
    epoch: Array
    status: Array
    failed_step: Array
    seed: Seed


class Member(eqx.Module):
    """What belongs to one member of the population: its fixed arrays, its numbers, its view of the data.

    Each call draws the same resampling from its seed; factors on the weights and targets of its own are None where all
    members share them.
    """

    rest: PyTree
    risk: Risk
    optimizer: PyTree
    resample_seed: Seed
    weight: Array | None
    target: Array | None
    validation_weight: Array | None
    validation_target: Array | None


Epoch = Callable[[State, Member, Rows, Budget, int], tuple[State, dict[str, Array]]]
"""Once through the rows: the state after it, and the mean of each risk term."""


def start(parameters: PyTree, optimizer: PyTree, key: Key) -> State:
    """A member before its first epoch."""
    return begun(parameters, optimizer.build(jnp.asarray(1)).init(parameters), key)


def begun(parameters: PyTree, memory: PyTree, key: Key) -> State:
    """A member before its first epoch, with the first memory of its optimizer."""
    return State(
        parameters,
        memory,
        best=parameters,
        best_score=jnp.asarray(jnp.inf, _dtype(parameters)),
        best_epoch=jnp.asarray(-1),
        epoch=jnp.asarray(0),
        status=jnp.asarray(RUNNING),
        failed_step=jnp.asarray(-1),
        seed=Seed.of(key),
    )


@eqx.filter_jit
def begin(parameters: PyTree, optimizer: PyTree, keys: Key) -> State:
    """All members before their first epoch; every array has a leading member axis."""
    return eqx.filter_vmap(start)(parameters, optimizer, keys)


def _advance(
    states: State,
    members: Member,
    train: Rows,
    validation: Rows | None,
    budget: Budget,
    until: Array,
    *,
    batch_size: int,
    resample: str | None,
    epoch: Epoch,
    layout: Layout,
) -> tuple[State, dict[str, Array]]:
    """Some members on to epoch `until` (at most `CHUNK` further), with the history of these epochs.

    `epoch` is what happens in one of them: `descend`, or the whole step of a rule that knows the curvature.
    """
    arrays, static = eqx.partition((states, members), eqx.is_array)

    def one(mine: PyTree, common: tuple) -> tuple[PyTree, dict[str, Array]]:
        train, validation, budget, until = common
        state, member = eqx.combine(mine, static)
        trained, own = with_rows(member, train, resample)
        judge = judge_of(member, validation)
        state, history = _epochs(state, trained, own, judge, budget, until, batch_size, epoch)
        return eqx.filter(state, eqx.is_array), history

    moved, history = _laid_out(one, arrays, (train, validation, budget, until), layout)
    return eqx.combine(moved, static[0]), history


def _laid_out(one: Callable[[PyTree, PyTree], PyTree], members: PyTree, common: PyTree, layout: Layout) -> PyTree:
    """What comes out for each member."""

    def block(members: PyTree, common: PyTree) -> PyTree:
        if layout.one_by_one:
            return jax.lax.map(lambda mine: one(mine, common), members)
        return jax.vmap(lambda mine: one(mine, common))(members)

    if layout.mesh is None:
        return block(members, common)
    own, shared = Axes("members"), Axes()
    return jax.shard_map(block, mesh=layout.mesh, in_specs=(own, shared), out_specs=own, check_vma=False)(
        members, common
    )


advance = eqx.filter_jit(_advance)
advance_on_one_core = eqx.filter_jit(_advance, compiler_options={"xla_cpu_multi_thread_eigen": False})


def with_rows(member: Member, train: Rows, resample: str | None) -> tuple[Member, Rows]:
    """The rows as a member sees them, and the member with its risk settled for these."""
    own = _resampled(_seen_by(member, train), member, resample)
    return eqx.tree_at(lambda m: m.risk, member, settled(member.risk, own.batch)), own


def _epochs(
    state: State,
    member: Member,
    train: Rows,
    judge: Judge | None,
    budget: Budget,
    until: Array,
    batch_size: int,
    epoch: Epoch,
) -> tuple[State, dict[str, Array]]:
    first = state.epoch
    blank = {name: jnp.full(CHUNK, jnp.nan, _dtype(state.parameters)) for name in _history_names(member.risk, judge)}

    def go_on(carry: tuple[State, dict[str, Array]]) -> Array:
        return (carry[0].status == RUNNING) & (carry[0].epoch < jnp.minimum(until, budget.epochs))

    def body(carry: tuple[State, dict[str, Array]]) -> tuple[State, dict[str, Array]]:
        state, history = carry
        state, terms = epoch(state, member, train, budget, batch_size)
        judged = scores(state.parameters, member, judge)
        place = state.epoch - 1 - first
        history = {name: history[name].at[place].set(value) for name, value in (terms | judged).items()}
        return _look_back(state, judged.get("validation/risk"), budget), history

    return jax.lax.while_loop(go_on, body, (state, blank))


def descend(
    state: State, member: Member, train: Rows, budget: Budget, batch_size: int
) -> tuple[State, dict[str, Array]]:
    """Once through the shuffled rows; stops within the epoch at the first non-finite risk."""
    key, shuffle_key, noise_key = jax.random.split(state.seed.key(), 3)
    steps = (train.count + batch_size - 1) // batch_size
    whole = batch_size == len(train.batch.weight)
    shuffled = train.batch if whole else _shuffled(train, shuffle_key)
    optimizer = member.optimizer.build(budget.epochs * steps)
    names = member.risk.names()

    def go_on(carry: tuple) -> Array:
        step, _, _, _, finite = carry
        return (step < steps) & finite

    def body(carry: tuple) -> tuple:
        step, parameters, memory, sums, _ = carry
        batch = _slice(shuffled, train.count, step, batch_size)
        own = jax.random.fold_in(noise_key, step)
        (value, terms), gradient = jax.value_and_grad(_risk, has_aux=True)(parameters, member, batch, own)
        update, next_memory = optimizer.update(gradient, memory, parameters)
        moved = optax.apply_updates(parameters, update)
        sums = {name: sums[name] + terms[name] for name in names}
        return step + 1, moved, next_memory, sums, jnp.isfinite(value)

    zero = {name: jnp.zeros((), _dtype(state.parameters)) for name in names}
    done, parameters, memory, sums, finite = jax.lax.while_loop(
        go_on, body, (jnp.asarray(0), state.parameters, state.memory, zero, jnp.asarray(True))
    )
    terms = {f"train/{name}": sums[name] / done for name in names}
    state = eqx.tree_at(
        lambda s: (s.parameters, s.memory, s.epoch, s.seed, s.status, s.failed_step),
        state,
        (
            parameters,
            memory,
            state.epoch + 1,
            Seed.of(key),
            jnp.where(finite, state.status, DIVERGED),
            jnp.where(finite, state.failed_step, done - 1),
        ),
    )
    return state, terms | {"train/risk": sum(sums.values()) / done}


def _risk(parameters: PyTree, member: Member, batch: Batch, key: Key) -> tuple[Scalar, dict[str, Scalar]]:
    terms = member.risk.terms(eqx.combine(parameters, member.rest), batch, key)
    return total(terms), terms


def judge_of(member: Member, validation: Rows | None) -> Judge | None:
    """The expected part of the risk with the validation rows as this member weighs them."""
    expected = member.risk.expected()
    if validation is None or expected is None:
        return None
    rows = _retargeted(_reweighted(validation, member.validation_weight), member.validation_target)
    return Judge(settled(expected, rows.batch), rows)


def scores(parameters: PyTree, member: Member, judge: Judge | None) -> dict[str, Array]:
    """The expected part of the risk on the validation rows."""
    if judge is None:
        return {}
    terms = judge.risk.terms(eqx.combine(parameters, member.rest), judge.rows.batch, None)
    return {f"validation/{name}": value for name, value in terms.items()} | {"validation/risk": total(terms)}


def _look_back(state: State, score: Array | None, budget: Budget) -> State:
    """Keeps the best parameters seen; without validation rows these are the last ones."""
    if score is None:
        fine = state.status != DIVERGED
        best = jax.tree.map(lambda new, old: jnp.where(fine, new, old), state.parameters, state.best)
        epoch = jnp.where(fine, state.epoch - 1, state.best_epoch)
        return eqx.tree_at(lambda s: (s.best, s.best_epoch), state, (best, epoch))
    better = (score < state.best_score) & (state.status != DIVERGED)
    best = jax.tree.map(lambda new, old: jnp.where(better, new, old), state.parameters, state.best)
    best_epoch = jnp.where(better, state.epoch - 1, state.best_epoch)
    tired = (state.status == RUNNING) & (state.epoch - 1 - best_epoch >= budget.patience)
    status = jnp.where(jnp.isfinite(score), jnp.where(tired, PATIENCE, state.status), DIVERGED)
    return eqx.tree_at(
        lambda s: (s.best, s.best_score, s.best_epoch, s.status),
        state,
        (best, jnp.where(better, score, state.best_score), best_epoch, status),
    )


def _shuffled(rows: Rows, key: Key) -> Batch:
    """The rows in random order, the real ones first."""
    size = len(rows.batch.weight)
    order = permutation(size, rows.count, key)
    return jax.tree.map(lambda values: values[order], rows.batch)


def _slice(rows: Batch, count: Array, step: Array, batch_size: int) -> Batch:
    """One mini-batch whose real rows have weights of mean one over the whole epoch; its padding weighs nothing.

    The table's weights have mean one with its padding, so they are scaled back, and up again where a batch is not full.
    """
    real = step * batch_size + jnp.arange(batch_size) < count
    batch = jax.tree.map(lambda values: jax.lax.dynamic_slice_in_dim(values, step * batch_size, batch_size), rows)
    share = batch_size / jnp.maximum(jnp.sum(real), 1) * (count / len(rows.weight))
    return batch._replace(weight=batch.weight * jnp.where(real, share, 0).astype(batch.weight.dtype))


def _seen_by(member: Member, rows: Rows) -> Rows:
    """The training rows with the weights and targets of this member."""
    return _retargeted(_reweighted(rows, member.weight), member.target)


def _retargeted(rows: Rows, target: Array | None) -> Rows:
    """The rows with other targets."""
    return rows if target is None else Rows(rows.batch._replace(y=target), rows.count)


def _reweighted(rows: Rows, factor: Array | None) -> Rows:
    """The rows with their weights times a factor each, scaled to the same mean."""
    if factor is None:
        return rows
    weight = rows.batch.weight * factor
    return Rows(rows.batch._replace(weight=weight * jnp.sum(rows.batch.weight) / jnp.sum(weight)), rows.count)


def _resampled(rows: Rows, member: Member, resample: str | None) -> Rows:
    """The rows as they are, or with their weights times the counts of a draw with replacement (bootstrap)."""
    if resample is None:
        return rows
    size = len(rows.batch.weight)
    drawn = jax.random.randint(member.resample_seed.key(), (size,), 0, rows.count)
    real = (jnp.arange(size) < rows.count).astype(rows.batch.weight.dtype)
    return _reweighted(rows, jnp.zeros_like(real).at[drawn].add(real))


def _history_names(risk: Risk, judge: Judge | None) -> tuple[str, ...]:
    judged = () if judge is None else (*judge.risk.names(), "risk")
    return (*(f"train/{n}" for n in (*risk.names(), "risk")), *(f"validation/{n}" for n in judged))


def _dtype(parameters: PyTree) -> jnp.dtype:
    return jnp.result_type(*jax.tree.leaves(parameters))
