"""`splot`: a mass fit, sWeights, and what signal and background look like in variables that the mass knows not."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from ansatz.data import Dataset, folds
from ansatz.errors import InputError, suggest
from ansatz.inference import Independence, PeakFit, SWeights, fit_peak, independence, sweights_of
from ansatz.inference.shapes import BACKGROUNDS
from ansatz.inference.sweighted import area_by_sweights, scored_by_sweights
from ansatz.keys import named
from ansatz.problems.references import SPLOT
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.analyses.populations.experiments import learner_of
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.typing import Key
from ansatz.validation import Interval, cross_validate, roc_auc

SCORE = "score"
"""What the answer of the classifier is called among the controls."""
UNLIKELY, IMPOSSIBLE = 0.05, 1e-4
"""p-values below which a test asks for caution, and below which it fails."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SPlot:
    """Unfolds control variables into signal and background by a fit of the mass.

    The mass is fitted by a peak over a smooth background; sWeights then show what each species looks like in variables
    that are independent of the mass within the species, which is tested. The yield is repeated with every background
    shape: their spread is the error that the choice of a shape brings.

    Attributes:
        mass: column of the mass.
        controls: columns to unfold; all others by default.
        signal: shape of the peak: gaussian, double-gaussian, breit-wigner, voigt, crystal-ball.
        background: shape below it: exponential, constant, linear, quadratic, cubic.
        within: range of the fit; all masses by default.
        classifier: a table as of `[models.NAME]`: what tells the species apart by the controls, trained with sWeights
            on some folds and judged on the others; it must take negative weights.
        parts: number of folds.

    Raises:
        InputError: if a column is missing, or the fit cannot be done.
    """

    mass: str = "mass"
    controls: tuple[str, ...] = ()
    signal: str = "gaussian"
    background: str = "exponential"
    within: tuple[float, float] | None = None
    classifier: Mapping[str, object] | None = None
    parts: int = 5

    needs: ClassVar[str] = "features"
    citations: ClassVar[tuple[str, ...]] = (SPLOT,)

    def __post_init__(self) -> None:
        if self.classifier is not None and not learner_of(self.classifier, "classifier").negative_weights:
            raise InputError(f"classifier: '{self.classifier['kind']}' takes no negative weights, as sWeights may be")

    def __call__(self, sample: Sample, bench: Bench, key: Key) -> Findings:
        """The fit, its sWeights, and the unfolded variables."""
        data = self._selected(sample.data)
        bench.announce("fitting the mass")
        mass = data.column(self.mass)
        fit = fit_peak(mass, signal=self.signal, background=self.background, within=self.within)
        weights = sweights_of(fit, mass)
        unfolded = {name: data.column(name) for name in self._controls(data)}
        spread = self._shapes(mass, fit, bench)
        numbers = _numbers(fit, spread, data, self.mass)
        if self.classifier is not None:
            bench.announce("training with sWeights")
            unfolded[SCORE], found = self._trained(data, weights, key)
            numbers += found
        tests = [independence(mass, values, fit, weights, column=name) for name, values in unfolded.items()]
        beliefs = (_convergence(fit), _there(fit), _quality(fit), _choice(fit, spread), *map(_independent, tests))
        arrays = _arrays(fit, weights, data, mass) | {f"control/{name}": v for name, v in unfolded.items()}
        return Findings(_headline(fit), numbers, beliefs, arrays, _record(self, fit, tests, data))

    def _selected(self, data: Dataset) -> Dataset:
        names = (*data.columns, *data.observers)
        for name in (self.mass, *self.controls):
            if name not in names:
                raise InputError(f"there is no column '{name}'{suggest(name, names)}")
        if data.weighted:
            raise InputError("sWeights of weighted events are not defined here; leave out data.weight")
        low, high = self.within or (-np.inf, np.inf)
        mass = data.column(self.mass)
        return data[(mass >= low) & (mass <= high)]

    def _trained(self, data: Dataset, weights: SWeights, key: Key) -> tuple[np.ndarray, tuple[Number, ...]]:
        """The score by the controls, and how well it tells the species apart."""
        learner, names = learner_of(self.classifier, "classifier"), self._controls(data)
        seen = data.replace(x=np.column_stack([data.column(n) for n in names]), columns=names)
        score = scored_by_sweights(seen, weights, learner, parts=self.parts, key=named(key, "classifier"))
        area = area_by_sweights(score, weights, key=named(key, "area"))
        name, known = "area under the ROC curve, by sWeights", data.classes is not None and len(data.classes) == 2
        if not known:
            return score, (Number(name, area),)
        pairs = folds(seen, self.parts, key=named(key, "folds"))
        truth = cross_validate(learner, seen, pairs, key=named(key, "truth")).scores(key=named(key, "scores"))["auc"]
        note = "the same score, by the true species"
        return score, (
            Number(name, area, roc_auc(data.y, score).value, note=note),
            Number("area if trained with the true species", truth, note="what is lost by not knowing them"),
        )

    def _controls(self, data: Dataset) -> tuple[str, ...]:
        return self.controls or tuple(c for c in data.columns if c != self.mass)

    def _shapes(self, mass: np.ndarray, fit: PeakFit, bench: Bench) -> dict[str, float]:
        """The yield for every background shape that can be fitted."""
        found = {}
        for name in BACKGROUNDS:
            bench.announce(f"background {name}")
            try:
                other = fit_peak(mass, signal=self.signal, background=name, within=fit.within)
            except InputError:
                continue
            if other.p_value > min(fit.p_value, UNLIKELY) / 10:
                found[name] = other.parameters["signal"].value
        return found


def _headline(fit: PeakFit) -> str:
    yielded, mean = fit.parameters["signal"], fit.parameters["mean"]
    return f"{yielded} signal events at {mean}, over {fit.parameters['background']} of background."


def _numbers(fit: PeakFit, spread: dict[str, float], data: Dataset, mass: str) -> tuple[Number, ...]:
    known = {}
    if data.classes is not None and len(data.classes) == 2:
        known = {"signal": float(np.sum(data.y == 1)), "background": float(np.sum(data.y == 0))}
    unit = data.units.get(mass, "")
    units = dict.fromkeys(("mean", "sigma"), unit)
    lines = [Number(name, one, known.get(name), units.get(name, "")) for name, one in fit.parameters.items()]
    values = list(spread.values())
    if len(values) > 1:
        middle = fit.parameters["signal"].value
        lines.append(
            Number(
                "signal, by the shape of the background",
                Interval(middle, min(*values, middle), max(*values, middle), method="range"),
                note=f"range over {', '.join(spread)}: a systematic error",
            )
        )
    return (*lines, Number("chi2 of the fit", round(fit.chi2, 1), f"{fit.degrees} degrees of freedom"))


def _there(fit: PeakFit) -> Belief:
    """Whether there is a peak at all."""
    yielded = fit.parameters["signal"]
    away = yielded.value / yielded.error
    mark = GREEN if away > 5 else AMBER if away > 3 else RED
    text = "There is a peak." if mark == GREEN else "There may be no peak: sWeights of a fluctuation mean nothing."
    return Belief("Peak", mark, f"{yielded} events, {away:.1f} standard errors from none", text)


def _convergence(fit: PeakFit) -> Belief:
    if fit.valid and fit.at_limit:
        text = "Parameters at the end of their range have no proper errors; take a simpler shape."
        return Belief("Convergence", AMBER, f"at a limit: {', '.join(fit.at_limit)}", text)
    mark = GREEN if fit.valid else RED
    return Belief("Convergence", mark, "yes" if fit.valid else "no", "MINUIT reports a valid minimum with its errors.")


def _quality(fit: PeakFit) -> Belief:
    p = fit.p_value
    mark = GREEN if p > UNLIKELY else AMBER if p > IMPOSSIBLE else RED
    words = {
        GREEN: "The shapes describe the mass.",
        AMBER: "The shapes describe the mass poorly; try others.",
        RED: "The shapes do not describe the mass; yields and sWeights are wrong by more than their errors.",
    }
    return Belief("Fit of the mass", mark, f"chi2 {fit.chi2:.1f} / {fit.degrees}, p = {p:.2g}", words[mark])


def _choice(fit: PeakFit, spread: dict[str, float]) -> Belief:
    yielded = fit.parameters["signal"]
    away = max((abs(value - yielded.value) for value in spread.values()), default=0.0) / yielded.error
    mark = GREEN if away < 1 else AMBER if away < 3 else RED
    text = "What the shape of the background is taken to be changes the yield by this many of its errors."
    return Belief("Choice of the background", mark, f"{away:.1f} standard errors", text)


def _independent(test: Independence) -> Belief:
    mark = GREEN if test.p_value > UNLIKELY else AMBER if test.p_value > IMPOSSIBLE else RED
    words = {
        GREEN: "Within each species it does not depend on the mass, as sWeights assume.",
        AMBER: "It may depend on the mass within a species, which sWeights do not allow.",
        RED: "It depends on the mass within a species: what sWeights show of it is wrong.",
    }
    value = f"chi2 {test.chi2:.1f} / {test.degrees}, p = {test.p_value:.2g}"
    return Belief(f"Independence of {test.column}", mark, value, words[mark])


def _arrays(fit: PeakFit, weights: SWeights, data: Dataset, mass: np.ndarray) -> dict[str, np.ndarray]:
    grid = np.linspace(*fit.within, 400)
    yields = np.array([fit.parameters[name].value for name in ("signal", "background")])
    arrays = {
        "edges": fit.edges,
        "counts": fit.counts,
        "variance": fit.variance,
        "expected": fit.expected,
        "grid": grid,
        "curves": yields[:, None] * fit.densities(grid),
        "mass": mass,
        "weight": weights.weight,
    }
    return arrays if data.classes is None or len(data.classes) != 2 else {**arrays, "species": data.y}


def _record(options: SPlot, fit: PeakFit, tests: list[Independence], data: Dataset) -> dict[str, object]:
    return {
        "mass": options.mass,
        "unit": data.units.get(options.mass, ""),
        "units": dict(data.units),
        "signal": fit.signal,
        "background": fit.background,
        "classes": list(data.classes or ()),
        "slices": {t.column: [list(row) for row in t.slices] for t in tests},
        "p_values": {t.column: t.p_value for t in tests},
    }
