"""What the analysis `rbm` says: its headline, numbers and beliefs."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

import numpy as np

from ansatz.models.energy import LogZ
from ansatz.problems.lattice.judging.generated import GeneratedReport
from ansatz.studies.analyses.findings import Number
from ansatz.studies.analyses.lattice.generated import copies_belief, drawn_belief, entropy, law_belief, thermodynamics
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.studies.execution.pieces import Piece
from ansatz.validation import Interval
from ansatz.validation.interval import normal

WORDS = {
    "exact": "gradients summed over all states",
    "tempering": "chains that exchange temperatures",
    "persistent": "chains that go on between steps",
    "contrastive": "contrastive divergence, CD-1",
}
"""What each method of fitting does."""


@dataclasses.dataclass(frozen=True, eq=False)
class Result:
    """What was found.

    Attributes:
        fits: the machine of each method.
        best: the method whose machine gives fresh states the largest probability.
        deep: the exact divergence of a deep belief network, None without one.
        annealed: its ln Z by annealing.
        exact: its exact ln Z, None where that cannot be summed up.
        report: tests of the states that it draws.
        floor: the divergence that the best fit to so many states has in theory.
        rates: how often neighboring rungs of its ladders exchanged.
        size: side of the lattice.
        temperature: of the states.
        steps: optimizer steps in a block.
        real: number of fresh states.
    """

    fits: Mapping[str, Piece]
    best: str
    deep: float | None
    annealed: LogZ
    exact: float | None
    report: GeneratedReport
    floor: float
    rates: np.ndarray
    size: int
    temperature: float
    steps: int
    real: int

    def divergence(self, method: str) -> Interval | float:
        """The divergence at the end of a fit: the sum over all states where it was followed, else by fresh states."""
        watched = self.fits[method].arrays.get("watched")
        if watched is None:
            return Interval.from_dict(self.fits[method].record["divergence"])
        return float(watched[-1])


def headline(r: Result) -> str:
    """One sentence."""
    away = r.divergence(r.best)
    told = f"{away}" if isinstance(away, Interval) else f"{away:.3f}"
    energy = r.report.check("energy")
    return (
        f"The machine ({WORDS[r.best]}) is {told} nats away from the exact law of the {r.size} x {r.size} Ising model"
        f" at T = {r.temperature:g}, the best fit to so many states would be {r.floor:.3f}; states that it draws have"
        f" an energy of {energy.found} per site, {energy.expected.value:.4f} is exact."
    )


def numbers(r: Result) -> tuple[Number, ...]:
    """What was found beside what is known."""
    return (*_divergences(r), *_likelihoods(r), _log_z(r), *thermodynamics(r.report))


def _divergences(r: Result) -> Iterator[Number]:
    for method in r.fits:
        value = r.divergence(method)
        how = "over fresh states" if isinstance(value, Interval) else "a sum over all states"
        yield Number(f"KL, {method}", value, r.floor, "nats", f"{WORDS[method]}; {how}. Known: parameters / 2n")
    if r.deep is not None:
        note = "machines one upon the other, fitted layer by layer; a sum over all states and all inner units"
        yield Number("KL, deep belief network", r.deep, None, "nats", note)


def _likelihoods(r: Result) -> Iterator[Number]:
    for method, piece in r.fits.items():
        error = float(np.hypot(float(piece.record["fresh_nll_error"]), float(piece.record["log_z_error"])))
        found = normal(float(piece.record["fresh_nll"]), error, method="mean over fresh states")
        note = f"{WORDS[method]}; known: the entropy of the law, the least there is"
        yield Number(f"-ln p of fresh states, {method}", found, entropy(r.size, r.temperature), "nats", note)


def _log_z(r: Result) -> Number:
    note = f"{len(r.annealed.log_weights)} annealed chains, {r.annealed.effective:.0f} effective"
    note += "; known: summed over all states" if r.exact is not None else ""
    return Number(f"ln Z, {r.best}", normal(r.annealed.value, r.annealed.error, method="annealing"), r.exact, "", note)


def beliefs(r: Result) -> tuple[Belief, ...]:
    """What may be wrong."""
    return tuple(belief for check in CHECKS for belief in check(r))


def _law(r: Result) -> Iterator[Belief]:
    found = r.divergence(r.best)
    value, told = (found.value, f"{found}") if isinstance(found, Interval) else (found, f"{found:.4f}")
    yield law_belief(value, f"{told} nats ({r.floor:.4f} at best)")


def _moments(r: Result) -> Iterator[Belief]:
    piece = r.fits[r.best]
    rms = float(piece.record["moment_pull_rms"])
    mark = GREEN if rms < 2 else AMBER if rms < 4 else RED
    sentence = (
        "Means and correlations of all units are those of the data." if mark == GREEN else str(piece.record["message"])
    )
    yield Belief("Moments of the machine", mark, f"{rms:.2f} standard errors away from the data (rms)", sentence)


def _partition_function(r: Result) -> Iterator[Belief]:
    few = r.annealed.effective < 0.1 * len(r.annealed.log_weights)
    if r.exact is None:
        mark = AMBER if few else GREEN
        sentence = "Too few chains carry the weight." if few else "Many chains carry the weight, so its error holds."
        value = f"{r.annealed.value:.3f} ± {r.annealed.error:.3f}"
    else:
        pull = (r.annealed.value - r.exact) / r.annealed.error
        mark = RED if abs(pull) > 4 else AMBER if few or abs(pull) > 3 else GREEN
        value = f"{r.annealed.value:.3f} ± {r.annealed.error:.3f} beside {r.exact:.3f} ({pull:+.1f} σ)"
        sentence = "Annealing agrees with the sum over all states." if mark == GREEN else "Annealing is not reliable."
    yield Belief("Partition function", mark, value, sentence)


def _drawn_states(r: Result) -> Iterator[Belief]:
    yield drawn_belief(r.report)
    yield from copies_belief(r.report)


def _mixing(r: Result) -> Iterator[Belief]:
    least = float(np.min(r.rates))
    mark = GREEN if least > 0.1 else AMBER if least > 0.02 else RED
    sentence = (
        "States wander freely between independent units and the machine."
        if mark == GREEN
        else "States hardly pass between some temperatures; drawn states may miss a mode."
    )
    yield Belief("Mixing of the chains", mark, f"at least {least:.0%} of exchanges accepted", sentence)


CHECKS = (_law, _moments, _partition_function, _drawn_states, _mixing)
"""What is looked at, in the order in which it is read."""


def record(r: Result) -> dict[str, object]:
    """Names and settings that the figures need."""
    return {
        "methods": list(r.fits),
        "steps": r.steps,
        "counts": {"drawn": r.report.states, "real": r.real},
        "best": r.best,
        "floor": r.floor,
        "size": r.size,
        "temperature": r.temperature,
        "log_z": r.annealed.value,
        "log_z_error": r.annealed.error,
        "exact_log_z": r.exact,
        "two_sample_p": None if r.report.two_sample is None else r.report.two_sample.p_value,
        "faults": list(r.report.faults),
    }
