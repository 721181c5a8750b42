"""A function whose integral is what it must be, whatever its parameters are."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from ansatz.models.parameters import Frozen, evaluate
from ansatz.typing import Key, Point, Points


class FixedIntegral(eqx.Module):
    r"""$f(x) = I_0\, g(x) \big/ \sum_j w_j\, g(x_j)$: a sum rule that holds by construction, without a penalty.

    A penalty strong enough to hold an integral makes the risk a narrow valley, along which descent is slow. Here the
    norm of g, which the data would have to decide, is simply not there.

    Attributes:
        inside: g, one number for one point; its integral must not vanish.
        nodes: quadrature nodes, shape (nodes, features), frozen.
        weights: quadrature weights, shape (nodes,), frozen.
        value: $I_0$, frozen.

    Example:
        >>> from ansatz.models import Linear
        >>> g = Linear(jnp.array([3.0]), jnp.array(0.0))
        >>> half = FixedIntegral(g, Frozen(jnp.array([[0.5]])), Frozen(jnp.array([1.0])), Frozen(jnp.array(0.5)))
        >>> half(jnp.array([0.25])).item()  # of all multiples of x, x itself integrates to 1/2 over [0, 1]
        0.25

    Source: NNPDF, arXiv:0808.1231 (normalization by sum rules).
    """

    inside: PyTree
    nodes: Frozen
    weights: Frozen
    value: Frozen

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """The value at one point."""
        return self.value.inside * self.inside(x, key=key) / self.integral()

    def many(self, points: Points, *, key: Key | None = None) -> Points:
        """The values at many points."""
        return self.value.inside * evaluate(self.inside, points, key) / self.integral()

    def integral(self) -> Array:
        """That of g, the same for every point."""
        return jnp.sum(self.weights.inside * evaluate(self.inside, self.nodes.inside))
