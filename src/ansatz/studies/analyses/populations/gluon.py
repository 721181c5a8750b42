"""The analysis `gluon`: a parton density extracted from pseudo-data, and whether its errors are right."""

from __future__ import annotations

import dataclasses
from functools import cached_property, partial
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from ansatz.data import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator, named
from ansatz.problems import Gluon, read_gluon
from ansatz.problems.partons.gluon import OBSERVABLES
from ansatz.risk import Observable, errors_of
from ansatz.risk.constraints import unit_quadrature
from ansatz.risk.functional import Pointwise
from ansatz.studies.analyses.findings import Bench, Findings, Sample
from ansatz.studies.analyses.populations.gluon_findings import LEVELS, Told
from ansatz.studies.execution.pieces import Piece, once
from ansatz.training import Extraction, Fit, PartonDensity, predictions
from ansatz.typing import Key
from ansatz.validation import ONE_SIGMA, chi2_test


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

    def noise(self, data: Dataset) -> float:
        """chi2 per point of the truth for a set of pseudo-data: the size of its noise, 1 on average."""
        return chi2_test(self.data.y, data.y, self.covariance).chi2 / len(data)


@dataclasses.dataclass(frozen=True, kw_only=True)
class GluonExtraction:
    r"""Extracts $x g(x) = x^a (1-x)^b N(x, \ln x)$ from pseudo-data by fits of networks to Monte-Carlo replicas.

    The exponents a and b of each replica are drawn from their ranges and kept. chi2 takes the full covariance, with
    normalizations as fractions of an earlier fit (t0). The extraction is done for `sets` sets of pseudo-data with
    `replicas` each: the share of x at which the truth lies in the band says whether its errors are right, and chi2 of
    all sets whether the fits agree with their data. One of the sets is extracted with `members` replicas, to be looked
    at: that whose noise is of median size, for one set alone has a chi2 that scatters by sqrt(2/N).

    Attributes:
        source: a table of x, x g and its error (pseudo-data, smooth); empty for the built-in problem.
        observable: of the built-in problem: the density itself, or a convolution of it.
        error: of the built-in problem: relative size of each error in the middle of the range.
        events: number of measurements; of a file, so many rows evenly spaced in it.
        momentum: the part of the momentum that x g is made to carry, 0.42 in the built-in problem; 0 for no sum rule.
        members: replicas of the extraction that is shown.
        sets: sets of pseudo-data for coverage and chi2; 0 for the one that is shown alone.
        replicas: replicas for each of these.
        widths: units of each hidden layer.
        low: range of a.
        high: range of b: 4 to 6 where the gluon falls as counting of constituents has it; 1 to 3 for the pseudo-data
            of the course, which fall below zero beyond x = 0.75, where no function that vanishes so fast can follow.
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
        drawn = [setting.draw(named(key, f"pseudo-data {number}")) for number in range(max(self.sets, 1))]
        typical = drawn[_median([setting.noise(data) for data in drawn])]
        bench.announce(f"extraction, {self.members} replicas")
        shown = once(bench.folder / "shown.npz", lambda: self._shown(setting, typical, bench, named(key, "shown")))
        pieces = []
        for number, data in enumerate(drawn if self.sets else []):
            bench.announce(f"pseudo-data {number + 1} of {self.sets}")
            make = partial(self._judged, setting, data, named(key, f"set {number}"))
            pieces.append(once(bench.folder / f"set-{number}.npz", make))
        return Told(
            shown=shown,
            sets=tuple(pieces),
            measured=setting.data.x[:, 0],
            grid=setting.grid[:, 0],
            truth=setting.density,
            members=self.members,
            momentum=self.momentum,
            known=self.momentum or (0.42 if not self.source else None),
            observable="density" if self.source else self.observable,
        ).findings()

    def learner(self, setting: Setting, members: int) -> Extraction:
        """What extracts the density from a set of pseudo-data."""
        return Extraction(
            model=PartonDensity(self.widths, self.low, self.high, self.momentum or None),
            observable=lambda data: setting.observable,
            members=members,
            rounds=self.rounds,
            epochs=self.epochs,
        )

    def _shown(self, setting: Setting, data: Dataset, bench: Bench, key: Key) -> Piece:
        fit = self.learner(setting, self.members)(data, key)
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
        return Piece(arrays, {**record, "message": fit.message, "noise": setting.noise(data)})

    def _judged(self, setting: Setting, data: Dataset, key: Key) -> Piece:
        fit = self.learner(setting, self.replicas)(data, key)
        ends = _ends(fit, setting.grid)
        inside = {
            f"inside/{level}": (ends[f"low/{level}"] <= setting.density) & (setting.density <= ends[f"high/{level}"])
            for level in LEVELS
        }
        width = (ends[f"high/{ONE_SIGMA}"] - ends[f"low/{ONE_SIGMA}"]) / 2
        return Piece(
            {**inside, "miss": fit.predict(setting.grid) - setting.density, "width": width},
            {
                "chi2": fit.details["chi2"] / len(data),
                "parameters": fit.details["parameters"],
                "noise": setting.noise(data),
            },
        )


def _ends(fit: Fit, x: np.ndarray) -> dict[str, np.ndarray]:
    ends = {level: fit.predict_interval(x, level) for level in LEVELS}
    low = {f"low/{level}": pair[0] for level, pair in ends.items()}
    return low | {f"high/{level}": pair[1] for level, pair in ends.items()}


def _median(values: list[float]) -> int:
    """The place of the value in the middle."""
    return int(np.argsort(values)[len(values) // 2])
