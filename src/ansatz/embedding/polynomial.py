"""The polynomial basis: linear models that bend."""

from __future__ import annotations

import itertools

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from ansatz.typing import Key, Point


class Polynomial(eqx.Module):
    r"""All monomials $\prod_i x_i^{p_i}$ of total degree 1 to `degree` of a point; the constant is left to the bias.

    Attributes:
        powers: p, one tuple for each monomial, in order of degree.

    Example:
        >>> Polynomial.of_degree(3, inputs=1)(jnp.array([2.0])).tolist()
        [2.0, 4.0, 8.0]
        >>> Polynomial.of_degree(2, inputs=2).powers
        ((1, 0), (0, 1), (2, 0), (1, 1), (0, 2))
    """

    powers: tuple[tuple[int, ...], ...] = eqx.field(static=True)

    def __call__(self, x: Point, *, key: Key | None = None) -> Point:
        """The monomials of one point, shape (monomials,)."""
        return jnp.prod(x[None, :] ** np.asarray(self.powers), axis=1)

    @classmethod
    def of_degree(cls, degree: int, *, inputs: int) -> Polynomial:
        """The complete basis of that degree in `inputs` variables."""
        choices = (
            choice
            for total in range(1, degree + 1)
            for choice in itertools.combinations_with_replacement(range(inputs), total)
        )
        return cls(tuple(tuple(choice.count(i) for i in range(inputs)) for choice in choices))
