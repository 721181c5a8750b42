"""The analysis `coverage`: whether the bands of learners hold what they promise, over pseudo-experiments."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ansatz.citations import entries
from ansatz.errors import InputError, suggest
from ansatz.keys import named
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.analyses.populations.experiments import learner_of, learners_of, problem_of
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.studies.execution.pieces import Piece, once
from ansatz.training.learners import Learner
from ansatz.training.uncertainty import UNCERTAINTIES
from ansatz.typing import Key
from ansatz.validation import ONE_SIGMA, CoverageCurve, Interval, coverage_over, experiments_of
from ansatz.validation.diagnostics.coverage import KINDS, reliability_over

LEVELS = (ONE_SIGMA, 0.95)

PROBABILITIES = ("temperature", "platt", "isotonic")
"""Ways that make probabilities right and give no band: they are judged by their calibration."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Coverage:
    """Draws a sample, fits it, sees whether the truth lies in the bands, and again: coverage with its binomial error.

    Bands of the mean are held against the law of the problem, bands of a new measurement against fresh events, sets of
    classes against the true class, and calibrated probabilities against how often the class came. Beside the coverage
    stands the mean width: of two bands that cover, the narrower is better. One fresh event an experiment gives
    independent trials; with more, the scatter over experiments is the error.

    Attributes:
        problem: a built-in problem that knows its law, or its probability of class 1.
        options: options of the problem.
        events: training events in each experiment.
        fresh: fresh events in each experiment.
        experiments: how many.
        learner: a table as one of `[models]`, to which each of the `uncertainties` is added.
        uncertainties: names, as `uncertainty` takes them; empty for all that suit the learner and the problem.
        learners: further tables by name, each with an `uncertainty` of its own (or a population).

    Raises:
        InputError: if the problem knows no law, or a name or a table is not as it must be.

    Source: R. Cousins, Am. J. Phys. 63 (1995) 398.
    """

    problem: str = "noisy-polynomial"
    options: dict[str, object] = dataclasses.field(default_factory=dict)
    events: int = 200
    fresh: int = 5
    experiments: int = 50
    learner: dict[str, object] = dataclasses.field(default_factory=lambda: {"kind": "polynomial", "degree": 5})
    uncertainties: tuple[str, ...] = ()
    learners: dict[str, dict[str, object]] = dataclasses.field(default_factory=dict)

    needs: ClassVar[str] = "nothing"
    citations: ClassVar[tuple[str, ...]] = tuple(entries("coverage"))

    def __post_init__(self) -> None:
        if self.experiments < 2 or min(self.events, self.fresh) < 1:
            raise InputError("experiments are at least 2, events and fresh at least 1")
        for name in self.uncertainties:
            if name not in UNCERTAINTIES:
                near, names = suggest(name, UNCERTAINTIES), ", ".join(UNCERTAINTIES)
                raise InputError(f"uncertainties: there is no '{name}'{near}; there are: {names}")
        experiments_of(problem_of(self.problem, self.options), self.events, self.fresh)
        if not self._learners():
            raise InputError("learners: none of the uncertainties suits this learner and problem")

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """Coverage and width of each band."""
        draw = experiments_of(problem_of(self.problem, self.options), self.events, self.fresh)
        learners, pieces = self._learners(), {}
        for number, (name, learner) in enumerate(learners.items()):
            bench.announce(f"{name} ({number + 1} of {len(learners)})")
            own, judge = named(key, name), _probabilities if name in PROBABILITIES else _bands
            pieces[name] = once(
                bench.folder / f"{number}.npz", lambda f=learner, k=own, j=judge: j(f, draw, self.experiments, k)
            )
        return self._findings({name: dict(piece.record) for name, piece in pieces.items()})

    def _learners(self) -> dict[str, Learner]:
        """Every uncertainty that suits, by its name, then the further tables."""
        task = problem_of(self.problem, self.options).task
        found = {}
        for name in self.uncertainties or UNCERTAINTIES:
            try:
                learner = learner_of({**self.learner, "uncertainty": name}, "learner")
            except InputError:
                if self.uncertainties:
                    raise
                continue
            if task in learner.tasks:
                found[name] = learner
        return {**found, **learners_of(self.learners)}

    def _findings(self, records: Mapping[str, dict]) -> Findings:
        bands = {name: record for name, record in records.items() if "covered" in record}
        covered = {name: [Interval.from_dict(c) for c in record["covered"]] for name, record in bands.items()}
        numbers = [
            Number(
                f"{name}, {level:.0%}", interval, level, note=f"{KINDS[bands[name]['kind']]}, {_width(bands[name], k)}"
            )
            for name, found in covered.items()
            for k, (level, interval) in enumerate(zip(LEVELS, found, strict=True))
        ]
        calibrated = {name: Interval.from_dict(r["error"]) for name, r in records.items() if "error" in r}
        numbers += [
            Number(
                f"{name}, probability minus frequency", error, 0.0, note="mean size over bins, less what chance gives"
            )
            for name, error in calibrated.items()
        ]
        good = [name for name, record in bands.items() if _mark(record) == GREEN]
        headline = f"{len(good)} of {len(bands)} bands hold what they promise within two standard errors"
        headline += f": {', '.join(good)}." if good else "."
        beliefs = [_belief(name, record) for name, record in bands.items()]
        beliefs += [_calibrated(name, error) for name, error in calibrated.items()]
        arrays = {}
        for term in ("covered", "width"):
            table = [[Interval.from_dict(one) for one in record[term]] for record in bands.values()]
            for end in ("value", "low", "high"):
                arrays[f"{term}/{end}"] = np.array([[getattr(i, end) for i in row] for row in table]).reshape(-1, 2)
        record = {
            "names": list(bands),
            "kinds": [record["kind"] for record in bands.values()],
            "levels": list(LEVELS),
            "experiments": self.experiments,
        }
        return Findings(headline, tuple(numbers), tuple(beliefs), arrays, record)


def _bands(learner: Learner, draw: object, experiments: int, key: Key) -> Piece:
    curve: CoverageCurve = coverage_over(learner, draw, experiments=experiments, levels=LEVELS, key=key)
    return Piece({}, {**curve.to_dict(), "pulls": curve.pulls.tolist()})


def _probabilities(learner: Learner, draw: object, experiments: int, key: Key) -> Piece:
    return Piece({}, {"error": reliability_over(learner, draw, experiments=experiments, key=key).to_dict()})


def _width(record: Mapping, place: int) -> str:
    what = "mean size" if record["kind"] == "set" else "mean width"
    return f"{what} {Interval.from_dict(record['width'][place])}"


def _mark(record: Mapping) -> str:
    """Green within two standard errors; red for bands too narrow by more than three and .03."""
    pulls = np.array(record["pulls"])
    short = np.array(record["levels"]) - [c["value"] for c in record["covered"]]
    if np.all(np.abs(pulls) < 2):
        return GREEN
    return RED if np.any((pulls < -3) & (short > 0.03)) else AMBER


def _belief(name: str, record: Mapping) -> Belief:
    mark, pulls = _mark(record), record["pulls"]
    narrow = min(pulls) < -2
    sentence = "The bands hold what they promise."
    if mark != GREEN:
        sentence = "The bands are too narrow: the truth lies outside more often than they say." if narrow else ""
        sentence = sentence or "The bands are wider than they need be: they err on the safe side."
    pairs = zip(LEVELS, record["covered"], strict=True)
    value = ", ".join(f"{Interval.from_dict(c)} at {level:.0%}" for level, c in pairs)
    return Belief(f"Coverage of {name}", mark, f"{value}; {KINDS[record['kind']]}", sentence)


def _calibrated(name: str, error: Interval) -> Belief:
    mark = GREEN if error.low < 0.02 else AMBER if error.low < 0.05 else RED
    sentence = "Probabilities are what they say." if mark == GREEN else "Probabilities are not what they say."
    return Belief(f"Calibration of {name}", mark, f"mean size of probability minus frequency {error}", sentence)
