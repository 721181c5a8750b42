"""Potatoes: groups by color or by size, a matter of the metric."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.problems.references import LLOYD
from ansatz.typing import Key

COLORS, SIZES = ("yellow", "red"), ("small", "large")


@dataclasses.dataclass(frozen=True)
class Potatoes:
    """Potatoes of two colors and two sizes, in all four combinations; nobody says which of the two is meant by a kind.

    Columns: `color` (0 yellow to 1 red), `length` and `width` in mm, `weight` in g. Three of the four speak of size, so
    that a method that treats all columns alike sorts by size; one that looks at the color sorts by color. What a potato
    is stands in the observers `color group` and `size group`.

    Attributes:
        red: part of red potatoes.
        large: part of large potatoes.
        blur: how far potatoes differ within their kind; 1 for kinds that hardly overlap.

    Raises:
        InputError: if a number is out of range.

    Example:
        >>> import jax
        >>> data = Potatoes().draw(jax.random.key(0), 10)
        >>> data.columns, data.classes
        (('color', 'length', 'width', 'weight'), ('small yellow', 'small red', 'large yellow', 'large red'))
    """

    red: float = 0.5
    large: float = 0.5
    blur: float = 1.0

    events: ClassVar[int] = 600
    task: ClassVar[str] = "classification"
    citations: ClassVar[tuple[str, ...]] = (LLOYD,)

    def __post_init__(self) -> None:
        if not (0 < self.red < 1 and 0 < self.large < 1):
            raise InputError(f"potatoes: red and large are parts between 0 and 1, not {self.red} and {self.large}")
        if not 0 < self.blur < np.inf:
            raise InputError(f"potatoes: blur must be positive, not {self.blur}")

    def draw(self, key: Key, n: int) -> Dataset:
        """`n` potatoes."""
        rng = generator(key)
        red, large = (rng.random(n) < part for part in (self.red, self.large))
        color = np.where(red, 0.75, 0.25) + 0.07 * self.blur * rng.normal(size=n)
        length = np.where(large, 95.0, 55.0) * np.exp(0.09 * self.blur * rng.normal(size=n))
        width = length * 0.68 * np.exp(0.06 * self.blur * rng.normal(size=n))
        mass = 1.08e-3 * np.pi / 6 * length * width**2 * np.exp(0.05 * self.blur * rng.normal(size=n))
        names = tuple(f"{size} {color}" for size in SIZES for color in COLORS)
        return Dataset(
            np.column_stack([color, length, width, mass]),
            y=2 * large + red,
            columns=("color", "length", "width", "weight"),
            target=("variety",),
            classes=names,
            observers={
                "color group": np.array(COLORS)[red.astype(int)],
                "size group": np.array(SIZES)[large.astype(int)],
            },
            units={"length": "mm", "width": "mm", "weight": "g"},
            name="potatoes",
        )
