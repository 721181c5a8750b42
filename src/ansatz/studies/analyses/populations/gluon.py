"""The analysis `gluon`: a parton density extracted from pseudo-data, and whether its errors are right."""

from __future__ import annotations

import dataclasses
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Literal

import jax
import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator, named
from ansatz.problems import Gluon, read_gluon
from ansatz.problems.partons.gluon import OBSERVABLES
from ansatz.risk import Observable, errors_of
from ansatz.risk.constraints import unit_quadrature
from ansatz.risk.functional import Pointwise
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.studies.execution.pieces import Piece, once
from ansatz.training import Extraction, Fit, PartonDensity, predictions
from ansatz.typing import Key
from ansatz.validation import ONE_SIGMA, Chi2Test, Interval, chi2_test, normal

LEVELS = (ONE_SIGMA, 0.95)


@dataclasses.dataclass(frozen=True, eq=False)
class Setting:
    """Where is measured, what, and what is true there.

    Attributes:
        data: the measurements as they would be without errors, with their errors as observers.
        observable: what they see of x g.
        grid: where the extracted x g is held to the truth, shape (points, 1).
        density: the true x g there.
    """

    data: Dataset
    observable: Observable
    grid: np.ndarray
    density: np.ndarray

    @cached_property
    def covariance(self) -> np.ndarray:
        """Of the measurements, normalizations being fractions of the truth."""
        return errors_of(self.data).covariance(np.asarray(self.data.y, float))

    def draw(self, key: Key) -> Dataset:
        """One set of pseudo-data."""
        noise = generator(key).normal(size=len(self.data))
        return self.data.replace(y=self.data.y + np.linalg.cholesky(self.covariance) @ noise)


@dataclasses.dataclass(frozen=True, kw_only=True)
class GluonExtraction:
    r"""Extracts $x g(x) = x^a (1-x)^b N(x, \ln x)$ from pseudo-data by fits of networks to Monte-Carlo replicas.

    The exponents a and b of each replica are drawn from their ranges and kept. chi2 takes the full covariance, with
    normalizations as fractions of an earlier fit (t0). The extraction is done once with `members` replicas, to be
    looked at, and again for `sets` other sets of pseudo-data with `replicas` each: the share of x at which the truth
    lies in the band says whether its errors are right.

    Attributes:
        source: a table of x, x g and its error (pseudo-data, smooth); empty for the built-in problem.
        observable: of the built-in problem: the density itself, or a convolution of it.
        error: of the built-in problem: relative size of each error in the middle of the range.
        events: number of measurements; of a file, so many rows evenly spaced in it.
        momentum: the part of the momentum that x g is made to carry, 0.42 in the built-in problem; 0 for no sum rule.
        members: replicas of the extraction that is shown.
        sets: other sets of pseudo-data for the coverage; 0 for none.
        replicas: replicas for each of these.
        widths: units of each hidden layer.
        low: range of a.
        high: range of b.
        epochs: steps of each fit: few leave it near its start, many let it learn the noise (chi2 per point falls below
            1 and bands grow). The coverage tells: 500 suit the built-in problem, 5000 the pseudo-data of the course.
        rounds: fits with normalizations of the one before.

    Raises:
        InputError: if a number is out of range or the file is no such table.

    Source: NNPDF, arXiv:0808.1231, arXiv:1410.8849 (closure tests); G. D'Agostini, Nucl. Instrum. Meth. A 346 (1994)
    306.
    """

    source: str = ""
    observable: Literal[OBSERVABLES] = "density"
    error: float = 0.03
    events: int = 60
    momentum: float = 0.0
    members: int = 100
    sets: int = 25
    replicas: int = 24
    widths: tuple[int, ...] = (25, 20)
    low: tuple[float, float] = (-0.4, 0.0)
    high: tuple[float, float] = (4.0, 6.0)
    epochs: int = 500
    rounds: int = 2

    needs: ClassVar[str] = "nothing"
    citations: ClassVar[tuple[str, ...]] = Gluon.citations

    def __post_init__(self) -> None:
        if min(self.members, self.replicas) < 2 or self.events < 10 or self.sets < 0 or self.sets == 1:
            raise InputError("members and replicas are at least 2, events at least 10, sets none or at least 2")
        if self.momentum < 0 or not self.low[0] <= self.low[1] or not self.high[0] <= self.high[1]:
            raise InputError("momentum is not negative, and the ranges low and high rise")
        if self.source and self.observable != "density":
            raise InputError("observable: the table of a file holds the density itself")
        self.setting()

    def setting(self) -> Setting:
        """What is measured, from the file or the built-in problem."""
        if self.source:
            whole = read_gluon(Path(self.source).expanduser())
            whole = whole[whole.observers["error"] > 0]
            rows = np.unique(np.linspace(0, len(whole) - 1, min(self.events, len(whole))).astype(int))
            return Setting(whole[rows], Pointwise(), whole.x[rows], np.asarray(whole.y[rows], float))
        problem = Gluon(error=self.error, observable=self.observable)
        x = np.geomspace(problem.smallest, problem.largest, self.events)[:, None]
        truth, errors = problem.truth(x), problem.errors(x)
        data = Dataset(x, y=truth, columns=("x",), observers={"truth": truth} | errors.observers(), name="gluon")
        grid = np.geomspace(problem.smallest, problem.largest, 50)[:, None]
        return Setting(data, problem.measured(x), grid, problem.density(grid))

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """The density with its band, chi2, and the coverage."""
        setting = self.setting()
        bench.announce(f"extraction, {self.members} replicas")
        shown = once(bench.folder / "shown.npz", lambda: self._shown(setting, bench, named(key, "shown")))
        pieces = []
        for number in range(self.sets):
            bench.announce(f"pseudo-data {number + 1} of {self.sets}")
            own = named(key, f"set {number}")
            pieces.append(once(bench.folder / f"set-{number}.npz", lambda k=own: self._judged(setting, k)))
        return Told(self, setting, shown, tuple(pieces)).findings()

    def learner(self, setting: Setting, members: int) -> Extraction:
        """What extracts the density from a set of pseudo-data."""
        return Extraction(
            model=PartonDensity(self.widths, self.low, self.high, self.momentum or None),
            observable=lambda data: setting.observable,
            members=members,
            rounds=self.rounds,
            epochs=self.epochs,
        )

    def _shown(self, setting: Setting, bench: Bench, key: Key) -> Piece:
        draw_key, fit_key = jax.random.split(key)
        data = setting.draw(draw_key)
        fit = self.learner(setting, self.members)(data, fit_key)
        bench.keep("gluon", fit)
        each = predictions(fit, setting.observable, data.x)
        covariance = errors_of(data).covariance(each.mean(axis=0))
        parameters = min(round(fit.details["parameters"]), len(data) - 1)
        test = chi2_test(each.mean(axis=0), data.y, covariance, parameters=parameters)
        nodes, weights = unit_quadrature(200)
        arrays = {"y": data.y, "sigma": np.sqrt(np.diag(covariance)), "prediction": each.mean(axis=0)}
        arrays |= {"mean": fit.predict(setting.grid), **_ends(fit, setting.grid)}
        arrays["chi2"] = np.array([chi2_test(one, data.y, covariance).chi2 for one in each]) / len(data)
        arrays["momentum"] = fit.members(nodes[:, None]) @ weights
        record = {**dataclasses.asdict(test), "rescaled": test.rescaled, "converged": fit.converged}
        return Piece(arrays, {**record, "message": fit.message})

    def _judged(self, setting: Setting, key: Key) -> Piece:
        draw_key, fit_key = jax.random.split(key)
        data = setting.draw(draw_key)
        fit = self.learner(setting, self.replicas)(data, fit_key)
        ends = _ends(fit, setting.grid)
        inside = {
            f"inside/{level}": (ends[f"low/{level}"] <= setting.density) & (setting.density <= ends[f"high/{level}"])
            for level in LEVELS
        }
        width = (ends[f"high/{ONE_SIGMA}"] - ends[f"low/{ONE_SIGMA}"]) / 2
        return Piece(
            {**inside, "miss": fit.predict(setting.grid) - setting.density, "width": width},
            {"chi2": fit.details["chi2"] / len(data), "parameters": fit.details["parameters"]},
        )


def _ends(fit: Fit, x: np.ndarray) -> dict[str, np.ndarray]:
    ends = {level: fit.predict_interval(x, level) for level in LEVELS}
    low = {f"low/{level}": pair[0] for level, pair in ends.items()}
    return low | {f"high/{level}": pair[1] for level, pair in ends.items()}


def _mean(values: np.ndarray) -> Interval:
    """Of independent values, with its standard error."""
    return normal(values.mean(), values.std(ddof=1) / np.sqrt(len(values)))


@dataclasses.dataclass(frozen=True, eq=False)
class Told:
    """What an extraction and its repetitions say."""

    of: GluonExtraction
    setting: Setting
    shown: Piece
    sets: tuple[Piece, ...]

    def findings(self) -> Findings:
        """All of it."""
        covered = self.covered
        headline = f"chi2 is {self.test.chi2:.3g} for {self.test.points} measurements"
        headline += f", of which the fit uses up {self.test.parameters}"
        if covered:
            headline += f"; the truth lies in the 68 % band at {covered[ONE_SIGMA]} of all x"
        arrays = {name: values for name, values in self.shown.arrays.items()}
        arrays |= {"data/x": self.setting.data.x[:, 0], "x": self.setting.grid[:, 0], "truth": self.setting.density}
        for level in LEVELS if self.sets else ():
            arrays[f"inside/{level}"] = np.mean([piece.arrays[f"inside/{level}"] for piece in self.sets], axis=0)
        arrays["set chi2"] = self._of_sets("chi2")
        record = {
            "sets": len(self.sets),
            "members": self.of.members,
            "observable": "density" if self.of.source else self.of.observable,
            "points": self.test.points,
        }
        return Findings(f"{headline}.", tuple(self.numbers()), tuple(self.beliefs()), arrays, record)

    @cached_property
    def test(self) -> Chi2Test:
        """chi2 of the mean prediction."""
        names = [field.name for field in dataclasses.fields(Chi2Test)]
        return Chi2Test(**{name: self.shown.record[name] for name in names})

    @cached_property
    def covered(self) -> dict[float, Interval]:
        """The share of x at which the truth is inside, its mean over sets of pseudo-data with its standard error.

        Where nearly all is inside the scatter of few sets says too little. The error is at least that of as many
        independent trials as the scatter of the 68 % band stands for.
        """
        if not self.sets:
            return {}
        shares = {level: _mean(np.array([p.arrays[f"inside/{level}"].mean() for p in self.sets])) for level in LEVELS}
        first, method = shares[ONE_SIGMA], f"{len(self.sets)} sets of pseudo-data"
        relative = first.error / np.sqrt(ONE_SIGMA * (1 - ONE_SIGMA))
        errors = {level: max(share.error, relative * np.sqrt(level * (1 - level))) for level, share in shares.items()}
        return {level: normal(share.value, errors[level], method=method) for level, share in shares.items()}

    def _of_sets(self, name: str) -> np.ndarray:
        """One number of every set of pseudo-data."""
        return np.array([piece.record[name] for piece in self.sets])

    def numbers(self) -> list[Number]:
        """What was found beside what is known."""
        value, scatter = self.test.chi2 / self.test.points, np.sqrt(2 / self.test.points)
        found = [
            Number("chi2 per point", normal(value, scatter), 1.0, note="error: its scatter, sqrt(2/N)"),
            Number("measurements used up", self.test.parameters, note="how much of the noise the fit follows"),
            Number("chi2 per degree of freedom", self.test.per_point, 1.0, note="error: its scatter"),
        ]
        for level, share in self.covered.items():
            found.append(Number(f"share of x inside the {level:.0%} band", share, level, note=share.method))
        if self.sets:
            chi2, points = self._of_sets("chi2"), self.test.points
            used = chi2 * points / np.maximum(points - self._of_sets("parameters"), 1.0)
            found.append(Number("mean chi2 per point of all sets", _mean(chi2), note="below 1 by what is used up"))
            found.append(Number("mean chi2 per degree of freedom of all sets", _mean(used), 1.0))
            miss = np.stack([piece.arrays["miss"] for piece in self.sets])
            width = np.stack([piece.arrays["width"] for piece in self.sets])
            ratio = float(np.sqrt(np.mean(miss**2) / np.mean(width**2)))
            found.append(Number("true error over half width of the band", ratio, 1.0, note="root mean squares"))
        momentum = self.shown.arrays["momentum"]
        known = self.of.momentum or (0.42 if not self.of.source else None)
        found.append(Number("momentum of x g", normal(momentum.mean(), momentum.std(ddof=1)), known))
        return found

    def beliefs(self) -> list[Belief]:
        """What may be wrong."""
        return [self._goodness(), *self._coverage(), *self._momentum(), self._convergence()]

    def _goodness(self) -> Belief:
        per_point = self.test.per_point
        away = abs(per_point.value - 1) / per_point.error
        mark = RED if self.shown.record["rescaled"] or away > 3 else GREEN if away < 2 else AMBER
        sentence = {
            GREEN: "The fit agrees with the measurements as well as their errors allow.",
            AMBER: "chi2 is somewhat off.",
            RED: "chi2 is not that of a fit to these errors.",
        }[mark]
        return Belief("Goodness of fit", mark, str(self.test), sentence)

    def _coverage(self) -> list[Belief]:
        if not self.covered:
            return [Belief("Coverage", AMBER, "not measured", "Give sets = 25 to see whether the errors are right.")]
        pulls = {level: (share.value - level) / share.error for level, share in self.covered.items() if share.error > 0}
        worst = min(pulls.values(), default=0.0)
        far = max(map(abs, pulls.values()), default=0.0)
        mark = GREEN if far < 2 else AMBER if worst > -3 else RED
        sentence = {
            GREEN: "Bands hold the truth as often as they promise.",
            AMBER: "Bands hold the truth a little more or less often than they promise.",
            RED: "Bands are too narrow.",
        }[mark]
        value = ", ".join(f"{share} in the {level:.0%} band" for level, share in self.covered.items())
        return [Belief("Coverage", mark, f"{value} ({len(self.sets)} sets)", sentence)]

    def _momentum(self) -> list[Belief]:
        if not self.of.momentum:
            return []
        away = float(np.abs(self.shown.arrays["momentum"] - self.of.momentum).max())
        mark = GREEN if away < 1e-3 else AMBER if away < 1e-2 else RED
        sentence = "Every replica keeps the momentum sum rule." if mark == GREEN else "The momentum sum rule is broken."
        return [Belief("Momentum sum rule", mark, f"largest violation {away:.1e}, of {self.of.momentum:g}", sentence)]

    def _convergence(self) -> Belief:
        if self.shown.record["converged"]:
            return Belief("Convergence", GREEN, f"{self.of.members} replicas", "Every fit came to rest.")
        return Belief("Convergence", AMBER, "not finished", str(self.shown.record["message"]) or "Give more epochs.")
