"""A function of a momentum fraction with its behavior at both ends in front."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, PyTree

from ansatz.models.parameters import Frozen, evaluate
from ansatz.typing import Key, Point, Points

SMALLEST = 1e-12
"""Where ln x is cut off."""


class Endpoints(eqx.Module):
    r"""$f(x) = x^a (1-x)^b\, N(x, \ln x)$ for one momentum fraction 0 < x <= 1.

    The network N is smooth and of order one where f spans decades: $x^a$ carries the rise at small x (Regge theory)
    and $(1-x)^b$ the fall to zero at x = 1 (counting rules). The exponents are fitted unless they are frozen.

    Attributes:
        inside: N, a function of the two features x and ln x.
        low: a.
        high: b.

    Example:
        >>> from ansatz.models import Linear
        >>> shape = Endpoints(Linear(jnp.zeros(2), jnp.array(2.0)), jnp.array(-0.5), jnp.array(1.0))
        >>> shape(jnp.array([0.25])).item()
        3.0

    Source: S. Forte, L. Garrido, J. I. Latorre and A. Piccione, hep-ph/0204232; NNPDF, arXiv:0808.1231.
    """

    inside: PyTree
    low: Array | PyTree
    high: Array | PyTree

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """The value at one point of shape (1,)."""
        return self._behavior(x[0]) * self.inside(_features(x[0]), key=key)

    def many(self, points: Points, *, key: Key | None = None) -> Points:
        """The values at many points, shape (n, 1)."""
        return self._behavior(points[:, 0]) * evaluate(self.inside, _features(points[:, 0]), key)

    def _behavior(self, x: Array) -> Array:
        """The factor in front."""
        return jnp.maximum(x, SMALLEST) ** _number(self.low) * (1 - x) ** _number(self.high)


def _features(x: Array) -> Array:
    """What the network sees: x and ln x."""
    return jnp.stack([x, jnp.log(jnp.maximum(x, SMALLEST))], axis=-1)


def _number(exponent: Array | PyTree) -> Array:
    return exponent.inside if isinstance(exponent, Frozen) else exponent
