r"""The self-organizing (Kohonen) map: a sheet of prototypes laid through the data."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from ansatz.typing import Key, Scalar


class KohonenMap(eqx.Module):
    r"""$x \mapsto$ the place $g_c$ on a sheet of the prototype nearest to x, $c = \arg\min_k |x - m_k|$.

    Attributes:
        prototypes: m, shape (nodes, features).
        places: g, the place of each node on the sheet, shape (nodes, 2).

    Example:
        >>> row = KohonenMap(jnp.array([[0.0], [1.0], [2.0]]), jnp.array([[0.0, 0.0], [0.0, 1.0], [0.0, 2.0]]))
        >>> row(jnp.array([1.8])).tolist(), row.node(jnp.array([1.8])).item()
        ([0.0, 2.0], 2)

    Source: T. Kohonen, Biological Cybernetics 43 (1982) 59.
    """

    prototypes: Float[Array, "*members nodes features"]
    places: Float[Array, "*members nodes 2"]

    def distances(self, x: Float[Array, " features"]) -> Float[Array, " nodes"]:
        """Distance to each prototype."""
        return jnp.sqrt(jnp.sum((self.prototypes - x[None]) ** 2, axis=1))

    def node(self, x: Float[Array, " features"]) -> Int[Array, ""]:
        """Number of the nearest prototype."""
        return jnp.argmin(self.distances(x))

    def __call__(self, x: Float[Array, " features"], *, key: Key | None = None) -> Float[Array, " 2"]:
        """Its place on the sheet."""
        return self.places[self.node(x)]

    def quantization_error(self, x: Float[Array, " features"]) -> Scalar:
        """Distance to the nearest prototype."""
        return jnp.min(self.distances(x))

    def torn(self, x: Float[Array, " features"]) -> Array:
        """Whether the two nearest prototypes are no neighbors on the sheet; the mean is the topographic error."""
        first, second = jnp.argsort(self.distances(x))[:2]
        return jnp.max(jnp.abs(self.places[first] - self.places[second])) > 1.01
