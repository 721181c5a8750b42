r"""What is minimized: a function of parameters, perhaps of a known form, perhaps a black box.

A plain function is compiled once for each function object. Where like functions shall share one program (another
data set, another curvature), write the function as an Equinox module: its arrays are arguments of the program.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PyTree

from ansatz.errors import InputError
from ansatz.typing import Scalar


class LeastSquares(eqx.Module):
    r"""$f(\theta) = \sum_i r_i(\theta)^2$: a sum of squares whose residuals an optimizer may look at.

    Attributes:
        residuals: $r(\theta)$, a vector; in units of their uncertainty, f is the $\chi^2$.

    Example:
        >>> line = LeastSquares(lambda theta: theta[0] + theta[1] * jnp.array([0.0, 1.0]) - jnp.array([1.0, 3.0]))
        >>> line(jnp.array([1.0, 2.0])).item()
        0.0
    """

    residuals: Callable[[PyTree], Array]

    def __call__(self, theta: PyTree) -> Scalar:
        """The sum of squares."""
        return jnp.sum(self.residuals(theta) ** 2)


class Composite(eqx.Module):
    r"""$f(\theta) = \mathrm{outer}(\mathrm{inner}(\theta))$ with a convex outer function.

    The inner function gives the outputs of a model, the outer one is their loss. Its curvature
    $J^T H_\mathrm{outer} J$ (Gauss-Newton) is never negative; where the loss is the negative log-likelihood of an
    exponential family in its natural parameters, it is the Fisher information.

    Attributes:
        outer: a convex function of the outputs.
        inner: the outputs, an array of any shape.

    Source: N. Schraudolph, Neural Computation 14 (2002) 1723; J. Martens, arXiv:1412.1193.

    Example:
        >>> f = Composite(lambda z: jnp.sum(jax.nn.softplus(z)), lambda theta: theta * jnp.ones(2))
        >>> round(f(jnp.array(0.0)).item(), 4)
        1.3863
    """

    outer: Callable[[Array], Scalar]
    inner: Callable[[PyTree], Array]

    def __call__(self, theta: PyTree) -> Scalar:
        """The outer function of the inner one."""
        return self.outer(self.inner(theta))


class BlackBox(eqx.Module):
    """A function that is not JAX: a simulator, a NumPy function, a compiled program. It has no gradient.

    Attributes:
        function: of one point of shape (parameters,), or, if `batched`, of points of shape (points, parameters).
        batched: whether it takes all points at once.
        pool: where to call it for several points at a time, such as a `concurrent.futures.ProcessPoolExecutor`.

    Example:
        >>> BlackBox(lambda points: (points**2).sum(axis=1), batched=True).many(np.ones((3, 2))).tolist()
        [2.0, 2.0, 2.0]
    """

    function: Callable[[np.ndarray], Any] = eqx.field(static=True)
    batched: bool = eqx.field(static=True, default=False)
    pool: Executor | None = eqx.field(static=True, default=None)

    def many(self, points: np.ndarray) -> np.ndarray:
        """Its values at some points, shape (points,).

        Raises:
            InputError: if it does not give one number for each.
        """
        if self.batched:
            values = self.function(points)
        else:
            values = list(map(self.function, points) if self.pool is None else self.pool.map(self.function, points))
        values = np.asarray(values, dtype=float)
        if values.shape != (len(points),):
            raise InputError(
                f"the function must give one number for each point, not shape {values.shape} for {len(points)} points"
            )
        return values


class Shape(eqx.Module):
    """How a vector of parameters is built into what the function takes."""

    tree: Any = eqx.field(static=True)
    shapes: tuple[tuple[int, ...], ...] = eqx.field(static=True)

    def build(self, flat: Array) -> PyTree:
        """The parameters of a vector."""
        leaves, begin = [], 0
        for shape in self.shapes:
            size = int(np.prod(shape))
            leaves.append(flat[begin : begin + size].reshape(shape))
            begin += size
        return jax.tree.unflatten(self.tree, leaves)


class Flat(eqx.Module):
    """A function of a vector instead of a tree of arrays."""

    function: Callable[[PyTree], Array]
    shape: Shape

    def __call__(self, flat: Array) -> Array:
        """The function at the parameters of a vector."""
        return self.function(self.shape.build(flat))


def flatten(theta: PyTree) -> tuple[np.ndarray, Shape]:
    """Parameters as one vector of float64, and how they are built again; a list of numbers is an array.

    Raises:
        InputError: if there are none or one is not a finite number.
    """
    if isinstance(theta, list) and all(isinstance(part, float | int | np.number) for part in theta):
        theta = np.asarray(theta, np.float64)
    leaves, tree = jax.tree.flatten(theta)
    arrays = [np.asarray(leaf) for leaf in leaves]
    if not sum(array.size for array in arrays):
        raise InputError("there are no parameters to fit; the start is empty")
    if any(array.dtype.kind not in "fiu" for array in arrays):
        raise InputError("the start must consist of real numbers")
    flat = np.concatenate([array.ravel().astype(np.float64) for array in arrays])
    if not np.isfinite(flat).all():
        raise InputError("the start must be finite, but has NaN or infinity in it")
    return flat, Shape(tree, tuple(array.shape for array in arrays))


def of_vector(function: Callable[[PyTree], Array], shape: Shape) -> Callable[[Array], Array]:
    """The same function of a vector; a sum of squares stays one.

    Raises:
        InputError: if it is no function.
    """
    if isinstance(function, BlackBox):
        return function
    inner = function.residuals if isinstance(function, LeastSquares) else function
    if not callable(inner):
        raise InputError(f"a function of the parameters is wanted, not {inner!r}")
    if isinstance(function, LeastSquares):
        return LeastSquares(Flat(function.residuals, shape))
    if isinstance(function, Composite):
        return Composite(function.outer, Flat(function.inner, shape))
    return Flat(function, shape)


def traceable(function: Callable[[Array], Array], theta: np.ndarray) -> bool:
    """Whether JAX can follow a function, and so differentiate it.

    Raises:
        InputError: if it can, but the function does not give one real number.
    """
    if isinstance(function, BlackBox):
        return False
    try:
        out = jax.eval_shape(lambda theta: _numbers(function(theta)), jax.ShapeDtypeStruct(theta.shape, theta.dtype))
    except (jax.errors.TracerArrayConversionError, jax.errors.ConcretizationTypeError):
        return False
    if out.shape != () or out.dtype.kind != "f":
        what = f"an array of shape {out.shape}; sum or average it" if out.shape else f"one of type {out.dtype}"
        raise InputError(f"the function must give one real number, not {what}")
    return True


def _numbers(out: object) -> Array:
    if not isinstance(out, jax.Array | np.ndarray | np.generic | float | int | complex):
        raise InputError(f"the function must give one real number, not a {type(out).__name__}")
    return jnp.asarray(out)
