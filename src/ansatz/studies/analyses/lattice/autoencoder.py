"""The analysis `spin-autoencoder`: a variational auto-encoder draws Ising states, which are held to exact answers."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.models.networks.spins import SpinAutoEncoder, spin_autoencoder
from ansatz.optimizers import Recipe
from ansatz.problems.lattice.judging.generated import GeneratedReport, check_generated
from ansatz.risk import EvidenceBound
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.analyses.lattice.generated import (
    copies_belief,
    divergence,
    drawn_belief,
    histograms,
    law_belief,
    thermodynamics,
    two_halves,
)
from ansatz.studies.belief import AMBER, GREEN, Belief
from ansatz.studies.execution.pieces import Piece, once
from ansatz.training.density import references
from ansatz.training.fit import fit
from ansatz.training.population import member
from ansatz.typing import Key
from ansatz.validation import Interval

JUDGED = 4000
"""Most fresh states of which ln p is estimated."""

PRECISION = 0.1
"""Divergence, in nats, that half of the codes may add to the estimate before it is called rough."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SpinCoder:
    r"""A variational auto-encoder learns states of the square Ising model at one temperature, and draws new ones.

    Given its code the spins are independent, so a few numbers must carry everything that binds them. What that costs is
    the divergence from the exact law, $\mathrm{KL}(p \| q) = \langle \ln p(s) - \ln q(s) \rangle$, with ln q from
    above by importance sampling, and what it does to the states that are drawn: their energy, order and Binder cumulant
    beside exact ones, a two-sample test and a test for copies.

    Attributes:
        size: side of the lattice.
        temperature: in units of the coupling.
        states: states to learn from; as many fresh ones judge.
        code: components of the code.
        width: units of each hidden layer of the encoder; the decoder mirrors them.
        epochs: times through the states.
        batch_size: states in each step.
        learning_rate: of Adam at the start; it falls to zero as a cosine.
        drawn: states that it draws.

    Raises:
        InputError: if a number is out of range.

    Source: D. Kingma and M. Welling, arXiv:1312.6114; S. Wetzel, arXiv:1703.02435.
    """

    size: int = 8
    temperature: float = 2.269
    states: int = 20_000
    code: int = 8
    width: tuple[int, ...] = (128,)
    epochs: int = 30
    batch_size: int = 200
    learning_rate: float = 2e-3
    drawn: int = 2000

    needs: ClassVar[str] = "nothing"
    citations: ClassVar[tuple[str, ...]] = (references.VARIATIONAL, references.TORLAI)

    def __post_init__(self) -> None:
        if self.size < 3 or self.states < 100 or self.drawn < 100 or not self.temperature > 0:
            raise InputError("size is at least 3, states and drawn at least 100, and the temperature positive")
        if min(self.code, self.epochs, self.batch_size, *self.width, 1) < 1 or not self.learning_rate > 0:
            raise InputError("code, width, epochs and batch_size are at least 1, and the learning rate is positive")

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """The states that it draws, beside the exact answers."""
        bench.announce("states of the Ising model")
        train, real = two_halves(self.size, self.temperature, self.states, named(key, "states"))
        bench.announce("variational auto-encoder")
        piece = once(bench.folder / "drawn.npz", lambda: self._learned(train, real, named(key, "fit")))
        states = piece.arrays["drawn"]
        report = check_generated(states, self.temperature, real=real, train=train, key=named(key, "checks"))
        both = [divergence(piece.arrays[name], real[: len(piece.arrays[name])], self.temperature)
                for name in ("log_prob", "coarse")]  # fmt: skip
        arrays = {
            "samples": states[:32],
            "real": real[:32].astype(np.int8),
            **histograms(states, real, self.size, self.temperature),
            **{name: values for name, values in piece.arrays.items() if name.startswith("history/")},
        }
        record = {"counts": {"drawn": len(states), "real": len(real)}, "size": self.size, "code": self.code}
        record |= {"faults": list(report.faults)}
        numbers = (
            Number(
                "KL, at most", both[0], 0.0, "nats", "known: the law itself; ln q from below by importance sampling"
            ),
            *thermodynamics(report),
        )
        return Findings(self._headline(both[0], report), numbers, tuple(_beliefs(both, report)), arrays, record)

    def _learned(self, train: np.ndarray, real: np.ndarray, key: Key) -> Piece:
        """The states that the fitted model draws, and ln q of fresh ones."""
        start, run, sampling, judging = jax.random.split(key, 4)
        flat = train.reshape(len(train), -1).astype(np.float32)
        model = spin_autoencoder(flat.shape[1], self.code, width=tuple(self.width), key=start)
        recipe = Recipe("adam", learning_rate=self.learning_rate, schedule="cosine")
        done = fit(
            model,
            EvidenceBound(),
            Dataset(flat, name="Ising states"),
            optimizer=recipe,
            epochs=self.epochs,
            batch_size=self.batch_size,
            key=run,
        )
        fitted = member(done.model, 0)
        states = np.asarray(_drawn(fitted, jax.random.split(sampling, self.drawn)))
        fresh = jnp.asarray(real[:JUDGED].reshape(-1, flat.shape[1]), float)
        fine, coarse = (
            np.asarray(_estimates(fitted, fresh, jax.random.split(key, len(fresh)), draws), float)
            for key, draws in zip(jax.random.split(judging), (200, 100), strict=True)
        )
        shaped = np.rint(states).astype(np.int8).reshape(-1, self.size, self.size)
        history = {f"history/{name}": np.ravel(values) for name, values in done.history.items()}
        return Piece({"drawn": shaped, "log_prob": fine, "coarse": coarse, **history}, {})

    def _headline(self, away: Interval, report: GeneratedReport) -> str:
        energy = report.check("energy")
        return (
            f"States drawn by the auto-encoder with {self.code} components have an energy of {energy.found} per site;"
            f" {energy.expected.value:.4f} is exact. It is at most {away} nats away from the law of the {self.size} x"
            f" {self.size} Ising model at T = {self.temperature:g}."
        )


def _beliefs(both: list[Interval], report: GeneratedReport) -> Iterator[Belief]:
    fine, coarse = both
    yield law_belief(fine.value, f"at most {fine} nats", "auto-encoder")
    gap = coarse.value - fine.value
    mark = GREEN if gap < PRECISION else AMBER
    sentence = (
        "More codes would hardly lower it." if mark == GREEN else "It is an upper bound: more codes would lower it."
    )
    yield Belief("Estimate of ln p", mark, f"{gap:.3f} nats more with half of the codes", sentence)
    yield drawn_belief(report)
    yield from copies_belief(report)


@eqx.filter_jit
def _drawn(model: SpinAutoEncoder, keys: Key) -> jax.Array:
    return jax.vmap(model.sample)(keys)


@eqx.filter_jit
def _estimates(model: SpinAutoEncoder, x: jax.Array, keys: Key, draws: int) -> jax.Array:
    def one(pair: tuple[jax.Array, Key]) -> jax.Array:
        return model.log_estimate(*pair, draws=draws)

    return jax.lax.map(one, (x, keys), batch_size=100)
