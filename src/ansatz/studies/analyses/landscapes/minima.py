"""The analysis `minima`: all stationary points of landscapes, found by search and compared with the analytic ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from ansatz.citations import entries
from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.optimizers import Newton, Recipe, Stationary, Stop, find_minima, find_stationary
from ansatz.optimizers.descent import FirstOrder, Rule, run_many
from ansatz.problems import LANDSCAPES, Landscape
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.analyses.landscapes.terrain import (
    check_names,
    flat_series,
    judged,
    map_of,
    minima_of,
    scene_of,
    values_at,
)
from ansatz.studies.belief import Belief
from ansatz.typing import Key


@dataclasses.dataclass(frozen=True)
class Matched:
    """What a search found on one landscape, beside what is known.

    Attributes:
        known: number of analytic points.
        found: how many of them were found, with the right kind.
        kinds: kind and number of those found.
        distance: of the analytic points to the nearest one found, the largest.
        value_error: of the values there, the largest.
        surplus: points found that are not among the analytic ones.
        minima: how many of the known minima the search for minima alone found.
        places: where the search ended, shape (points, 2).
    """

    known: int
    found: int
    kinds: dict[str, int]
    distance: float
    value_error: float
    surplus: int
    minima: int
    places: np.ndarray


@dataclasses.dataclass(frozen=True, kw_only=True)
class AllMinima:
    r"""Finds every stationary point of landscapes of two parameters, and says how far each is from its analytic place.

    Minima by trust-region Newton, all stationary points by Levenberg-Marquardt on $\|\nabla f\|^2$, both from random
    places; ends are clustered and named by the signs of the Hessian's eigenvalues. On one landscape the basins of
    attraction are mapped: which minimum gradient descent reaches from each start, and which bare Newton, whose basins
    are fractal and who goes to saddles and maxima too.

    Attributes:
        landscapes: names of `ansatz.problems.LANDSCAPES` whose stationary points are all known.
        starts: random places to start from on each.
        tolerance: how near a point must be found to its analytic place.
        basins: the landscape whose basins are mapped; empty for none.
        cells: starts along each side of that map.

    Raises:
        InputError: if a name is unknown, a list of stationary points is not complete, or a number is not positive.

    Source: M. Jamil and X.-S. Yang, arXiv:1308.4008.
    """

    landscapes: tuple[str, ...] = ("himmelblau", "styblinski-tang", "three-hump-camel", "double-well", "beale")
    starts: int = 200
    tolerance: float = 1e-6
    basins: str = "himmelblau"
    cells: int = 140
    needs: ClassVar[str] = "nothing"
    citations: ClassVar[tuple[str, ...]] = tuple(entries("test-functions"))

    def __post_init__(self) -> None:
        check_names("landscape", [*self.landscapes, *([self.basins] if self.basins else [])], list(LANDSCAPES))
        open_ended = [name for name in self.landscapes if not scene_of(name).complete]
        if open_ended:
            raise InputError(f"not all stationary points of '{open_ended[0]}' are known; leave it out")
        if not self.landscapes or self.starts < 1 or not self.tolerance > 0 or self.cells < 2:
            raise InputError("a landscape, one start, a positive tolerance and two cells are the least")

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """Searches, compares and maps."""
        matched, arrays = {}, {}
        for name in self.landscapes:
            bench.announce(name)
            scene = scene_of(name)
            matched[name] = self._matched(scene, named(key, name))
            arrays |= flat_series(name, {**map_of(scene, 110), "found": matched[name].places})
        if self.basins:
            bench.announce(f"basins of {self.basins}")
            arrays |= self._basins(scene_of(self.basins))
        numbers = [number for name, m in matched.items() for number in _numbers(name, m)]
        known, found = sum(m.known for m in matched.values()), sum(m.found for m in matched.values())
        worst = max(m.distance for m in matched.values())
        headline = (
            f"{found} of {known} stationary points of {len(matched)} landscapes are found, the farthest {worst:.1e}"
            " from its analytic place."
        )
        record = {
            "landscapes": list(matched),
            "basins": self.basins,
            "distances": {name: m.distance for name, m in matched.items()},
        }
        return Findings(headline, tuple(numbers), tuple(self._beliefs(matched)), arrays, record)

    def _matched(self, scene: Landscape, key: Key) -> Matched:
        every = find_stationary(scene, scene.bounds, starts=self.starts, key=named(key, "stationary"))
        minima = find_minima(scene, scene.bounds, starts=self.starts, key=named(key, "minima"))
        places = np.array([p.theta for p in every]).reshape(-1, 2)
        pairs = [(known, _nearest(known.theta, every)) for known in scene.stationary]
        gaps = np.array([gap for _, (_, gap) in pairs])
        hits = [p for (p, (near, gap)) in pairs if near is not None and gap <= self.tolerance and near.kind == p.kind]
        right = [near for near in every if _gap(near.theta, scene) <= self.tolerance]
        values = [abs(near.value - p.value) for p, (near, _) in pairs if near is not None]
        lowest = [p for p in scene.minima if _nearest(p.theta, minima)[1] <= self.tolerance]
        kinds = {kind: sum(p.kind == kind for p in hits) for kind in dict.fromkeys(p.kind for p in scene.stationary)}
        return Matched(
            known=len(pairs),
            found=len(hits),
            kinds=kinds,
            distance=float(gaps.max()),
            value_error=max(values, default=np.inf),
            surplus=len(every) - len(right),
            minima=len(lowest),
            places=places,
        )

    def _beliefs(self, matched: dict[str, Matched]) -> Iterator[Belief]:
        lost = [name for name, m in matched.items() if m.found < m.known]
        yield judged(
            "All stationary points found", f"to {max(m.distance for m in matched.values()):.1e}", good=not lost,
            why=f"Each is within {self.tolerance:g} of its analytic place and of its kind.",
            why_not=f"Points are missing, far off or of another kind on {', '.join(lost)}; take more starts.",
        )  # fmt: skip
        more = [name for name, m in matched.items() if m.surplus]
        yield judged(
            "No other stationary point", f"{sum(m.surplus for m in matched.values())} that are not in the list",
            good=not more, why="The analytic lists are complete as far as the search can tell.",
            why_not=f"The search found points on {', '.join(more)} that the analytic list lacks.",
        )  # fmt: skip
        short = [n for n, m in matched.items() if m.minima < sum(p.kind == "minimum" for p in scene_of(n).stationary)]
        yield judged(
            "All minima by descent alone", f"on {len(matched) - len(short)} of {len(matched)} landscapes",
            good=not short, why="Descents from random starts reach each minimum.",
            why_not=f"A minimum of {', '.join(short)} was not reached; take more starts.",
        )  # fmt: skip

    def _basins(self, scene: Landscape) -> dict[str, np.ndarray]:
        """The minimum reached from each start on a grid, by gradient descent and by bare Newton."""
        known = minima_of(scene, self.basins)
        x, y = (np.linspace(low, high, self.cells) for low, high in zip(scene.lowest, scene.highest, strict=True))
        starts = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        rate = 0.9 / _steepest(scene, starts)
        rules = {"descent": FirstOrder(Recipe("sgd", learning_rate=rate), jnp.asarray(4000)), "newton": Newton("none")}
        ends = {name: _ends(scene, rule, starts) for name, rule in rules.items()}
        reached = {name: _labels(end, known.places).reshape(len(y), len(x)) for name, end in ends.items()}
        values = values_at(scene, np.stack(np.meshgrid(x, y), axis=-1))
        return flat_series("basins", {**reached, "x": x, "y": y, "values": values, "minima": known.places})


def _numbers(name: str, m: Matched) -> list[Number]:
    kinds = ", ".join(f"{count} {_plural(kind, count)}" for kind, count in m.kinds.items())
    return [
        Number(f"stationary points, {name}", m.found, m.known, note=kinds),
        Number(f"largest distance, {name}", m.distance, note=f"values agree to {m.value_error:.0e}"),
    ]


def _plural(kind: str, count: int) -> str:
    if count == 1 or kind == "degenerate":
        return kind
    return {"minimum": "minima", "maximum": "maxima"}.get(kind, f"{kind}s")


def _nearest(theta: tuple[float, ...], points: list[Stationary]) -> tuple[Stationary | None, float]:
    if not points:
        return None, np.inf
    gaps = [float(np.linalg.norm(np.array(theta) - p.theta)) for p in points]
    return points[int(np.argmin(gaps))], min(gaps)


def _gap(theta: np.ndarray, scene: Landscape) -> float:
    return min(float(np.linalg.norm(np.array(p.theta) - theta)) for p in scene.stationary)


def _steepest(scene: Landscape, starts: np.ndarray) -> float:
    """The largest curvature at any of the places."""
    with jax.enable_x64(True):
        hessians = np.asarray(jax.jit(jax.vmap(jax.hessian(scene)))(jnp.asarray(starts)))
    return float(np.abs(np.linalg.eigvalsh(hessians)).max())


def _ends(scene: Landscape, rule: Rule, starts: np.ndarray) -> np.ndarray:
    with jax.enable_x64(True):
        limits = Stop(gradient=1e-4, evaluations=4000).limits()
        return np.asarray(run_many(scene, rule, jnp.asarray(starts), limits).place.theta)


def _labels(ends: np.ndarray, minima: np.ndarray) -> np.ndarray:
    """Number of the minimum at each end, -1 where there is none."""
    gaps = np.linalg.norm(ends[:, None] - minima, axis=2)
    return np.where(gaps.min(axis=1) < 1e-3, gaps.argmin(axis=1), -1)
