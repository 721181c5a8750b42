"""The analysis `rbm`: a Boltzmann machine learns states of the Ising model, and is held to its exact answers."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.models import RBM
from ansatz.models.energy import LogZ, annealed_log_z, enumerable, run_chains, start, tempered
from ansatz.models.energy.belief import LARGEST
from ansatz.problems.lattice import Ising, square
from ansatz.problems.lattice.exact import enumerate_states
from ansatz.problems.lattice.exact.enumeration import all_states
from ansatz.problems.lattice.judging.generated import GeneratedReport, check_generated
from ansatz.studies.analyses.findings import Bench, Findings, Sample
from ansatz.studies.analyses.lattice import boltzmann_findings as told
from ansatz.studies.analyses.lattice.generated import SMALL, divergence, histograms, two_halves
from ansatz.studies.execution.pieces import Piece, once
from ansatz.training.density import METHODS, Boltzmann, Density, Stacked, references
from ansatz.training.result import Fit
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True, kw_only=True)
class IsingMachine:
    r"""Restricted Boltzmann machines learn states of the square Ising model at one temperature.

    Each method fits a machine to the same states. Up to 4 x 4 spins the divergence of what was learned from the law
    that the states came from is a sum over all states, $\mathrm{KL} = \sum_s p(s) \ln p(s) / q(s)$, and is followed
    during the fit; the fit that is best in theory has $\mathrm{parameters} / 2n$ of it. Of the machine that is best on
    fresh states, ln Z by annealed importance sampling is compared with the sum, and states that it draws are held to
    the exact thermodynamics, to real states and, for copies, to those it learned from.

    Attributes:
        size: side of the lattice.
        temperature: in units of the coupling.
        hidden: number of hidden units.
        states: states to learn from; as many fresh ones judge.
        methods: of fitting, see `METHODS`.
        blocks: how often the chains move.
        steps: optimizer steps in each block.
        learning_rate: step size at the start.
        sweeps: sweeps of the chains in each block.
        batch_size: distinct states in each step; None for all of them.
        chains: Markov chains that the gradient comes from.
        window: side of the window of spins that a hidden unit sees, alike at every site and for a state and its mirror
            image, see `TranslatedRBM`; `hidden` is then a multiple of the number of sites. None for hidden units that
            see all spins and differ.
        deep: hidden units of each layer of a deep belief network beside the machines, the inner ones at most 12, for up
            to 4 x 4 spins; none for no such network.
        drawn: states that the machine draws.

    Raises:
        InputError: if a number is out of range, or there is no such method.

    Source: G. Torlai and R. Melko, arXiv:1606.02718.
    """

    size: int = 4
    temperature: float = 2.269
    hidden: int = 16
    states: int = 20_000
    methods: tuple[str, ...] = ("contrastive", "persistent")
    blocks: int = 400
    steps: int = 5
    learning_rate: float = 0.01
    sweeps: int = 5
    batch_size: int | None = None
    chains: int = 2000
    window: int | None = None
    deep: tuple[int, ...] = ()
    drawn: int = 2000

    needs: ClassVar[str] = "nothing"
    citations: ClassVar[tuple[str, ...]] = (
        references.TORLAI,
        references.CONTRASTIVE,
        references.PERSISTENT,
        references.TEMPERING,
        references.ANNEALING,
        references.ANNEALED_RBM,
        references.BELIEF,
    )

    def __post_init__(self) -> None:
        unknown = [method for method in self.methods if method not in METHODS]
        if unknown or not self.methods:
            raise InputError(f"methods: expected some of {', '.join(METHODS)}, got {list(self.methods)}")
        if self.size < 3 or self.states < 100 or self.drawn < 100 or not self.temperature > 0:
            raise InputError("size is at least 3, states and drawn at least 100, and the temperature positive")
        if self.deep and (self.size > SMALL or min(self.deep) < 1 or max(self.deep[:-1], default=1) > LARGEST):
            raise InputError(
                f"deep: for sizes up to {SMALL}, of one unit or more in each layer, at most {LARGEST} in the inner ones"
            )
        if self.window is not None and (not 1 <= self.window <= self.size or self.hidden % self.size**2):
            raise InputError(
                f"window and hidden: a window of 1 to {self.size} spins, and a multiple of {self.size**2} hidden units,"
                f" not {self.window} and {self.hidden}"
            )

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """The machines beside the exact answers."""
        bench.announce("states of the Ising model")
        train, real = two_halves(self.size, self.temperature, self.states, named(key, "states"))
        fits = {}
        for method in self.methods:
            bench.announce(f"Boltzmann machine, {method}")
            piece = once(bench.folder / f"{method}.npz", lambda m=method: self._learned(m, train, real, named(key, m)))
            fits[method] = piece
        deep = self._deep(bench, train, named(key, "deep")) if self.deep else None
        best = min(fits, key=lambda name: float(fits[name].record["fresh_nll"]))
        machine = machine_of(fits[best])
        bench.announce("annealing and sampling")
        annealed = annealed_log_z(machine, runs=400, steps=1000, key=named(key, "annealing"))
        states, rates = sampled(machine, self.drawn, key=named(key, "samples"))
        shaped = states.reshape(-1, self.size, self.size)
        report = check_generated(shaped, self.temperature, real=real, train=train, key=named(key, "checks"))
        return self._findings(fits, best, deep, annealed, report, shaped, real, rates)

    def _deep(self, bench: Bench, train: np.ndarray, key: Key) -> float:
        """The exact divergence of a deep belief network."""
        bench.announce("deep belief network")
        machine = Boltzmann(method="persistent", blocks=self.blocks, steps=self.steps, learning_rate=self.learning_rate)

        def learned() -> Piece:
            watch = Divergence(self.size, self.temperature)
            fit = Stacked(tuple(self.deep), machine)(Dataset(train, name="Ising states"), key)
            log_prob = fit.predict(np.asarray(watch.states))
            return Piece({}, {"divergence": float(watch.law @ (np.log(watch.law) - log_prob))})

        return float(once(bench.folder / "deep.npz", learned).record["divergence"])

    def _learned(self, method: str, train: np.ndarray, real: np.ndarray, key: Key) -> Piece:
        watch = Divergence(self.size, self.temperature) if self.size <= SMALL else None
        learner = Boltzmann(
            hidden=self.hidden,
            method=method,
            blocks=self.blocks,
            steps=self.steps,
            sweeps=1 if method == "contrastive" else self.sweeps,
            learning_rate=self.learning_rate,
            batch_size=self.batch_size,
            chains=self.chains,
            window=self.window,
            even=self.window is not None,
            watch=watch,
        )
        fit = learner(Dataset(train, name="Ising states"), key)
        return piece_of(fit, real, self.temperature)

    def _findings(
        self,
        fits: dict[str, Piece],
        best: str,
        deep: float | None,
        annealed: LogZ,
        report: GeneratedReport,
        states: np.ndarray,
        real: np.ndarray,
        rates: np.ndarray,
    ) -> Findings:
        machine = machine_of(fits[best])
        exact = float(machine.log_z()) if enumerable(machine) else None
        floor = self._count(machine) / (2 * self.states)
        result = told.Result(
            fits, best, deep, annealed, exact, report, floor, rates, self.size, self.temperature, self.steps, len(real)
        )
        arrays = self._arrays(fits, machine, annealed, states, real)
        return Findings(told.headline(result), told.numbers(result), told.beliefs(result), arrays, told.record(result))

    def _count(self, machine: RBM) -> int:
        """Number of free parameters."""
        if self.window is not None:
            return len(machine.hidden) // self.size**2 * self.window**2
        return machine.weight.size + machine.visible.size + machine.hidden.size

    def _arrays(
        self, fits: dict[str, Piece], machine: RBM, annealed: LogZ, states: np.ndarray, real: np.ndarray
    ) -> dict[str, np.ndarray]:
        filters = np.asarray(machine.weight).T.reshape(-1, self.size, self.size)
        arrays = {
            "filters": filters if self.window is None else filters[:: self.size**2],
            "samples": states[:32].astype(np.int8),
            "real": real[:32].astype(np.int8),
            "log_weights": annealed.log_weights,
            **histograms(states, real, self.size, self.temperature),
        }
        for method, piece in fits.items():
            arrays |= {f"{method}/{name}": values for name, values in piece.arrays.items() if "/" not in name}
        if self.size <= SMALL:
            watch = Divergence(self.size, self.temperature)
            arrays |= {"exact_log_prob": np.log(watch.law), "model_log_prob": watch.log_prob(machine)}
            arrays["state_energy"] = watch.energy
        return arrays


class Divergence:
    """The exact divergence of a machine from the law of the Ising model on a small lattice.

    Args:
        size: side of the lattice.
        temperature: of the law.
    """

    def __init__(self, size: int, temperature: float) -> None:
        exact = enumerate_states(Ising(), square(size))
        self.law = exact.probability(temperature)
        self.energy = exact.energy
        self.states = jnp.asarray(all_states(Ising(), square(size)).reshape(len(self.law), -1), float)

    def __call__(self, machine: RBM) -> float:
        """KL, in nats."""
        return float(self.law @ (np.log(self.law) - self.log_prob(machine)))

    def log_prob(self, machine: RBM) -> np.ndarray:
        """Logarithm of the probability of every state."""
        values = np.asarray(_free_energies(machine, self.states), float)
        least = values.min()
        return -values + least - np.log(np.exp(least - values).sum())


@eqx.filter_jit
def _free_energies(machine: RBM, states: jax.Array) -> jax.Array:
    return jax.vmap(machine.free_energy)(states)


def piece_of(fit: Fit, fresh: np.ndarray, temperature: float) -> Piece:
    """A fitted machine as something that can be stored, with its mean -ln p on fresh states and its divergence."""
    density: Density = fit.predictor
    machine = density.model.machine
    log_prob = density.response(fresh)[0]
    kl = divergence(log_prob, fresh, temperature, float(fit.details["log_z_error"]))
    arrays = {"weight": machine.weight, "visible": machine.visible, "hidden": machine.hidden}
    arrays = {f"machine/{name}": np.asarray(values) for name, values in arrays.items()} | dict(fit.history)
    record = {
        "units": machine.units,
        "divergence": kl.to_dict(),
        "fresh_nll": -float(log_prob.mean()),
        "fresh_nll_error": float(log_prob.std(ddof=1) / np.sqrt(len(log_prob))),
        "converged": fit.converged,
        "message": fit.message,
        **fit.details,
    }
    return Piece({name.replace("train/", ""): values for name, values in arrays.items()}, record)


def machine_of(piece: Piece) -> RBM:
    """The machine that was stored."""
    parts = (jnp.asarray(piece.arrays[f"machine/{name}"], float) for name in ("weight", "visible", "hidden"))
    return RBM(*parts, str(piece.record["units"]))


def sampled(
    machine: RBM, count: int, *, rungs: int = 8, rounds: int = 150, sweeps: int = 1000, key: Key
) -> tuple[np.ndarray, np.ndarray]:
    """Independent states of a machine, each from a ladder of its own that then goes on as a plain chain.

    Returns:
        The states, and how often neighboring rungs exchanged.
    """
    begin, climb, run = jax.random.split(key, 3)
    found = tempered(machine, start(machine, count, rungs, key=begin), sweeps=rounds, key=climb)
    states = run_chains(machine, found.states[:, -1], sweeps=sweeps, key=run)
    return np.rint(np.asarray(states)).astype(np.int8), np.asarray(found.accepted)
