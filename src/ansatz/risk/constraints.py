r"""Laws that a function has to keep, as risks: sum rules and positivity. They judge no data."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PyTree

from ansatz.data import Batch
from ansatz.errors import InputError
from ansatz.models import evaluate
from ansatz.risk.algebra import Risk
from ansatz.typing import Key, Scalar


class SumRule(Risk):
    r"""$\big(\frac{I[f] - I_0}{\epsilon}\big)^2$ with $I[f] = \sum_j w_j f(x_j)$: an integral that is known.

    Attributes:
        nodes: quadrature nodes, shape (nodes, features).
        weights: quadrature weights, shape (nodes,), or (nodes, outputs) if several functions enter.
        value: $I_0$.
        tolerance: $\epsilon$; one part of chi2 is paid for a violation so large.
        name: name of the term.

    Example:
        >>> from ansatz.models import Linear
        >>> rule = SumRule(np.array([[0.5]]), np.array([1.0]), value=1.0, tolerance=0.1)
        >>> round(rule(Linear(jnp.array([1.0]), jnp.array(0.4)), None, None).item(), 4)
        1.0
    """

    nodes: Array
    weights: Array
    value: Array
    tolerance: Array
    name: str = eqx.field(static=True)

    def __init__(
        self, nodes: np.ndarray, weights: np.ndarray, *, value: float, tolerance: float = 0.01, name: str = "sum_rule"
    ) -> None:
        nodes, weights = np.asarray(nodes, float), np.asarray(weights, float)
        if nodes.ndim != 2 or len(weights) != len(nodes):
            raise InputError(f"a sum rule needs one weight for each node, not {weights.shape} for nodes {nodes.shape}")
        if not tolerance > 0:
            raise InputError(f"the tolerance of a sum rule is positive, not {tolerance}")
        self.nodes, self.weights = jnp.asarray(nodes, float), jnp.asarray(weights, float)
        self.value, self.tolerance = jnp.asarray(value, float), jnp.asarray(tolerance, float)
        self.name = name

    def integral(self, model: PyTree) -> Scalar:
        """I[f]."""
        return jnp.sum(self.weights * evaluate(model, self.nodes, None))

    def terms(self, model: PyTree, batch: Batch | None, key: Key | None) -> dict[str, Scalar]:
        """The squared violation."""
        return {self.name: ((self.integral(model) - self.value) / self.tolerance) ** 2}

    def names(self) -> tuple[str, ...]:
        """The name of the one term."""
        return (self.name,)

    def expected(self) -> None:
        """Nothing: a law judges no data."""
        return


class MomentumSumRule(Risk):
    r"""$\big(\frac{1}{\epsilon}\big[\int_0^1 x g(x)\,dx - I_0\big]\big)^2$, for a model that answers x g(x) for x.

    Gauss-Legendre in $t = x^{1/4}$, so that a rise like $x^{-0.5}$ at small x is integrated to $10^{-6}$.

    Args:
        momentum: $I_0$, the part of the proton's momentum that the gluons carry.
        tolerance: $\epsilon$, see `SumRule`.
        points: quadrature nodes.
        name: name of the term.

    Example:
        >>> rule = MomentumSumRule(0.4)
        >>> round(rule.integral(lambda x: 1.0 - x[0]).item(), 5)
        0.5
    """

    rule: SumRule

    def __init__(
        self, momentum: float, *, tolerance: float = 0.01, points: int = 64, name: str = "momentum_sum_rule"
    ) -> None:
        nodes, weights = unit_quadrature(points)
        self.rule = SumRule(nodes[:, None], weights, value=momentum, tolerance=tolerance, name=name)

    def integral(self, model: PyTree) -> Scalar:
        """The momentum that the model carries."""
        return self.rule.integral(model)

    def terms(self, model: PyTree, batch: Batch | None, key: Key | None) -> dict[str, Scalar]:
        """The squared violation."""
        return self.rule.terms(model, batch, key)

    def names(self) -> tuple[str, ...]:
        """The name of the one term."""
        return self.rule.names()

    def expected(self) -> None:
        """Nothing: a law judges no data."""
        return


def unit_quadrature(points: int, *, power: int = 4) -> tuple[np.ndarray, np.ndarray]:
    r"""Nodes and weights of $\int_0^1 f(x) dx$ by Gauss-Legendre in $x^{1/p}$, both of shape (points,).

    Example:
        >>> x, w = unit_quadrature(16)
        >>> round(float(w @ x**-0.5), 6)
        2.0
    """
    t, w = np.polynomial.legendre.leggauss(points)
    t, w = (t + 1) / 2, w / 2
    return t**power, w * power * t ** (power - 1)


class Positivity(Risk):
    r"""$\frac1m \sum_j \max(0, -f(x_j)/u)^2$: nothing for a function that is nowhere negative at the nodes.

    Attributes:
        nodes: where it is asked, shape (nodes, features).
        unit: u, what the function is measured in.
        name: name of the term.

    Example:
        >>> from ansatz.models import Linear
        >>> Positivity(np.array([[1.0], [-2.0]]))(Linear(jnp.array([1.0]), jnp.array(0.0)), None, None).item()
        2.0
    """

    nodes: Array
    unit: Array
    name: str = eqx.field(static=True)

    def __init__(self, nodes: np.ndarray, *, unit: float = 1.0, name: str = "positivity") -> None:
        nodes = np.asarray(nodes, float)
        if nodes.ndim != 2:
            raise InputError(f"nodes have shape (nodes, features), not {nodes.shape}")
        self.nodes, self.unit, self.name = jnp.asarray(nodes, float), jnp.asarray(unit, float), name

    def terms(self, model: PyTree, batch: Batch | None, key: Key | None) -> dict[str, Scalar]:
        """The mean squared negative part."""
        return {self.name: jnp.mean(self.below(model) ** 2)}

    def below(self, model: PyTree) -> Array:
        """How far the function is below zero at each node."""
        return jnp.maximum(0.0, -evaluate(model, self.nodes, None) / self.unit)

    def names(self) -> tuple[str, ...]:
        """The name of the one term."""
        return (self.name,)

    def expected(self) -> None:
        """Nothing: a law judges no data."""
        return
