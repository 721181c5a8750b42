"""What an extraction of the gluon and its repetitions say: chi2, coverage, and what may be wrong."""

from __future__ import annotations

import dataclasses
from functools import cached_property

import numpy as np
from scipy.special import bdtr

from ansatz.studies.analyses.findings import Findings, Number
from ansatz.studies.belief import AMBER, GREEN, RED, Belief
from ansatz.studies.execution.pieces import Piece
from ansatz.validation import ONE_SIGMA, Chi2Test, Interval, normal, wilson

LEVELS = (ONE_SIGMA, 0.95)

RARE = 1e-3
"""Probability of as few sets with the truth inside, anywhere along x, below which chance is not believed."""


@dataclasses.dataclass(frozen=True, eq=False, kw_only=True)
class Told:
    """What an extraction and its repetitions say.

    Attributes:
        shown: the extraction that is looked at.
        sets: what was found for each set of pseudo-data.
        measured: x of the measurements.
        grid: x where the density is held to the truth.
        truth: the true x g there.
        members: replicas of the extraction that is shown.
        momentum: what x g was made to carry; 0 for no sum rule.
        known: what it carries, if that is known.
        observable: what was measured.
    """

    shown: Piece
    sets: tuple[Piece, ...]
    measured: np.ndarray
    grid: np.ndarray
    truth: np.ndarray
    members: int
    momentum: float
    known: float | None
    observable: str

    def findings(self) -> Findings:
        """All of it."""
        headline = f"chi2 is {self.test.chi2:.3g} for {self.test.points} measurements"
        headline += f", of which the fit uses up {self.test.parameters}"
        arrays = dict(self.shown.arrays) | {"data/x": self.measured, "x": self.grid, "truth": self.truth}
        arrays["set chi2"] = self._of_sets("chi2")
        if self.sets:
            headline += f" ({self._of_sets('chi2').mean():.3g} per point on average over {len(self.sets)} sets)"
            headline += f"; the truth lies in the 68 % band at {self.covered[ONE_SIGMA]} of all x"
            arrays |= {f"inside/{level}": self._inside(level).mean(axis=0) for level in LEVELS}
        record = {
            "sets": len(self.sets),
            "members": self.members,
            "observable": self.observable,
            "points": self.test.points,
        }
        return Findings(f"{headline}.", tuple(self.numbers()), tuple(self.beliefs()), arrays, record)

    @cached_property
    def test(self) -> Chi2Test:
        """chi2 of the mean prediction for the data that are shown."""
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
        shares = {level: _mean(self._inside(level).mean(axis=1)) for level in LEVELS}
        first, method = shares[ONE_SIGMA], f"{len(self.sets)} sets of pseudo-data"
        relative = first.error / np.sqrt(ONE_SIGMA * (1 - ONE_SIGMA))
        errors = {level: max(share.error, relative * np.sqrt(level * (1 - level))) for level, share in shares.items()}
        return {level: normal(share.value, errors[level], method=method) for level, share in shares.items()}

    @cached_property
    def per_degree(self) -> Interval:
        """chi2 over points less measurements used up, its mean over sets with its standard error."""
        left = np.maximum(self.test.points - self._of_sets("parameters"), 1.0)
        return _mean(self._of_sets("chi2") * self.test.points / left)

    @cached_property
    def within(self) -> int:
        """How many sets have a chi2 per point within two standard deviations of 1."""
        return int(np.sum(np.abs(self._of_sets("chi2") - 1) < 2 * np.sqrt(2 / self.test.points)))

    def numbers(self) -> list[Number]:
        """What was found beside what is known."""
        value, scatter = self.test.chi2 / self.test.points, np.sqrt(2 / self.test.points)
        found = [
            Number("chi2 per point", normal(value, scatter), 1.0, note="error: its scatter, sqrt(2/N)"),
            Number("chi2 per point of the truth", float(self.shown.record["noise"]), 1.0, note="size of the noise"),
            Number("measurements used up", self.test.parameters, note="how much of the noise the fit follows"),
            Number("chi2 per degree of freedom", self.test.per_point, 1.0, note="error: its scatter"),
        ]
        for level, share in self.covered.items():
            found.append(Number(f"share of x inside the {level:.0%} band", share, level, note=share.method))
        found += self._numbers_of_sets() if self.sets else []
        momentum = self.shown.arrays["momentum"]
        found.append(Number("momentum of x g", normal(momentum.mean(), momentum.std(ddof=1)), self.known))
        return found

    def _numbers_of_sets(self) -> list[Number]:
        """chi2 of all sets, and how far the truth really is from the fit."""
        count, width = len(self.sets), 2 * np.sqrt(2 / self.test.points)
        ratio = float(np.sqrt(np.mean(self._stacked("miss") ** 2) / np.mean(self._stacked("width") ** 2)))
        return [
            Number("mean chi2 per point of all sets", _mean(self._of_sets("chi2")), note="below 1 by what is used up"),
            Number(
                "share of sets with chi2 per point near 1",
                wilson(self.within / count, count),
                note=f"within 1 ± {width:.2g}",
            ),
            Number("mean chi2 per point of the truth, all sets", _mean(self._of_sets("noise")), 1.0),
            Number("mean chi2 per degree of freedom of all sets", self.per_degree, 1.0),
            Number("true error over half width of the band", ratio, 1.0, note="root mean squares"),
        ]

    def beliefs(self) -> list[Belief]:
        """What may be wrong."""
        return [
            self._goodness(),
            *self._coverage(),
            *self._along_x(),
            *self._momentum(),
            self._convergence(),
        ]

    def _goodness(self) -> Belief:
        """Judged by all sets where there are several: one alone may fluctuate."""
        judged, value = self.test.per_point, str(self.test)
        if self.sets:
            judged, number = self.per_degree, len(self.sets)
            value += f"; {number} sets: {judged} per degree of freedom, {self.within} of them within 1 ± 2 sqrt(2/N)"
        away = abs(judged.value - 1) / judged.error if judged.error > 0 else 0.0
        mark = RED if self.shown.record["rescaled"] or away > 4 else GREEN if away < 2.5 else AMBER
        sentence = {
            GREEN: "The fit agrees with the measurements as well as their errors allow.",
            AMBER: "chi2 is somewhat off.",
            RED: "chi2 is not that of a fit to these errors.",
        }[mark]
        return Belief("Goodness of fit", mark, value, sentence)

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

    def _along_x(self) -> list[Belief]:
        """Whether there is an x where the truth is outside of nearly all wide bands."""
        if not self.sets:
            return []
        level, count = LEVELS[-1], len(self.sets)
        held = self._inside(level).sum(axis=0)
        missed = bdtr(held, count, level) < RARE / len(held)
        lowest = int(held.argmin())
        if not missed.any():
            value = f"in the {level:.0%} band in at least {held[lowest]} of {count} sets, at every x"
            return [Belief("Coverage along x", GREEN, value, "Nowhere does the form keep the fit from the truth.")]
        first, last = self.grid[missed].min(), self.grid[missed].max()
        value = f"in the {level:.0%} band in {held[lowest]} of {count} sets at x = {self.grid[lowest]:.3g}"
        sentence = f"From x = {first:.3g} to {last:.3g} the form may be unable to be what is true: widen low or high."
        return [Belief("Coverage along x", AMBER, value, sentence)]

    def _momentum(self) -> list[Belief]:
        if not self.momentum:
            return []
        away = float(np.abs(self.shown.arrays["momentum"] - self.momentum).max())
        mark = GREEN if away < 1e-3 else AMBER if away < 1e-2 else RED
        sentence = "Every replica keeps the momentum sum rule." if mark == GREEN else "The momentum sum rule is broken."
        return [Belief("Momentum sum rule", mark, f"largest violation {away:.1e}, of {self.momentum:g}", sentence)]

    def _convergence(self) -> Belief:
        if self.shown.record["converged"]:
            return Belief("Convergence", GREEN, f"{self.members} replicas", "Every fit came to rest.")
        return Belief("Convergence", AMBER, "not finished", str(self.shown.record["message"]) or "Give more epochs.")

    def _of_sets(self, name: str) -> np.ndarray:
        """One number of every set of pseudo-data."""
        return np.array([piece.record[name] for piece in self.sets])

    def _stacked(self, name: str) -> np.ndarray:
        """One array of every set of pseudo-data, shape (sets, points)."""
        return np.stack([piece.arrays[name] for piece in self.sets])

    def _inside(self, level: float) -> np.ndarray:
        """Whether the truth is in the band, shape (sets, points)."""
        return self._stacked(f"inside/{level}")


def _mean(values: np.ndarray) -> Interval:
    """Of independent values, with its standard error."""
    return normal(values.mean(), values.std(ddof=1) / np.sqrt(len(values)))
