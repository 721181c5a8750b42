"""The analysis `approximation`: sums of ReLUs, powers and Chebyshev polynomials, error against number of terms."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array

from ansatz.citations import entries
from ansatz.errors import InputError
from ansatz.keys import named
from ansatz.models import (
    MLP,
    bending,
    bending_points,
    chebyshev_curve,
    largest_error,
    polynomial_curve,
    relu_curve,
)
from ansatz.models.approximants import Curve
from ansatz.optimizers import LeastSquares, LevenbergMarquardt, Stop, minimize
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.analyses.landscapes.terrain import check_names, flat_series, judged
from ansatz.studies.belief import Belief
from ansatz.typing import Key

RELU, PLACED, CHEBYSHEV, POWERS, TRAINED = (
    "ReLUs, equidistant",
    "ReLUs where it bends",
    "Chebyshev",
    "powers, equidistant",
    "trained network (tanh)",
)

RHO = (1 + 26**0.5) / 5
"""Half-axes of the ellipse through the poles of Runge's function, summed."""

MOST_POWERS = 32
"""Terms of a polynomial through equidistant points, beyond which rounding hides what it does."""

Law = Callable[[np.ndarray], np.ndarray]


@dataclasses.dataclass(frozen=True)
class Target:
    """A function on [-1, 1] and what theory says of sums that approach it.

    Attributes:
        title: in words.
        function: of an array.
        second: its second derivative, away from single points.
        laws: the largest error as a function of the number of terms, for kinds of sums that have a law with a constant.
        powers: the exponent with which the error falls with the number of terms, where it is a power.
        corners: whether the polygon may put its corners where the function bends.
    """

    title: str
    function: Curve
    second: Curve
    laws: Mapping[str, Law]
    powers: Mapping[str, float]
    corners: bool = True


def _runge(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + 25 * x**2)


def _runge_second(x: np.ndarray) -> np.ndarray:
    return (3750 * x**2 - 50) / (1 + 25 * x**2) ** 3


def _root(x: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(1 + x, 0.0))


def _root_second(x: np.ndarray) -> np.ndarray:
    return 0.25 * np.maximum(1 + x, 1e-300) ** -1.5


def _kink(x: np.ndarray) -> np.ndarray:
    return np.abs(x - 1 / np.pi)


def _kink_law(n: np.ndarray) -> np.ndarray:
    """Twice the product of the distances from the kink to the two corners beside it, over the distance of these."""
    t = np.mod((1 + 1 / np.pi) * n / 2, 1)
    return 4 * t * (1 - t) / n


TARGETS: dict[str, Target] = {
    "runge": Target(
        "1/(1 + 25x²)",
        _runge,
        _runge_second,
        {
            RELU: lambda n: 25 / n**2,
            PLACED: lambda n: bending(_runge_second) ** 2 / (8 * n**2),
            CHEBYSHEV: lambda n: 1 / np.cosh(n * np.log(RHO)),
        },
        {RELU: -2.0, PLACED: -2.0},
    ),
    "root": Target(
        "√(1 + x)",
        _root,
        _root_second,
        {RELU: lambda n: np.sqrt(2 / n) / 4, PLACED: lambda n: 2**0.5 / (2 * n**2)},
        {RELU: -0.5, PLACED: -2.0, CHEBYSHEV: -1.0},
    ),
    "kink": Target("|x − 1/π|", _kink, np.zeros_like, {RELU: _kink_law}, {CHEBYSHEV: -1.0}, corners=False),
}
"""Functions by name: one without singularities nearby, one with a vertical tangent, one with a kink."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Approximation:
    r"""How near sums of n simple functions come to a given one: the universal approximation theorem in numbers.

    A network with one hidden layer of n ReLUs is a polygon. With equidistant corners its error falls as $n^{-2}$ on
    smooth functions; with corners where the function bends it does so on functions with singularities, too. Chebyshev
    sums are far better where there are none ($\rho^{-n}$) and far worse where there are; polynomials through
    equidistant points run away (Runge). What a descent finds from random starts, is another matter: a few small
    networks are trained by Levenberg-Marquardt.

    Attributes:
        functions: some of "runge", "root", "kink".
        terms: numbers of terms, rising.
        shown: number of terms of the curves that are drawn beside each other.
        trained: hidden units of the networks that are trained; empty for none.
        starts: random starts of each; the best end counts.
        evaluations: budget of each start.

    Raises:
        InputError: if a name is unknown or the numbers of terms do not rise.

    Source: G. Cybenko, Math. Control Signals Systems 2 (1989) 303; L. N. Trefethen, Approximation Theory and
    Approximation Practice (2013).
    """

    functions: tuple[str, ...] = tuple(TARGETS)
    terms: tuple[int, ...] = (2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
    shown: int = 12
    trained: tuple[int, ...] = (2, 4, 8)
    starts: int = 4
    evaluations: int = 400
    needs: ClassVar[str] = "nothing"
    citations: ClassVar[tuple[str, ...]] = tuple(entries("universal-approximation", "approximation-theory"))

    def __post_init__(self) -> None:
        check_names("function", self.functions, list(TARGETS))
        rising = all(a < b for a, b in zip(self.terms, self.terms[1:], strict=False))
        if not self.functions or len(self.terms) < 4 or min(self.terms) < 2 or not rising:
            raise InputError("a function and four rising numbers of terms from 2 on are the least")
        if self.starts < 1 or self.evaluations < 1 or self.shown < 2 or min(self.trained, default=1) < 1:
            raise InputError("one start, one evaluation and one unit are the least")

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """Builds the sums and measures their errors."""
        arrays, errors, x = {"x": np.linspace(-1, 1, 801)}, {}, np.linspace(-1, 1, 801)
        for name in self.functions:
            bench.announce(TARGETS[name].title)
            errors[name] = self._errors(TARGETS[name], bench, named(key, name))
            arrays |= flat_series(f"{name}/error", {kind: np.array(e) for kind, (_, e) in errors[name].items()})
            arrays |= flat_series(f"{name}/terms", {kind: np.array(n) for kind, (n, _) in errors[name].items()})
            arrays |= self._curves(TARGETS[name], name, x)
        record = {"functions": {name: TARGETS[name].title for name in self.functions}, "shown": self.shown}
        record["growing"] = list(self._growing())
        record["laws"] = {name: list(TARGETS[name].laws) for name in self.functions}
        for name in self.functions:
            for kind, law in TARGETS[name].laws.items():
                arrays[f"{name}/law/{kind}"] = law(np.array(errors[name][kind][0], float))
        numbers = tuple(self._numbers(errors))
        return Findings(self._headline(errors), numbers, tuple(self._beliefs(errors)), arrays, record)

    def _errors(self, target: Target, bench: Bench, key: Key) -> dict[str, tuple[list[int], list[float]]]:
        """Numbers of terms and largest errors of each kind of sum."""
        found = {}
        for kind, build in _sums(target).items():
            some = [n for n in self.terms if kind != POWERS or n <= MOST_POWERS]
            found[kind] = (some, [largest_error(target.function, build(n), points=20001) for n in some])
        if self.trained:
            bench.announce(f"{target.title}: training networks")
            ends = [self._trained(target.function, n, named(key, f"trained {n}")) for n in self.trained]
            found[TRAINED] = (list(self.trained), [largest_error(target.function, end) for end in ends])
        return found

    def _trained(self, function: Curve, units: int, key: Key) -> Curve:
        """The best of some networks fitted to 201 points by Levenberg-Marquardt."""
        stop, ends = Stop(gradient=1e-10, evaluations=self.evaluations), []
        x = -np.cos(np.linspace(0, np.pi, 201))
        with jax.enable_x64(True):
            y = jnp.asarray(function(x))
            for number in range(self.starts):
                start = MLP(1, None, width=units, depth=1, activation="tanh", scale=3.0, key=named(key, f"{number}"))
                theta, _ = ravel_pytree(start.layers)
                risk = LeastSquares(Misfit(start, jnp.asarray(x)[:, None], y))
                ends.append(minimize(risk, np.asarray(theta), optimizer=LevenbergMarquardt(), stop=stop, path=False))
        best = min(ends, key=lambda end: end.value)

        def curve(at: np.ndarray) -> np.ndarray:
            with jax.enable_x64(True):
                nothing = jnp.zeros(len(at))
                return np.asarray(Misfit(start, jnp.asarray(at, float)[:, None], nothing)(jnp.asarray(best.theta)))

        return curve

    def _growing(self) -> tuple[int, ...]:
        return tuple(n for n in (1, 2, 4, 8, 16, 32) if n <= 2 * max(self.terms))

    def _curves(self, target: Target, name: str, x: np.ndarray) -> dict[str, np.ndarray]:
        sums = {kind: build(self.shown)(x) for kind, build in _sums(target).items()}
        growing = {str(n): relu_curve(target.function, np.linspace(-1, 1, n + 1))(x) for n in self._growing()}
        truth = {f"{name}/truth": target.function(x)}
        return truth | flat_series(f"{name}/sum", sums) | flat_series(f"{name}/growing", growing)

    def _numbers(self, errors: dict[str, dict[str, tuple[list[int], list[float]]]]) -> Iterator[Number]:
        for name, found in errors.items():
            target = TARGETS[name]
            for kind, power in target.powers.items():
                slope = round(_slope(*found[kind]), 3)
                yield Number(f"exponent, {target.title}, {kind}", slope, power, note="error by number of terms")
            for kind, law in target.laws.items():
                n, error = _last_above_rounding(*found[kind])
                note = f"{n} terms, an even number" if kind == CHEBYSHEV else f"{n} terms, law for many"
                yield Number(f"largest error, {target.title}, {kind}", error, float(law(np.array(float(n)))), note=note)
            if TRAINED in found:
                n, error = found[TRAINED][0][-1], found[TRAINED][1][-1]
                note = f"{n} units; no law tells what a descent finds"
                yield Number(f"largest error, {target.title}, {TRAINED}", error, note=note)

    def _beliefs(self, errors: dict[str, dict[str, tuple[list[int], list[float]]]]) -> Iterator[Belief]:
        for name, found in errors.items():
            target = TARGETS[name]
            off = {kind: abs(_slope(*found[kind]) - power) for kind, power in target.powers.items()}
            yield judged(
                f"Rates on {target.title}", f"exponents to {max(off.values()):.2f}", good=max(off.values()) < 0.15,
                why="Errors fall with the number of terms as the theorems say.",
                why_not=f"The error of {max(off, key=off.__getitem__)} does not fall as the theorem says.",
            )  # fmt: skip
            ratios = [_ratio(*found[kind], law) for kind, law in target.laws.items()]
            if ratios:
                worst = max(ratios, key=lambda r: abs(np.log(r)))
                yield judged(
                    f"Constants on {target.title}", f"measured over expected is {worst:.3f}", good=0.8 < worst < 1.1,
                    why="The errors themselves are those of the theorems, not only their rates.",
                    why_not="An error is not the one that the theorem gives.",
                )  # fmt: skip
        if "runge" in errors:
            n, error = errors["runge"][POWERS]
            yield judged(
                "Runge's warning", f"error {error[-1]:.1e} with {n[-1]} powers", good=error[-1] > 10 * error[1],
                why="Polynomials through equidistant points run away from this function, as they must.",
                why_not="Polynomials through equidistant points should run away from this function.",
            )  # fmt: skip

    def _headline(self, errors: dict[str, dict[str, tuple[list[int], list[float]]]]) -> str:
        name = "root" if "root" in errors else self.functions[0]
        found, n = errors[name], self.terms[-1]
        best = PLACED if PLACED in found else RELU
        return (
            f"On {TARGETS[name].title}, {n} ReLUs come within {found[best][1][-1]:.0e},"
            f" {n} Chebyshev polynomials within {found[CHEBYSHEV][1][-1]:.0e}; where nothing is singular it is the"
            " other way round."
        )


class Misfit(eqx.Module):
    """A network of given shape at some points less what it should be there, as a function of its parameters.

    Attributes:
        network: of the shape wanted; its own parameters do not matter.
        x: points, shape (points, 1).
        y: shape (points,).
    """

    network: MLP
    x: Array
    y: Array

    def __call__(self, theta: Array) -> Array:
        """The differences."""
        _, build = ravel_pytree(self.network.layers)
        changed = eqx.tree_at(lambda network: network.layers, self.network, build(theta))
        return jax.vmap(changed)(self.x) - self.y


def _sums(target: Target) -> dict[str, Callable[[int], Curve]]:
    """Constructors of the kinds of sums, by number of terms."""
    f = target.function
    kinds = {RELU: lambda n: relu_curve(f, np.linspace(-1, 1, n + 1))}
    if target.corners:
        kinds[PLACED] = lambda n: relu_curve(f, bending_points(target.second, n + 1))
    return kinds | {CHEBYSHEV: lambda n: chebyshev_curve(f, n), POWERS: lambda n: polynomial_curve(f, n)}


def _slope(terms: list[int], errors: list[float]) -> float:
    """The exponent over the larger numbers of terms."""
    n, e = np.log(terms[len(terms) // 2 :]), np.log(errors[len(terms) // 2 :])
    return float(np.polyfit(n, e, 1)[0])


def _last_above_rounding(terms: list[int], errors: list[float]) -> tuple[int, float]:
    pairs = [(n, e) for n, e in zip(terms, errors, strict=True) if e > 1e-12]
    return pairs[-1]


def _ratio(terms: list[int], errors: list[float], law: Law) -> float:
    n, error = _last_above_rounding(terms, errors)
    return error / float(law(np.array(float(n))))
