"""The analysis `bias-variance`: why learners err, measured over many training samples."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np

from ansatz.citations import entries
from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.analyses.populations.experiments import (
    decomposition_from,
    decomposition_piece,
    learner_of,
    learners_of,
    problem_of,
    stacked_terms,
)
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.studies.execution.pieces import once
from ansatz.training.learners import Learner
from ansatz.typing import Key
from ansatz.validation import Decomposition, decompose, experiments_of

Draw = Callable[[Key], object]
"""From a key to training events, fresh events and the law."""

POLYNOMIALS = {
    "line": {"kind": "polynomial", "degree": 1},
    "cubic": {"kind": "polynomial", "degree": 3},
    "tenth order": {"kind": "polynomial", "degree": 10},
}


EVENTS = "events"
"""What varies along a learning curve."""


@runtime_checkable
class KnowsNoise(Protocol):
    """A problem that knows the smallest expected squared error."""

    def bayes_risk(self) -> float:
        """That of the law itself."""
        ...


@dataclasses.dataclass(frozen=True, kw_only=True)
class BiasVariance:
    """Takes the expected risk of learners apart into bias squared, variance and noise.

    A problem whose law is known draws `experiments` training samples. Each learner is fitted to every one of them; the
    mean of its fits against the law is bias, their scatter is variance, the scatter of events about the law is noise.
    The risk is measured apart, on other fresh events, so that the sum is a test. With `curve`, the same is done for a
    family of learners that grow, such as polynomials of rising degree, or for one learner and more and more events.

    Attributes:
        problem: a built-in problem that knows its law (or its probability of class 1).
        options: options of the problem.
        events: training events in each experiment.
        fresh: fresh events that each experiment adds to those that all fits are judged on.
        experiments: number of training samples.
        learners: tables by name, each as one of `[models]`.
        curve: a table as one of `[models]`, with `vary`, the name of one of its arguments, and `values` for it; with
            `vary = "events"` they are numbers of training events (a learning curve).

    Raises:
        InputError: if the problem knows no law, or a table is not as it must be.

    Source: S. Geman, E. Bienenstock and R. Doursat, Neural Computation 4 (1992) 1; P. Mehta et al., arXiv:1803.08823.
    """

    problem: str = "noisy-polynomial"
    options: dict[str, object] = dataclasses.field(default_factory=dict)
    events: int = 100
    fresh: int = 50
    experiments: int = 100
    learners: dict[str, dict[str, object]] = dataclasses.field(default_factory=lambda: dict(POLYNOMIALS))
    curve: dict[str, object] = dataclasses.field(default_factory=dict)

    needs: ClassVar[str] = "nothing"
    citations: ClassVar[tuple[str, ...]] = tuple(entries("bias-variance"))

    def __post_init__(self) -> None:
        if min(self.events, self.fresh) < 2 or self.experiments < 4:
            raise InputError("events and fresh are at least 2, experiments at least 4")
        if not self.learners and not self.curve:
            raise InputError("learners: there are none; give at least one, or a curve")
        self._tasks()

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """The parts of the risk of every learner."""
        tasks, parts = self._tasks(), {}
        for number, (name, (learner, draw)) in enumerate(tasks.items()):
            bench.announce(f"{name} ({number + 1} of {len(tasks)})")
            own = named(key, "training samples")
            piece = once(
                bench.folder / f"part-{number}.npz",
                lambda f=learner, d=draw, k=own: decomposition_piece(
                    decompose(f, d, experiments=self.experiments, key=k)
                ),
            )
            parts[name] = decomposition_from(piece)
        return self._findings(parts)

    def _tasks(self) -> dict[str, tuple[Learner, Draw]]:
        """Every learner by name, with what draws its events."""
        family = family_of(self.curve)
        sizes = self.curve["values"] if self.curve.get("vary") == EVENTS else [self.events] * len(family)
        fixed, draw = learners_of(self.learners), self._draw(self.events)
        curve = {name: (family[name], self._draw(int(n))) for name, n in zip(family, sizes, strict=True)}
        return {name: (learner, draw) for name, learner in fixed.items()} | curve

    def _draw(self, events: int) -> Draw:
        return experiments_of(problem_of(self.problem, self.options), events, self.fresh)

    def _findings(self, parts: Mapping[str, Decomposition]) -> Findings:
        named_parts = {name: parts[name] for name in self.learners}
        grown = [part for name, part in parts.items() if name not in self.learners]
        best = min(parts, key=lambda name: parts[name].risk.value)
        found = parts[best]
        headline = (
            f"{best} errs least: of its expected risk {found.risk}, bias squared is {found.bias}, "
            f"variance {found.variance}, noise {found.noise}."
        )
        arrays = {f"learners/{name}": values for name, values in stacked_terms(list(named_parts.values())).items()}
        if grown:
            arrays |= {f"curve/{name}": values for name, values in stacked_terms(grown).items()}
            arrays["curve/values"] = np.array(self.curve["values"], float)
        for number, part in enumerate(named_parts.values()):
            if part.x.ndim == 2 and part.x.shape[1] == 1 and part.truth.ndim == 1:
                arrays |= _fits(number, part)
        record = {
            "learners": list(named_parts),
            "parameter": str(self.curve.get("vary", "")),
            "experiments": self.experiments,
            "events": self.events,
            "problem": self.problem,
        }
        return Findings(headline, tuple(self._numbers(parts)), tuple(self._beliefs(parts)), arrays, record)

    def _numbers(self, parts: Mapping[str, Decomposition]) -> list[Number]:
        problem = problem_of(self.problem, self.options)
        numbers = [
            Number(f"{name}: sum minus risk", part.gap, 0.0, note=f"risk {part.risk}") for name, part in parts.items()
        ]
        if isinstance(problem, KnowsNoise):
            first = next(iter(parts.values()))
            numbers.append(Number("noise", first.noise, problem.bayes_risk(), note="the smallest risk there is"))
        return numbers

    def _beliefs(self, parts: Mapping[str, Decomposition]) -> list[Belief]:
        worst = max(parts, key=lambda name: abs(parts[name].adds_up))
        away = abs(parts[worst].adds_up)
        allowed = expected_largest(len(parts))
        mark = GREEN if away < allowed else AMBER if away < allowed + 1 else RED
        sentences = {
            GREEN: "Bias squared, variance and noise sum to the risk within errors.",
            AMBER: "The sum is a little off for one of the learners; take more experiments.",
            RED: "The sum is not the risk: the law that the problem tells is not the one its events follow.",
        }
        value = f"largest difference {away:.1f} standard errors ({worst}), of {len(parts)} learners"
        return [Belief("Parts add up", mark, value, sentences[mark])]


def family_of(curve: Mapping[str, object]) -> dict[str, Learner]:
    """The learners of a curve by name; none if the table is empty.

    Raises:
        InputError: if `vary` or `values` are missing or a learner cannot be built.

    Example:
        >>> list(family_of({"kind": "polynomial", "vary": "degree", "values": [1, 2]}))
        ['degree = 1', 'degree = 2']
    """
    if not curve:
        return {}
    if not {"vary", "values"} <= set(curve):
        raise InputError("curve: give 'vary', the name of an argument, and 'values', a list of what it takes")
    values = curve["values"]
    if not isinstance(values, Sequence) or isinstance(values, str) or sorted(set(values)) != list(values):
        raise InputError(f"curve.values: expected a list of numbers in rising order, got {values}")
    table = {name: value for name, value in curve.items() if name not in ("vary", "values")}
    name = str(curve["vary"])
    if name == EVENTS:
        if not all(isinstance(value, int) and value > 1 for value in values):
            raise InputError(f"curve.values: numbers of events are whole and at least 2, not {values}")
        return {f"{name} = {value}": learner_of(table, "curve") for value in values}
    return {f"{name} = {value:g}": learner_of({**table, name: value}, "curve") for value in values}


def expected_largest(count: int) -> float:
    """How far the farthest of so many standard normal numbers may be, once in about twenty times.

    Example:
        >>> round(expected_largest(1), 2), round(expected_largest(10), 2)
        (1.96, 2.81)
    """
    from scipy.special import ndtri

    return float(-ndtri(0.025 / count))


def _fits(number: int, part: Decomposition) -> dict[str, np.ndarray]:
    """A curve of the mean fit, in order of x, thinned."""
    order = np.argsort(part.x[:, 0])
    rows = order[np.linspace(0, len(order) - 1, min(len(order), 200)).astype(int)]
    values = {"x": part.x[rows, 0], "truth": part.truth[rows], "mean": part.mean[rows], "spread": part.spread[rows]}
    return {f"fit-{number}/{name}": value for name, value in values.items()}
