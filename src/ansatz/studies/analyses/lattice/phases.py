"""The analysis `phase-classification`: how near learners come to the best that any classifier of phases can do."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.problems.lattice import IsingStates, references
from ansatz.problems.lattice.drawing import spaced
from ansatz.problems.lattice.exact import EnergyPosterior, critical_temperature, spontaneous_magnetization
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.analyses.lattice.states import (
    Drawn,
    against_temperature,
    drawn_states,
    energies,
    mean_interval,
    ratio_interval,
    sampling_beliefs,
)
from ansatz.studies.analyses.populations.experiments import learners_of
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.training.learners import Learner
from ansatz.training.result import Fit
from ansatz.typing import Key
from ansatz.validation import Interval, proportion

THRESHOLD = "threshold on |m|"
LEAST, MOST = 4, 40

LEARNERS: dict[str, dict[str, object]] = {
    "dense": {"kind": "mlp", "width": 32, "depth": 1, "epochs": 20, "patience": 4, "l2": 1e-3, "batch_size": 64},
    "convolutional": {
        "kind": "convolutional",
        "channels": 8,
        "kernel": 2,
        "padding": "periodic",
        "width": 16,
        "epochs": 25,
        "learning_rate": 0.01,
    },
}
"""What is compared if a study does not say."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PhaseClassification:
    r"""Ordered or disordered? Networks and a cut on |m| beside Bayes' decision from the exact P(E), on fresh states.

    The energy of a state is all that it tells of its temperature, so the exact \( P(\mathrm{ordered} | E) \) gives the
    largest accuracy that anything can reach. The accuracy of a learner is the mean of the exact probability of what it
    says, \( \langle P(\text{its answer} | E) \rangle \): its mean is that of counting right answers, its error much
    smaller, for the chance in the labels is left out.

    Attributes:
        size: side of the lattice, even, from 4 to 40.
        low: lowest temperature, in units of the coupling.
        high: highest temperature.
        points: number of temperatures.
        states: states to learn from, at each temperature.
        fresh: states of other Markov chains to judge on, at each temperature.
        learners: tables as those of `[models]`, by name.

    Raises:
        InputError: if a number is out of range, or a table is not as it must be.

    Source: J. Carrasquilla and R. G. Melko, Nature Phys. 13 (2017) 431, arXiv:1605.01735.
    """

    size: int = 40
    low: float = 1.0
    high: float = 3.5
    points: int = 41
    states: int = 100
    fresh: int = 100
    learners: dict[str, dict[str, object]] = dataclasses.field(default_factory=lambda: dict(LEARNERS))

    needs: ClassVar[str] = "nothing"
    citations: ClassVar[tuple[str, ...]] = (references.PHASES, references.ONSAGER, references.KAUFMAN)

    def __post_init__(self) -> None:
        if self.size % 2 or not LEAST <= self.size <= MOST:
            raise InputError(f"size: the exact limit is for even sides from {LEAST} to {MOST}, not {self.size}")
        if not (0 < self.low < critical_temperature() < self.high) or self.points < 4:
            raise InputError("low, high and points: four temperatures or more on both sides of the transition")
        if min(self.states, self.fresh) < 2:
            raise InputError("states and fresh are at least 2")
        learners_of(self.learners)

    @property
    def problem(self) -> IsingStates:
        """Where the states come from."""
        return IsingStates(size=self.size, temperatures=spaced(self.low, self.high, self.points))

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """Simulate, fit, judge."""
        bench.announce(f"simulating {self.points} temperatures of a {self.size} x {self.size} lattice")
        drawn = drawn_states(self.problem, self.states, self.fresh, key=named(key, "states"))
        answers, fits = {THRESHOLD: best_cut(drawn.train, drawn.fresh)}, {}
        for name, learner in learners_of(self.learners).items():
            bench.announce(f"fitting {name}")
            fits[name] = fitted(learner, drawn.train, named(key, name))
            bench.keep(name, fits[name])
            answers[name] = fits[name].score(drawn.fresh.x)
        return _findings(self, drawn, answers, fits)


def fitted(learner: Learner, data: Dataset, key: Key) -> Fit:
    """The fit of a learner that may want tables in place of fields."""
    return learner(data.replace(x=data.x.astype(np.float32)), key)


def best_cut(train: Dataset, fresh: Dataset) -> np.ndarray:
    """A score whose best cut on |m|, found on the training states, is at one half."""
    m, ordered = np.abs(train.observers["magnetization"]), train.y == 1
    order = np.argsort(m)
    right = np.concatenate([[ordered.sum()], ordered.sum() - np.cumsum(np.where(ordered[order], 1, -1))])
    place = int(right.argmax())
    edges = np.concatenate([[0.0], m[order], [1.0]])
    cut = (edges[place] + edges[place + 1]) / 2
    return np.clip(0.5 + (np.abs(fresh.observers["magnetization"]) - cut) / 2, 0, 1)


def _findings(spec: PhaseClassification, drawn: Drawn, answers: Mapping[str, np.ndarray], fits: dict) -> Findings:
    exact = EnergyPosterior(spec.size, spec.problem.grid)
    tc = critical_temperature()
    p = exact.below(drawn.fresh.observers["energy"], tc)
    best = np.maximum(p, 1 - p)
    limit = exact.limit(tc)
    right = {name: np.where(score > 0.5, p, 1 - p) for name, score in answers.items()}
    shares = {name: ratio_interval(value, best, "paired, exact P(E)") for name, value in right.items()}
    accuracy = {
        name: Interval(*(limit * end for end in (s.value, s.low, s.high)), s.level, s.method)
        for name, s in shares.items()
    }
    numbers = [Number("Bayes limit", limit, note="the largest possible accuracy, from the exact P(E): no error")]
    counted = {name: (score > 0.5) == drawn.fresh.y for name, score in answers.items()}
    for name in answers:
        note = f"{limit:.4f} is the limit; by counting {proportion(counted[name])}"
        numbers += [
            Number(f"accuracy, {name}", accuracy[name], note=note),
            Number(f"fraction of the limit, {name}", shares[name], 1.0),
        ]
    winner = max(fits, key=lambda name: shares[name].value) if fits else THRESHOLD
    headline = (
        f"{winner} tells the phases apart with accuracy {accuracy[winner]}, {shares[winner].value:.2%} of what is "
        f"possible ({limit:.4f}); the cut on |m| reaches {shares[THRESHOLD].value:.2%}."
    )
    beliefs = (
        *sampling_beliefs([drawn.chains]),
        _below_the_limit(counted, limit),
        *([_better(winner, right)] if fits else []),
        *([_finished(fits)] if fits else []),
    )
    return Findings(headline, tuple(numbers), beliefs, _arrays(spec, drawn, answers), _record(spec, answers, shares))


def _below_the_limit(right: Mapping[str, np.ndarray], limit: float) -> Belief:
    """By counting: the mean of P(answer | E) cannot be above the limit, whatever went wrong."""
    counted = {name: float(values.mean()) for name, values in right.items()}
    worst = max(counted, key=lambda name: counted[name])
    excess = (counted[worst] - limit) / np.sqrt(limit * (1 - limit) / len(right[worst]))
    mark = RED if excess > 4 else GREEN
    sentence = "Nothing beats Bayes' decision, as it must be." if mark == GREEN else (
        "Something beats what is possible: fresh states were learned from, or their energies are wrong."
    )  # fmt: skip
    value = f"{worst}: {counted[worst]:.4f} counted, at most {limit:.4f}: {excess:+.1f} standard errors"
    return Belief("Below the exact limit", mark, value, sentence)


def _better(winner: str, right: Mapping[str, np.ndarray]) -> Belief:
    gain = right[winner] - right[THRESHOLD]
    found = mean_interval(gain)
    sure = found.value > 2 * found.error
    return Belief(
        "Against the cut on |m|",
        GREEN if sure else AMBER,
        f"accuracy of {winner} - cut on |m| = {found}",
        "The network knows more than the order parameter." if sure else "The order parameter does as well.",
    )


def _finished(fits: Mapping[str, Fit]) -> Belief:
    late = [name for name, fit in fits.items() if not fit.converged]
    if not late:
        return Belief("Convergence", GREEN, f"{len(fits)} of {len(fits)} fits", "Every fit finished as it should.")
    return Belief("Convergence", AMBER, f"not finished: {', '.join(late)}", "Give these more epochs.")


def _arrays(spec: PhaseClassification, drawn: Drawn, answers: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    order = [o.magnetization for o in drawn.chains.observables()]
    grid = np.array(spec.problem.grid)
    shown = grid[np.searchsorted(grid, np.linspace(spec.low, spec.high, 6)).clip(0, len(grid) - 1)]
    first = [int(np.flatnonzero(drawn.fresh.observers["temperature"] == t)[0]) for t in shown]
    arrays = {
        **energies([drawn.chains]),
        "order/temperature": grid,
        "order/value": np.array([o.value for o in order]),
        "order/error": np.array([o.error for o in order]),
        "order/exact": np.array([spontaneous_magnetization(t) for t in grid]),
        "example/states": drawn.fresh.x[first],
        "example/temperature": shown,
    }
    for name, score in answers.items():
        if name != THRESHOLD:
            _, arrays[f"output/{name}"], arrays[f"output/{name}/error"] = against_temperature(drawn.fresh, score)
    exact = EnergyPosterior(spec.size, spec.problem.grid)
    best = exact.below(drawn.fresh.observers["energy"], critical_temperature())
    _, arrays["output/exact"], arrays["output/exact/error"] = against_temperature(drawn.fresh, best)
    return arrays


def _record(
    spec: PhaseClassification, answers: Mapping[str, np.ndarray], shares: Mapping[str, Interval]
) -> dict[str, object]:
    return {
        "size": spec.size,
        "critical": critical_temperature(),
        "limit": EnergyPosterior(spec.size, spec.problem.grid).limit(critical_temperature()),
        "networks": [name for name in answers if name != THRESHOLD],
        "shares": {name: share.to_dict() for name, share in shares.items()},
    }
