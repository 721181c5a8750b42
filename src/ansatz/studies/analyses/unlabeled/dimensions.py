"""The analysis `curse-of-dimensionality`: where random points of many dimensions are, beside closed forms."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np
from scipy.spatial.distance import cdist

from ansatz.citations import entries
from ansatz.embedding.reduction import kept_neighbors, sne
from ansatz.errors import InputError
from ansatz.keys import generator, named
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.belief import GREEN, RED, Belief
from ansatz.studies.execution.pieces import Piece, once
from ansatz.typing import Key
from ansatz.validation import Interval, wilson
from ansatz.validation.structure import ball_fraction, levina_bickel, near_the_edge, nearest_in_cube, two_nn
from ansatz.validation.structure.groups import mean_of


@dataclasses.dataclass(frozen=True, kw_only=True)
class CurseOfDimensionality:
    r"""Random points in a cube of D dimensions: how many lie in the inscribed ball, near a face, and near each other.

    The part of the volume in the ball is $\pi^{D/2} / (D\, 2^{D-1}\, \Gamma(D/2))$, that within a margin m of a face
    $1 - (1 - 2m)^D$. The nearest of n points is about $\Gamma(1 + 1/D) (n V_D)^{-1/D}$ away (on a torus, where there
    are no edges), while the mean distance grows like $\sqrt{D / 6}$: all points become equally far. The crowding
    problem: as many points as there are dimensions plus one can be equally far from each other, but only three of them
    in a plane. How much of a neighborhood a plane can keep is measured on samples of growing dimension.

    Attributes:
        dimensions: D.
        points: random points for each D; neighbors are looked for among the first `neighborhood` of them.
        neighborhood: n, points whose distances are looked at.
        margin: m.
        crowd: points of the samples that are laid into a plane.

    Raises:
        InputError: if a number is out of range.

    Source: R. Bellman, Adaptive Control Processes (1961); P. Mehta et al., arXiv:1803.08823, section XII.
    """

    dimensions: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20)
    points: int = 100_000
    neighborhood: int = 1000
    margin: float = 0.05
    crowd: int = 200

    needs: ClassVar[str] = "nothing"
    citations: ClassVar[tuple[str, ...]] = tuple(entries("two-nn", "levina-bickel"))

    def __post_init__(self) -> None:
        if len(self.dimensions) < 2 or min(self.dimensions) < 1:
            raise InputError("dimensions: give at least two, each 1 or more, such as [1, 2, 5, 10]")
        if not 0 < self.margin < 0.5:
            raise InputError(f"margin is between 0 and 0.5, not {self.margin}")
        if min(self.points, self.neighborhood, self.crowd) < 50:
            raise InputError("points, neighborhood and crowd must be at least 50")

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """All dimensions, one after the other."""
        pieces = []
        for d in self.dimensions:
            bench.announce(f"{d} dimension{'s' * (d != 1)}")
            own = named(key, f"{d} dimensions")
            pieces.append(once(bench.folder / f"dimension-{d}.npz", lambda d=d, k=own: self._measured(d, k)))
        arrays = {name: np.stack([p.arrays[name] for p in pieces]) for name in pieces[0].arrays}
        arrays["dimensions"] = np.array(self.dimensions)
        return Findings(
            self._headline(arrays),
            self._numbers(arrays),
            tuple(self._beliefs(arrays)),
            arrays,
            {"points": self.points, "neighborhood": self.neighborhood, "margin": self.margin, "crowd": self.crowd},
        )

    def _measured(self, d: int, key: Key) -> Piece:
        """One dimension: each quantity as (value, low, high)."""
        x = generator(named(key, "points")).random((self.points, d))
        inside = ((x - 0.5) ** 2).sum(axis=1) < 0.25
        edge = (np.minimum(x, 1 - x) < self.margin).any(axis=1)
        some = x[: self.neighborhood]
        near = _torus_nearest(some)
        apart = cdist(some, some)[np.triu_indices(len(some), 1)]
        square = cdist(some, some)
        farthest = square.max(axis=1)
        np.fill_diagonal(square, np.inf)
        contrast = square.min(axis=1) / farthest
        crowd = generator(named(key, "crowd")).normal(size=(self.crowd, d))
        flat = sne(crowd, np.ones(self.crowd), perplexity=15.0, iterations=200).coordinates
        kept = kept_neighbors(crowd, flat, 10).trustworthiness
        ones = np.ones(self.neighborhood)
        found = {
            "ball": wilson(float(inside.mean()), self.points),
            "edge": wilson(float(edge.mean()), self.points),
            "nearest": mean_of(near, ones),
            "mean distance": mean_of(apart, np.ones(len(apart))),
            "contrast": mean_of(contrast, ones),
            "trustworthiness": mean_of(kept, np.ones(self.crowd)),
            "two-nn": two_nn(some, key=named(key, "two")),
            "levina-bickel": levina_bickel(some, key=named(key, "likelihood")),
        }
        return Piece({name: np.array([i.value, i.low, i.high]) for name, i in found.items()}, {})

    def _numbers(self, arrays: dict[str, np.ndarray]) -> tuple[Number, ...]:
        lines = []
        for row, d in enumerate(self.dimensions):
            if row in (0, len(self.dimensions) // 2, len(self.dimensions) - 1):
                lines += [
                    Number(f"inside the ball, D = {d}", _interval(arrays["ball"][row]), float(ball_fraction(d))),
                    Number(
                        f"near a face, D = {d}", _interval(arrays["edge"][row]), float(near_the_edge(d, self.margin))
                    ),
                    Number(f"dimension by two neighbors, D = {d}", _interval(arrays["two-nn"][row]), float(d)),
                    Number(f"dimension by likelihood, D = {d}", _interval(arrays["levina-bickel"][row]), float(d)),
                ]
        return tuple(lines)

    def _headline(self, arrays: dict[str, np.ndarray]) -> str:
        d = self.dimensions[-1]
        return (
            f"In {d} dimensions {arrays['edge'][-1][0]:.1%} of a cube lie within {self.margin:g} of a face,"
            f" the inscribed ball holds {float(ball_fraction(d)):.1e} of it, and the nearest of {self.neighborhood}"
            f" points is {arrays['contrast'][-1][0]:.0%} as far as the farthest."
        )

    def _beliefs(self, arrays: dict[str, np.ndarray]) -> list[Belief]:
        d = np.array(self.dimensions)
        pulls = []
        for name, exact in (("ball", ball_fraction(d)), ("edge", near_the_edge(d, self.margin))):
            error = np.sqrt(np.maximum(exact * (1 - exact), 1.0 / self.points) / self.points)
            pulls.append((arrays[name][:, 0] - exact) / error)
        worst = float(np.abs(np.concatenate(pulls)).max())
        likely = 4.0
        mark = GREEN if worst < likely else RED
        volume = Belief(
            "Volumes",
            mark,
            f"{2 * len(d)} fractions, the worst {worst:.1f} standard errors off",
            "They are those of the closed forms." if mark == GREEN else "They are not those of the closed forms.",
        )
        near, exact = arrays["nearest"], nearest_in_cube(d, self.neighborhood - 1)
        fits = exact < 0.4
        off = np.abs(near[:, 0] - exact)[fits] / np.maximum(near[:, 2] - near[:, 1], 1e-12)[fits] * 2
        mark = GREEN if off.max(initial=0) < likely else RED
        neighbor = Belief(
            "Nearest neighbors",
            mark,
            f"{fits.sum()} mean distances on a torus, the worst {off.max(initial=0):.1f} standard errors off",
            "They are those of the closed form." if mark == GREEN else "They are not those of the closed form.",
        )
        return [volume, neighbor, _dimension_belief(arrays, d)]


def _dimension_belief(arrays: dict[str, np.ndarray], d: np.ndarray) -> Belief:
    pulls = [
        np.abs(arrays[name][:, 0] - d) / ((arrays[name][:, 2] - arrays[name][:, 1]) / 2)
        for name in ("two-nn", "levina-bickel")
    ]
    inside = float(np.mean(np.concatenate(pulls) < 2))
    mark = GREEN if inside >= 0.8 else RED
    sentence = "The intervals of the dimension hold the truth." if mark == GREEN else "They miss the truth too often."
    return Belief("Intrinsic dimension", mark, f"{inside:.0%} of the estimates within two errors of D", sentence)


def _torus_nearest(x: np.ndarray) -> np.ndarray:
    """Distance of each point to the nearest other one in a cube whose faces are glued together."""
    from scipy.spatial import cKDTree

    if x.shape[1] > 6:
        squares = np.zeros((len(x), len(x)))
        for column in x.T:
            apart = np.abs(column[:, None] - column)
            squares += np.minimum(apart, 1 - apart) ** 2
        np.fill_diagonal(squares, np.inf)
        return np.sqrt(squares.min(axis=1))
    return cKDTree(x, boxsize=1.0).query(x, 2)[0][:, 1]


def _interval(values: np.ndarray) -> Interval:
    return Interval(float(values[0]), float(values[1]), float(values[2]))
