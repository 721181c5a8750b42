"""What optimizers without gradients share: the task, the bounds, the evaluation of many points at once."""

from __future__ import annotations

import abc
import dataclasses
import functools
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, PyTree

from ansatz.errors import InputError
from ansatz.optimizers.minimum import Minimum
from ansatz.optimizers.objective import BlackBox, Shape
from ansatz.optimizers.stopping import Stop
from ansatz.typing import Key

Box = tuple[np.ndarray, np.ndarray]
Watch = Callable[[np.ndarray], int]
"""Told the best place after each generation; a code other than `RUNNING` is the reason to stop there."""


@dataclasses.dataclass(frozen=True, eq=False)
class Task:
    """What an optimizer without gradients is asked to do.

    Attributes:
        function: of a vector of parameters.
        smooth: whether JAX can follow it; else it is called in batches.
        start: where to start, shape (parameters,).
        shape: how the parameters are built from a vector.
        bounds: lowest and highest parameters, or None.
        stop: tolerances and budget.
        path: whether to keep the places.
        key: decides everything that is random.
        watch: who looks on and may call it off, or None.
    """

    function: Callable[[Array], Array]
    smooth: bool
    start: np.ndarray
    shape: Shape
    bounds: Box | None
    stop: Stop
    path: bool
    key: Key | None
    watch: Watch | None = None

    def drawn(self, name: str) -> Key:
        """The key.

        Raises:
            InputError: if there is none, or it is none of JAX.
        """
        if self.key is None:
            raise InputError(f"{name} draws random numbers; give key=jax.random.key(0) or any other key")
        if not isinstance(self.key, jax.Array):
            raise InputError(f"the key must be one of JAX, such as jax.random.key(0), not {self.key!r}")
        return self.key

    def boxed(self, name: str) -> Box:
        """The bounds.

        Raises:
            InputError: if there are none.
        """
        if self.bounds is None:
            raise InputError(f"{name} searches inside bounds; give bounds=(lowest, highest)")
        return self.bounds

    def first(self, count: int, name: str) -> None:
        """Whether the budget pays for the start and a first population of `count`, where nobody else looks after it.

        Raises:
            InputError: if not.
        """
        if self.watch is None and count + 1 > self.stop.evaluations:
            raise InputError(
                f"{name} starts with {count + 1:,} evaluations, but the budget is {self.stop.evaluations:,}; "
                "give more, or take a smaller population"
            )

    def many(self, points: np.ndarray) -> np.ndarray:
        """The function at some points: one vmapped call, or one batch of a black box."""
        return self.batched(points)

    @functools.cached_property
    def batched(self) -> Callable[[np.ndarray], np.ndarray]:
        """The function of points of shape (points, parameters)."""
        if isinstance(self.function, BlackBox):
            return self.function.many
        if not self.smooth:
            return BlackBox(self.function).many
        arrays, static = eqx.partition(self.function, eqx.is_array)
        leaves, tree = jax.tree.flatten(static)
        mapped = _mapped(tuple(leaves), tree)
        return lambda points: np.asarray(mapped(arrays, points), dtype=float)

    def built(self, flat: Array) -> PyTree:
        """The parameters of a vector, as NumPy arrays."""
        return jax.tree.map(np.asarray, self.shape.build(np.asarray(flat)))


class Search(eqx.Module):
    """The abstract optimizer without gradients."""

    @abc.abstractmethod
    def search(self, task: Task) -> Minimum:
        """The best place that it finds."""


class Evolving(Search):
    """The abstract search by generations of points, which can also train a network."""

    @abc.abstractmethod
    def size(self, n: int) -> int:
        """How many new points a generation has, for n parameters."""

    @abc.abstractmethod
    def boxed(self) -> bool:
        """Whether it cannot do without bounds."""


@functools.lru_cache(maxsize=256)
def _mapped(leaves: tuple[Any, ...], tree: Any) -> Callable[[Any, np.ndarray], Array]:
    """One compiled call for many points; a plain `jax.jit`, for its dispatch takes a tenth of that of `filter_jit`.

    Leaves and tree are what of the function is not arrays: equal for like functions, so that they share one program.
    """
    static = jax.tree.unflatten(tree, leaves)
    return jax.jit(lambda arrays, points: jax.vmap(eqx.combine(arrays, static))(points))


def box(bounds: tuple[PyTree, PyTree] | None, theta0: PyTree, shape: Shape) -> Box | None:
    """Bounds as two vectors.

    Raises:
        InputError: if they do not fit the parameters or are the wrong way round.
    """
    if bounds is None:
        return None
    if not isinstance(bounds, tuple | list) or len(bounds) != 2:
        raise InputError("bounds must be two: the lowest parameters and the highest, each a number or like the start")
    low, high = (_edge(edge, theta0, shape) for edge in bounds)
    if not np.isfinite([low, high]).all():
        raise InputError(
            "bounds must be finite numbers; for a parameter that has one bound only, fit its logarithm instead"
        )
    wrong = np.flatnonzero(~(low < high))
    if len(wrong):
        i = wrong[0]
        raise InputError(
            f"the bounds of parameter {i} are the wrong way round: {low[i]:g} is not below {high[i]:g}; give all the "
            "lowest first, then all the highest"
        )
    return low, high


def _edge(edge: PyTree, theta0: PyTree, shape: Shape) -> np.ndarray:
    size = sum(int(np.prod(s)) for s in shape.shapes)
    if any(np.asarray(leaf).dtype.kind not in "fiu" for leaf in jax.tree.leaves(edge)):
        raise InputError(f"bounds must be numbers, not {edge!r}")
    if np.ndim(edge) == 0 and not isinstance(edge, dict | list | tuple):
        return np.full(size, float(edge))
    leaves, tree = jax.tree.flatten(edge)
    if tree != shape.tree or any(np.shape(leaf) != s for leaf, s in zip(leaves, shape.shapes, strict=False)):
        if len(leaves) == size and jax.tree.structure(theta0).num_leaves == 1:
            return np.array([float(leaf) for leaf in leaves])
        raise InputError("bounds must be a number or built like the start, one lowest and one highest for each")
    return np.concatenate([np.asarray(leaf, dtype=float).ravel() for leaf in leaves])
