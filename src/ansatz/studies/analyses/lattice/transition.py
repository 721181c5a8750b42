"""The analysis `phase-transition`: the critical temperature from what networks say, and of a lattice they never saw."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from scipy.stats import chi2

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.problems.lattice import Chains, Collapse, Curve, IsingStates, collapse, references
from ansatz.problems.lattice.coarse import coarse_grained
from ansatz.problems.lattice.drawing import spaced
from ansatz.problems.lattice.exact import critical_temperature, triangular_critical_temperature
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.analyses.lattice.states import against_temperature, drawn_states, energies, sampling_beliefs
from ansatz.studies.analyses.populations.experiments import learner_of
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.training import Fit
from ansatz.typing import Key
from ansatz.validation import Interval, normal

EDGE = 0.03
"""Outputs nearer to 0 or 1 than this are left out of the collapse."""

LEARNER: dict[str, object] = {
    "kind": "mlp",
    "width": 8,
    "depth": 1,
    "activation": "tanh",
    "epochs": 40,
    "batch_size": 128,
    "learning_rate": 5e-3,
    "patience": 8,
    "population": 8,
    "resample": "bootstrap",
}
"""What learns if a study does not say: a population, each member from its own resampling of the states."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class PhaseTransition:
    r"""Networks learn the phases of square lattices; their mean outputs for all sizes must fall on one curve.

    For each size a network learns from block means (cells x cells for every size) whether a state is ordered, at
    temperatures \( T_c \pm x / L \), x up to `reach`: for all sizes the same lesson up to a scale. Its mean output
    for fresh states is then a function of \( (T - T_c) L^{1/\nu} \) alone, and the \( T_c \) that brings the logits
    of all sizes onto one polynomial is the critical temperature. On the square lattice that is a test, for the labels
    know the transition. The same networks then judge triangular lattices, of which they have seen none: where their
    outputs collapse there is a prediction. Temperatures there are within a wide range for the smallest size, and
    within a narrower one about the output one half of the size before for each next one. The error joins that of
    the collapse with the spread over a population that learned from resampled states.

    Attributes:
        sizes: sides of the lattices, even multiples of the cells, rising.
        reach: farthest temperature of the square lattices from the transition, times L.
        points: number of temperatures of each size.
        states: states to learn from, at each temperature.
        fresh: states to judge on, at each temperature.
        cells: blocks along each axis over which states are averaged.
        triangular: lowest and highest temperature of the smallest triangular lattice; empty for none.
        learner: a table as one of `[models]`; a population has an error from what it learned from.

    Raises:
        InputError: if a number is out of range, or the learner is not as it must be.

    Source: J. Carrasquilla and R. G. Melko, Nature Phys. 13 (2017) 431, arXiv:1605.01735.
    """

    sizes: tuple[int, ...] = (16, 24, 40)
    reach: float = 4.0
    points: int = 16
    states: int = 400
    fresh: int = 200
    cells: int = 8
    triangular: tuple[float, ...] = (3.1, 4.3)
    learner: dict[str, object] = dataclasses.field(default_factory=lambda: dict(LEARNER))

    needs: ClassVar[str] = "nothing"
    citations: ClassVar[tuple[str, ...]] = (references.PHASES, references.ONSAGER, references.KAUFMAN)

    def __post_init__(self) -> None:
        if len(self.sizes) < 2 or any(size % 2 for size in self.sizes) or np.any(np.diff(self.sizes) <= 0):
            raise InputError(f"sizes: a collapse needs two even sizes or more, rising, not {list(self.sizes)}")
        if not 0 < self.reach < critical_temperature() * min(self.sizes) or self.points < 6:
            raise InputError("reach and points: six positive temperatures or more of each size")
        if min(self.states, self.fresh) < 2:
            raise InputError("states and fresh are at least 2")
        if self.triangular and not (len(self.triangular) == 2 and 0 < self.triangular[0] < self.triangular[1]):
            raise InputError("triangular: the lowest and the highest temperature, such as [3.1, 4.3], or nothing")
        for size in self.sizes:
            coarse_grained(np.zeros((1, size, size)), self.cells)
        learner_of(self.learner, "learner")

    def square(self, size: int) -> IsingStates:
        """Where the states of one square lattice come from."""
        middle, far = critical_temperature(), self.reach / size
        return IsingStates(size=size, temperatures=spaced(middle - far, middle + far, self.points))

    def other(self, size: int, before: _Outputs | None) -> IsingStates:
        """Where the states of one triangular lattice come from: about what the outputs of the size before say."""
        low, high = self.triangular
        if before is not None:
            middle, far = before.half, (high - low) / 2 * min(self.sizes) / size
            low, high = middle - far, middle + far
        return IsingStates(size=size, temperatures=spaced(low, high, self.points), lattice="triangular")

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """Learn each size, judge both lattices, collapse."""
        chains: list[Chains] = []
        outputs: dict[str, dict[int, _Outputs]] = {"square": {}} | ({"triangular": {}} if self.triangular else {})
        before = None
        for size in self.sizes:
            bench.announce(f"L = {size}: square")
            drawn = drawn_states(self.square(size), self.states, self.fresh, key=named(key, f"square {size}"))
            fit = self._fitted(drawn.train, named(key, f"fit {size}"))
            bench.keep(f"size-{size}", fit)
            chains.append(drawn.chains)
            outputs["square"][size] = self._outputs(fit, drawn.fresh)
            if self.triangular:
                bench.announce(f"L = {size}: triangular")
                problem = self.other(size, before)
                other = drawn_states(problem, 2, self.fresh, key=named(key, f"triangular {size}"))
                chains.append(other.chains)
                before = outputs["triangular"][size] = self._outputs(fit, other.fresh)
        return _findings(self, chains, outputs)

    def _fitted(self, train: Dataset, key: Key) -> Fit:
        return learner_of(self.learner, "learner")(self._coarse(train), key)

    def _coarse(self, data: Dataset) -> Dataset:
        """Block means, turned over where their sum is negative: no state is told from its mirror image."""
        x = coarse_grained(data.x, self.cells).reshape(len(data), -1)
        x = np.where(x.sum(axis=1, keepdims=True) < 0, -x, x)
        columns = tuple(f"cell_{row}_{column}" for row in range(self.cells) for column in range(self.cells))
        return data.replace(x=x, columns=columns)

    def _outputs(self, fit: Fit, fresh: Dataset) -> _Outputs:
        """Mean output of each member at each temperature."""
        members = fit.members(self._coarse(fresh).x)[..., 1]
        found = [against_temperature(fresh, member) for member in members]
        return _Outputs(found[0][0], np.stack([f[1] for f in found]), np.stack([f[2] for f in found]))


@dataclasses.dataclass(frozen=True, eq=False)
class _Outputs:
    """Temperatures, and mean outputs with their errors, shape (members, temperatures)."""

    temperature: np.ndarray
    value: np.ndarray
    error: np.ndarray

    def mean(self) -> tuple[np.ndarray, np.ndarray]:
        """Of all members, with the error from the finite number of states."""
        return self.value.mean(axis=0), self.error.mean(axis=0)

    @property
    def half(self) -> float:
        """The temperature where the mean output is one half."""
        return _half(self.temperature, self.mean()[0])


def _half(temperature: np.ndarray, output: np.ndarray) -> float:
    """Where outputs that fall with the temperature are one half."""
    return float(np.interp(0.5, np.maximum.accumulate(output[::-1]), temperature[::-1]))


def logit_curve(size: int, temperature: np.ndarray, output: np.ndarray, error: np.ndarray) -> Curve:
    """Logits of mean outputs that are far enough from 0 and 1; a straight line is near to them.

    Raises:
        InputError: if fewer than two are.
    """
    inside = (output > EDGE) & (output < 1 - EDGE)
    if inside.sum() < 2:
        raise InputError(
            f"the outputs for L = {size} go from one phase to the other within one step of the temperature; "
            "take more points, or a narrower range"
        )
    p, e, t = output[inside], np.maximum(error[inside], 1e-4), temperature[inside]
    return Curve(size, t, np.log(p / (1 - p)), e / (p * (1 - p)))


def _collapsed(parts: Mapping[int, tuple[np.ndarray, np.ndarray, np.ndarray]], *, fixed: bool) -> Collapse:
    """The collapse of all sizes; it starts where the largest has the output one half."""
    curves = [logit_curve(size, *part) for size, part in parts.items()]
    t, output, _ = parts[max(parts)]
    return collapse(curves, start=_half(t, output), fixed=fixed, degree=3)


@dataclasses.dataclass(frozen=True)
class _Found:
    """What the outputs for one lattice say."""

    critical: Interval
    inverse_nu: Interval
    best: Collapse
    spread: float


def _found(outputs: Mapping[int, _Outputs]) -> _Found:
    mean = {size: (o.temperature, *o.mean()) for size, o in outputs.items()}
    members = len(next(iter(outputs.values())).value)
    single = [{s: (o.temperature, o.value[m], o.error[m]) for s, o in outputs.items()} for m in range(members)]
    best, free = _collapsed(mean, fixed=True), _collapsed(mean, fixed=False)
    spread = _spread([_collapsed(parts, fixed=True).temperature.value for parts in single])
    of_nu = _spread([_collapsed(parts, fixed=False).inverse_nu.value for parts in single])
    method = "collapse and spread over members" if members > 1 else "collapse"
    critical = normal(best.temperature.value, float(np.hypot(best.temperature.error, spread)), method=method)
    inverse_nu = normal(free.inverse_nu.value, float(np.hypot(free.inverse_nu.error, of_nu)), method=method)
    return _Found(critical, inverse_nu, best, spread)


def _spread(values: list[float]) -> float:
    return float(np.std(values, ddof=1)) if len(values) > 1 else 0.0


def _findings(spec: PhaseTransition, chains: list[Chains], outputs: Mapping[str, Mapping[int, _Outputs]]) -> Findings:
    known = {"square": critical_temperature(), "triangular": triangular_critical_temperature()}
    found = {lattice: _found(parts) for lattice, parts in outputs.items()}
    numbers, words = [], []
    for lattice, one in found.items():
        off = one.critical.value / known[lattice] - 1
        seen = "" if lattice == "square" else "; no such lattice was learned from"
        numbers += [
            Number(f"T_c, {lattice} lattice", one.critical, known[lattice], "J", f"{off:+.2%}{seen}"),
            Number(f"1 / nu, {lattice} lattice", one.inverse_nu, 1.0, note="fitted along with T_c"),
        ]
        words.append(f"{one.critical} ({lattice}, exact: {known[lattice]:.4f})")
    beliefs = (*sampling_beliefs(chains), *(_quality(lattice, one) for lattice, one in found.items()))
    arrays = energies([c for c in chains if c.lattice.name == "square lattice"])
    for lattice, parts in outputs.items():
        for size, part in parts.items():
            name = f"{lattice}/{size}"
            arrays[f"{name}/temperature"] = part.temperature
            arrays[f"{name}/output"], arrays[f"{name}/error"] = part.mean()
    record = {
        "sizes": list(spec.sizes),
        "edge": EDGE,
        "critical": {lattice: known[lattice] for lattice in found},
        "found": {lattice: one.critical.to_dict() for lattice, one in found.items()},
    }
    return Findings(f"The networks' outputs collapse at T_c = {', '.join(words)}.", tuple(numbers), beliefs, arrays,
                    record)  # fmt: skip


def _quality(lattice: str, found: _Found) -> Belief:
    best = found.best
    p = float(chi2.sf(best.chi2, best.degrees_of_freedom))
    ratio = best.chi2 / best.degrees_of_freedom
    mark = GREEN if ratio < 2 or p > 0.01 else AMBER if ratio < 6 else RED
    sentence = {
        GREEN: "The curves of all sizes are one curve.",
        AMBER: "The curves are one but for small corrections; the error is enlarged for them.",
        RED: "The curves do not fall on one: this is no critical temperature.",
    }[mark]
    value = (
        f"chi2 = {best.chi2:.1f} for {best.degrees_of_freedom} degrees of freedom, spread of members {found.spread:.4f}"
    )
    return Belief(f"Collapse, {lattice} lattice", mark, value, sentence)
