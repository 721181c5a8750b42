"""A fit as a piece of work, and the loop that calls the compiled program until every member has stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ansatz.training.engine import program
from ansatz.training.engine.parallel import at_once, cores, cut, join, layout, on_host
from ansatz.training.engine.program import Budget, Epoch, Layout, Member, Rows, State

CALL = 0.5
"""Seconds that a call of the compiled program should take: so often a fit can be shown and be stopped."""


class Progress(NamedTuple):
    """Where a fit stands, for whoever shows it: epochs done, epochs at most, mean of each risk over the members."""

    epoch: int
    epochs: int
    risks: dict[str, float]


Observer = Callable[[Progress], None]
Table = dict[str, np.ndarray]
"""A history: (members, epochs) values of each risk."""


class Job(NamedTuple):
    """All arguments of the compiled program.

    Attributes:
        states: where the members stand; every array on the host, with a leading member axis.
        members: what belongs to each, likewise.
        train: events to learn from.
        validation: events on which the best epoch is chosen, or None.
        budget: when to stop.
        epochs: most epochs.
        batch_size: events in a mini-batch.
        resample: how each member resamples the events, or None.
        epoch: what happens in an epoch.
        one_core: whether each member keeps to one core, so that its numbers do not depend on how many there are.
    """

    states: State
    members: Member
    train: Rows
    validation: Rows | None
    budget: Budget
    epochs: int
    batch_size: int
    resample: str | None
    epoch: Epoch
    one_core: bool

    @property
    def size(self) -> int:
        """How many members there are."""
        return len(self.states.status)

    def part(self, numbers: np.ndarray | slice) -> Job:
        """The job of some of the members."""
        return self._replace(states=cut(self.states, numbers), members=cut(self.members, numbers))

    def advance(self, states: State, until: int, how: Layout) -> tuple[State, Table]:
        """All members on to epoch `until`, with the history of these epochs."""
        call = program.advance_on_one_core if self.one_core else program.advance
        states, table = jax.block_until_ready(
            call(
                states,
                self.members,
                self.train,
                self.validation,
                self.budget,
                jnp.asarray(until, jnp.int32),
                batch_size=self.batch_size,
                resample=self.resample,
                epoch=self.epoch,
                layout=how,
            )
        )
        return states, {name: np.asarray(values) for name, values in table.items()}


class Done(NamedTuple):
    """What came out of a job: the last states, the history, and the seconds that compilation took."""

    states: State
    history: Table
    compile_seconds: float = 0.0

    def first(self, members: int) -> Done:
        """What came out for the first members."""
        return Done(
            cut(self.states, slice(members)),
            {name: values[:members] for name, values in self.history.items()},
            self.compile_seconds,
        )


class Watch:
    """How far the members are, and whether they shall go on. Threads write to it, and one reads."""

    def __init__(self, job: Job, observer: Observer | None) -> None:
        self.epochs, self.observer = job.epochs, observer
        self.done = np.zeros(job.size, int)
        self.risks: dict[str, np.ndarray] = {}
        self.ahead, self.stopped = 1, False

    def mark(self, numbers: np.ndarray, done: int, table: Table, seconds: float) -> None:
        """Notes that members have come to an epoch, with this history of a call that took so long."""
        self.done[numbers] = done
        for name, values in table.items():
            self.risks.setdefault(name, np.full(len(self.done), np.nan))[numbers] = values[:, -1]
        ahead = table["train/risk"].shape[1]
        self.ahead = int(np.clip(ahead * CALL / max(seconds, 1e-3), 1, program.CHUNK))

    def finish(self, numbers: np.ndarray) -> None:
        """Notes that members have stopped."""
        self.done[numbers] = self.epochs

    def tell(self) -> None:
        """Tells the observer."""
        if self.observer is not None and self.risks:
            risks = {name: _mean(values) for name, values in list(self.risks.items())}
            self.observer(Progress(int(self.done.mean()), self.epochs, risks))

    def stop(self) -> None:
        """Brings all members to an end."""
        self.stopped = True


def _mean(values: np.ndarray) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else float("nan")


def run(job: Job, observer: Observer | None = None, *, threads: int | None = None) -> Done:
    """Every member on until it stops: on a CPU one by one on each core, elsewhere side by side.

    Args:
        job: the work.
        observer: called about twice a second with a `Progress`.
        threads: how many members at a time on a CPU; None for one on each core.
    """
    how, double = layout(job.size), bool(jax.config.jax_enable_x64)
    groups = _groups(job.size, how)
    job = job._replace(train=jax.device_put(job.train), validation=jax.device_put(job.validation))
    compiled = _compiled(job.part(groups[0]), how)
    watch = Watch(job, observer)

    def group(number: int) -> Done:
        with jax.enable_x64(double):
            return _finished(job.part(groups[number]), groups[number], how, watch, alone=len(groups) == 1)

    done = at_once(group, len(groups), threads=threads or cores(), meanwhile=watch.tell, stop=watch.stop)
    watch.tell()
    return together(done).first(job.size)._replace(compile_seconds=compiled)


def _groups(members: int, how: Layout) -> list[np.ndarray]:
    """Numbers of the members of each call; over several devices the last is repeated, for all to have as many."""
    if how.mesh is None and how.one_by_one:
        return [np.array([number]) for number in range(members)]
    devices = 1 if how.mesh is None else how.mesh.size
    return [np.minimum(np.arange(-(-members // devices) * devices), members - 1)]


def _compiled(job: Job, how: Layout) -> float:
    """Seconds that it takes to compile the program: a call that goes on to no epoch."""
    began = time.perf_counter()
    job.advance(job.states, 0, how)
    return time.perf_counter() - began


def _finished(job: Job, numbers: np.ndarray, how: Layout, watch: Watch, *, alone: bool) -> Done:
    """Some members on, in calls of about half a second, until each has stopped."""
    states, tables, done = job.states, [], 0
    while done < job.epochs and np.any(np.asarray(states.status) == program.RUNNING) and not watch.stopped:
        began = time.perf_counter()
        ahead = min(watch.ahead, job.epochs - done)
        states, table = job.advance(states, done + ahead, how)
        tables.append({name: values[:, :ahead] for name, values in table.items()})
        done += ahead
        watch.mark(numbers, done, tables[-1], time.perf_counter() - began)
        if alone:
            watch.tell()
    watch.finish(numbers)
    history = {name: np.concatenate([table[name] for table in tables], axis=1) for name in (tables or [{}])[0]}
    states = on_host(states)
    return Done(states, {name: values[:, : states.epoch.max()] for name, values in history.items()})


def _epochs(history: Table) -> int:
    return max((values.shape[1] for values in history.values()), default=0)


def together(parts: Sequence[Done]) -> Done:
    """The outcomes of some members as one, with NaN in the history where a member had stopped before others."""
    longest = max(
        (part.history for part in parts), key=lambda table: max((v.shape[1] for v in table.values()), default=0)
    )
    history = {}
    for name, values in longest.items():
        rows = [np.full((len(part.states.status), values.shape[1]), np.nan, values.dtype) for part in parts]
        for row, part in zip(rows, parts, strict=True):
            known = part.history.get(name, row[:, :0])
            row[:, : known.shape[1]] = known
        history[name] = np.concatenate(rows)
    return Done(join([part.states for part in parts]), history, max(part.compile_seconds for part in parts))
