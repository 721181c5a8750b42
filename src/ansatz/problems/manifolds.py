"""Surfaces of known dimension in a space of more."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import ClassVar, Literal

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.problems.references import ISOMAP
from ansatz.typing import Key


def _swiss_roll(rng: np.random.Generator, n: int, _: int) -> tuple[np.ndarray, np.ndarray]:
    t = 1.5 * np.pi * (1 + 2 * rng.random(n))
    return np.column_stack([t * np.cos(t), 21 * rng.random(n), t * np.sin(t)]), t


def _sphere(rng: np.random.Generator, n: int, dimension: int) -> tuple[np.ndarray, np.ndarray]:
    x = rng.normal(size=(n, dimension + 1))
    x = x / np.linalg.norm(x, axis=1, keepdims=True)
    return x, x[:, 0]


def _torus(rng: np.random.Generator, n: int, dimension: int) -> tuple[np.ndarray, np.ndarray]:
    angle = rng.uniform(0, 2 * np.pi, size=(n, dimension))
    return np.concatenate([np.cos(angle), np.sin(angle)], axis=1), angle[:, 0]


def _cube(rng: np.random.Generator, n: int, dimension: int) -> tuple[np.ndarray, np.ndarray]:
    x = rng.random((n, dimension))
    return x, x[:, 0]


SHAPES: dict[str, Callable] = {"swiss-roll": _swiss_roll, "sphere": _sphere, "torus": _torus, "cube": _cube}


@dataclasses.dataclass(frozen=True)
class Manifold:
    """Points of a surface whose dimension is known, turned at random in a space of `columns` dimensions.

    The target is a coordinate along the surface.

    Attributes:
        shape: "swiss-roll" (a rolled-up strip, dimension 2), "sphere", "torus" (flat) or "cube".
        dimension: of the surface; a swiss roll always has 2.
        columns: of the space; 0 for as few as the surface fits into.
        noise: standard deviation of what is added to every column.

    Raises:
        InputError: if a number is out of range.

    Example:
        >>> import jax
        >>> Manifold(shape="sphere", dimension=2, columns=5).draw(jax.random.key(0), 7).x.shape
        (7, 5)
    """

    shape: Literal["swiss-roll", "sphere", "torus", "cube"] = "swiss-roll"
    dimension: int = 2
    columns: int = 0
    noise: float = 0.0

    events: ClassVar[int] = 1500
    task: ClassVar[str] = "regression"
    citations: ClassVar[tuple[str, ...]] = (ISOMAP,)

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise InputError(f"manifold: shape is one of {', '.join(SHAPES)}, not '{self.shape}'")
        if self.dimension < 1 or (self.shape == "swiss-roll" and self.dimension != 2):
            raise InputError(f"manifold: a {self.shape} cannot have dimension {self.dimension}")
        if self.columns and self.columns < self._least():
            raise InputError(f"manifold: this {self.shape} needs at least {self._least()} columns, not {self.columns}")
        if not 0 <= self.noise < np.inf:
            raise InputError(f"manifold: noise is zero or more, not {self.noise}")

    def _least(self) -> int:
        return {"swiss-roll": 3, "sphere": self.dimension + 1, "torus": 2 * self.dimension}.get(
            self.shape, self.dimension
        )

    def draw(self, key: Key, n: int) -> Dataset:
        """`n` points, evenly spread over the surface (over angle and height of a swiss roll)."""
        rng = generator(key)
        x, along = SHAPES[self.shape](rng, n, self.dimension)
        columns = self.columns or self._least()
        turn = np.linalg.qr(rng.normal(size=(columns, columns)))[0][: x.shape[1]] if self.columns else np.eye(columns)
        x = x @ turn
        x = x + self.noise * rng.normal(size=x.shape)
        names = tuple(f"x{i + 1}" for i in range(columns))
        return Dataset(x, y=along, columns=names, target=("along",), name=self.shape)
