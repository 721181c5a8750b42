"""The analysis `sgd`: stochastic gradient descent on a straight line, by the fraction of the rows in a batch."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import ClassVar

import jax
import numpy as np

from ansatz.citations import entries
from ansatz.errors import InputError
from ansatz.keys import generator, named
from ansatz.optimizers import BatchPath, Recipe, descend_in_batches, expected_spread, line_loss, wandering_ends
from ansatz.problems import Landscape, regression_bowl
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.analyses.landscapes.terrain import flat_series, judged, map_of
from ansatz.studies.belief import Belief
from ansatz.typing import Key
from ansatz.validation import Interval


@dataclasses.dataclass(frozen=True, kw_only=True)
class BatchDescent:
    r"""Fits the lecture's line $\theta_0 + \theta_1 x$ by descent in batches of different size, and looks at the ways.

    The feature is standardized, so that both curvatures of the risk are 2: with all rows in a batch every step shrinks
    the distance to the best line by $1 - 2\eta$. Smaller batches take more steps for the same work and then wander; how
    far, is compared with the exact balance of drift and noise (`ansatz.optimizers.expected_spread`).

    Attributes:
        rows: events, n.
        intercept: true $\theta_0$.
        slope: true $\theta_1$.
        noise: standard deviation of y.
        fractions: batch fractions $\gamma$; 1/n is online, 1 is batch gradient descent.
        learning_rate: $\eta$.
        epochs: how often all rows are gone through.
        start: where the ways start, as seen from the best line.
        walkers: independent walkers with which the wandering is measured; batches are drawn anew for each step.

    Raises:
        InputError: if a number is out of range, or the steps are so large that nothing settles.

    Source: H. Robbins and S. Monro, Ann. Math. Statist. 22 (1951) 400; S. Mandt, M. Hoffman and D. Blei,
    arXiv:1704.04289.
    """

    rows: int = 100
    intercept: float = 1.0
    slope: float = 2.0
    noise: float = 1.0
    fractions: tuple[float, ...] = (0.01, 0.1, 0.5, 1.0)
    learning_rate: float = 0.1
    epochs: int = 25
    start: tuple[float, float] = (-1.5, -1.3)
    walkers: int = 2000
    needs: ClassVar[str] = "nothing"
    citations: ClassVar[tuple[str, ...]] = tuple(entries("sgd", "sgd-noise"))

    def __post_init__(self) -> None:
        if self.rows < 3 or self.walkers < 10 or self.epochs < 1 or not self.fractions:
            raise InputError("three rows, ten walkers, one epoch and one fraction are the least")
        if not all(0 < fraction <= 1 for fraction in self.fractions):
            raise InputError(f"a batch is a fraction of the rows in (0, 1], not {list(self.fractions)}")
        if not 0 < self.learning_rate < 1:
            raise InputError(f"both curvatures are 2, so the learning rate must be in (0, 1), not {self.learning_rate}")

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """Draws the events, walks, and measures the wandering."""
        x, y = self._events(named(key, "events"))
        with jax.enable_x64(True):
            scene = regression_bowl(x, y)
        best = np.array(scene.minima[0].theta)
        lowest = float(np.mean((best[0] + best[1] * x - y) ** 2))
        ways = {self.label(f): self._way(f, (x, y), best, bench, named(key, f"way {f}")) for f in self.fractions}
        wander = {m: self._wander(m, x, y, bench, named(key, f"walkers {m}")) for m in self._batches()}
        widest = max(np.abs(way.path - best).max() for way in ways.values())
        arrays = {
            **map_of(_framed(scene, best, 1.12 * min(widest, 3.0)), 110),
            "x": x,
            "y": y,
            "best": best,
            **flat_series("path", {name: way.path for name, way in ways.items()}),
            **flat_series("values", {name: way.values for name, way in ways.items()}),
            **flat_series("rows", {name: way.rows_seen for name, way in ways.items()}),
            **flat_series("ends", {str(m): ends for m, (ends, _) in wander.items()}),
            **flat_series("covariance", {str(m): covariance for m, (_, covariance) in wander.items()}),
        }
        spreads = {m: _spread(ends) for m, (ends, _) in wander.items()}
        numbers = tuple(self._numbers(ways, wander, spreads, best, lowest))
        beliefs = tuple(self._beliefs(ways, wander, spreads, best))
        record = {"fractions": list(ways), "lowest": lowest, "epochs": self.epochs, "batches": list(wander)}
        return Findings(self._headline(spreads), numbers, beliefs, arrays, record)

    def label(self, fraction: float) -> str:
        """A batch fraction in words."""
        m = max(1, round(fraction * self.rows))
        if m in (1, 2):
            return f"γ = {m}/n"
        return f"γ = {m / self.rows:g}"

    def _batches(self) -> list[int]:
        """Batch sizes below all rows, at most three."""
        sizes = sorted({max(1, round(fraction * self.rows)) for fraction in self.fractions})
        return [m for m in sizes if m < self.rows][:3]

    def _events(self, key: Key) -> tuple[np.ndarray, np.ndarray]:
        draw = generator(key)
        x = draw.standard_normal(self.rows)
        x = (x - x.mean()) / x.std()
        return x, self.intercept + self.slope * x + self.noise * draw.standard_normal(self.rows)

    def _way(
        self, fraction: float, events: tuple[np.ndarray, np.ndarray], best: np.ndarray, bench: Bench, key: Key
    ) -> BatchPath:
        bench.announce(self.label(fraction))
        rule = Recipe("sgd", learning_rate=self.learning_rate)
        start = best + np.array(self.start)
        return descend_in_batches(
            line_loss, events, start, optimizer=rule, fraction=fraction, epochs=self.epochs, key=key
        )

    def _wander(
        self, batch: int, x: np.ndarray, y: np.ndarray, bench: Bench, key: Key
    ) -> tuple[np.ndarray, np.ndarray]:
        """Where walkers are after the memory of their start has faded, and the covariance expected of them."""
        bench.announce(f"wandering with {batch} rows a batch")
        covariance = expected_spread(x, y, learning_rate=self.learning_rate, batch=batch)
        steps = int(np.ceil(6 / (2 * self.learning_rate)))
        given = {"learning_rate": self.learning_rate, "batch": batch, "steps": steps, "walkers": self.walkers}
        return wandering_ends(x, y, **given, key=key), covariance

    def _numbers(
        self,
        ways: dict[str, BatchPath],
        wander: dict[int, tuple[np.ndarray, np.ndarray]],
        spreads: dict[int, Interval],
        best: np.ndarray,
        lowest: float,
    ) -> Iterator[Number]:
        for name, way in ways.items():
            excess = float(np.mean(way.values[-max(1, len(way.values) // 4) :])) - lowest
            note = f"{len(way.path) - 1:,} steps, risk {excess:.1e} above the best in the last quarter"
            yield Number(f"distance to the best line, {name}", float(np.linalg.norm(way.path[-1] - best)), note=note)
        for m, found in spreads.items():
            expected = float(np.sqrt(np.trace(wander[m][1])))
            yield Number(f"wandering, {m} in a batch", found, expected, note=f"{self.walkers:,} walkers; exact balance")

    def _beliefs(
        self,
        ways: dict[str, BatchPath],
        wander: dict[int, tuple[np.ndarray, np.ndarray]],
        spreads: dict[int, Interval],
        best: np.ndarray,
    ) -> Iterator[Belief]:
        if spreads:
            pulls = {m: (s.value - float(np.sqrt(np.trace(wander[m][1])))) / s.error for m, s in spreads.items()}
            worst = max(pulls.values(), key=abs)
            yield judged(
                "Wandering as expected", f"{worst:+.1f} σ at most", good=abs(worst) < 4,
                why="Constant steps wander as far as the balance of drift and noise says.",
                why_not="The walkers are not where the balance of drift and noise says; report this.",
            )  # fmt: skip
        full = self.label(1.0)
        if full in ways:
            away = np.linalg.norm(ways[full].path - best, axis=1)
            factors = away[1:] / away[:-1]
            off = float(np.abs(factors - abs(1 - 2 * self.learning_rate)).max())
            yield judged(
                "Batch descent at its exact rate", f"1 - 2η = {1 - 2 * self.learning_rate:g} to {off:.0e}",
                good=off < 1e-6, why="With all rows in a batch every step shrinks the distance by the same factor.",
                why_not="The factor per step is not 1 - 2η; is the feature standardized?",
            )  # fmt: skip
            rest = float(away[-1] / away[0])
            yield judged(
                "Batch descent has arrived", f"{rest:.1e} of the way is left", good=rest < 0.01, bad="amber",
                why="The last place is as good as the best line.",
                why_not="Batch descent takes one step an epoch and is still on its way; small batches were faster.",
            )  # fmt: skip

    def _headline(self, spreads: dict[int, Interval]) -> str:
        if not spreads:
            return "Batch gradient descent goes straight to the best line."
        smallest = min(spreads)
        rows = f"{smallest} row{'s' if smallest > 1 else ''}"
        return (
            f"With {rows} in a batch and η = {self.learning_rate:g} the line wanders {spreads[smallest]} around the"
            " best one, and never comes to rest."
        )


def _framed(scene: Landscape, best: np.ndarray, reach: float) -> Landscape:
    """The landscape with a box that shows the ways."""
    return dataclasses.replace(scene, lowest=tuple(map(float, best - reach)), highest=tuple(map(float, best + reach)))


def _spread(ends: np.ndarray) -> Interval:
    r"""Root mean square distance of walkers, $\sqrt{\langle\delta^2\rangle}$, with its standard error."""
    squares = np.sum(ends**2, axis=1)
    value = float(np.sqrt(squares.mean()))
    error = float(squares.std(ddof=1) / np.sqrt(len(squares)) / (2 * value)) if value else 0.0
    return Interval(value, value - error, value + error, method="delta method")
