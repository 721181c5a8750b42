"""The analysis `descent`: the ways of all minimizers over a landscape, and what theory says of gradient descent."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

import jax
import numpy as np

from ansatz.citations import entries
from ansatz.errors import InputError
from ansatz.optimizers import (
    BFGS,
    LBFGS,
    RULES,
    GaussNewton,
    LeastSquares,
    LevenbergMarquardt,
    NaturalGradient,
    Newton,
    Recipe,
    Stop,
    minimize,
)
from ansatz.optimizers.minimum import Minimum
from ansatz.problems import Landscape, residuals_of
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.analyses.landscapes.terrain import (
    Minima,
    check_names,
    curvatures_at,
    flat_series,
    judged,
    map_of,
    minima_of,
    scene_of,
)
from ansatz.studies.belief import AMBER, Belief
from ansatz.typing import Key

CURVED: dict[str, Callable[[], object]] = {
    "newton": Newton,
    "bfgs": BFGS,
    "l-bfgs": LBFGS,
    "gauss-newton": GaussNewton,
    "levenberg-marquardt": LevenbergMarquardt,
    "natural-gradient": NaturalGradient,
}
"""The rules that use curvature and need no learning rate."""

SQUARES = frozenset({"gauss-newton", "levenberg-marquardt", "natural-gradient"})
"""Those that need the landscape as a sum of squares."""

SCALED = frozenset({"sgd", "momentum", "nesterov"})
"""Rules whose learning rate has a stability limit in units of 1 / curvature; that of others is a length."""

STARTS = {"rosenbrock": (-1.2, 1.0), "beale": (-1.0, 1.8), "himmelblau": (-0.6, -0.6), "bowl": (-1.6, 0.5)}
"""Where to start on some landscapes, by custom."""

Walk = tuple[Minimum, float | None]
"""The way of an optimizer, and its learning rate if it has one."""

WATCHED = 40
"""Steps in which the factor per step is measured."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Descents:
    r"""Sends every minimizer over a landscape of two parameters from one start, and measures gradient descent's rates.

    The learning rate of each first-order rule is the best of a geometric grid: the one that reaches the target with the
    fewest evaluations, or stays lowest. Near a minimum with curvatures $\lambda_i$ a step of gradient descent changes
    the distance along each axis by the factor $1 - \eta\lambda_i$, so that it settles below
    $\eta = 2/\lambda_\mathrm{max}$ and nowhere above; both are measured in float64, next to the minimum.

    Attributes:
        landscape: a name of `ansatz.problems.LANDSCAPES` with two parameters and a minimum.
        condition: condition number, for the landscape "bowl".
        start: where all start; by default a customary place, or a corner's third.
        optimizers: names of first-order rules (`ansatz.optimizers.RULES`), and of "newton", "bfgs", "l-bfgs",
            "gauss-newton", "levenberg-marquardt", "natural-gradient" (the last three where it is a sum of squares).
        evaluations: budget of each minimizer.
        target: it has arrived when the value is no more than this above a known minimum.
        grid: number of learning rates tried for each first-order rule.

    Raises:
        InputError: if a name is unknown, the landscape has no minimum or not two parameters, or a number is out of
            range.

    Source: B. Polyak, USSR Comp. Math. Math. Phys. 4 (1964) 1; S. Ruder, arXiv:1609.04747; J. Nocedal and S. Wright,
    Numerical Optimization (2006).
    """

    landscape: str = "rosenbrock"
    condition: float = 10.0
    start: tuple[float, ...] = ()
    optimizers: tuple[str, ...] = (
        "sgd",
        "momentum",
        "nesterov",
        "rmsprop",
        "adam",
        "newton",
        "bfgs",
        "l-bfgs",
        "levenberg-marquardt",
    )
    evaluations: int = 3000
    target: float = 1e-10
    grid: int = 9
    needs: ClassVar[str] = "nothing"
    citations: ClassVar[tuple[str, ...]] = tuple(entries("momentum", "adam", "levenberg-marquardt", "bfgs"))

    def __post_init__(self) -> None:
        check_names("optimizer", self.optimizers, [*RULES, *CURVED])
        if not self.optimizers or self.grid < 1 or self.evaluations < 10 or not self.target > 0:
            raise InputError("an optimizer, a grid of 1, 10 evaluations and a positive target are the least")
        if len(self.start) not in (0, 2):
            raise InputError(f"the start has two parameters, not {len(self.start)}")

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """Walks, and measures."""
        scene = scene_of(self.landscape, condition=self.condition)
        known = minima_of(scene, self.landscape)
        walks = dict(self._walks(scene, known, bench))
        bench.announce("rates of gradient descent")
        curvatures, axes = curvatures_at(scene, known.places[0])
        rates = np.concatenate([np.geomspace(0.05, 0.9, 11), [0.97, 1.02, 1.1, 1.2]]) * 2 / curvatures[-1]
        if curvatures[-1] / curvatures[0] > 1 + 1e-9:
            rates = np.sort(np.append(rates, 2 / curvatures.sum()))
        factors = np.array([_factor(scene, known.places[0], axes, rate) for rate in rates])
        limit = _limit(scene, known.places[0], axes[:, -1], 2 / curvatures[-1])
        expected = np.abs(1 - rates[:, None] * curvatures).max(axis=1)
        arrays = {
            **map_of(scene),
            "rates": rates,
            "factors": factors,
            "curvatures": curvatures,
            **flat_series("path", {name: walk.path for name, (walk, _) in walks.items()}),
            **flat_series("values", {name: walk.values for name, (walk, _) in walks.items()}),
            **flat_series("evaluations", {name: walk.evaluations for name, (walk, _) in walks.items()}),
            **flat_series("three", self._three(scene, known, curvatures)),
        }
        numbers = [
            Number("stability limit", limit, 2 / curvatures[-1], note="largest learning rate of gradient descent"),
            Number("condition number", float(curvatures[-1] / curvatures[0]), note="at the lowest minimum"),
            *(self._number(name, walk, rate, known) for name, (walk, rate) in walks.items()),
        ]
        beliefs = [
            *_theory(np.abs(factors - expected).max(), limit * curvatures[-1] / 2),
            *self._arrivals(walks, known),
        ]
        record = {"name": self.landscape, "lowest": known.lowest, "target": self.target, "optimizers": list(walks)}
        return Findings(self._headline(walks, known), tuple(numbers), tuple(beliefs), arrays, record)

    def _from(self, scene: Landscape) -> np.ndarray:
        low, high = scene.bounds
        return np.array(self.start or STARTS.get(self.landscape) or low + (high - low) / 3)

    def _walks(
        self, scene: Landscape, known: Minima, bench: Bench
    ) -> Iterator[tuple[str, tuple[Minimum, float | None]]]:
        """Each optimizer's way and its learning rate, where it has one."""
        with jax.enable_x64(True):
            squares = residuals_of(scene)
        for name in self.optimizers:
            if name in SQUARES and squares is None:
                continue
            bench.announce(name)
            if name in CURVED:
                function = LeastSquares(squares) if name in SQUARES else scene
                yield name, (self._walk(function, scene, CURVED[name](), known), None)
            else:
                yield name, self._best(scene, name, known)

    def _walk(self, function: Callable, scene: Landscape, optimizer: object, known: Minima) -> Minimum:
        stop = Stop(gradient=0.0, evaluations=self.evaluations, target=known.lowest + self.target)
        return minimize(function, self._from(scene), optimizer=optimizer, stop=stop)

    def _best(self, scene: Landscape, name: str, known: Minima) -> Walk:
        """The way with the best learning rate of the grid."""
        if name in SCALED:
            rates = 2 / curvatures_at(scene, known.places[0])[0][-1] * np.geomspace(0.01, 1.6, self.grid)
        else:
            rates = float(np.max(scene.bounds[1] - scene.bounds[0])) * np.geomspace(1e-4, 0.2, self.grid)
        tried = [(self._walk(scene, scene, Recipe(name, learning_rate=float(r)), known), float(r)) for r in rates]
        return min(tried, key=lambda walk: self._merit(walk[0], known))

    def _merit(self, walk: Minimum, known: Minima) -> tuple[float, float]:
        arrived = self._arrived(walk, known)
        late = walk.values[len(walk.values) // 2 :] - known.lowest
        return (float(arrived) if arrived else np.inf, float(np.mean(np.log(np.maximum(late, self.target)))))

    def _arrived(self, walk: Minimum, known: Minima) -> int | None:
        """Evaluations until it is within the target of a known minimum and next to it, or None."""
        gap = np.linalg.norm(walk.path[:, None] - known.places, axis=2)
        above = walk.values[:, None] - known.values
        there = ((above <= self.target) & (gap < 0.01 * (1 + np.linalg.norm(known.places, axis=1)))).any(axis=1)
        return int(walk.evaluations[there.argmax()]) if there.any() else None

    def _number(self, name: str, walk: Minimum, rate: float | None, known: Minima) -> Number:
        arrived = self._arrived(walk, known)
        which, distance = known.nearest(walk.theta)
        x, y = known.places[which]
        note = f"learning rate {rate:.3g}" if rate is not None else "no learning rate"
        if arrived is None:
            best = float(np.nanmin(walk.values)) - known.lowest
            return Number(f"evaluations, {name}", f"not within {self.evaluations:,}", note=f"{note}; {best:.1e} above")
        return Number(f"evaluations, {name}", arrived, note=f"{note}; minimum at ({x:.3f}, {y:.3f}) to {distance:.0e}")

    def _arrivals(self, walks: Mapping[str, Walk], known: Minima) -> Iterator[Belief]:
        """Whether those that must arrive do, and nobody goes below what is known."""
        slow = [name for name, (walk, _) in walks.items() if self._arrived(walk, known) is None]
        curved = [name for name in slow if name in CURVED]
        value = f"{len(walks) - len(slow)} of {len(walks)} within {self.evaluations:,} evaluations"
        why_not = f"Not there yet: {', '.join(slow)}; give more evaluations, or do not use them in such a valley."
        yield judged(
            "Known minimum reached", value, good=not slow, why="All of them arrive.", why_not=why_not,
            bad="red" if curved or len(slow) == len(walks) else AMBER,
        )  # fmt: skip
        low = min(float(np.nanmin(walk.values)) for walk, _ in walks.values()) - known.lowest
        yield judged(
            "Nothing below the minimum", f"lowest value is {low:+.1e} above it", good=low > -1e-9,
            why="No place is lower than the analytic minimum.",
            why_not="A place is lower than the analytic minimum, so the list of minima is wrong.",
        )  # fmt: skip
        if self.landscape == "bowl" and "newton" in walks:
            steps = len(walks["newton"][0].path) - 1
            yield judged(
                "Newton lands in one step", f"{steps} step{'s' if steps != 1 else ''}", good=steps == 1,
                why="A parabola is its own parabola.", why_not="Newton's step must end at the minimum of a parabola.",
            )  # fmt: skip

    def _three(self, scene: Landscape, known: Minima, curvatures: np.ndarray) -> dict[str, np.ndarray]:
        """Gradient descent too slow, well and divergent; on a bowl, where the limit holds everywhere."""
        if self.landscape != "bowl":
            return {}
        limit, best = 2 / curvatures[-1], 2 / curvatures.sum()
        titles = {f"too small: η = {0.04 * limit:.3g}": 0.04 * limit, f"good: η = {best:.3g}": best,
                  f"too large: η = {1.03 * limit:.3g}": 1.03 * limit}  # fmt: skip
        stop = Stop(gradient=1e-3, evaluations=26)
        return {
            title: minimize(scene, self._from(scene), optimizer=Recipe("sgd", learning_rate=rate), stop=stop).path
            for title, rate in titles.items()
        }

    def _headline(self, walks: Mapping[str, Walk], known: Minima) -> str:
        there = {name: self._arrived(walk, known) for name, (walk, _) in walks.items()}
        there = {name: count for name, count in there.items() if count is not None}
        if not there:
            return f"No optimizer reaches a minimum of {self.landscape} within {self.evaluations:,} evaluations."
        first = min(there, key=lambda name: there[name])
        text = f"On {self.landscape}, {first} arrives first, after {there[first]} evaluations"
        plain = there.get("sgd")
        if "sgd" in walks and first != "sgd":
            text += f"; gradient descent takes {plain:,}" if plain else "; gradient descent does not arrive"
        return text + "."


def _factor(scene: Landscape, minimum: np.ndarray, axes: np.ndarray, rate: float) -> float:
    """By which factor a step changes the distance to the minimum, along the axis where it is largest."""
    return max(_along(scene, minimum, axis, rate) for axis in axes.T)


def _along(scene: Landscape, minimum: np.ndarray, axis: np.ndarray, rate: float, steps: int = WATCHED) -> float:
    """The mean factor over some steps that start a little beside the minimum along an axis."""
    small = 1e-6
    stop = Stop(gradient=0.0, evaluations=steps + 1)
    walk = minimize(scene, minimum + small * axis, optimizer=Recipe("sgd", learning_rate=float(rate)), stop=stop)
    away = np.abs((walk.path - minimum) @ axis)
    fine = np.flatnonzero((away[1:] > 1e-5 * small) & (away[1:] < 1e3 * small))
    last = int(fine[-1]) + 1 if len(fine) else 1
    return float((away[last] / away[0]) ** (1 / last))


def _limit(scene: Landscape, minimum: np.ndarray, axis: np.ndarray, guess: float) -> float:
    """The learning rate above which the steepest axis is left, by halving."""
    low, high = 0.5 * guess, 2 * guess
    for _ in range(20):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if _along(scene, minimum, axis, middle) < 1 else (low, middle)
    return 0.5 * (low + high)


def _theory(distance: float, limit: float) -> Iterator[Belief]:
    yield judged(
        "Exact rate", f"largest difference to max|1 - ηλ| is {distance:.1e}", good=distance < 2e-3,
        why="Every step shrinks the distance by the factor that the curvatures give.",
        why_not="The factor per step is not the one that the curvatures give; is the minimum one?",
    )  # fmt: skip
    yield judged(
        "Stability limit", f"measured at {limit:.5f} of 2/λmax", good=abs(limit - 1) < 2e-3,
        why="Gradient descent settles below 2/λmax and runs away above.",
        why_not="The limit is not at 2/λmax; is the minimum one?",
    )  # fmt: skip
