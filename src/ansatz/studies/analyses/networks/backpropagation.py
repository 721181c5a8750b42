"""The analysis `backpropagation`: gradients layer by layer, errors by depth, starts compared, and the landscape."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array

from ansatz.citations import entries
from ansatz.errors import InputError
from ansatz.keys import generator, named
from ansatz.models import (
    ACTIVATIONS,
    DERIVATIVES,
    MLP,
    VARIANCES,
    GradientCheck,
    Signals,
    backpropagate,
    check_gradient,
    expected_signals,
    filter_normalized,
    measured_signals,
    principal_directions,
    values_on_plane,
)
from ansatz.models.anatomy.backpropagation import Backpropagation
from ansatz.optimizers import Recipe, Stop, minimize
from ansatz.optimizers.minimum import Minimum
from ansatz.studies.analyses.findings import Bench, Findings, Number, Sample
from ansatz.studies.analyses.landscapes.terrain import check_names, flat_series, judged
from ansatz.studies.belief import Belief
from ansatz.typing import Key, Scalar

KINDS = (("sigmoid", "glorot"), ("sigmoid", "random"), ("tanh", "glorot"), ("relu", "glorot"), ("relu", "he"))
"""Activation and initialization of the deep networks whose errors are drawn by depth."""


class NetworkRisk(eqx.Module):
    """Mean squared error of a network on some rows, as a function of its parameters in one vector.

    Attributes:
        network: of the shape wanted; its own parameters do not matter.
        x: shape (rows, inputs).
        y: shape (rows,).
    """

    network: MLP
    x: Array
    y: Array

    def __call__(self, theta: Array) -> Scalar:
        """The risk."""
        _, build = ravel_pytree(jax.tree.map(lambda leaf: leaf.astype(float), self.network.layers))
        changed = eqx.tree_at(lambda network: network.layers, self.network, build(theta))
        return jnp.mean((jax.vmap(changed)(self.x) - self.y) ** 2)


@dataclasses.dataclass(frozen=True, kw_only=True)
class LaidOpen:
    r"""Lays backpropagation open, from a network of the lecture's size to deep ones.

    One point goes forward and its error back through a small network, by the recursion
    $\Delta^{(l)} = (W^{(l+1)})^T \Delta^{(l+1)} \odot g'(z^{(l)})$; the gradients are checked against autodiff and
    finite differences in float64. Then deep networks at their start: by which factor errors change per layer, for every
    activation function and initialization, measured and expected of wide layers. Then one descent of one network
    from every initialization, and the landscape around the best end, along filter-normalized random directions and
    along the way of the descent.

    Attributes:
        widths: units of the small network: inputs, hidden layers, outputs.
        activation: of its hidden layers.
        output: activation function of its last layer.
        depth: hidden layers of the deep networks.
        width: units of each of their layers.
        draws: deep networks of each kind.
        trained_width: units of each of the three hidden layers of the network that descends.
        trained_activation: its activation function.
        steps: steps of that descent (Adam, all rows).
        learning_rate: of that descent.

    Raises:
        InputError: if a name is unknown or a number is out of range.

    Source: D. Rumelhart, G. Hinton and R. Williams, Nature 323 (1986) 533; X. Glorot and Y. Bengio, AISTATS 9 (2010)
    249; S. Schoenholz et al., arXiv:1611.01232; H. Li et al., arXiv:1712.09913.
    """

    widths: tuple[int, ...] = (3, 3, 1)
    activation: str = "sigmoid"
    output: str = "sigmoid"
    depth: int = 20
    width: int = 100
    draws: int = 20
    trained_width: int = 10
    trained_activation: str = "tanh"
    steps: int = 1500
    learning_rate: float = 0.01
    needs: ClassVar[str] = "nothing"
    citations: ClassVar[tuple[str, ...]] = tuple(
        entries("backpropagation", "glorot", "he", "mean-field", "network-landscape")
    )

    def __post_init__(self) -> None:
        check_names("activation", [self.activation, self.output, self.trained_activation], list(ACTIVATIONS))
        if len(self.widths) < 3 or min(self.widths) < 1:
            raise InputError(f"the small network needs inputs, hidden units and outputs, not {list(self.widths)}")
        if self.depth < 2 or self.width < 2 or self.draws < 2 or self.steps < 10 or self.trained_width < 1:
            raise InputError("depth 2, width 2, 2 draws, 10 steps and one trained unit are the least")

    def __call__(self, sample: Sample | None, bench: Bench, key: Key) -> Findings:
        """Lays open, measures and trains."""
        bench.announce("the small network")
        laid, check, network = self._small(named(key, "small"))
        bench.announce("deep networks")
        factors, kinds = self._signals(named(key, "deep"))
        bench.announce("starts compared")
        courses, constant = self._starts(named(key, "starts"))
        bench.announce("the landscape of the network")
        best = min((n for n in courses if n != "zero"), key=lambda name: courses[name].value)
        planes = self._planes(courses[best], named(key, "starts"), named(key, "directions"))
        arrays = {
            **_laid_arrays(laid, network),
            "explicit": check.explicit,
            "automatic": check.by_autodiff,
            "numeric": check.by_differences,
            "factors": factors,
            **flat_series("measured", {kind: pair[0].errors for kind, pair in kinds.items()}),
            **flat_series("expected", {kind: pair[1].errors for kind, pair in kinds.items()}),
            **flat_series("risk", {name: walk.values for name, walk in courses.items()}),
            **planes,
            **_curves(),
        }
        record = {
            "layers": len(self.widths) - 1,
            "network": "-".join(map(str, self.widths)) + f" {self.activation} network",
            "activations": list(ACTIVATIONS),
            "initializations": list(VARIANCES),
            "kinds": list(kinds),
            "width": self.width,
            "starts": list(courses),
            "constant": constant,
            "best": best,
            "trained": f"2-{self.trained_width}-{self.trained_width}-{self.trained_width}-1 {self.trained_activation}",
        }
        numbers = tuple(_numbers(check, kinds, courses, constant, self.depth))
        beliefs = tuple(self._beliefs(check, kinds, courses, constant))
        vanishing = kinds["sigmoid, glorot"][0].errors[0]
        digits = f"to {check.autodiff:.0e}" if check.autodiff else "in every digit"
        headline = (
            f"The recursion agrees with autodiff {digits}; through {self.depth} sigmoid layers errors"
            f" shrink to {vanishing:.0e}, through ReLU layers that start by He to {kinds['relu, he'][0].errors[0]:.2g}."
        )
        return Findings(headline, numbers, beliefs, arrays, record)

    def _small(self, key: Key) -> tuple[Backpropagation, GradientCheck, MLP]:
        """One point through the small network and back."""
        inputs, *hidden, outputs = self.widths
        start, point = jax.random.split(key)
        network = MLP(
            inputs, outputs, width=tuple(hidden), activation=self.activation, initialization="random", key=start
        )
        draw = generator(point)
        x, y = draw.standard_normal(inputs), draw.uniform(0.1, 0.9, outputs)
        laid = backpropagate(network, jnp.asarray(x, jnp.float32), jnp.asarray(y, jnp.float32), output=self.output)
        return laid, check_gradient(network, x, y, output=self.output), network

    def _signals(self, key: Key) -> tuple[np.ndarray, dict[str, tuple[Signals, Signals]]]:
        """Factors per layer for all pairs, and errors by depth for some of them, measured and expected."""
        size = {"width": self.width, "depth": self.depth}
        found = {
            (a, i): measured_signals(a, i, draws=self.draws, **size, key=named(key, f"{a} {i}"))
            for a in ACTIVATIONS
            for i in VARIANCES
        }
        factors = np.array([[found[a, i].factor for i in VARIANCES] for a in ACTIVATIONS])
        return factors, {f"{a}, {i}": (found[a, i], expected_signals(a, i, **size)) for a, i in KINDS}

    def _rows(self) -> tuple[np.ndarray, np.ndarray]:
        """The surface that is learned: sin(2 a) cos(2 b) on a grid."""
        side = np.linspace(-1.5, 1.5, 13)
        x = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
        return x, np.sin(2 * x[:, 0]) * np.cos(2 * x[:, 1])

    def _network(self, initialization: str, key: Key) -> MLP:
        return MLP(2, None, width=self.trained_width, depth=3, activation=self.trained_activation,
                   initialization=initialization, key=key)  # fmt: skip

    def _starts(self, key: Key) -> tuple[dict[str, Minimum], float]:
        """The same descent from every initialization, and the risk of the best constant."""
        rule = Recipe("adam", learning_rate=self.learning_rate)
        stop = Stop(gradient=0.0, evaluations=self.steps + 1)
        ends = {}
        with jax.enable_x64(True):
            risk = self._risk(key)
            for name in VARIANCES:
                start, _ = ravel_pytree(self._network(name, named(key, name)).layers)
                ends[name] = minimize(risk, np.asarray(start, float), optimizer=rule, stop=stop)
        return ends, float(np.var(self._rows()[1]))

    def _risk(self, key: Key) -> NetworkRisk:
        x, y = self._rows()
        return NetworkRisk(self._network("zero", named(key, "shape")), jnp.asarray(x), jnp.asarray(y))

    def _planes(self, walk: Minimum, key: Key, directions: Key) -> dict[str, np.ndarray]:
        """The risk around the end, along two random directions and along the way of the descent."""
        with jax.enable_x64(True):
            risk = self._risk(key)
            _, build = ravel_pytree(self._network("zero", named(key, "shape")).layers)
            center = jnp.asarray(walk.theta)
            random = [
                ravel_pytree(filter_normalized(build(center.astype(jnp.float32)), key=own))[0].astype(float)
                for own in jax.random.split(directions)
            ]
            side = np.linspace(-1, 1, 61)
            surface = values_on_plane(risk, center, *random, side, side)
            axes, shares = principal_directions(walk.path[:: max(1, len(walk.path) // 400)])
            way = (walk.path - walk.path[-1]) @ axes.T
            low, high = way.min(axis=0), way.max(axis=0)
            edge = 0.25 * (high - low)
            across, up = np.linspace(low - edge, high + edge, 61).T
            valley = values_on_plane(risk, center, *(jnp.asarray(axis) for axis in axes), across, up)
        keep = np.unique(np.linspace(0, len(way) - 1, 300).astype(int))
        parts = {"side": side, "values": surface, "across": across, "up": up, "valley": valley, "way": way[keep]}
        return flat_series("plane", {**parts, "shares": shares})

    def _beliefs(
        self,
        check: GradientCheck,
        kinds: dict[str, tuple[Signals, Signals]],
        courses: dict[str, Minimum],
        constant: float,
    ) -> Iterator[Belief]:
        yield judged(
            "Recursion against autodiff", f"{check.autodiff:.1e} of the largest component", good=check.autodiff < 1e-12,
            why="The recursion of the lectures is the gradient, to rounding.",
            why_not="The recursion and autodiff differ by more than rounding.",
        )  # fmt: skip
        yield judged(
            "Recursion against differences", f"{check.differences:.1e}", good=check.differences < 1e-6,
            why="Finite differences agree as far as they can.",
            why_not="Finite differences disagree; a unit may sit on the kink of its activation function.",
        )  # fmt: skip
        worst = max(abs(found.factor / expected.factor - 1) for found, expected in kinds.values())
        yield judged(
            "Errors by depth as expected", f"factors per layer to {worst:.1%}", good=worst < 0.1,
            why="Deep networks at their start do what the recursion for wide layers says.",
            why_not="The factors per layer are not those of wide layers; make the layers wider or draw more of them.",
        )  # fmt: skip
        zero = courses["zero"].value
        yield judged(
            "Zero is no start", f"risk {zero:.4g} against {constant:.4g} of the best constant",
            good=zero > 0.999 * constant, why="From zero all units stay equal and only the constant is learned.",
            why_not="A network that started at zero has broken its symmetry; it must not.",
        )  # fmt: skip


def _numbers(
    check: GradientCheck,
    kinds: dict[str, tuple[Signals, Signals]],
    courses: dict[str, Minimum],
    constant: float,
    depth: int,
) -> Iterator[Number]:
    yield Number("recursion against autodiff", check.autodiff, note="largest difference / largest component, float64")
    yield Number("recursion against differences", check.differences, note="central differences, step 1e-6")
    for kind, (found, expected) in kinds.items():
        note = f"wide layers; after {depth} layers {found.errors[0]:.1e} are left"
        yield Number(f"factor per layer, {kind}", round(found.factor, 4), round(expected.factor, 4), note=note)
    for name, walk in courses.items():
        known = constant if name == "zero" else None
        note = "the variance of the target" if name == "zero" else ""
        yield Number(f"risk in the end, {name}", walk.value, known, note=note)


def _laid_arrays(laid: Backpropagation, network: MLP) -> dict[str, np.ndarray]:
    arrays = {f"activation/{k}": np.asarray(a, float) for k, a in enumerate(laid.activations)}
    for k, (layer, error, gradient) in enumerate(zip(network.layers, laid.errors, laid.weights, strict=True)):
        parts = {"error": error, "weight": layer.weight, "gradient": gradient}
        arrays |= {f"{name}/{k}": np.asarray(part, float) for name, part in parts.items()}
    return arrays


def _curves() -> dict[str, np.ndarray]:
    z = np.linspace(-3, 3, 241)
    arrays = {"z": z}
    with jax.enable_x64(True):
        for name, function in ACTIVATIONS.items():
            arrays[f"g/{name}"] = np.asarray(function(jnp.asarray(z)))
            arrays[f"slope/{name}"] = np.asarray(DERIVATIVES[name](jnp.asarray(z)))
    return arrays
