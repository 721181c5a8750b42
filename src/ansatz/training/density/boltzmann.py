r"""The restricted Boltzmann machine as a learner: blocks of `fit`, between which its Markov chains move on.

The chains are the one thing of such a fit that must survive a step. They live here, outside of `fit`: each block moves
them with the machine as it is, then makes some steps on `ChainLikelihood`, in which they are reweighted to the machine
as it becomes. All blocks share one compilation.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Literal, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator, named
from ansatz.models import RBM, Normalized
from ansatz.models.energy import TranslatedRBM, advance, annealed_log_z, enumerable, mean, rbm, start, translated
from ansatz.optimizers import Recipe
from ansatz.risk import ChainLikelihood, ContrastiveDivergence, NegativeLogLikelihood, Risk
from ansatz.training.density.prediction import Density
from ansatz.training.density.states import TwoValued, two_valued
from ansatz.training.fit import fit
from ansatz.training.population import member
from ansatz.training.result import Fit
from ansatz.typing import Key

Method = Literal["exact", "tempering", "persistent", "contrastive"]

METHODS = ("exact", "tempering", "persistent", "contrastive")
"""Where the mean over the model comes from: all states, chains with exchanges, plain chains, chains from the data."""

FINISHED = 2.0
"""Largest root mean square of the pulls of all moments for a fit that is called finished."""

AVERAGED = 0.7
"""Part of the blocks after which the machine is the mean of all that follow: it takes out the noise of the chains."""

Watch = Callable[[RBM], float]
Machine = RBM | TranslatedRBM


class _Mean(NamedTuple):
    """The mean of some machines."""

    machine: Machine | None = None
    count: int = 0

    def with_one(self, machine: Machine) -> _Mean:
        """With one machine more."""
        if self.machine is None:
            return _Mean(machine, 1)
        count = self.count + 1
        return _Mean(jax.tree.map(lambda mean, new: mean + (new - mean) / count, self.machine, machine), count)


@dataclasses.dataclass(frozen=True, eq=False)
class Boltzmann:
    r"""Makes $-\sum_i w_i \ln p(v_i)$ small over the couplings of a restricted Boltzmann machine.

    `Fit.history` has, for each block, the mean risk, the effective part of the chains and what `watch` says;
    `Fit.details` the units, ln Z with its error (zero if it was summed up exactly) and the pulls of the moments, see
    `moment_pulls`, by which the fit is called finished or not.

    Attributes:
        hidden: number of hidden units.
        method: see `METHODS`.
        blocks: how often the chains move.
        steps: optimizer steps in each block.
        batch_size: distinct states in each step, drawn anew for each block; None for all of them.
        sweeps: sweeps of the chains in each block (of contrastive divergence: in each step).
        chains: number of chains.
        rungs: temperatures of tempering.
        learning_rate: of Adam at the start; it falls to zero as a cosine.
        scale: standard deviation of the couplings at the start.
        watch: looks at the machine now and then and returns a number for the history ("watched", NaN in between).
        every: blocks between two such looks.
        window: side of the window of a periodic field that a hidden unit sees, alike at every site, see
            `TranslatedRBM`; None for hidden units that see all and differ.
        even: with a window, whether spins have no fields, so that a state and its mirror image are alike.

    Example:
        >>> states = np.random.default_rng(0).choice([0, 1], size=(200, 4), p=[0.2, 0.8])
        >>> machine = Boltzmann(hidden=2, blocks=3)(Dataset(states), jax.random.key(0))
        >>> machine.details["units"], machine.predict(states).shape
        ('binary', (200,))

    Source: G. Hinton, Neural Computation 14 (2002) 1771; T. Tieleman, ICML (2008) 1064; G. Desjardins et al., AISTATS
    (2010) 145; C. Geyer (1991).
    """

    hidden: int = 16
    method: Method = "persistent"
    blocks: int = 400
    steps: int = 5
    sweeps: int = 5
    chains: int = 2000
    rungs: int = 8
    learning_rate: float = 0.01
    scale: float = 1.0
    batch_size: int | None = None
    watch: Watch | None = None
    every: int = 10
    window: int | None = None
    even: bool = False

    tasks = frozenset({"density"})
    negative_weights = False

    def __call__(self, data: Dataset, key: Key) -> Fit:
        """The fitted machine.

        Raises:
            InputError: if a value is neither -1, 0 nor 1, or the states cannot be summed up where that was asked for.
        """
        rows = two_valued(data)
        began = time.perf_counter()
        machine = self._start(rows, data.x.shape[1:], named(key, "start"))
        if self.method == "exact" and not enumerable(whole(machine)):
            raise InputError(
                f"{rows.x.shape[1]} visible and {self.hidden} hidden units are too many for exact gradients; "
                "use method = 'tempering'"
            )
        machine, history = self._blocks(machine, rows, key)
        return self._fit(whole(machine), rows, data, history, time.perf_counter() - began, key)

    def _start(self, rows: TwoValued, lattice: tuple[int, ...], key: Key) -> Machine:
        average = jnp.asarray(rows.weight @ rows.x, float)
        if self.window is None:
            return rbm(len(average), self.hidden, units=rows.units, average=average, scale=self.scale, key=key)
        mean_of_all = float(average.mean())
        options = {"window": (self.window,) * len(lattice), "units": rows.units, "even": self.even}
        return translated(lattice, self.hidden, **options, average=mean_of_all, scale=self.scale, key=key)

    def _blocks(self, machine: Machine, rows: TwoValued, key: Key) -> tuple[Machine, dict[str, np.ndarray]]:
        states = start(
            whole(machine), self.chains, self.rungs if self.method == "tempering" else 1, key=named(key, "chains")
        )
        source, table, kept = rows.dataset(), [], _Mean()
        for number, own in enumerate(jax.random.split(named(key, "blocks"), self.blocks)):
            move, learn = jax.random.split(own)
            if self.method in ("persistent", "tempering"):
                states = advance(whole(machine), states, sweeps=self.sweeps, key=move)
            risk = self._risk(machine, states)
            rate = self.learning_rate * (0.5 + 0.5 * np.cos(np.pi * number / self.blocks))
            recipe = Recipe("adam", learning_rate=max(rate, 1e-6))
            done = self._steps(machine, risk, source, recipe, learn)
            machine = member(done.model, 0)
            kept = kept.with_one(machine) if number >= min(AVERAGED * self.blocks, self.blocks - 1) else kept
            table.append(self._line(machine if kept.count == 0 else kept.machine, risk, done, number))
        return kept.machine, {name: np.array([line[name] for line in table]) for name in table[0]}

    def _steps(self, machine: Machine, risk: Risk, source: Dataset, recipe: Recipe, key: Key) -> Fit:
        """The steps of one block: with all states, or once through as many batches that are drawn for it."""
        wanted = self.steps * (self.batch_size or len(source))
        if self.batch_size is None or wanted >= len(source):
            return fit(machine, risk, source, optimizer=recipe, epochs=self.steps, batch_size=self.batch_size, key=key)
        rows = generator(named(key, "rows")).choice(len(source), wanted, replace=False)
        return fit(
            machine, risk, source[rows], optimizer=recipe, epochs=1, batch_size=self.batch_size, key=named(key, "fit")
        )

    def _risk(self, machine: Machine, states: jax.Array) -> Risk:
        if self.method == "exact":
            return NegativeLogLikelihood()
        if self.method == "contrastive":
            return ContrastiveDivergence(self.sweeps)
        return ChainLikelihood(states[:, -1], _free_energies(machine, states[:, -1]))

    def _line(self, machine: Machine, risk: Risk, done: Fit, number: int) -> dict[str, float]:
        """What the history says of one block."""
        line = {"train/risk": float(np.mean(done.history["train/risk"]))}
        if isinstance(risk, ChainLikelihood):
            line["effective"] = float(_effective(risk, machine))
        if self.watch is None:
            return line
        looked = number % self.every == 0 or number == self.blocks - 1
        return line | {"watched": self.watch(whole(machine)) if looked else np.nan}

    def _fit(
        self, machine: RBM, rows: TwoValued, data: Dataset, history: dict[str, np.ndarray], seconds: float, key: Key
    ) -> Fit:
        exact = enumerable(machine)
        annealed = None if exact else annealed_log_z(machine, key=named(key, "annealing"))
        log_z = machine.log_z() if annealed is None else jnp.asarray(annealed.value, float)
        pulls = moment_pulls(machine, rows, key=named(key, "moments"))
        rms = float(np.sqrt(np.mean(pulls**2)))
        finished = rms < FINISHED
        message = (
            f"the moments of the machine differ from those of the data by {rms:.1f} standard errors (rms): give more "
            "blocks, or use chains that mix better (method = 'tempering')"
        )
        count = rows.x.shape[1]
        details = {
            "units": rows.units,
            "method": self.method,
            "hidden": self.hidden,
            "distinct_states": len(rows.x),
            "log_z": float(log_z),
            "log_z_error": 0.0 if annealed is None else annealed.error,
            "moment_pull_rms": rms,
        }
        return Fit(
            Density(Normalized(machine, log_z), np.zeros(count), np.ones(count)),
            task="none",
            columns=data.columns,
            history=history,
            stopped="epochs",
            converged=finished,
            seconds=seconds,
            message="" if finished else message,
            details=details,
        )


def boltzmann(
    *,
    hidden: int = 16,
    method: Method = "persistent",
    blocks: int = 400,
    steps: int = 5,
    sweeps: int = 5,
    chains: int = 2000,
    rungs: int = 8,
    learning_rate: float = 0.01,
    scale: float = 1.0,
    batch_size: int | None = None,
) -> Boltzmann:
    """A restricted Boltzmann machine for columns with two values (0/1 or -1/+1); weights.

    Args:
        hidden: number of hidden units.
        method: "exact" (all states summed up, for a layer of up to 20 units), "tempering" (chains that exchange
            temperatures), "persistent" (chains that go on between steps) or "contrastive" (CD-k, chains from the data).
        blocks: how often the chains move.
        steps: optimizer steps in each block.
        sweeps: sweeps of the chains in each block; of contrastive divergence k.
        chains: number of chains.
        rungs: temperatures of tempering.
        learning_rate: step size at the start; it falls to zero as a cosine.
        scale: standard deviation of the couplings at the start.
        batch_size: distinct states in each step; None for all of them.

    Raises:
        InputError: if a number is out of range, or there is no such method.
    """
    counts = {"hidden": hidden, "blocks": blocks, "steps": steps, "sweeps": sweeps, "rungs": rungs}
    for name, count in counts.items():
        if count < 1:
            raise InputError(f"{name} must be at least 1, not {count}")
    if chains < 2 or not learning_rate > 0 or not scale > 0:
        raise InputError("chains must be at least 2, learning_rate and scale positive")
    if method not in METHODS:
        raise InputError(f"method must be one of {', '.join(METHODS)}, not '{method}'")
    return Boltzmann(hidden, method, blocks, steps, sweeps, chains, rungs, learning_rate, scale, batch_size)


def moment_pulls(machine: RBM, rows: TwoValued, *, chains: int = 1000, sweeps: int = 200, key: Key) -> np.ndarray:
    r"""How far the machine is from a maximum of the likelihood, in standard errors of each moment.

    There $\langle v_i \rangle$, $\langle h_j \rangle$ and $\langle v_i h_j \rangle$ of the machine are those of the
    data; their differences are divided by the errors of both. Values around one mean that the fit is as good as the
    data can tell. The moments of the machine are derivatives of ln Z where that can be summed up, else come from fresh
    tempered chains.

    Args:
        machine: the machine.
        rows: the data.
        chains: fresh chains.
        sweeps: rounds of tempering from independent units.
        key: decides the chains.

    Returns:
        The pulls, shape (visible + hidden + visible * hidden,).
    """
    data, variance = _moments(machine, jnp.asarray(rows.x, float), jnp.asarray(rows.weight, float))
    variance = variance / rows.effective
    if enumerable(machine):
        slope = _slope(machine)
        model = jnp.concatenate([slope.visible, slope.hidden, slope.weight.ravel()])
    else:
        first, rest = jax.random.split(key)
        states = advance(machine, start(machine, chains, 10, key=first), sweeps=sweeps, key=rest)[:, -1]
        model, own = _moments(machine, states, jnp.full(chains, 1 / chains))
        variance = variance + own / chains
    return np.asarray((model - data) / np.sqrt(np.maximum(variance, 1e-12)), float)


@eqx.filter_jit
def _slope(machine: RBM) -> RBM:
    return eqx.filter_grad(RBM.log_z)(machine)


@eqx.filter_jit
def _moments(machine: RBM, states: jax.Array, weight: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Weighted mean and variance of each moment."""

    def one(state: jax.Array) -> jax.Array:
        hidden = mean(machine.hidden_field(state), machine.units)
        return jnp.concatenate([state, hidden, jnp.outer(state, hidden).ravel()])

    values = jax.vmap(one)(states)
    average = weight @ values
    return average, weight @ (values - average[None]) ** 2


def whole(machine: Machine) -> RBM:
    """The machine with all its hidden units."""
    return machine.whole() if isinstance(machine, TranslatedRBM) else machine


@eqx.filter_jit
def _free_energies(machine: Machine, states: jax.Array) -> jax.Array:
    return jax.vmap(machine.free_energy)(states)


@eqx.filter_jit
def _effective(risk: ChainLikelihood, machine: Machine) -> jax.Array:
    return risk.effective(machine)
