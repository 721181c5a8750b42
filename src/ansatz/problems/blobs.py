"""Three groups in the plane of unequal width: where k-means is right, and where it is not."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import numpy as np

from ansatz.data.dataset import Dataset
from ansatz.errors import InputError
from ansatz.keys import generator
from ansatz.problems.references import LLOYD
from ansatz.typing import Key

CENTERS = ((0.0, 0.0), (6.0, 0.0), (3.0, 4.5))


@dataclasses.dataclass(frozen=True)
class Blobs:
    """Round Gaussian groups around three corners of a triangle.

    Attributes:
        width: standard deviation of each group; equal ones are what k-means takes for granted.
        share: part of the events in each group.

    Raises:
        InputError: if there are not three positive numbers of each.

    Example:
        >>> import jax
        >>> Blobs(width=(1.0, 1.0, 1.0)).draw(jax.random.key(0), 5).x.shape
        (5, 2)
    """

    width: tuple[float, ...] = (0.4, 0.7, 1.6)
    share: tuple[float, ...] = (1.0, 1.0, 1.0)

    events: ClassVar[int] = 900
    task: ClassVar[str] = "classification"
    citations: ClassVar[tuple[str, ...]] = (LLOYD,)

    def __post_init__(self) -> None:
        for name in ("width", "share"):
            values = getattr(self, name)
            if len(values) != len(CENTERS) or min(values) <= 0:
                raise InputError(f"blobs: {name} needs {len(CENTERS)} positive numbers, not {list(values)}")

    def draw(self, key: Key, n: int) -> Dataset:
        """`n` events of all groups."""
        rng = generator(key)
        y = rng.choice(len(CENTERS), size=n, p=np.array(self.share) / sum(self.share))
        x = np.array(CENTERS)[y] + np.array(self.width)[y, None] * rng.normal(size=(n, 2))
        names = ("left", "right", "top")
        return Dataset(x, y=y, columns=("u", "v"), target=("group",), classes=names, name="blobs")
