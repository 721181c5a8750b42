"""The analysis `double-descent`: what happens to the risk when a model becomes larger than its sample."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ansatz.citations import entries
from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.analyses.populations.decomposition import KnowsNoise, expected_largest
from ansatz.studies.analyses.populations.experiments import (
    decomposition_from,
    decomposition_piece,
    learner_of,
    problem_of,
    stacked_terms,
)
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.studies.execution.pieces import once
from ansatz.training import RandomFeatures
from ansatz.training.learners import Learner
from ansatz.typing import Key
from ansatz.validation import ComplexityCurve, decompose, double_descent, experiments_of
from ansatz.validation.diagnostics.complexity import DoubleDescent as Peak

SIZES = (5, 10, 20, 35, 50, 65, 80, 90, 100, 110, 125, 150, 200, 300, 600, 1200)


@dataclasses.dataclass(frozen=True, kw_only=True)
class DoubleDescent:
    r"""Fits models of growing size to samples of one size, through the interpolation threshold and far beyond.

    Random features, $\sum_j \theta_j\, g(w_j \cdot x + b_j)$ with only $\theta$ fitted, by least squares; where many
    solutions fit all events, by that of smallest norm, in closed form and float64. With as many features as events the
    only solution is a wild one and the risk peaks; with more of them the smallest norm picks a smooth one and the risk
    falls again. A ridge penalty takes the peak away. With `network`, the width of a network is swept as well.

    Attributes:
        problem: a built-in problem that knows its law.
        options: options of the problem.
        events: training events, n.
        fresh: fresh events that each experiment adds to those that all fits are judged on.
        experiments: number of training samples.
        sizes: numbers of random features, in rising order, on both sides of n.
        activation: g.
        ridge: strength of the penalty of a second sweep; 0 for none.
        network: a table as one of `[models]` with `widths`, a list, instead of `width`; empty for none.

    Raises:
        InputError: if the sizes do not rise through n, the problem knows no law, or a table is not as it must be.

    Source: M. Belkin et al., arXiv:1812.11118; T. Hastie et al., arXiv:1903.08560; S. Mei and A. Montanari,
    arXiv:1908.05355.
    """

    problem: str = "teacher"
    options: dict[str, object] = dataclasses.field(default_factory=dict)
    events: int = 100
    fresh: int = 100
    experiments: int = 20
    sizes: tuple[int, ...] = SIZES
    activation: str = "relu"
    ridge: float = 0.01
    network: dict[str, object] = dataclasses.field(default_factory=dict)

    needs: ClassVar[str] = "nothing"
    citations: ClassVar[tuple[str, ...]] = tuple(entries("double-descent"))

    def __post_init__(self) -> None:
        if self.experiments < 4 or min(self.events, self.fresh) < 2:
            raise InputError("events and fresh are at least 2, experiments at least 4")
        if not self.sizes or np.any(np.diff(self.sizes) <= 0) or not self.sizes[0] < self.events < self.sizes[-1]:
            raise InputError(f"sizes: expected numbers that rise through the {self.events} events, got {self.sizes}")
        self._draw()
        self._sweeps()

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """The curves, and whether they descend twice."""
        curves = {}
        for name, learners in self._sweeps().items():
            parts = []
            for place, (size, learner) in enumerate(learners.items()):
                bench.announce(f"{name}, {size:g} ({place + 1} of {len(learners)})")
                piece = once(
                    bench.folder / f"{name.replace(' ', '-')}-{size:g}.npz",
                    lambda f=learner: decomposition_piece(
                        decompose(f, self._draw(), experiments=self.experiments, key=named(key, "training samples"))
                    ),
                )
                parts.append(decomposition_from(piece))
            curves[name] = ComplexityCurve("size", np.array(list(learners), float), tuple(parts))
        return self._findings(curves)

    def _sweeps(self) -> dict[str, dict[float, Learner]]:
        """The learners of each sweep by their size."""
        sweeps = {"smallest norm": {p: RandomFeatures(p, 0.0, self.activation) for p in self.sizes}}
        if self.ridge > 0:
            sweeps["ridge"] = {p: RandomFeatures(p, self.ridge, self.activation) for p in self.sizes}
        if self.network:
            if "widths" not in self.network:
                raise InputError("network.widths: is missing; it must be a list of whole numbers")
            table = {name: value for name, value in self.network.items() if name != "widths"}
            widths = {w: learner_of({**table, "width": w}, "network") for w in self.network["widths"]}
            sweeps["network"] = widths
        return sweeps

    def _draw(self) -> object:
        return experiments_of(problem_of(self.problem, self.options), self.events, self.fresh)

    def _findings(self, curves: Mapping[str, ComplexityCurve]) -> Findings:
        plain = curves["smallest norm"]
        peak = double_descent(plain, self.events)
        headline = (
            f"With {self.events} events the risk peaks at {peak.peak:.0f} random features ({peak.at_peak}) and falls "
            f"to {peak.after} at {plain.values[-1]:.0f}; the smallest is at {peak.best:.0f}."
        )
        arrays = {}
        for name, curve in curves.items():
            arrays |= {f"{name}/{term}": values for term, values in stacked_terms(curve.parts).items()}
            arrays[f"{name}/sizes"] = curve.values
        record = {
            "sweeps": list(curves),
            "threshold": self.events,
            "experiments": self.experiments,
            "problem": self.problem,
            "ridge": self.ridge,
        }
        return Findings(headline, self._numbers(peak, curves), self._beliefs(peak, curves), arrays, record)

    def _numbers(self, peak: Peak, curves: Mapping[str, ComplexityCurve]) -> tuple[Number, ...]:
        problem = problem_of(self.problem, self.options)
        numbers = [
            Number("size at the peak", peak.peak, float(self.events), note="interpolation threshold: size = events"),
            Number("risk at the peak", peak.at_peak),
            Number("smallest risk before it", peak.before),
            Number("risk of the largest model", peak.after),
        ]
        if isinstance(problem, KnowsNoise):
            noise = curves["smallest norm"].parts[0].noise
            numbers.append(Number("noise", noise, problem.bayes_risk(), note="the smallest risk there is"))
        numbers += [
            Number(f"smallest risk, {name}", curve.parts[curve.best].risk, note=f"at size {curve.values[curve.best]:g}")
            for name, curve in curves.items()
        ]
        return tuple(numbers)

    def _beliefs(self, peak: Peak, curves: Mapping[str, ComplexityCurve]) -> tuple[Belief, ...]:
        mark = GREEN if peak.seen else AMBER if min(peak.rise.value, peak.fall.value) > 0.5 else RED
        sentences = {
            GREEN: "From most samples the risk rises to the threshold and falls beyond it.",
            AMBER: "A peak is hinted at; take more experiments, or sizes nearer to the number of events.",
            RED: "There is no peak: sizes, noise or a penalty hide it.",
        }
        value = (
            f"peak at {peak.peak:.0f} of {self.events}; {peak.rise.value:.0%} of the samples rise to it, "
            f"{peak.fall.value:.0%} fall beyond"
        )
        parts = [part for curve in curves.values() for part in curve.parts]
        away, allowed = max(abs(part.adds_up) for part in parts), expected_largest(len(parts))
        adds = GREEN if away < allowed else AMBER if away < allowed + 2 else RED
        words = {
            GREEN: "Bias squared, variance and noise sum to the risk within errors.",
            AMBER: "At some size the sum is off; near the peak a few samples rule the mean.",
            RED: "The sum is not the risk; near the peak take more experiments.",
        }
        return (
            Belief("Double descent", mark, value, sentences[mark]),
            Belief("Parts add up", adds, f"largest difference {away:.1f} standard errors of {len(parts)}", words[adds]),
        )
